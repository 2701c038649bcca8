/** RTP packets: what is read, what is refused, and the circle of numbers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RtpFault } from '../../../../firmware/media/rtp.ts';
import { ahead, parseRtp, serializeRtp } from '../../../../firmware/media/rtp.ts';

const octets = (...parts: readonly (number | readonly number[])[]): Uint8Array => Uint8Array.from(parts.flat());
const NUMBERS = [0x12, 0x34, 0xff, 0xff, 0xff, 0xff, 0xde, 0xad, 0xbe, 0xef] as const;
const HEADER = [0x80, 0x88, ...NUMBERS] as const;

describe('an RTP packet', () => {
  it('is read field by field', () => {
    const parsed = parseRtp(octets(HEADER, 1, 2, 3));
    assert.deepEqual(parsed, {
      ok: true,
      value: {
        marker: true,
        payloadType: 8,
        sequence: 0x1234,
        timestamp: 0xffff_ffff,
        ssrc: 0xdeadbeef,
        payload: Uint8Array.of(1, 2, 3),
      },
    });
  });

  it('is read behind contributing sources, a header extension and before padding', () => {
    const extension = [0xbe, 0xde, 0, 1, 9, 9, 9, 9];
    const parsed = parseRtp(octets(0xb1, 0, NUMBERS, [7, 7, 7, 7], extension, 1, 2, [0, 0, 3]));
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.value.payload, Uint8Array.of(1, 2));
  });

  const refused: readonly (readonly [string, Uint8Array, RtpFault])[] = [
    ['eleven octets', octets(HEADER).subarray(0, 11), 'short'],
    ['version 1', octets(0x40, HEADER.slice(1)), 'version'],
    ['an RTCP report', octets(0x80, 200, NUMBERS), 'rtcp'],
    ['more contributing sources than octets', octets(0x8f, HEADER.slice(1), 1, 2, 3, 4), 'short'],
    ['an extension that runs over the end', octets(0x90, HEADER.slice(1), 0, 0, 0xff, 0xff), 'short'],
    ['half an extension header', octets(0x90, HEADER.slice(1), 0, 0), 'short'],
    ['more padding than payload', octets(0xa0, HEADER.slice(1), 1, 2, 4), 'padding'],
    ['padding of nothing', octets(0xa0, HEADER.slice(1), 1, 2, 0), 'padding'],
  ];
  for (const [what, data, fault] of refused) {
    it(`is refused: ${what}`, () => assert.deepEqual(parseRtp(data), { ok: false, error: fault }));
  }

  it('that is written reads back', () =>
    fc.assert(
      fc.property(
        fc.record(
          {
            marker: fc.boolean(),
            payloadType: fc.integer({ min: 0, max: 63 }),
            sequence: fc.integer({ min: 0, max: 0xffff }),
            timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
            ssrc: fc.integer({ min: 0, max: 0xffff_ffff }),
            payload: fc.uint8Array({ maxLength: 480 }),
          },
          { noNullPrototype: true },
        ),
        (packet) => {
          const parsed = parseRtp(serializeRtp(packet));
          assert.ok(parsed.ok);
          assert.deepEqual({ ...parsed.value, payload: Uint8Array.from(parsed.value.payload) }, packet);
        },
      ),
      { seed: 3, numRuns: 300 },
    ));

  it('of any octets is a packet within them or a fault, never a throw', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (data) => {
        const parsed = parseRtp(data);
        if (parsed.ok) assert.ok(parsed.value.payload.length <= data.length - 12);
      }),
      { seed: 4, numRuns: 2000 },
    ));
});

describe('numbers on a circle', () => {
  it('are ahead by less than half of it, across the wrap', () => {
    assert.equal(ahead(1, 0xffff, 16), 2);
    assert.equal(ahead(0xffff, 1, 16), -2);
    assert.equal(ahead(100, 0xffff_ff9c, 32), 200);
    assert.equal(ahead(5, 5, 32), 0);
  });
});
