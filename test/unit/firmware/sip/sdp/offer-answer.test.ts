/** Proves what two sides agree on (RFC 3264; conformance G17, J5, J11). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Description, Direction, Format, Stream } from '../../../../../firmware/sip/sdp/description.ts';
import type { Local } from '../../../../../firmware/sip/sdp/offer-answer.ts';
import { agreedBy, answerTo, offerOf } from '../../../../../firmware/sip/sdp/offer-answer.ts';

const PCMU: Format = { payloadType: 0, name: 'PCMU', rate: 8000, parameters: '' };
const PCMA: Format = { payloadType: 8, name: 'PCMA', rate: 8000, parameters: '' };
const G722: Format = { payloadType: 9, name: 'G722', rate: 8000, parameters: '' };
const GSM: Format = { payloadType: 3, name: 'GSM', rate: 8000, parameters: '' };
const EVENTS: Format = { payloadType: 101, name: 'TELEPHONE-EVENT', rate: 8000, parameters: '0-15' };

const local: Local = {
  sessionId: '1',
  version: 1,
  at: { address: '192.0.2.100', port: 3000 },
  codecs: [G722, PCMU, PCMA],
  events: EVENTS,
  direction: 'sendrecv',
  ptimeMs: 20,
  keys: [],
  plain: 'taken',
  lines: [],
};

const theirs = (over: Partial<Stream> = {}): Stream => {
  const formats = over.formats ?? [PCMA, PCMU, { ...EVENTS, payloadType: 96 }];
  return {
    ...{ type: 'audio', protocol: 'RTP/AVP', at: { address: '198.51.100.7', port: 4000 }, direction: 'sendrecv' },
    ...{ keys: [], ptimeMs: null, written: formats.map(({ payloadType }) => payloadType).join(' ') },
    ...over,
    formats,
  };
};

const description = (...streams: readonly Stream[]): Description => ({ sessionId: '9', version: 5, streams });

describe('our offer', () => {
  it('has our codecs in our order, DTMF last', () =>
    assert.deepEqual(
      [offerOf(local).streams[0]?.written, offerOf({ ...local, events: null }).streams[0]?.written],
      ['9 0 8 101', '9 0 8'],
    ));
});

describe('our answer', () => {
  it('takes the first codec of the offer that we have, under the number it has there', () => {
    const answer = answerTo(description(theirs({ formats: [GSM, PCMA, PCMU, { ...EVENTS, payloadType: 96 }] })), local);
    assert.ok(answer.ok);
    assert.equal(answer.value.description.streams[0]?.written, '8 96');
    assert.deepEqual(answer.value.agreed, {
      remote: { address: '198.51.100.7', port: 4000 },
      codec: 'PCMA',
      ...{ sends: 8, receives: 8, sendsEvents: 96, receivesEvents: 96, direction: 'sendrecv', ptimeMs: 20 },
      secured: null,
    });
  });

  it('has the streams of the offer in their order; all but one audio stream are refused', () => {
    const video = theirs({ type: 'video', written: '31', formats: [] });
    const answer = answerTo(description(video, theirs(), theirs()), local);
    assert.ok(answer.ok);
    assert.deepEqual(
      answer.value.description.streams.map(({ type, at, written }) => [type, at.port, written]),
      [
        ['video', 0, '31'],
        ['audio', 3000, '8 96'],
        ['audio', 0, '8 0 96'],
      ],
    );
  });

  it('with nothing in common says what was offered', () => {
    for (const stream of [
      theirs({ formats: [GSM] }),
      theirs({ protocol: 'RTP/SAVP' }),
      theirs({ at: { address: '198.51.100.7', port: 0 } }),
    ]) {
      const answer = answerTo(description(stream), local);
      assert.ok(!answer.ok);
      assert.match(answer.error, /^no audio in common: offered audio RTP\/S?AVP /);
    }
  });

  it('the same name at another clock rate is another codec', () =>
    assert.equal(answerTo(description(theirs({ formats: [{ ...PCMU, rate: 16_000 }] })), local).ok, false));

  it('without DTMF in the offer, or where it goes otherwise, has none', () => {
    for (const [stream, own] of [
      [theirs({ formats: [PCMU] }), local],
      [theirs(), { ...local, events: null }],
    ] as const) {
      const answer = answerTo(description(stream), own);
      assert.ok(answer.ok);
      assert.deepEqual([answer.value.agreed.sendsEvents, answer.value.agreed.receivesEvents], [null, null]);
    }
  });

  /** What they say, what we want, what we answer. */
  const DIRECTIONS: readonly (readonly [Direction, Direction, Direction])[] = [
    ['sendrecv', 'sendrecv', 'sendrecv'],
    ['sendrecv', 'sendonly', 'sendonly'],
    ['sendrecv', 'inactive', 'inactive'],
    ['sendonly', 'sendrecv', 'recvonly'],
    ['sendonly', 'sendonly', 'inactive'],
    ['recvonly', 'sendrecv', 'sendonly'],
    ['recvonly', 'recvonly', 'inactive'],
    ['inactive', 'sendrecv', 'inactive'],
  ];
  for (const [offered, wanted, answered] of DIRECTIONS)
    it(`to ${offered} where we want ${wanted} is ${answered}`, () => {
      const answer = answerTo(description(theirs({ direction: offered })), { ...local, direction: wanted });
      assert.ok(answer.ok);
      assert.deepEqual(
        [answer.value.description.streams[0]?.direction, answer.value.agreed.direction],
        [answered, answered],
      );
    });

  it('to an address of zeros is that of a hold: nothing is sent there', () => {
    for (const address of ['0.0.0.0', '::'])
      for (const [direction, answered] of [
        ['sendrecv', 'recvonly'],
        ['inactive', 'inactive'],
      ] as const) {
        const answer = answerTo(description(theirs({ at: { address, port: 4000 }, direction })), local);
        assert.ok(answer.ok);
        assert.equal(answer.value.agreed.direction, answered);
      }
  });
});

describe('their answer', () => {
  it('names their numbers for our packets, ours stay for theirs', () => {
    const agreed = agreedBy(
      description(theirs({ formats: [{ ...G722, payloadType: 99 }, EVENTS], ptimeMs: 30 })),
      local,
    );
    assert.deepEqual(agreed.ok && agreed.value.agreed, {
      remote: { address: '198.51.100.7', port: 4000 },
      codec: 'G722',
      ...{ sends: 99, receives: 9, sendsEvents: 101, receivesEvents: 101, direction: 'sendrecv', ptimeMs: 30 },
      secured: null,
    });
  });

  it('without DTMF has none', () => {
    const agreed = agreedBy(description(theirs({ formats: [PCMU] })), local);
    assert.ok(agreed.ok);
    assert.deepEqual([agreed.value.agreed.sendsEvents, agreed.value.agreed.receivesEvents], [null, null]);
  });

  it('that refuses audio, or has none of our codecs, is no agreement', () => {
    for (const answer of [
      description(),
      description(theirs({ at: { address: '', port: 0 } })),
      description(theirs({ formats: [GSM] })),
    ])
      assert.equal(agreedBy(answer, local).ok, false);
  });
});
