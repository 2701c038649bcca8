/** Keys inside RTP (RFC 4733). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEventReceiver, createEventSender } from '../../../../firmware/media/telephone-event.ts';

const PACKET = 160;

/** What leaves, one packet after the other, until nothing does. */
function packetsOf(keys: string, units: number, from = 1000): { at: number; marker: boolean; payload: number[] }[] {
  const sender = createEventSender();
  for (const key of keys) sender.press(key, units);
  const out: { at: number; marker: boolean; payload: number[] }[] = [];
  for (let timestamp = from; ; timestamp = (timestamp + PACKET) >>> 0) {
    const sent = sender.next(timestamp, (timestamp + PACKET) >>> 0);
    if (sent === null) return out;
    out.push({ at: sent.timestamp, marker: sent.marker, payload: [...sent.payload] });
  }
}

describe('a key that is sent', () => {
  it('has one timestamp, a marker on its first packet, a duration that grows, and three ends', () => {
    const sent = packetsOf('5', 480);
    assert.deepEqual(
      sent.map(({ at }) => at),
      [1000, 1000, 1000, 1000, 1000],
    );
    assert.deepEqual(
      sent.map(({ marker }) => marker),
      [true, false, false, false, false],
    );
    assert.deepEqual(
      sent.map(({ payload }) => payload),
      [
        [5, 10, 0, 160],
        [5, 10, 1, 64],
        [5, 0x8a, 1, 224],
        [5, 0x8a, 1, 224],
        [5, 0x8a, 1, 224],
      ],
    );
  });

  it('is followed by the next with a timestamp of its own', () => {
    const sent = packetsOf('*#D', 160);
    assert.deepEqual([...new Set(sent.map(({ payload }) => payload[0]))], [10, 11, 15]);
    assert.equal(new Set(sent.map(({ at }) => at)).size, 3);
    assert.equal(sent.filter(({ marker }) => marker).length, 3);
  });

  it('crosses the wrap of the clock', () => {
    const sent = packetsOf('1', 480, 0xffff_ff80);
    assert.equal(sent.length, 5);
    assert.ok(sent.every(({ at }) => at === 0xffff_ff80));
  });

  it('waits with at most 63 others, and is no letter', () => {
    assert.deepEqual(packetsOf('x ', 160), []);
    const sender = createEventSender();
    for (let n = 0; n < 1000; n += 1) sender.press('1', 160);
    let packets = 0;
    for (let timestamp = 0; sender.next(timestamp, timestamp + PACKET) !== null; timestamp += PACKET) packets += 1;
    assert.equal(packets, 64 * 3);
  });
});

describe('a key that is heard', () => {
  const packet = (timestamp: number, ...payload: readonly number[]): { timestamp: number; payload: Uint8Array } => ({
    timestamp,
    payload: Uint8Array.from(payload),
  });
  const heard = (...packets: readonly { timestamp: number; payload: Uint8Array }[]): string => {
    const receiver = createEventReceiver();
    return packets
      .flatMap((one) => receiver.take(one))
      .map(({ key, edge }) => `${key}${edge === 'begin' ? '+' : '-'}`)
      .join(' ');
  };
  const rows: readonly (readonly [string, string, readonly ReturnType<typeof packet>[]])[] = [
    [
      'whole',
      '5+ 5-',
      [packet(1, 5, 10, 0, 0), packet(1, 5, 10, 0, 160), packet(1, 5, 0x8a, 1, 64), packet(1, 5, 0x8a, 1, 64)],
    ],
    ['without its begin', '#+ #-', [packet(1, 11, 0x8a, 1, 64)]],
    ['without its end, then another', '1+ 2+', [packet(1, 1, 10, 0, 0), packet(900, 2, 10, 0, 0)]],
    ['twice', '1+ 1- 1+ 1-', [packet(1, 1, 0x8a, 1, 0), packet(900, 1, 0x8a, 1, 0)]],
    ['whose end comes before a late packet of it', '1+ 1-', [packet(1, 1, 0x8a, 1, 0), packet(1, 1, 10, 0, 0)]],
    ['older than one that was heard', '2+', [packet(900, 2, 10, 0, 0), packet(1, 1, 10, 0, 0)]],
    ['that is none', '', [packet(1, 16, 10, 0, 0), packet(1, 255, 10, 0, 0), packet(1, 5, 10, 0), packet(1)]],
  ];
  for (const [what, edges, packets] of rows) it(`is one key: ${what}`, () => assert.equal(heard(...packets), edges));
});
