/** A real phone attacked over TCP and TLS (E16, L13): it lives, stays registered, grows by no more than 64 MiB, and its server still gets in. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createAuthority } from '../../scripts/lab/certificates.ts';
import type { AttackedPhone } from './phone.ts';
import { held, startAttacked } from './phone.ts';

const HERE = '127.0.0.1';
const PATIENCE_MS = 60_000;

const OPTIONS = [
  'OPTIONS sip:2001@127.0.0.1 SIP/2.0',
  'Via: SIP/2.0/TCP 127.0.0.1:5099;branch=z9hG4bKin',
  'Max-Forwards: 70',
  'From: <sip:x@127.0.0.1>;tag=x',
  'To: <sip:2001@127.0.0.1>',
  'Call-ID: in',
  'CSeq: 1 OPTIONS',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');
const ENDLESS = `${OPTIONS.slice(0, -2)}${'X-Long: y\r\n'.repeat(20_000)}`;
const HUGE = OPTIONS.replace('Content-Length: 0', `Content-Length: ${100 * 2 ** 20}`);
const EMPTY_LINES = '\r\n'.repeat(32_768);

/** Strangers stand at other addresses than the server, as many as are wanted. */
const stranger = (n: number): string => `127.0.${1 + Math.floor(n / 200)}.${1 + (n % 200)}`;

const open = new Set<Socket>();

function dial(port: number, from: string): Socket {
  const socket = connect({ host: HERE, port, localAddress: from });
  open.add(socket);
  socket.on('error', () => undefined);
  socket.on('close', () => open.delete(socket));
  return socket.resume();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HERE);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a phone attacked over connections', () => {
  let phone: AttackedPhone;
  let calm = 0;

  beforeEach(async () => {
    const { certificate, key } = createAuthority('hostile').issue({ dns: ['phone.test'] });
    phone = await startAttacked({
      lines: [
        'sips local certificate: phone.pem',
        'sips private key: phone.key',
        `sip local tls port: ${await freePort()}`,
      ],
      files: { 'phone.pem': certificate, 'phone.key': key },
    });
    // Warm: what the first connections load and compile is no growth.
    for (const first of [OPTIONS, ENDLESS, HUGE, EMPTY_LINES]) {
      for (let n = 0; n < 10; n += 1) dial(phone.port, stranger(n)).end(first);
      await gone();
    }
    calm = (await phone.gauge()).rss;
  });
  afterEach(async () => {
    for (const socket of open) socket.destroy();
    await gone();
    await phone.close();
  });

  async function gone(): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (open.size > 0 && performance.now() < end) await pause(10);
  }

  /** What the phone is after, and during, each attack; its server gets in beside the strangers. */
  async function judge(context: { diagnostic(text: string): void }): Promise<void> {
    context.diagnostic(held(await phone.gauge(), calm));
    assert.equal(await phone.state(), 'registered');
    const server = dial(phone.port, HERE);
    server.write(OPTIONS);
    const [answer] = (await once(server, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) })) as [Buffer];
    assert.match(answer.toString('latin1'), /^SIP\/2\.0 200 /);
  }

  it('1,000 at once, from 250 addresses, that say nothing', async (context) => {
    await phone.gauge();
    const all = Array.from({ length: 1000 }, (_, n) => dial(phone.port, stranger(n % 250)));
    await pause(1500);
    const left = all.filter((socket) => open.has(socket)).length;
    assert.ok(left <= 64, `${left} strangers are borne`);
    await judge(context);
  });

  it('that drip: an octet now and then of a message that never ends', async (context) => {
    await phone.gauge();
    const all = Array.from({ length: 64 }, (_, n) => dial(phone.port, stranger(n)));
    for (const octet of ENDLESS.slice(0, 200)) {
      for (const socket of all) if (socket.writable) socket.write(octet);
      await pause(10);
    }
    await judge(context);
  });

  it('with a header without end are closed', async (context) => {
    await phone.gauge();
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 20; n += 1) dial(phone.port, stranger(n)).write(ENDLESS);
      await gone();
    }
    assert.equal(open.size, 0);
    await judge(context);
  });

  it('that announce a body of 100 MB are closed before any of it', async (context) => {
    await phone.gauge();
    for (let n = 0; n < 200; n += 1) {
      const socket = dial(phone.port, stranger(n));
      socket.write(HUGE);
      socket.write(Buffer.alloc(65_536));
      if (n % 20 === 19) await gone();
    }
    await gone();
    assert.equal(open.size, 0);
    await judge(context);
  });

  it('of sixteen that ask without end and read none of the answers', async (context) => {
    await phone.gauge();
    let asked = 0;
    const another = (): string => {
      asked += 1;
      return OPTIONS.replace('z9hG4bKin', `z9hG4bKin${asked}`).replace('Call-ID: in', `Call-ID: in${asked}`);
    };
    const asking = (): string => Array.from({ length: 50 }, another).join('');
    for (let n = 0; n < 16; n += 1) {
      const socket = dial(phone.port, stranger(n)).pause();
      const pour = (): void => {
        while (socket.writable && socket.write(asking()));
      };
      socket.on('connect', pour).on('drain', pour);
    }
    await pause(4000);
    context.diagnostic(`${asked} were written`);
    await judge(context);
  });

  it('with garbage at the TLS port, before and within a handshake', async (context) => {
    await phone.gauge();
    assert.ok(phone.tlsPort > 0);
    for (let n = 0; n < 300; n += 1) {
      const socket = dial(phone.tlsPort, stranger(n));
      if (n % 3 === 0) socket.write(randomBytes(2000));
      // The start of a true record of a handshake, and nonsense in it.
      else if (n % 3 === 1)
        socket.write(Buffer.concat([Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]), randomBytes(600)]));
      else socket.end(OPTIONS);
      if (n % 50 === 49) await pause(100);
    }
    await pause(500);
    await judge(context);
  });

  it('that open and go, 2,000 one after the other', async (context) => {
    await phone.gauge();
    for (let n = 0; n < 2000; n += 1) {
      const socket = dial(phone.port, stranger(n % 250));
      socket.write('\r\n\r\n');
      socket.end();
      if (n % 50 === 49) await gone();
    }
    await judge(context);
  });

  it('with empty lines without end are closed, each time that they come again', async (context) => {
    await phone.gauge();
    const lines = Buffer.from(EMPTY_LINES);
    for (let round = 0; round < 4; round += 1) {
      for (let n = 0; n < 20; n += 1) {
        const socket = dial(phone.port, stranger(n));
        const pour = (): void => {
          while (socket.writable && socket.write(lines));
        };
        socket.on('drain', pour);
        pour();
      }
      await gone();
    }
    assert.equal(open.size, 0);
    await judge(context);
  });
});
