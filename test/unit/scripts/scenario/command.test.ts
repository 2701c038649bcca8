/** `holdfast test` from outside: real phones, the lab or somebody's own servers, what is printed, written and returned. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serveControl } from '../../../../scripts/lab/control.ts';
import type { Lab } from '../../../../scripts/lab/lab.ts';
import { startLab } from '../../../../scripts/lab/lab.ts';
import { runTest } from '../../../../scripts/scenario/command.ts';
import { parseXml } from './xml.ts';

let folder = '';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(args: readonly string[], typed = ''): Promise<Ran> {
  let out = '';
  let err = '';
  const input = new PassThrough();
  input.end(typed);
  const code = await runTest(args, 'test', {
    input,
    print: (text) => {
      out += text;
    },
    complain: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

async function scenario(name: string, text: string): Promise<string> {
  const path = join(folder, `${name}.yaml`);
  await writeFile(path, text);
  return path;
}

const titles = (out: string): readonly string[] =>
  out.split('\n').flatMap((line) => {
    const [, verdict = '', title = ''] = /^ {2}(ok|LATE|FAIL|-)\s+[\d.]+ {2}(.*?)(?: {2,}.*)?$/.exec(line) ?? [];
    return verdict === '' ? [] : [`${verdict} ${title}`];
  });

describe('holdfast test', () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('against our lab: faults are made, times are measured, both reports are written', async () => {
    const path = await scenario(
      'moved',
      '- fault: {primary: kill}\n- start:\n- expectRegistered: backup\n  bound: 60\n- stop: clean\n- start:\n- expectRegistered: {line: 2, on: backup}\n',
    );
    const [xml, page] = [join(folder, 'a.xml'), join(folder, 'a.html')];
    const { code, out } = await run([path, '--junit', xml, '--html', page]);
    assert.equal(code, 0, out);
    assert.deepEqual(titles(out), [
      'ok primary kill',
      'ok the phone starts',
      'ok line 1 is registered on the backup',
      'ok the phone is switched off',
      'ok the phone starts',
      'ok line 2 is registered on the backup',
    ]);
    const cases = parseXml(await readFile(xml, 'utf8')).filter(({ name }) => name === 'testcase');
    assert.equal(cases.length, 6);
    const text = await readFile(page, 'utf8');
    assert.match(text, /all 1<\/h1>[\s\S]*class="backup"[\s\S]*REGISTER 1/);
    // Two phones ran: both are in the ladder.
    assert.equal(text.match(/line 1 trying/g)?.length, 2);
  });

  it('a step that fails ends its scenario, says what is there instead, and the next scenario runs', async () => {
    const first = await scenario('first', '- expectRegistered: backup\n  within: 1\n- stop: clean\n');
    const second = await scenario('second', '- expectRegistered: primary\n  bound: 0\n- stop: unclean\n');
    const { code, out } = await run([first, second]);
    assert.equal(code, 1);
    assert.deepEqual(titles(out), [
      'FAIL line 1 is registered on the backup',
      '- the phone is switched off',
      'LATE line 1 is registered on the primary',
      'ok the phone loses its power',
    ]);
    assert.match(out, /not within 1 s; line 1 (is (registered on the primary|trying)|has told nothing yet)/);
    assert.match(out, /2 scenarios, 2 failed: first, second\n$/);
  });

  it('keys, screen and lamps by the interface for hardware in the loop', async () => {
    const path = await scenario(
      'keys',
      '- expectScreen: "[P]"\n- press: options\n- expectScreen: /Phone.status/\n- expectLamp: {message: "off"}\n- hook: "off"\n- hook: "on"\n- press: nonsense\n',
    );
    const { code, out } = await run([path]);
    assert.equal(code, 1);
    assert.deepEqual(
      titles(out).map((line) => line.split(' ')[0]),
      ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'FAIL'],
    );
    assert.match(out, /unknown key/);
  });

  describe('against servers of your own', () => {
    let lab: Lab;
    let close: () => Promise<void>;
    let config: readonly string[] = [];
    let faults = '';
    before(async () => {
      lab = await startLab();
      const { address, close: end } = await serveControl(lab, { host: '127.0.0.1', port: 0 });
      close = end;
      config = ['--config', lab.info().config, '--dns', lab.info().dns, '--bind', '127.0.0.1'];
      faults = join(folder, 'faults.sh');
      const holdfast = fileURLToPath(new URL('../../../../scripts/holdfast.mjs', import.meta.url));
      const order = `exec "${process.execPath}" "${holdfast}" lab fault "$@" --control ${address}`;
      await writeFile(faults, `#!/bin/sh\necho "$@" >> ${folder}/ordered\n${order}\n`);
      await chmod(faults, 0o755);
    });
    after(async () => {
      await close();
      await lab.stop();
    });

    it('your command makes the faults, and what was broken is brought back', async () => {
      const path = await scenario('own', '- fault: {primary: "503"}\n- start:\n- expectRegistered: backup\n');
      const { code, out } = await run([path, ...config, '--fault-command', faults]);
      assert.equal(code, 0, out);
      assert.equal(await readFile(join(folder, 'ordered'), 'utf8'), 'primary 503\nprimary clear\n');
      assert.match(out, /against the servers of /);
    });

    it('your command lets a watched number act and somebody call, and in the end the number is idle', async () => {
      const path = await scenario(
        'present',
        '- present: {210: ringing}\n- present: {211: busy}\n- present: {211: idle}\n- call: {2001: backup}\n',
      );
      const said = join(folder, 'present');
      const { code, out } = await run([path, ...config, '--fault-command', `echo >> ${said}`]);
      assert.equal(code, 0, out);
      assert.equal(
        await readFile(said, 'utf8'),
        'present 210 ringing\npresent 211 busy\npresent 211 idle\ncall backup 2001\npresent 210 idle\n',
      );
    });

    it('a command that fails is told with what it said', async () => {
      const path = await scenario('broken', '- fault: {primary: kill}\n');
      const { code, out } = await run([path, ...config, '--fault-command', 'echo no such host; false']);
      assert.equal(code, 1);
      assert.match(out, /FAIL .*primary kill\n.*exit 1 no such host/);
    });

    it('without a command you are asked, and Enter is taken as done', async () => {
      const path = await scenario(
        'hand',
        '- fault: {primary: kill}\n- ask: look\n- command: "true"\n- clear: primary\n',
      );
      const { code, out } = await run([path, ...config], '\n\n\n');
      assert.equal(code, 0, out);
      assert.match(out, /now, at the primary: kill {2}\[Enter when done\]/);
      assert.match(out, /bring the primary back/);
    });

    it('where nobody answers the step fails', async () => {
      const path = await scenario('nobody', '- fault: {primary: kill}\n');
      const { code, out } = await run([path, ...config]);
      assert.equal(code, 1);
      assert.match(out, /nobody answers/);
    });

    it('a phone that cannot start is told with its own words', async () => {
      const path = await scenario('lost', '- expectRegistered: primary\n');
      const { code, out } = await run([path, '--config', join(folder, 'none.cfg')]);
      assert.equal(code, 1);
      assert.match(out, /the phone has ended: exit 2: holdfast run: .*none\.cfg/);
    });
  });

  it('wrong arguments: one line, how it is used, exit 2', async () => {
    for (const [args, why] of [
      [[], 'which scenario?'],
      [['nothing-such'], 'nothing-such: cannot be read (ENOENT); --list names the shipped ones'],
      [['--frobnicate'], "Unknown option '--frobnicate'"],
    ] as const) {
      const { code, err } = await run(args);
      assert.equal(code, 2);
      assert.ok(err.startsWith(`holdfast test: ${why}`), err);
    }
    const bad = await scenario('bad', '- expectRegistered: third\n');
    assert.match((await run([bad])).err, /bad\.yaml: line 1: expectRegistered/);
  });

  it('lists the shipped scenarios with what they are of', async () => {
    const { code, out } = await run(['--list']);
    assert.equal(code, 0);
    assert.match(out, /^way-home +The primary comes back/m);
    assert.equal((await run(['--help'])).code, 0);
  });
});
