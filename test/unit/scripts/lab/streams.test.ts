/** The lab over TCP and TLS, from outside: certificates of its own authority, and faults of connections. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTcp, createServer } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { Lab, Seen } from '../../../../scripts/lab/lab.ts';
import { startLab } from '../../../../scripts/lab/lab.ts';
import { createStreams } from '../../../../scripts/lab/streams.ts';
import { readAnswer, request, until, within } from './wire.ts';

let lab: Lab;
const open = new Set<Socket>();

before(async () => {
  lab = await startLab({ transport: 'tls', accounts: 1 });
});
after(() => lab.stop());
afterEach(async () => {
  for (const socket of open) socket.destroy();
  open.clear();
  assert.equal((await lab.fault('primary', 'clear')).ok, true);
});

const portOf = (target: string): number => Number(target.split(':').at(-1));

function tls(servername = 'primary.lab.test'): Socket {
  const { primary, authority } = lab.info();
  const ca = readFileSync(authority);
  return kept(connectTls({ host: '127.0.0.1', port: portOf(primary.target), servername, ca }));
}

function kept<T extends Socket>(socket: T): T {
  open.add(socket);
  return socket;
}

async function ask(socket: Socket, callId: string): Promise<number> {
  socket.write(request(5061, { callId }).replace('/UDP', '/TLS'));
  const [answer] = (await within(once(socket, 'data'), 'answer')) as [Buffer];
  return readAnswer(answer).status;
}

const order = async (kind: string): Promise<void> => assert.deepEqual(await lab.fault('primary', kind), { ok: true });

describe('the lab over TLS', () => {
  it('shows a certificate of its authority for the name that phones are given, and tells how a request came', async () => {
    assert.equal(await ask(tls(), 'secure'), 200);
    const seen = (): Seen | undefined => lab.requests().find(({ callId }) => callId === 'secure');
    await until(() => seen() !== undefined, 'request told');
    assert.match(seen()?.from ?? '', /^tls:127\.0\.0\.1:\d+$/);
  });

  it('is refused by whoever expects another name', async () => {
    const [error] = (await within(once(tls('backup.lab.test'), 'error'), 'refusal')) as [Error & { code: string }];
    assert.equal(error.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('writes a configuration that chooses TLS and trusts its authority', () => {
    const config = readFileSync(lab.info().config, 'utf8');
    assert.match(config, /^sip transport protocol: 4$/m);
    assert.match(config, /^sips trusted certificates: lab-authority\.pem$/m);
    assert.match(lab.info().primary.target, /^tls:127\.0\.0\.1:\d+$/);
  });
});

describe('a fault of connections', () => {
  for (const [kind, event] of [
    ['close', 'end'],
    ['kill', 'close'],
  ] as const)
    it(`${kind}: the connections that are there end`, async () => {
      const socket = tls().on('error', () => undefined);
      await ask(socket, kind);
      const ended = within(once(socket.resume(), event), 'end of the connection');
      await order(kind);
      await ended;
    });

  it('reset: they are reset, and the next one is served', async () => {
    const socket = tls();
    await ask(socket, 'before');
    const failed = within(once(socket, 'error'), 'reset');
    await order('reset');
    const [error] = (await failed) as [Error & { code: string }];
    assert.equal(error.code, 'ECONNRESET');
    assert.equal(await ask(tls(), 'after'), 200);
  });

  it('reset while it closes: the FIN is followed by the RST, and nothing stays open', async () => {
    const streams = createStreams();
    const server = createServer((stream) => streams.note(stream)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = kept(connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true }));
    await within(once(server, 'connection'), 'connection');
    streams.cut('close');
    streams.cut('reset');
    const closed = within(once(server.close(), 'close'), 'end of the connection');
    await within(once(socket.resume(), 'end'), 'FIN');
    await closed;
    const failed = within(once(socket, 'error'), 'RST');
    socket.write('to nobody');
    const [error] = (await failed) as [Error & { code: string }];
    assert.match(error.code, /^(ECONNRESET|EPIPE)$/);
  });

  it('silent: a connection is taken, and nothing comes on it', async () => {
    await order('silent');
    const socket = tls();
    await within(once(socket, 'secureConnect'), 'connection');
    socket.write(request(5061, { callId: 'unheard' }).replace('/UDP', '/TLS'));
    await order('500');
    assert.equal(await ask(socket, 'heard'), 500);
    assert.ok(!lab.requests().some(({ callId }) => callId === 'unheard'));
  });

  it('is none of DNS', async () => {
    for (const kind of ['close', 'reset']) assert.equal((await lab.fault('dns', kind)).ok, false);
  });
});

describe('a lab of another transport', () => {
  it('over TCP says so in its configuration, and serves TLS all the same', async () => {
    const other = await startLab({ transport: 'tcp', accounts: 1 });
    try {
      const { config, primary } = other.info();
      assert.match(readFileSync(config, 'utf8'), /^sip transport protocol: 2$/m);
      const socket = kept(connectTcp(portOf(primary.target), '127.0.0.1'));
      assert.equal(await ask(socket, 'tcp'), 200);
    } finally {
      await other.stop();
    }
  });
});
