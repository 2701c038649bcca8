/** A real phone under floods over loopback (L2, L8, L13): it lives, stays registered, grows by no more than 64 MiB and is never held up. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { AttackedPhone } from './phone.ts';
import { held, startAttacked } from './phone.ts';

const DATAGRAMS = 30_000;
const PER_SECOND = 10_000;
/** Each burst fills this much of a second, and has at most so many: a machine that stood still makes no greater one. */
const BURST_MS = 10;
const BURST_MAX = 1000;

const heads = (n: number): string =>
  `Via: SIP/2.0/UDP 127.0.0.1:5099;rport;branch=z9hG4bK${n.toString(16).padStart(32, '0')}\r\nFrom: <sip:x@h>;tag=x\r\nTo: <sip:2001@h>\r\nCall-ID: ${n}\r\n`;

const FLOODS: readonly (readonly [string, 'stranger' | 'registrar', (n: number) => string])[] = [
  ['junk', 'stranger', (n) => `${String.fromCharCode(n & 255).repeat(n % 1200)}\r\n`],
  [
    'OPTIONS',
    'stranger',
    (n) => `OPTIONS sip:2001@h SIP/2.0\r\n${heads(n)}CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`,
  ],
  ['INVITE', 'stranger', (n) => `INVITE sip:2001@h SIP/2.0\r\n${heads(n)}CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n`],
  [
    'answers with guessed branches',
    'registrar',
    (n) => `SIP/2.0 403 No\r\n${heads(n)}CSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n`,
  ],
  ['headers that never end', 'stranger', (n) => `OPTIONS sip:2001@h SIP/2.0\r\n${heads(n)}${'X: y\r\n'.repeat(200)}`],
];

describe('a phone flooded with 10,000 datagrams a second', () => {
  let phone: AttackedPhone;
  let calm = 0;
  let answers = 0;
  const stranger = createSocket('udp4').on('message', () => {
    answers += 1;
  });

  beforeEach(async () => {
    phone = await startAttacked();
    // Warm: what the first answers load and compile is no growth. They show, too, that a flood reaches it.
    answers = 0;
    await flood((n) => FLOODS[1]?.[2](n) ?? '', 'stranger', PER_SECOND);
    assert.ok(answers > 0, 'no flood reaches it');
    calm = (await phone.gauge()).rss;
  });
  afterEach(() => phone.close());
  after(() => stranger.close());

  /** At that pace where the machine keeps it; the seconds that it took. */
  async function flood(make: (n: number) => string, from: 'stranger' | 'registrar', count: number): Promise<number> {
    const socket = from === 'stranger' ? stranger : phone.registrar;
    const start = performance.now();
    for (let sent = 0; sent < count; await pause(BURST_MS)) {
      const due = Math.min(((performance.now() - start + BURST_MS) / 1000) * PER_SECOND, sent + BURST_MAX, count);
      for (; sent < due; sent += 1) socket.send(Buffer.from(make(sent), 'latin1'), phone.port, '127.0.0.1');
    }
    return (performance.now() - start) / 1000;
  }

  for (const [name, from, make] of FLOODS)
    it(`of ${name} is registered, small and quick`, async (context) => {
      await phone.gauge();
      const took = await flood(make, from, DATAGRAMS);
      const told = held(await phone.gauge(), calm);
      context.diagnostic(`${DATAGRAMS} in ${took.toFixed(1)} s; ${told}`);
      assert.equal(await phone.state(), 'registered');
    });
});
