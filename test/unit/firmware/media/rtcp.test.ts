/** RTCP compound packets, and what they say of losses, jitter and round trip. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { millis } from '../../../../firmware/kernel/time.ts';
import type { RtcpFault, RtcpPacket } from '../../../../firmware/media/rtcp.ts';
import { parseRtcp, serializeRtcp } from '../../../../firmware/media/rtcp.ts';
import type { RtpPacket } from '../../../../firmware/media/rtp.ts';
import { createStatistics, ntpOf, reportOn, roundTripMs } from '../../../../firmware/media/statistics.ts';

const plain = { noNullPrototype: true } as const;
const word = fc.integer({ min: 0, max: 0xffff_ffff });
const block = fc.record(
  {
    ssrc: word,
    lossRatio: fc.integer({ min: 0, max: 255 }).map((n) => n / 256),
    lost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
    highestSequence: word,
    jitter: word,
    lastReport: word,
    sinceLastReport: word,
  },
  plain,
);
const report = fc.record(
  {
    kind: fc.constant('report' as const),
    ssrc: word,
    sender: fc.option(
      fc.record({ ntpSeconds: word, ntpFraction: word, rtpTimestamp: word, packets: word, octets: word }, plain),
    ),
    reports: fc.array(block, { maxLength: 31 }),
  },
  plain,
);
const bye = fc.record({ kind: fc.constant('bye' as const), ssrcs: fc.array(word, { maxLength: 31 }) }, plain);

describe('an RTCP compound packet', () => {
  it('that is written reads back, but for the source description that nobody here reads', () =>
    fc.assert(
      fc.property(report, bye, word, fc.string({ maxLength: 60 }), (first, last, ssrc, cname) => {
        const source: RtcpPacket = { kind: 'source', ssrc, cname };
        const octets = serializeRtcp([first, source, last]);
        assert.equal(octets.length % 4, 0);
        assert.deepEqual(parseRtcp(octets), { ok: true, value: [first, last] });
      }),
      { seed: 5, numRuns: 200 },
    ));

  it('writes a source description that ends with a zero octet within whole words', () => {
    const octets = serializeRtcp([{ kind: 'source', ssrc: 1, cname: 'abcde' }]);
    assert.deepEqual([...octets], [0x81, 202, 0, 3, 0, 0, 0, 1, 1, 5, 97, 98, 99, 100, 101, 0]);
  });

  const empty = [0x80, 201, 0, 1, 0, 0, 0, 1] as const;
  const refused: readonly (readonly [string, readonly number[], RtcpFault])[] = [
    ['four octets', [0x80, 201, 0, 0], 'short'],
    ['a source description first', [0x80, 202, 0, 1, 0, 0, 0, 0], 'first'],
    ['a length beyond the end', [0x80, 201, 0, 9, 0, 0, 0, 1], 'length'],
    ['more blocks than octets', [0x9f, 201, 0, 1, 0, 0, 0, 1], 'length'],
    ['a goodbye of more sources than octets', [...empty, 0x9f, 203, 0, 0], 'length'],
    ['a wrong version behind a right one', [...empty, 0x40, 203, 0, 0], 'version'],
    ['three octets left over', [...empty, 0x80, 203, 0], 'length'],
  ];
  for (const [what, octets, fault] of refused) {
    it(`is refused as a whole: ${what}`, () =>
      assert.deepEqual(parseRtcp(Uint8Array.from(octets)), { ok: false, error: fault }));
  }

  it('of any octets is a list or a fault, never a throw', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
        const parsed = parseRtcp(data);
        if (parsed.ok) assert.ok(parsed.value.length <= data.length / 4);
      }),
      { seed: 6, numRuns: 2000 },
    ));
});

const packet = (sequence: number, timestamp: number): RtpPacket => ({
  marker: false,
  payloadType: 0,
  sequence: sequence & 0xffff,
  timestamp: timestamp >>> 0,
  ssrc: 77,
  payload: new Uint8Array(160),
});

describe('the statistics of a source', () => {
  it('count losses across the wrap of the sequence, and each only in one report', () => {
    const statistics = createStatistics(packet(65_530, 0), 8000);
    const arrives = (index: number) => statistics.packet(packet(65_530 + index, 160 * index), millis(20 * index));
    for (let index = 0; index < 20; index += 1) if (index % 4 !== 3) arrives(index);
    const first = statistics.report(millis(400));
    // The last one is missing too: a receiver cannot know that yet.
    assert.deepEqual([first.lost, first.lossRatio, first.highestSequence], [4, 4 / 19, 65_536 + 12]);
    for (let index = 19; index < 40; index += 1) arrives(index);
    const second = statistics.report(millis(800));
    assert.deepEqual([second.lost, second.lossRatio], [4, 0]);
  });

  it('measure no jitter on an even stream and half of what alternates on an uneven one', () => {
    const even = createStatistics(packet(0, 0), 8000);
    for (let index = 0; index < 500; index += 1) even.packet(packet(index, 160 * index), millis(20 * index));
    assert.equal(even.counts().jitter, 0);
    const uneven = createStatistics(packet(0, 0), 8000);
    for (let index = 0; index < 500; index += 1) {
      uneven.packet(packet(index, 160 * index), millis(20 * index + (index % 2) * 10));
    }
    assert.ok(Math.abs(uneven.counts().jitter - 80) < 1);
  });

  it('tell the round trip less what the peer held our report', () => {
    const sentAt = millis(100_000.5);
    const { seconds, fraction } = ntpOf(sentAt);
    const theirs = createStatistics(packet(0, 0), 8000);
    theirs.senderReport(seconds, fraction, millis(5));
    const compound: readonly RtcpPacket[] = [
      { kind: 'report', ssrc: 1, sender: null, reports: [theirs.report(millis(1005))] },
    ];
    const about = reportOn(compound, 77);
    assert.ok(about !== null);
    assert.ok(Math.abs((roundTripMs(about, millis(100_000.5 + 1000 + 42)) ?? 0) - 42) < 0.1);
    assert.equal(reportOn(compound, 78), null);
    assert.equal(roundTripMs({ ...about, lastReport: 0 }, millis(1)), null);
  });
});
