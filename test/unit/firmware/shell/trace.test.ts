/** What was said is kept: datagrams, streams cut anywhere, both ends, the last ones of many. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTrace } from '../../../../firmware/shell/trace.ts';
import type { Effect, Input } from '../../../../firmware/vocabulary.ts';

const PEER = { address: '192.0.2.1', port: 5060 };
const LOCAL = { address: '192.0.2.7', port: 5060 };
const FLOW = 'tcp:192.0.2.1:5060';
const sip = (method: string, callId = 'c1', body = ''): string =>
  `${method} sip:a@h SIP/2.0\r\nCall-ID: ${callId}\r\nCSeq: 1 ${method}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

function traced(...steps: readonly (readonly [Input, ...Effect[]])[]) {
  const trace = createTrace(() => 1_000_000);
  for (const [index, [input, ...effects]] of steps.entries()) trace.step(index * 10, input, effects);
  return trace.messages();
}
const wake: Input = { kind: 'wake' };

describe('a trace', () => {
  it('has datagrams in and out, with their ends, times and names', () => {
    const kept = traced(
      [
        { kind: 'opened', flow: 'udp:192.0.2.1:5060', local: LOCAL },
        { kind: 'send', flow: 'udp:192.0.2.1:5060', data: sip('REGISTER') },
      ],
      [
        {
          kind: 'datagram',
          flow: 'udp:192.0.2.1:5060',
          from: PEER,
          data: 'SIP/2.0 200 OK\r\nCall-ID: c1\r\nCSeq: 1 REGISTER\r\n\r\n',
        },
      ],
      [
        { kind: 'datagram', flow: null, from: PEER, data: sip('OPTIONS', 'c2') },
        { kind: 'reply', flow: null, to: PEER, data: 'SIP/2.0 200 OK\r\n\r\n' },
      ],
    );
    assert.deepEqual(
      kept.map(({ t, direction, transport, peer, local, callId, label }) => [
        t,
        direction,
        transport,
        peer,
        local,
        callId,
        label,
      ]),
      [
        [0, 'sent', 'udp', PEER, LOCAL, 'c1', 'REGISTER 1'],
        [10, 'received', 'udp', PEER, LOCAL, 'c1', '200 (REGISTER 1)'],
        [20, 'received', 'udp', PEER, null, 'c2', 'OPTIONS 1'],
        [20, 'sent', 'udp', PEER, null, '', '200 (?)'],
      ],
    );
  });

  it('puts streams together, however they are cut, and parts what came as one', () => {
    const text = `${sip('NOTIFY', 'a', 'body')}\r\n\r\n${sip('OPTIONS', 'b')}`;
    for (let cut = 0; cut <= text.length; cut += 7) {
      const kept = traced(
        [{ kind: 'octets', flow: FLOW, data: text.slice(0, cut) }],
        [{ kind: 'octets', flow: FLOW, data: text.slice(cut) }],
      );
      assert.deepEqual(
        kept.map(({ label, transport }) => [label, transport]),
        [
          ['NOTIFY 1', 'tcp'],
          ['OPTIONS 1', 'tcp'],
        ],
      );
    }
    const guest = traced(
      [{ kind: 'accepted', flow: 'in:tls:1', from: PEER }],
      [{ kind: 'octets', flow: 'in:tls:1', data: sip('INVITE') }],
    );
    assert.deepEqual(
      guest.map(({ transport, peer }) => [transport, peer]),
      [['tls', PEER]],
    );
  });

  it('leaves out what only keeps a way open, and secrets', () => {
    const kept = traced(
      [wake, { kind: 'send', flow: 'udp:192.0.2.1:5060', data: '' }, { kind: 'send', flow: FLOW, data: '\r\n\r\n' }],
      [
        wake,
        {
          kind: 'send',
          flow: FLOW,
          data: sip('REGISTER').replace('CSeq', 'Authorization: Digest response="abc"\r\nCSeq'),
        },
      ],
    );
    assert.equal(kept.length, 1);
    assert.match(kept[0]?.text ?? '', /response="\*{3}"/);
  });

  it('is bounded: the last messages of many, the last octets of long ones', () => {
    const many = traced(
      ...Array.from({ length: 3000 }, (_step, n): readonly [Input, Effect] => [
        wake,
        { kind: 'send', flow: FLOW, data: sip('OPTIONS', `c${n}`) },
      ]),
    );
    assert.deepEqual([many.length, many.at(-1)?.callId], [2000, 'c2999']);
    const long = traced(
      ...Array.from({ length: 200 }, (): readonly [Input, Effect] => [
        wake,
        { kind: 'send', flow: FLOW, data: sip('OPTIONS', 'c', 'x'.repeat(60_000)) },
      ]),
    );
    assert.ok(long.length < 80);
  });
});
