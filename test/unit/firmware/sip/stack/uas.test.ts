/** What an answer of ours carries, and where it goes (RFC 3261 8.2.6, 18.2; RFC 3581 4; conformance C11, E4, E6). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, seedFrom } from '../../../../../firmware/kernel/random.ts';
import { millis } from '../../../../../firmware/kernel/time.ts';
import { headerValue, headerValues, tagOf, toOf } from '../../../../../firmware/sip/message/headers.ts';
import type { SipRequest, SipResponse } from '../../../../../firmware/sip/message/message.ts';
import { parseMessage } from '../../../../../firmware/sip/message/parse.ts';
import { createUas } from '../../../../../firmware/sip/stack/uas.ts';
import type { Effect } from '../../../../../firmware/vocabulary.ts';

const FROM = { address: '198.51.100.7', port: 40_000 };
const BEHIND_NAT = 'SIP/2.0/UDP 10.0.0.7:5062;branch=z9hG4bKnat';
const FURTHER = 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKfurther';

type Reply = Extract<Effect, { kind: 'reply' }> & { readonly response: SipResponse };

/** The one answer to this request, as it leaves. */
function answerTo(via: string, flow: string | null = null, method = 'OPTIONS', below: readonly string[] = []): Reply {
  const sent: Effect[] = [];
  const uas = createUas({
    timers: { t1: 500, t2: 4000, t4: 5000 },
    random: createRandom(seedFrom(1)),
    userAgent: 'test',
    emit: (effect) => sent.push(effect),
    isReliable: (on) => on !== null,
    notified: () => ({ status: 489 }),
    subscribed: () => ({ status: 489 }),
    calls: {
      invited: () => assert.fail('no INVITE'),
      again: () => false,
      ack: () => assert.fail('no ACK'),
      cancelled: () => ({ status: 481 }),
      isBusy: () => false,
      answerTo: () => null,
    },
  });
  const request: SipRequest = {
    kind: 'request',
    method,
    uri: 'sip:2001@192.0.2.100',
    headers: [
      { name: 'Via', value: via },
      ...[...below, FURTHER].map((value) => ({ name: 'Via', value })),
      { name: 'Record-Route', value: '<sip:p1;lr>' },
      { name: 'Record-Route', value: '<sip:p2;lr>' },
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: '"A" <sip:a@example.test>;tag=a' },
      { name: 'To', value: '<sip:2001@example.test>' },
      { name: 'Call-ID', value: 'c' },
      { name: 'CSeq', value: `9 ${method}` },
    ],
    body: '',
  };
  uas.request(request, flow, FROM, millis(0));
  const [reply, more] = sent;
  assert.equal(more, undefined, 'one answer');
  if (reply?.kind !== 'reply') return assert.fail('an answer');
  const parsed = parseMessage(reply.data);
  return parsed.ok && parsed.value.kind === 'response'
    ? { ...reply, response: parsed.value }
    : assert.fail('a response that reads');
}

describe('an answer (C11)', () => {
  it('copies Via, From, Call-ID, CSeq and Record-Route, and tags To', () => {
    const { response } = answerTo(BEHIND_NAT);
    assert.equal(headerValues(response, 'Via')[1], FURTHER);
    assert.equal(headerValue(response, 'From'), '"A" <sip:a@example.test>;tag=a');
    assert.equal(headerValue(response, 'Call-ID'), 'c');
    assert.equal(headerValue(response, 'CSeq'), '9 OPTIONS');
    assert.deepEqual(headerValues(response, 'Record-Route'), ['<sip:p1;lr>', '<sip:p2;lr>']);
    const to = toOf(response);
    assert.match((to.ok ? tagOf(to.value) : null) ?? '', /^\w{16}$/);
  });
});

describe('where an answer goes (E4, E6)', () => {
  it('with rport: to the port that the request came from, which stands in Via with the address', () => {
    const { to, response } = answerTo(`${BEHIND_NAT};rport`);
    assert.deepEqual(to, FROM);
    const [via = ''] = headerValues(response, 'Via');
    assert.match(via, /;rport=40000;received=198\.51\.100\.7$/);
  });

  it('without it: to the port of Via, at the address that the request came from', () => {
    const { to, response } = answerTo(BEHIND_NAT);
    assert.deepEqual(to, { address: FROM.address, port: 5062 });
    const [via = ''] = headerValues(response, 'Via');
    assert.match(via, /;received=198\.51\.100\.7$/);
    assert.doesNotMatch(via, /rport/);
  });

  it('what Via claims of received and rport is not believed', () => {
    const { to, response } = answerTo(`${BEHIND_NAT};received=203.0.113.1;rport=1;rport`);
    assert.deepEqual(to, FROM);
    const [via = ''] = headerValues(response, 'Via');
    assert.doesNotMatch(via, /203\.0\.113\.1|rport=1\b/);
  });

  it('a list of Vias stays one header, so that a short request draws no long answer (L16)', () => {
    const via = `${BEHIND_NAT}${',S'.repeat(1000)}`;
    const { data } = answerTo(via);
    assert.equal(data.match(/^Via:/gm)?.length, 2);
    // Besides its Vias an answer has what it says of the phone: always the same.
    assert.ok(data.length < via.length + 560, `${data.length} octets`);
  });

  it('an empty Via above the first is left out', () => {
    const { response } = answerTo(', ,', null, 'OPTIONS', [BEHIND_NAT]);
    assert.equal(headerValues(response, 'Via')[0], `${BEHIND_NAT};received=198.51.100.7`);
  });

  it('on a connection: on that very connection', () => {
    assert.equal(answerTo('SIP/2.0/TCP 10.0.0.7:5062;branch=z9hG4bKtcp', 'in:7').flow, 'in:7');
  });

  it('maddr is not followed: nobody but the sender gets an answer', () => {
    assert.equal(answerTo(`${BEHIND_NAT};maddr=203.0.113.1`).to.address, FROM.address);
  });
});
