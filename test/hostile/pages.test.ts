/** A real phone whose pages are attacked over HTTP (L13): slow, huge, many, guesses, paths, headers: it stays registered, and its owner gets in. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { callIn } from './call.ts';
import type { AttackedPhone } from './phone.ts';
import { held, startAttacked } from './phone.ts';

const HERE = '127.0.0.1';
const PATIENCE_MS = 60_000;
const PASSWORD = 'correct horse';
const SECRET = 'line-secret-77';
const OWNER = { authorization: `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}` };
const PAGES = [
  '/sysinfo.html',
  '/globalSIPsettings.html',
  '/editor.html',
  '/trace.html',
  '/timeline.html',
  '/preferences.html',
];
const open = new Set<Socket>();

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds(); await pause(20))
    assert.ok(performance.now() < end, `${what}: not within ${PATIENCE_MS} ms`);
}

/** Strangers stand at other addresses than the owner. */
const stranger = (n: number): string => `127.0.${1 + Math.floor(n / 200)}.${1 + (n % 200)}`;

describe('a phone whose pages are attacked', () => {
  let phone: AttackedPhone;
  let calm = 0;

  beforeEach(async () => {
    phone = await startAttacked({ lines: [`admin password: ${PASSWORD}`, `sip password: ${SECRET}`] });
    // Warm: what the first pages load and compile is no growth, and no attack.
    for (let round = 0; round < 10; round += 1) for (const path of PAGES) await (await owner(path)).text();
    await guess(0);
    calm = (await phone.gauge()).rss;
  });
  afterEach(async () => {
    for (const socket of open) socket.destroy();
    await phone.close();
  });

  const owner = (path: string, more: RequestInit = {}): Promise<Response> =>
    fetch(`http://${HERE}:${phone.httpPort}${path}`, {
      headers: OWNER,
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...more,
    });

  function dial(from: string): Socket {
    const socket = connect({ host: HERE, port: phone.httpPort, localAddress: from });
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    return socket.resume();
  }

  /** Three that send 4 MiB each where a few octets would be read: a body that is announced, one in chunks, a header. */
  function pour(from: string): void {
    const [announced, chunked, header] = [dial(from), dial(from), dial(from)];
    announced.write(`POST /login HTTP/1.1\r\nHost: ${HERE}\r\nContent-Length: 104857600\r\n\r\n`);
    chunked.write(`POST /login HTTP/1.1\r\nHost: ${HERE}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (let part = 0; part < 64; part += 1)
      for (const socket of [announced, chunked, header])
        if (socket.writable) socket.write(`${socket === chunked ? '10000\r\n' : ''}${'a'.repeat(65_536)}\r\n`);
  }

  /** The status of one request from a stranger; its own path, untouched by what a browser would mend. */
  const ask = (
    path: string,
    from: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ): Promise<number> =>
    new Promise((resolve) => {
      const asked = request(
        {
          host: HERE,
          port: phone.httpPort,
          path,
          localAddress: from,
          agent: false,
          headers,
          method: body === undefined ? 'GET' : 'POST',
        },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      asked.on('error', () => resolve(0));
      asked.end(body);
    });
  const guess = (n: number): Promise<number> =>
    ask('/sysinfo.html', stranger(n), { authorization: `Basic ${Buffer.from(`admin:guess${n}`).toString('base64')}` });

  async function judge(context: { diagnostic(text: string): void }): Promise<void> {
    context.diagnostic(held(await phone.gauge(), calm));
    assert.equal(await phone.state(), 'registered');
    const page = await owner('/sysinfo.html');
    assert.equal(page.status, 200);
    assert.match(await page.text(), />Registered<\/td>/);
  }

  it('by 300 connections that say nothing, and 60 whose request never ends: they are closed, and the owner gets in', async (context) => {
    await phone.gauge();
    for (let n = 0; n < 300; n += 1) dial(stranger(n));
    await pause(500);
    const slow = Array.from({ length: 60 }, (_socket, n) => dial(stranger(n)));
    for (const letter of 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ') {
      for (const socket of slow) if (socket.writable) socket.write(letter);
      await pause(10);
    }
    // Whoever says nothing has 10 s; an owner who is turned away at first gets in after them.
    for (const end = performance.now() + PATIENCE_MS; ; await pause(200)) {
      const answer = await owner('/sysinfo.html').catch(() => null);
      if (answer?.status === 200) break;
      assert.ok(performance.now() < end, 'the owner does not get in');
    }
    await judge(context);
  });

  it('by bodies of 100 MB, announced or sent, and headers without end', async (context) => {
    await phone.gauge();
    for (let n = 0; n < 10; n += 1) pour(stranger(n));
    for (const end = performance.now() + PATIENCE_MS; open.size > 0 && performance.now() < end; ) await pause(50);
    assert.equal(open.size, 0, 'each is closed');
    await judge(context);
  });

  it('by thousands of requests', async (context) => {
    await phone.gauge();
    const codes = new Map<number, number>();
    await Promise.all(
      Array.from({ length: 20 }, async (_worker, worker) => {
        for (let n = 0; n < 100; n += 1) {
          const code = await ask(n % 2 === 0 ? '/status.json' : '/api/capture.pcapng', stranger(worker));
          codes.set(code, (codes.get(code) ?? 0) + 1);
        }
      }),
    );
    assert.ok((codes.get(200) ?? 0) >= 1000, JSON.stringify([...codes]));
    await judge(context);
  });

  it('by 10,000 connections, one after the other, that say nothing, half a line, or what is no HTTP', async (context) => {
    await phone.gauge();
    const said = [
      '',
      'GET / HT',
      '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
      'GET /status.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    ];
    let made = 0;
    await Promise.all(
      Array.from({ length: 10 }, async (_worker, worker) => {
        for (let n = 0; n < 1000; n += 1) {
          const socket = dial(stranger(worker));
          const closed = once(socket, 'close');
          socket.on('connect', () => {
            made += 1;
            const words = said[n % said.length] ?? '';
            if (words === '') socket.destroy();
            else socket.end(words, 'latin1');
          });
          await closed;
        }
      }),
    );
    assert.equal(made, 10_000);
    await judge(context);
  });

  it('by guesses of the password, from one address and from many: none opens, and the owner is not kept out', async (context) => {
    await phone.gauge();
    const codes = new Map<number, number>();
    for (let n = 0; n < 100; n += 1) {
      const code = await guess(n % 4 === 0 ? n : 0);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    assert.deepEqual(
      [...codes.keys()].filter((code) => ![401, 429].includes(code)),
      [],
    );
    assert.ok((codes.get(429) ?? 0) > 50, JSON.stringify([...codes]));
    await judge(context);
  });

  it('by paths that lead out, and by names that are none of its own: nothing of the disk, no header of theirs', async (context) => {
    for (const path of [
      ...[
        '/../../../../etc/passwd',
        '/%2e%2e/%2e%2e/etc/passwd',
        '/panel/../../package.json',
        '/panel/..%2f..%2fpackage.json',
      ],
      ...[
        '//etc/passwd',
        '/pages.css/../../server.ts',
        '/.git/config',
        '/state/local.cfg',
        '/local.cfg%00.html',
        '/a\\..\\b',
      ],
    ]) {
      const code = await ask(path, HERE, OWNER);
      assert.ok([400, 404].includes(code), `${path}: ${code}`);
    }
    for (const path of [
      '/trace.html?call=a%0d%0aX-Evil:%201',
      '/resolve.html?name=%0d%0aX-Evil:%201',
      '/login?next=%0d%0aX-Evil:1',
    ]) {
      const answer = await owner(path, { redirect: 'manual' });
      assert.equal(answer.headers.get('x-evil'), null);
      await answer.body?.cancel();
    }
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80', '[::1].evil.example'])
      assert.ok([400, 403].includes(await ask('/sysinfo.html', HERE, { ...OWNER, host })), host);
    await judge(context);
  });

  it('by all of it at once while somebody is on the phone: the call goes on, and its sound', async (context) => {
    const call = await callIn(phone);
    await until('sound', () => call.packets() > 10);
    await phone.gauge();
    const [began, before] = [performance.now(), call.packets()];
    for (let n = 0; n < 200; n += 1) dial(stranger(n));
    for (let n = 0; n < 5; n += 1) pour(stranger(n));
    for (let round = 0; round < 40; round += 1) {
      await Promise.all([
        guess(round),
        ask('/status.json', stranger(round)),
        ask('/api/capture.pcapng', stranger(round)),
      ]);
      await ask('/%2e%2e/etc/passwd', stranger(round), OWNER);
    }
    const meanMs = (performance.now() - began) / Math.max(1, call.packets() - before);
    // A packet is due every 20 ms; ten times that is what a machine with other work may take.
    assert.ok(meanMs < 200, `a packet every ${meanMs.toFixed(0)} ms`);
    const after = call.packets();
    await until('sound afterwards', () => call.packets() > after + 25);
    // What our own socket could not hold is no fault of the phone.
    assert.ok(call.lost() <= call.packets() / 10, `${call.lost()} of ${call.packets()} were left out`);
    assert.ok(!call.ended(), 'the call is up');
    context.diagnostic(`a packet every ${meanMs.toFixed(1)} ms`);
    for (const socket of open) socket.destroy();
    await judge(context);
    call.close();
  });

  it('and no page, no trace, no capture and no log of it holds a password', async () => {
    const answer = await owner('/SIPsettingsLine1.html', {
      method: 'POST',
      body: new URLSearchParams({ password: 'second-secret-88' }),
    });
    assert.match(await answer.text(), /Provisioning complete/);
    const paths = [
      ...PAGES,
      '/SIPsettingsLine1.html',
      '/local.cfg',
      '/server.cfg',
      '/backup.cfg',
      '/troubleshooting.html',
    ];
    for (const path of [
      ...paths,
      '/api/status',
      '/api/timeline',
      '/api/trace',
      '/api/capture.pcapng',
      '/metrics',
      '/status.json',
    ]) {
      const text = await (await owner(path)).text();
      for (const secret of [PASSWORD, SECRET, 'second-secret-88'])
        assert.ok(!text.includes(secret), `${path} tells a password`);
    }
    assert.ok(
      [PASSWORD, SECRET, 'second-secret-88'].every((secret) => !phone.said().includes(secret)),
      'the log tells one',
    );
  });
});
