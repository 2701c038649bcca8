/** `npm run hil` from outside: what is asked of it, what it says of a step that fails, and a phone met over its own interface. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { compose } from '../../../../boards/compose.ts';
import { mountPages } from '../../../../boards/run.ts';
import { createVirtualPanel } from '../../../../boards/virtual/panel.ts';
import { parseRunArgs } from '../../../../firmware/shell/args.ts';
import { runHil } from '../../../../scripts/hil/hil.ts';
import { serveControl } from '../../../../scripts/lab/control.ts';
import type { Lab } from '../../../../scripts/lab/lab.ts';
import { placeAt, startLab } from '../../../../scripts/lab/lab.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-hil-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function hil(args: readonly string[], typed = ''): Promise<{ readonly code: number; readonly out: string }> {
  let out = '';
  const keep = (text: string): void => {
    out += text;
  };
  const input = new PassThrough();
  input.end(typed);
  const code = await runHil(args, { input, print: keep, complain: keep });
  return { code, out };
}

async function scenario(name: string, text: string): Promise<string> {
  const path = join(folder, `${name}.yaml`);
  await writeFile(path, text);
  return path;
}

describe('npm run hil', () => {
  it('refuses what it does not know in one line and its usage, exit 2', async () => {
    for (const [args, why] of [
      [['--rig', 'moon'], /^hil: --rig moon: one of virtual, /],
      [['--model', '9i'], /^hil: --model 9i: 57i or 53i/],
      [['nothing-such'], /^hil: nothing-such: cannot be read \(ENOENT\)/],
      [['--frobnicate'], /^hil: Unknown option '--frobnicate'/],
      [['--rig', 'board', 'call-out'], /rig board: --address HOST:PORT of the phone is needed/],
    ] as const) {
      const { code, out } = await hil(args);
      assert.equal(code, 2, out);
      assert.match(out, why);
    }
  });

  it('lists the shipped scenarios: G1 to G5 of the page are there', async () => {
    const { code, out } = await hil(['--list']);
    assert.equal(code, 0);
    for (const row of ['G1', 'G2', 'G3', 'G4', 'G5']) assert.match(out, new RegExp(`^${row}-\\S+ +${row}: `, 'm'));
  });

  it('a step that fails is shown with the screen and the lamps of that moment, in both reports', async () => {
    const path = await scenario(
      'lost',
      '- expectScreen: "[P]"\n- press: options\n- expectScreen: Phone status\n- keyDown: "5"\n- keyUp: "5"\n- expectScreen: Nothing such\n  within: 0.5\n',
    );
    const [xml, page] = [join(folder, 'a.xml'), join(folder, 'a.html')];
    const { code, out } = await hil([path, '--junit', xml, '--html', page]);
    assert.equal(code, 1, out);
    assert.match(out, /FAIL .*the screen shows Nothing such\n.*not within 0.5 s; the screen shows: /);
    assert.match(
      await readFile(xml, 'utf8'),
      /testsuites name="hil --rig virtual"[\s\S]*lamps: backlight on; handset down/,
    );
    assert.match(await readFile(page, 'utf8'), /aria-label="The front panel"/);
  });

  it('an event out of its turn ends the wait at once', async () => {
    const path = await scenario(
      'turn',
      '- start:\n- expectOrder: [{event: attempt, server: backup}, {event: registration, state: registered}]\n  within: 600\n',
    );
    const { code, out } = await hil([path]);
    assert.equal(code, 1);
    assert.match(out, /out of its turn came: .*"state":"registered"/);
  });

  it('a power cut keeps the mark of an unclean end, and the small model has its own screen', async () => {
    const path = await scenario(
      'cut',
      '- start:\n- expectRegistered: primary\n- stop: unclean\n- start:\n- expectRegistered: primary\n- control: link down\n- expectEvent: {event: result, ok: true}\n- stop: clean\n',
    );
    const { code, out } = await hil([path, '--model', '53i']);
    assert.equal(code, 0, out);
  });
});

describe('rig board', () => {
  let lab: Lab;
  let control: Awaited<ReturnType<typeof serveControl>>;
  let end: () => Promise<void>;
  let address = '';

  before(async () => {
    lab = await startLab({ accounts: 1, extraConfig: ['failover probe period: 5'] });
    control = await serveControl(lab, { host: '127.0.0.1', port: 0 });
    const place = placeAt(lab, join(folder, 'state'));
    const args = parseRunArgs([...place, '--board', 'virtual', '--hil', '--http', '127.0.0.1:0'], {});
    assert.ok(args.ok);
    const panel = createVirtualPanel('57i');
    const composed = await compose(args.value, {
      ...{
        panel,
        logLevel: 'silent',
        mount: (web, parts) => mountPages(web, { ...parts, panel, hil: true }),
      },
    });
    assert.ok(composed.ok);
    const { phone, web, http } = composed.value;
    address = http ?? '';
    end = async () => {
      await phone.stop();
      panel.stop();
      await web?.close();
    };
  });
  after(async () => {
    await end();
    await control.close();
    await lab.stop();
  });

  const onBoard = (path: string, ...more: readonly string[]): ReturnType<typeof hil> =>
    hil(['--rig', 'board', '--address', address, '--lab', control.address, path, ...more]);

  it('meets a phone that ran before: what it told then counts, faults are made at the lab, calls go through', async () => {
    const path = await scenario(
      'there',
      '- expectRegistered: primary\n- hook: off\n- expectScreen: Key a number\n- dial: "200#"\n- expectCall: connected\n- hook: on\n- expectCall: none\n- fault: {primary: kill}\n- expectRegistered: backup\n- expectLamp: {message: off}\n- clear: primary\n- expectRegistered: primary\n',
    );
    const { code, out } = await onBoard(path);
    assert.equal(code, 0, out);
    assert.match(out, /against the phone at 127\.0\.0\.1:/);
  });

  it('leaves it as the next scenario expects it: handset down, idle screen', async () => {
    const left = await onBoard(await scenario('left', '- hook: off\n- expectScreen: Key a number\n'));
    assert.equal(left.code, 0, left.out);
    const next = await onBoard(await scenario('next', '- expectScreen: "[P]"\n'));
    assert.equal(next.code, 0, next.out);
  });

  it('says what it cannot do: set parameters, control lines, power without a person', async () => {
    for (const [text, why] of [
      ['- start: {sip local port: 1}\n', /the phone has its own configuration: "sip local port" belongs there/],
      ['- control: status\n', /a phone on the desk takes no control line/],
      ['- start:\n- stop: unclean\n', /nobody answers: switch the phone off/],
    ] as const) {
      const { code, out } = await onBoard(await scenario('cannot', text));
      assert.equal(code, 1, out);
      assert.match(out, why);
    }
    const { code, out } = await onBoard(
      await scenario('power', '- start:\n- stop: unclean\n- start:\n- expectRegistered: primary\n'),
      '--power-command',
      'true',
    );
    assert.equal(code, 0, out);
  });

  it('where no phone is it says so', async () => {
    const { code, out } = await hil(['--rig', 'board', '--address', control.address, 'call-out']);
    assert.equal(code, 2, out);
    assert.match(out, /\/api\/timeline: 404/);
  });
});
