/** Owns the impure part as far as it can be seen on one machine: sockets, files, arguments, commands, the event feed. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, it } from 'node:test';
import type { PhoneEvent } from '../../../../firmware/events.ts';
import { parseRunArgs } from '../../../../firmware/shell/args.ts';
import { startControl } from '../../../../firmware/shell/control.ts';
import { failureOf } from '../../../../firmware/shell/errno.ts';
import { createFeed } from '../../../../firmware/shell/feed.ts';
import { openState, writeWhole } from '../../../../firmware/shell/files.ts';
import { maskCredentials } from '../../../../firmware/shell/recorder.ts';
import type { Udp } from '../../../../firmware/shell/udp.ts';
import { createUdp } from '../../../../firmware/shell/udp.ts';
import type { Input } from '../../../../firmware/vocabulary.ts';

const folders: string[] = [];
const folder = async (): Promise<string> => {
  const made = await mkdtemp(join(tmpdir(), 'holdfast-shell-'));
  folders.push(made);
  return made;
};
afterEach(async () => {
  for (const made of folders.splice(0)) await rm(made, { recursive: true, force: true });
});

/** Inputs as they come, and the first that fits. */
function inbox(): {
  readonly take: (input: Input) => void;
  first<K extends Input['kind']>(kind: K): Promise<Extract<Input, { kind: K }>>;
} {
  const seen: Input[] = [];
  const waiting: (() => void)[] = [];
  return {
    take(input) {
      seen.push(input);
      for (const wake of waiting.splice(0)) wake();
    },
    async first(kind) {
      for (;;) {
        const found = seen.find((input) => input.kind === kind);
        if (found !== undefined) return found as Extract<Input, { kind: typeof kind }>;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}

describe('UDP flows', () => {
  const flowTo = (
    port: number,
  ): { readonly transport: 'udp'; readonly address: string; readonly port: number; readonly tlsName: null } => ({
    transport: 'udp',
    address: '127.0.0.1',
    port,
    tlsName: null,
  });
  const phone = async (take: (input: Input) => void): Promise<Udp> =>
    createUdp({ bind: '127.0.0.1', port: 0, input: take });

  it('a server that is not there refuses at once', async () => {
    const { take, first } = inbox();
    const udp = await phone(take);
    const gone = createSocket('udp4');
    gone.bind(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address();
    gone.close();
    await once(gone, 'close');
    udp.open('f', flowTo(port));
    const { local } = await first('opened');
    assert.deepEqual(local, udp.local);
    udp.send('f', 'OPTIONS');
    assert.equal((await first('flow-failed')).cause, 'refused');
    udp.closeAll();
  });

  it('answers come in on the flow of their server, a stranger on the shared socket, each with its true source', async () => {
    const { take, first } = inbox();
    const udp = await phone(take);
    const server = createSocket('udp4');
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    server.on('message', (octets, from) =>
      server.send(Buffer.concat([octets, Buffer.from([0xff])]), from.port, from.address),
    );
    udp.open('f', flowTo(server.address().port));
    await first('opened');
    udp.send('f', 'hi\u00e9');
    const { flow, from, data } = await first('datagram');
    assert.deepEqual([flow, from.port, data], ['f', server.address().port, 'hi\u00e9\u00ff']);
    const stranger = createSocket('udp4');
    const more = inbox();
    const other = await phone(more.take);
    stranger.send('boo', other.local.port, '127.0.0.1');
    assert.equal((await more.first('datagram')).flow, null);
    stranger.close();
    server.close();
    udp.closeAll();
    other.closeAll();
  });

  it('a port in use is an error, not a shared port', async () => {
    const taken = createSocket('udp4');
    taken.bind(0, '127.0.0.1');
    await once(taken, 'listening');
    await assert.rejects(createUdp({ bind: '127.0.0.1', port: taken.address().port, input: () => undefined }), {
      code: 'EADDRINUSE',
    });
    taken.close();
  });

  it('while the link is down nothing opens', async () => {
    const { take, first } = inbox();
    const udp = await phone(take);
    udp.setLink('down');
    udp.open('f', flowTo(5060));
    assert.equal((await first('flow-failed')).cause, 'no-network');
    udp.closeAll();
  });

  it('errors of our own machine are never the far side’s', () => {
    assert.deepEqual(
      ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EMFILE', 'EODD'].map((code) => failureOf({ code })),
      ['refused', 'unreachable', 'no-network', 'no-network', 'unreachable'],
    );
  });
});

describe('state on disk', () => {
  it('is written whole: no half file is ever left beside it', async () => {
    const path = join(await folder(), 'a.json');
    await Promise.all([writeWhole(path, 'x'.repeat(50_000)), writeWhole(`${path}2`, 'y')]);
    assert.equal((await readFile(path, 'utf8')).length, 50_000);
    assert.deepEqual((await readdir(join(path, '..'))).sort(), ['a.json', 'a.json2']);
  });

  it('is locked against a second process, and taken over from a dead one', async () => {
    const path = await folder();
    const first = await openState(path);
    assert.equal(first.ok, true);
    const second = await openState(path);
    assert.match(second.ok ? '' : second.error, /is using it/);
    if (first.ok) await first.value.close({ clean: true });
    await writeFile(join(path, 'lock'), '999999999\n');
    const third = await openState(path);
    assert.equal(third.ok, true);
    if (third.ok) await third.value.close({ clean: true });
  });

  it('tells an unclean end, and gives back what was stored', async () => {
    const path = await folder();
    const first = await openState(path);
    if (!first.ok) throw new Error(first.error);
    first.value.store('dns', { version: 1 });
    await first.value.close({ clean: false });
    const second = await openState(path);
    if (!second.ok) throw new Error(second.error);
    assert.deepEqual([second.value.unclean, second.value.stored], [true, { dns: { version: 1 } }]);
    await second.value.close({ clean: true });
    const third = await openState(path);
    assert.equal(third.ok && third.value.unclean, false);
    if (third.ok) await third.value.close({ clean: true });
  });

  it('a corrupt file is kept aside and said, and the phone starts', async () => {
    const path = await folder();
    await writeFile(join(path, 'bindings.json'), '{"half');
    const state = await openState(path);
    if (!state.ok) throw new Error(state.error);
    assert.deepEqual(state.value.stored, {});
    assert.match(state.value.problems[0] ?? '', /corrupt/);
    assert.equal(await readFile(join(path, 'bindings.json.corrupt'), 'utf8'), '{"half');
    await state.value.close({ clean: true });
  });
});

describe('arguments of run', () => {
  const run = (...args: readonly string[]): string => {
    const parsed = parseRunArgs(['--config', 'x', ...args], {});
    return parsed.ok ? 'ok' : parsed.error;
  };
  it('each mistake is one clear line', () => {
    assert.equal(run('--http', '127.0.0.1:0', '--dns', '[::1]:53', '--mac', '00:08:5d:12:34:56'), 'ok');
    for (const [args, said] of [
      [['--board', 'toaster'], /--board toaster/],
      [['--board', 'qemu'], /not in this release/],
      [['--dns', 'pbx'], /--dns pbx/],
      [['--http', 'x'], /--http x/],
      [['--mac', '12'], /--mac 12/],
      [['--seed', 'x'], /--seed x/],
      [['--bind', 'localhost'], /--bind localhost/],
      [['--model', '99i'], /--model 99i/],
      [['--what'], /--what/],
    ] as const) {
      assert.match(run(...args), said);
      assert.equal(run(...args).includes('\n'), false);
    }
    assert.match(parseRunArgs([], {}).ok ? '' : 'needed', /needed/);
  });
});

describe('control over stdio', () => {
  async function say(...lines: readonly string[]): Promise<readonly Extract<PhoneEvent, { event: 'result' }>[]> {
    const results: Extract<PhoneEvent, { event: 'result' }>[] = [];
    const input = new PassThrough();
    const ended = new Promise<void>((resolve) => {
      startControl({
        input,
        tell: (event) => void (event.event === 'result' && results.push(event)),
        status: () => ({ fine: true }),
        setLink: () => undefined,
        set: async (name, value) => (value === 'bad' ? { ok: false, error: `${name} no` } : { ok: true, value: null }),
        key: async () => 7,
        quit: resolve,
      });
    });
    input.end(`${lines.join('\n')}\n`);
    await ended;
    return results;
  }

  it('answers each command with its id, in order', async () => {
    const results = await say(
      '#1 status',
      'link sideways',
      '#3 set sip  Proxy IP: x',
      '#4 set a: bad',
      '#5 key 5 80',
      '#6 key nine',
      '#7 dial 100',
      '#8 sing',
      '',
    );
    assert.deepEqual(
      results.map(({ id, ok }) => [id, ok]),
      [
        ['1', true],
        [null, false],
        ['3', true],
        ['4', false],
        ['5', true],
        ['6', false],
        ['7', false],
        ['8', false],
      ],
    );
    assert.deepEqual(results[0]?.value, { fine: true });
    assert.match(results[6]?.error ?? '', /later release/);
  });
});

describe('the event feed', () => {
  it('puts ready first, numbers the rest, and keeps it for those who come late', () => {
    let now = 0;
    const feed = createFeed(() => now);
    feed.ready((http) => ({ event: 'ready', sip: [], http, profile: 'modern', model: '57i', lines: 1 }));
    feed.publish({ event: 'stopped', code: 0 });
    now = 5;
    const seen: string[] = [];
    feed.subscribe(({ json }) => void seen.push(json));
    feed.open('127.0.0.1:80');
    feed.publish({ event: 'stopped', code: 1 });
    assert.deepEqual(seen, [
      '{"t":0,"event":"ready","sip":[],"http":"127.0.0.1:80","profile":"modern","model":"57i","lines":1}',
      '{"t":0,"event":"stopped","code":0}',
      '{"t":5,"event":"stopped","code":1}',
    ]);
    assert.deepEqual(
      feed.since(2).map(({ id }) => id),
      [3],
    );
  });
});

describe('recordings', () => {
  it('hide the digest response', () => {
    assert.equal(
      maskCredentials('Via: x\r\nAuthorization: Digest realm="r", response="0123", uri="u"\r\n'),
      'Via: x\r\nAuthorization: Digest realm="r", response="***", uri="u"\r\n',
    );
  });
});
