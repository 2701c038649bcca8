/** Client transactions over connections: nothing is sent twice, but for a connection that broke; size decides between UDP and TCP (E1, E15). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CONNECT_LIMIT_MS, STREAM_DOUBT_MS, UDP_REQUEST_MAX_OCTETS } from '../../../../../firmware/config/defaults.ts';
import { createRandom, seedFrom } from '../../../../../firmware/kernel/random.ts';
import type { Endpoint, Target } from '../../../../../firmware/kernel/target.ts';
import { targetText } from '../../../../../firmware/kernel/target.ts';
import { millis } from '../../../../../firmware/kernel/time.ts';
import { headerValue } from '../../../../../firmware/sip/message/headers.ts';
import type { SipRequest, SipResponse } from '../../../../../firmware/sip/message/message.ts';
import { parseMessage } from '../../../../../firmware/sip/message/parse.ts';
import { createWire } from '../../../../../firmware/sip/stack/wire.ts';
import type { Wire } from '../../../../../firmware/sip/stack/wire-types.ts';
import type { FlowId, TransportFailure } from '../../../../../firmware/vocabulary.ts';

const LOCAL: Endpoint = { address: '192.0.2.100', port: 5060 };
const TCP: Target = { transport: 'tcp', address: '192.0.2.1', port: 5060, tlsName: null };
const UDP: Target = { ...TCP, transport: 'udp' };
const T1 = 500;

interface Sent {
  readonly flow: FlowId;
  readonly request: SipRequest;
  readonly data: string;
}

class Stand {
  readonly sent: Sent[] = [];
  readonly opens: FlowId[] = [];
  readonly closes: FlowId[] = [];
  readonly reports: string[] = [];
  readonly lost: string[] = [];
  now = 0;
  readonly wire: Wire = createWire({
    timers: { t1: T1, t2: 4000, t4: 5000 },
    random: createRandom(seedFrom(1), 1),
    emit: (effect) => {
      if (effect.kind === 'open') this.opens.push(effect.flow);
      if (effect.kind === 'close') this.closes.push(effect.flow);
      if (effect.kind === 'send') this.#send(effect.flow, effect.data);
    },
    report: (report) => {
      const code = 'response' in report ? ` ${report.response.status}` : '';
      const cause = 'cause' in report ? ` ${report.cause}` : '';
      this.reports.push(`${report.id} ${report.kind}${code}${cause}`);
    },
    onLost: (target) => this.lost.push(targetText(target)),
  });

  start(id: string, target: Target = TCP, { method = 'REGISTER', subject = '' } = {}): void {
    const build = (local: Endpoint, branch: string): SipRequest => ({
      kind: 'request',
      method,
      uri: 'sip:example.test',
      headers: Object.entries({
        Via: `SIP/2.0/${target.transport.toUpperCase()} ${local.address}:${local.port};rport;branch=${branch}`,
        'Max-Forwards': '70',
        From: '<sip:2001@example.test>;tag=a',
        To: '<sip:2001@example.test>',
        'Call-ID': id,
        CSeq: `1 ${method}`,
        Contact: '<sip:2001@192.0.2.100:5060>',
        Subject: subject,
      }).flatMap(([name, value]) => (value === '' ? [] : [{ name, value }])),
      body: '',
    });
    this.wire.start(id, target, build, { once: false }, millis(this.now));
  }

  opened(index: number): void {
    this.wire.opened({ kind: 'opened', flow: this.flow(index), local: LOCAL }, millis(this.now));
  }

  failed(index: number, cause: TransportFailure): void {
    this.wire.flowFailed(this.flow(index), cause, millis(this.now));
  }

  /** An answer to what was sent as the n-th. */
  answer(index: number, status: number, from: Endpoint = TCP): void {
    const { request } = this.sent[index] ?? assert.fail(`nothing was sent as number ${index}`);
    const headers = request.headers.filter(({ name }) => /^(?:Via|From|To|Call-ID|CSeq)$/.test(name));
    const response: SipResponse = { kind: 'response', status, reason: '', headers, body: '' };
    this.wire.received(response, from, millis(this.now));
  }

  wait(ms: number): void {
    const end = this.now + ms;
    for (let next = this.wire.next(); next !== null && next <= end; next = this.wire.next()) {
      this.now = Math.max(this.now, next);
      this.wire.wake(next);
    }
    this.now = end;
  }

  flow(index: number): FlowId {
    return this.opens[index] ?? assert.fail(`no flow was opened as number ${index}`);
  }

  #send(flow: FlowId, data: string): void {
    const parsed = parseMessage(data);
    assert.ok(parsed.ok && parsed.value.kind === 'request');
    this.sent.push({ flow, request: parsed.value, data });
  }
}

const via = ({ request }: Sent): string => headerValue(request, 'Via') ?? '';
const branch = (sent: Sent): string => /branch=([^;]+)/.exec(via(sent))?.[1] ?? '';

describe('a request over a connection', () => {
  for (const method of ['REGISTER', 'INVITE'])
    it(`is sent once, and its ${method} fails after 64·T1 without an answer`, () => {
      const stand = new Stand();
      stand.start('a', TCP, { method });
      assert.deepEqual([stand.sent.length, stand.reports], [0, []]);
      stand.opened(0);
      assert.deepEqual(stand.reports, ['a carried']);
      stand.wait(64 * T1 - 1);
      assert.deepEqual([stand.sent.length, stand.reports.length], [1, 1]);
      stand.wait(1);
      assert.deepEqual(stand.reports, ['a carried', 'a failed no-answer']);
      assert.equal(stand.sent.length, 1);
    });

  it('is carried by the connection of the one before it, without a word about opening', () => {
    const stand = new Stand();
    stand.start('a');
    stand.opened(0);
    stand.answer(0, 200);
    stand.start('b');
    assert.deepEqual([stand.opens.length, stand.sent.length], [1, 2]);
    assert.equal(stand.wire.canCarry(TCP, millis(0)), true);
  });

  it('fails where the connection is refused, and 5 s after it was asked for', () => {
    const stand = new Stand();
    stand.start('a');
    stand.failed(0, 'refused');
    stand.start('b');
    stand.wait(CONNECT_LIMIT_MS);
    assert.deepEqual(stand.reports, ['a failed refused', 'b failed no-answer']);
    assert.deepEqual(stand.closes, [stand.flow(1)]);
    assert.deepEqual(stand.lost, []);
  });

  it('that nobody waits for any more before its connection is there never leaves', () => {
    const stand = new Stand();
    stand.start('a');
    stand.start('b');
    stand.wire.quiet('a', millis(0));
    stand.wire.drop('b', millis(0));
    stand.opened(0);
    assert.deepEqual([stand.sent.length, stand.reports], [0, ['a failed no-answer']]);
  });
});

describe('a connection that breaks', () => {
  it('before any answer: the request goes once more on a new one to the same target, with the same branch, then fails', () => {
    const stand = new Stand();
    stand.start('a');
    stand.opened(0);
    stand.failed(0, 'reset');
    assert.deepEqual(stand.lost, ['tcp:192.0.2.1:5060']);
    stand.opened(1);
    assert.equal(stand.sent.length, 2);
    assert.equal(stand.sent[0]?.data, stand.sent[1]?.data);
    assert.notEqual(stand.sent[0]?.flow, stand.sent[1]?.flow);
    stand.failed(1, 'reset');
    assert.deepEqual([stand.sent.length, stand.opens.length], [2, 2]);
    assert.deepEqual(stand.reports, ['a carried', 'a carried', 'a failed reset']);
  });

  it('before any answer, and nobody takes the new one: the request fails for that', () => {
    const stand = new Stand();
    stand.start('a');
    stand.opened(0);
    stand.failed(0, 'reset');
    stand.failed(1, 'refused');
    assert.deepEqual(stand.reports, ['a carried', 'a failed refused']);
  });

  it('after a provisional answer: the request fails at once and is not repeated', () => {
    const stand = new Stand();
    stand.start('a', TCP, { method: 'INVITE' });
    stand.opened(0);
    stand.answer(0, 100);
    stand.failed(0, 'reset');
    assert.deepEqual(stand.reports, ['a carried', 'a response 100', 'a failed reset']);
    assert.deepEqual([stand.sent.length, stand.opens.length], [1, 1]);
  });

  it('under a copy that only listens: nothing is repeated', () => {
    const stand = new Stand();
    stand.start('a');
    stand.opened(0);
    stand.wire.quiet('a', millis(0));
    stand.failed(0, 'reset');
    assert.deepEqual([stand.sent.length, stand.opens.length], [1, 1]);
    assert.equal(stand.reports.at(-1), 'a failed reset');
  });

  it('with several requests on it: each is repeated on the one new connection', () => {
    const stand = new Stand();
    for (const id of ['a', 'b', 'c']) stand.start(id);
    stand.opened(0);
    stand.answer(1, 200);
    stand.failed(0, 'reset');
    stand.opened(1);
    assert.deepEqual([stand.opens.length, stand.sent.length], [2, 5]);
    assert.deepEqual(
      stand.sent.slice(3).map(branch),
      [0, 2].map((index) => branch(stand.sent[index] ?? assert.fail())),
    );
  });

  it('because the link is down: nothing is repeated and nobody is called dead', () => {
    const stand = new Stand();
    stand.start('a');
    stand.opened(0);
    stand.failed(0, 'no-network');
    assert.deepEqual([stand.opens.length, stand.lost], [1, []]);
    assert.equal(stand.reports.at(-1), 'a failed no-network');
  });
});

describe('an answer', () => {
  it('counts on whatever connection it comes, if it comes from the target', () => {
    const stand = new Stand();
    stand.start('a');
    stand.opened(0);
    stand.wait(STREAM_DOUBT_MS);
    stand.start('b');
    stand.opened(1);
    assert.equal(stand.opens.length, 2);
    stand.answer(0, 200);
    stand.answer(1, 200);
    assert.deepEqual(stand.reports.slice(-2), ['a response 200', 'b response 200']);
  });

  it('of a stranger counts for nothing', () => {
    const stand = new Stand();
    stand.start('a');
    stand.opened(0);
    stand.answer(0, 200, { ...TCP, address: '198.51.100.1' });
    assert.deepEqual(stand.reports, ['a carried']);
  });

  it('after the end is told as a stray one, for a while', () => {
    const stand = new Stand();
    stand.start('a');
    stand.opened(0);
    stand.wait(64 * T1);
    stand.answer(0, 200);
    assert.equal(stand.reports.at(-1), 'a stray 200');
  });
});

describe('a request that is too long for a datagram', () => {
  const long = { subject: 'x'.repeat(UDP_REQUEST_MAX_OCTETS) };

  it('goes over TCP to the same place, and its Via says so', () => {
    const stand = new Stand();
    stand.start('a', UDP, long);
    stand.opened(0);
    assert.equal(stand.sent.length, 0);
    stand.opened(1);
    const [only] = stand.sent;
    assert.equal(stand.flow(1).startsWith('tcp:192.0.2.1:5060'), true);
    assert.match(via(only ?? assert.fail()), /^SIP\/2\.0\/TCP /);
    assert.equal(stand.sent.length, 1);
    stand.answer(0, 200);
    assert.equal(stand.reports.at(-1), 'a response 200');
  });

  it('goes as a datagram after all where nobody takes the connection, with a Via that says that', () => {
    const stand = new Stand();
    stand.start('a', UDP, long);
    stand.opened(0);
    stand.failed(1, 'refused');
    const [only] = stand.sent;
    assert.equal(only?.flow, stand.flow(0));
    assert.match(via(only ?? assert.fail()), /^SIP\/2\.0\/UDP /);
    stand.wait(T1);
    assert.equal(stand.sent.length, 2);
  });

  it('is measured whole: one octet more is too many', () => {
    const sizes = [0, 1].map((more) => {
      const probe = new Stand();
      probe.start('a', UDP, { subject: 'x' });
      probe.opened(0);
      const bare = probe.sent[0]?.data.length ?? assert.fail();
      const stand = new Stand();
      stand.start('a', UDP, { subject: 'x'.repeat(1 + UDP_REQUEST_MAX_OCTETS - bare + more) });
      stand.opened(0);
      return stand.opens.length;
    });
    assert.deepEqual(sizes, [1, 2]);
  });
});
