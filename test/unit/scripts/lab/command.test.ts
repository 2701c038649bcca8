/** `holdfast lab` as a process of its own: its one line, its control, and that nothing of it is left, however it ends. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runLab } from '../../../../scripts/lab/command.ts';
import { readAddress } from '../../../../scripts/lab/control.ts';
import { ask, openPeer, stateOf, until, within } from './wire.ts';

const HOLDFAST = fileURLToPath(new URL('../../../../scripts/holdfast.mjs', import.meta.url));

interface Line {
  readonly dns: string;
  readonly control: string;
  readonly primary: { readonly name: string; readonly target: string; readonly pid: number };
  readonly backup: { readonly name: string; readonly target: string; readonly pid: number };
  readonly callee: { readonly uri: string };
  readonly domain: string;
  readonly accounts: readonly { readonly user: string; readonly auth: string; readonly password: string }[];
  readonly config: string;
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs in this process, to its end. */
async function run(...args: readonly string[]): Promise<Ended> {
  let out = '';
  let err = '';
  const code = await within(
    runLab(args, {
      print: (text) => {
        out += text;
      },
      complain: (text) => {
        err += text;
      },
    }),
    'end of the command',
  );
  return { code, out, err };
}

async function start(): Promise<{ readonly child: ChildProcess; readonly line: Line }> {
  const child = spawn(process.execPath, [HOLDFAST, 'lab', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  assert.ok(child.stdout);
  const [text] = (await within(once(createInterface({ input: child.stdout }), 'line'), 'line of the lab')) as [string];
  return { child, line: JSON.parse(text) as Line };
}

interface Got {
  readonly status: number;
  readonly body: unknown;
}

function http(
  at: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  text = '',
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const call = request(`http://${at}${path}`, { method, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += String(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(body) }));
    });
    call.on('error', reject);
    call.end(text);
  });
}

describe('holdfast lab', () => {
  let child: ChildProcess;
  let line: Line;

  before(async () => {
    ({ child, line } = await start());
  });
  after(async () => {
    child.kill('SIGKILL');
    await until(() => stateOf(line.backup.pid) === null, 'a server ends with its lab');
    rmSync(dirname(line.config), { recursive: true, force: true });
  });

  it('prints one line with all that stands in the interface, and its servers answer', async () => {
    assert.deepEqual(Object.keys(line), [
      ...['dns', 'control', 'primary', 'backup', 'callee', 'domain', 'accounts', 'config', 'authority'],
    ]);
    assert.deepEqual(Object.keys(line.primary), ['name', 'target', 'pid']);
    assert.equal(line.backup.name, 'backup.lab.test');
    assert.match(line.callee.uri, /^sip:echo@/);
    assert.equal(line.accounts.length, 3);
    for (const { target, pid } of [line.primary, line.backup]) {
      assert.notEqual(stateOf(pid), null);
      const peer = await openPeer(target);
      assert.equal((await ask(peer)).status, 200);
      peer.close();
    }
  });

  it('fault: says ok and exits 0 when it is in force', async () => {
    const done = await run('fault', 'primary', '503-retry', '30', '--control', line.control);
    assert.deepEqual(done, { code: 0, out: '{"ok":true}\n', err: '' });
    const peer = await openPeer(line.primary.target);
    assert.equal((await ask(peer)).header('retry-after'), '30');
    peer.close();
  });

  it('fault: says why not and exits 1, be it the fault or the lab that is not there', async () => {
    const misfit = await run('fault', 'dns', '503', '--control', line.control);
    assert.deepEqual([misfit.code, JSON.parse(misfit.out).ok], [1, false]);
    const nobody = await run('fault', 'dns', 'kill', '--control', '127.0.0.1:1');
    assert.equal(nobody.code, 1);
    assert.match(JSON.parse(nobody.out).error, /^no lab at 127\.0\.0\.1:1 /);
    const other = createServer((_incoming, outgoing) => outgoing.end('<html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const stranger = await run(
      'fault',
      'dns',
      'kill',
      '--control',
      `127.0.0.1:${(other.address() as AddressInfo).port}`,
    );
    other.close();
    assert.deepEqual([stranger.code, JSON.parse(stranger.out).error], [1, 'this is no lab: it answered "<html>"']);
  });

  it('present: a watched number acts from now on, or it is said why not', async () => {
    const done = await run('present', '210', 'ringing', '--control', line.control);
    assert.deepEqual(done, { code: 0, out: '{"ok":true}\n', err: '' });
    const asleep = await run('present', '210', 'asleep', '--control', line.control);
    assert.deepEqual([asleep.code, JSON.parse(asleep.out)], [1, { ok: false, error: 'NUMBER idle|ringing|busy|held' }]);
  });

  it('call: whom nobody registered is not called, nor through a server that the lab has not', async () => {
    const error = async (...words: string[]): Promise<unknown> => {
      const { code, out } = await run('call', ...words, '--control', line.control);
      return [code, JSON.parse(out).error];
    };
    assert.deepEqual(await error('backup', '2001'), [1, '2001 is not registered at backup']);
    assert.deepEqual(await error('dns', '2001'), [1, 'call primary|backup NUMBER ["NAME: VALUE"]']);
  });

  it('wrong arguments: one line, how it is used, exit 2', async () => {
    for (const [args, why] of [
      [['fault', 'dns', 'kill'], '--control HOST:PORT is needed'],
      [['fault', 'dns', '--control', line.control], 'fault TARGET KIND [ARG]'],
      [['fault', 'dns', 'slow', '1', '2', '--control', line.control], 'fault TARGET KIND [ARG]'],
      [['present', '210', '--control', line.control], 'present NUMBER STATE'],
      [['call', 'primary', '--control', line.control], 'call primary|backup NUMBER ["NAME: VALUE"]'],
      [['start'], 'unknown word "start"'],
      [['--base-port', '65532'], '--base-port N: 1 to 65531'],
      [['--control', '192.0.2.1:80'], '--control HOST:PORT, on the loopback'],
    ] as const) {
      const { code, out, err } = await run(...args);
      assert.deepEqual([code, out, err.split('\n')[0]], [2, '', `holdfast lab: ${why}`]);
    }
    assert.match((await run('--nonsense')).err, /^holdfast lab: Unknown option '--nonsense'/);
  });

  it('a control port in use: one line, exit 2, nothing left', async () => {
    const { code, out, err } = await run('--control', line.control);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^holdfast lab: .*EADDRINUSE.*\n$/);
  });

  describe('its control', () => {
    it('tells where the lab is and what it saw', async () => {
      const { control } = line;
      assert.deepEqual(await http(control, 'GET', '/info', {}), { status: 200, body: line });
      const { body } = await http(control, 'GET', '/requests', {});
      assert.ok(Array.isArray(body) && body.some(({ method, server }) => method === 'OPTIONS' && server === 'backup'));
      assert.equal((await http(control, 'GET', '/', {})).status, 404);
    });

    it('refuses pages of others, by their origin or by a name that leads here', async () => {
      const order = JSON.stringify({ target: 'backup', kind: 'kill' });
      for (const headers of [{ Origin: 'https://example.test' }, { Host: 'example.test' }])
        assert.equal((await http(line.control, 'POST', '/fault', headers, order)).status, 403);
      assert.notEqual(stateOf(line.backup.pid), null);
    });

    it('answers an order that it cannot read, and one without end, with an error', async () => {
      for (const order of ['{"target"', '[]', 'null', '"kill"', ''])
        assert.equal((await http(line.control, 'POST', '/fault', {}, order)).status, 400);
      assert.equal((await http(line.control, 'POST', '/fault', {}, ' '.repeat(5000))).status, 400);
    });

    it('reads addresses of this machine alone', () => {
      assert.deepEqual(readAddress('127.0.0.1:80'), { host: '127.0.0.1', port: 80 });
      assert.deepEqual(readAddress('[::1]:80'), { host: '::1', port: 80 });
      for (const text of ['0.0.0.0:80', '127.0.0.1', '127.0.0.1:65536', 'example.test:80', '::1:80'])
        assert.equal(readAddress(text), null, text);
    });
  });
});

describe('holdfast lab, ended', () => {
  it('by SIGTERM exits 0 and leaves no process and no file', async () => {
    const { child, line } = await start();
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    assert.deepEqual(await within(gone, 'end of the lab'), [0, null]);
    assert.deepEqual([stateOf(line.primary.pid), stateOf(line.backup.pid)], [null, null]);
    assert.equal(existsSync(dirname(line.config)), false);
  });

  it('by SIGKILL leaves no process, not even a frozen one', async () => {
    const { child, line } = await start();
    const order = JSON.stringify({ target: 'primary', kind: 'freeze' });
    assert.deepEqual((await http(line.control, 'POST', '/fault', {}, order)).body, { ok: true });
    assert.equal(stateOf(line.primary.pid), 'T');
    child.kill('SIGKILL');
    for (const { pid } of [line.primary, line.backup]) await until(() => stateOf(pid) === null, `process ${pid} ends`);
    rmSync(dirname(line.config), { recursive: true, force: true });
  });
});
