/** Whose turn it is: evenly spread by design where a delivery of phones shares a clock, drawn where nothing is known of the phone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, seedFrom } from '../../../../firmware/kernel/random.ts';
import { untilTurn } from '../../../../firmware/kernel/turn.ts';
import { macInRow, peakOf } from '../../../sim/crowd.ts';

const random = createRandom(seedFrom(1));
const turns = (phones: number, windowMs: number, seed: number, wallMs: number | null): number[] =>
  Array.from({ length: phones }, (_, phone) => untilTurn(windowMs, { mac: macInRow(phone, seed), wallMs, random }));

describe("a phone's turn", () => {
  it('comes within the window, and never twice the mean of a delivery in any second, whatever its numbers', () => {
    for (const [phones, windowS] of [
      [1000, 60],
      [300, 60],
      [5000, 600],
      [5000, 15],
    ] as const)
      for (let seed = 1; seed <= 200; seed += 1)
        for (const wallMs of [null, 1_772_534_520_000 + seed * 997]) {
          const own = turns(phones, windowS * 1000, seed, wallMs).sort((a, b) => a - b);
          assert.ok(own.every((at) => at >= 0 && at < windowS * 1000));
          assert.ok(peakOf(own) <= phones / windowS + 4, `${phones} in ${windowS} s, seed ${seed}: ${peakOf(own)}`);
        }
  });

  it('is the same moment of the clock, whenever a phone is told: who hears later does not add to those before', () => {
    const options = (wallMs: number): Parameters<typeof untilTurn>[1] => ({ mac: '00085D123456', wallMs, random });
    const first = 1_772_534_520_000;
    const due = first + untilTurn(60_000, options(first));
    for (let later = first; later < due; later += 1000) {
      const again = later + untilTurn(60_000, options(later));
      assert.ok(Math.abs(again - due) < 1, `${again - due} ms apart`);
    }
  });

  it('is drawn for a phone without a number of its own, and is now where there is no window', () => {
    const drawn = Array.from({ length: 20 }, () => untilTurn(60_000, { mac: null, wallMs: 0, random }));
    assert.equal(new Set(drawn).size, 20);
    assert.ok(drawn.every((at) => at >= 0 && at < 60_000));
    assert.equal(untilTurn(0, { mac: '00085D123456', wallMs: 1, random }), 0);
  });
});
