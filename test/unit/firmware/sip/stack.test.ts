/** Owns what strangers and servers can and cannot do to the phone over SIP: rows E7, L2, L4, C4, D16 (seen from the wire). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, seedFrom } from '../../../../firmware/kernel/random.ts';
import { millis } from '../../../../firmware/kernel/time.ts';
import type { Phone } from '../../../../firmware/phone.ts';
import { createPhone } from '../../../../firmware/phone.ts';
import type { Effect, Input } from '../../../../firmware/vocabulary.ts';
import { testHash } from '../../../support/digest.ts';
import { message } from '../../../support/messages.ts';
import { phoneSettings } from '../../../support/settings.ts';

const PRIMARY = { address: '192.0.2.1', port: 5060 };
const STRANGER = { address: '198.51.100.66', port: 5060 };
const FLOW = 'udp:192.0.2.1:5060';

interface Desk {
  readonly phone: Phone;
  /** The REGISTER that the phone sent. */
  readonly register: string;
  step(input: Input, now: number): readonly Effect[];
}

function started(): Desk {
  const phone = createPhone({
    settings: phoneSettings(),
    seed: seedFrom(1),
    hash: testHash,
    version: 'test',
    panel: false,
  });
  const step = (input: Input, now: number): readonly Effect[] => phone.step(input, millis(now));
  step({ kind: 'start', wallMs: null, unclean: false, nameServers: [], hosts: {}, stored: {} }, 0);
  const effects = step({ kind: 'opened', flow: FLOW, local: { address: '192.0.2.100', port: 5060 } }, 1);
  const sent = effects.find((effect) => effect.kind === 'send');
  return { phone, step, register: sent?.kind === 'send' ? sent.data : assert.fail('nothing was sent') };
}

/** A response to that request, as its server would build it. */
function respond(request: string, status: number, extra: readonly string[] = []): string {
  const kept = request.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
  return `SIP/2.0 ${status} Test\r\n${[...kept.map((line) => (line.startsWith('To:') ? `${line};tag=t` : line)), ...extra].join('\r\n')}\r\nContent-Length: 0\r\n\r\n`;
}

const state = (desk: Desk, now: number): string | undefined =>
  desk.phone.status(millis(now)).lines[0]?.registrar?.state;
const contactOf = (request: string): string => /^Contact: (<[^>]*>)/m.exec(request)?.[1] ?? '';

describe('responses', () => {
  it('of the target are taken', () => {
    const desk = started();
    desk.step(
      {
        kind: 'datagram',
        flow: FLOW,
        from: PRIMARY,
        data: respond(desk.register, 200, [`Contact: ${contactOf(desk.register)};expires=600`]),
      },
      5,
    );
    assert.equal(state(desk, 5), 'registered');
  });

  for (const status of [200, 403, 503, 302])
    it(`${status} of a stranger changes nothing, even with the right branch`, () => {
      const desk = started();
      const effects = desk.step(
        { kind: 'datagram', flow: null, from: STRANGER, data: respond(desk.register, status) },
        5,
      );
      assert.equal(state(desk, 5), 'trying');
      assert.deepEqual(
        effects.filter(({ kind }) => kind !== 'log'),
        [],
      );
    });

  it('with another branch, two Vias or garbage are dropped', () => {
    const desk = started();
    const good = respond(desk.register, 200);
    for (const data of [
      good.replace(/branch=z9hG4bK\w+/, 'branch=z9hG4bKother'),
      good.replace('Via:', 'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK9\r\nVia:'),
      good.slice(0, 40),
      '',
    ]) {
      desk.step({ kind: 'datagram', flow: FLOW, from: PRIMARY, data }, 5);
      assert.equal(state(desk, 5), 'trying');
    }
  });

  it('302 is a refusal: credentials never follow it elsewhere', () => {
    const desk = started();
    const effects = desk.step(
      {
        kind: 'datagram',
        flow: FLOW,
        from: PRIMARY,
        data: respond(desk.register, 302, ['Contact: <sip:evil.example.test>']),
      },
      5,
    );
    assert.equal(state(desk, 5), 'rejected');
    assert.equal(
      effects.some(({ kind }) => kind === 'send' || kind === 'open' || kind === 'dns-query'),
      false,
    );
  });

  it('a 2xx without our Contact is believed for a minute', () => {
    const desk = started();
    desk.step(
      {
        kind: 'datagram',
        flow: FLOW,
        from: PRIMARY,
        data: respond(desk.register, 200, ['Contact: <sip:somebody@192.0.2.7>;expires=3600']),
      },
      5,
    );
    assert.equal(desk.phone.status(millis(5)).lines[0]?.registrar?.expiresIn, 60);
  });
});

describe('requests', () => {
  const request = (method: string, changes: Readonly<Record<string, string | null>> = {}, body = ''): string =>
    message(
      [
        `${method} sip:2001@192.0.2.100 SIP/2.0`,
        `Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK${method}`,
        'From: <sip:x@example.test>;tag=x',
        'To: <sip:2001@192.0.2.100>',
        'Call-ID: 9@192.0.2.1',
        `CSeq: 7 ${method}`,
        'Max-Forwards: 70',
      ],
      changes,
      body,
    );
  const answers = (effects: readonly Effect[]): readonly string[] =>
    effects.flatMap((effect) => (effect.kind === 'reply' ? [effect.data] : []));
  const send = (desk: Desk, data: string, now = 5): readonly string[] =>
    answers(desk.step({ kind: 'datagram', flow: null, from: PRIMARY, data }, now));

  for (const [method, status] of [
    ['OPTIONS', 200],
    ['NOTIFY', 489],
    ['REFER', 403],
    // It has no Contact: no dialog could begin.
    ['INVITE', 400],
    ['ODD', 501],
  ] as const)
    it(`${method} is answered ${status}`, () => {
      const [answer] = send(started(), request(method));
      assert.match(answer ?? '', new RegExp(`^SIP/2.0 ${status} `));
      assert.match(answer ?? '', /received=192\.0\.2\.1/);
      assert.match(answer ?? '', /To: <sip:2001@192\.0\.2\.100>;tag=\w{16}/);
    });

  /** RFC 3261 8.2: each refusal says what would have been accepted. */
  for (const [what, data, status, says] of [
    ['an unknown method', request('ODD'), '501 Not Implemented', /^Allow: INVITE, .*OPTIONS/m],
    ['a method without business here', request('REGISTER'), '405 Method Not Allowed', /^Allow: INVITE, .*OPTIONS/m],
    [
      'unknown extensions among known ones',
      request('OPTIONS', { Require: 'path, foo, bar' }),
      '420 Bad Extension',
      /^Unsupported: foo, bar\r$/m,
    ],
    [
      'an encoded body',
      request('OPTIONS', { 'Content-Encoding': 'gzip', 'Content-Type': 'application/sdp', 'Content-Length': '1' }, 'x'),
      '415 Unsupported Media Type',
      /^Accept-Encoding: identity\r$/m,
    ],
    [
      'a body that is no session',
      request('INVITE', { 'Content-Type': 'text/plain', 'Content-Length': '1' }, 'x'),
      '415 Unsupported Media Type',
      /^Accept: application\/sdp\r$/m,
    ],
    ['a caller who cannot read SDP', request('INVITE', { Accept: 'text/plain' }), '406 Not Acceptable', /^To: /m],
    [
      'an unknown method that is cut off',
      request('ODD', { 'Content-Length': '99' }, 'x'),
      '501 Not Implemented',
      /^Allow: /m,
    ],
  ] as const)
    it(`${what}: ${status}`, () => {
      const [answer = ''] = send(started(), data);
      assert.equal(answer.slice('SIP/2.0 '.length, answer.indexOf('\r\n')), status);
      assert.match(answer, says);
    });

  it('a retransmission gets the very same answer', () => {
    const desk = started();
    assert.deepEqual(send(desk, request('OPTIONS'), 5), send(desk, request('OPTIONS'), 600));
  });

  it('ACK is never answered; a cut request deserves 400', () => {
    assert.deepEqual(send(started(), request('ACK')), []);
    assert.match(send(started(), request('OPTIONS', { 'Content-Length': '99' }, 'short'))[0] ?? '', /^SIP\/2.0 400 /);
  });

  it('any octets leave the phone alive and the registration kept', () => {
    const desk = started();
    desk.step(
      {
        kind: 'datagram',
        flow: FLOW,
        from: PRIMARY,
        data: respond(desk.register, 200, [`Contact: ${contactOf(desk.register)};expires=600`]),
      },
      5,
    );
    const random = createRandom(seedFrom(5));
    const good = request('OPTIONS');
    for (let n = 0; n < 2000; n += 1) {
      const at = random.below(good.length);
      send(
        desk,
        good.slice(0, at) +
          String.fromCharCode(random.below(256)).repeat(random.below(30)) +
          good.slice(at + random.below(10)),
        6 + n,
      );
    }
    assert.equal(state(desk, 2100), 'registered');
  });
});
