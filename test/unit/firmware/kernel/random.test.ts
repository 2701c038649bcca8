/** Chance is the ChaCha20 key stream (RFC 8439 2.3): its layout, its words, and what is drawn from them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Seed } from '../../../../firmware/kernel/random.ts';
import { createRandom, seedFrom } from '../../../../firmware/kernel/random.ts';

/** A block of RFC 8439 2.3 written a second time, with 64-bit counter and stream as ours has them. */
function referenceBlock(seed: Seed, counter: bigint, stream: number): readonly number[] {
  const low = Number(counter & 0xffffffffn);
  const high = Number(counter >> 32n);
  const initial = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, ...seed, low, high, stream, 0];
  const x = initial.map((word) => BigInt(word));
  const at = (index: number): bigint => x[index] ?? 0n;
  const rotate = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (32n - by))) & 0xffffffffn;
  const quarter = (a: number, b: number, c: number, d: number): void => {
    for (const [sum, add, turn, by] of [
      [a, b, d, 16n],
      [c, d, b, 12n],
      [a, b, d, 8n],
      [c, d, b, 7n],
    ] as const) {
      x[sum] = (at(sum) + at(add)) & 0xffffffffn;
      x[turn] = rotate(at(turn) ^ at(sum), by);
    }
  };
  for (let round = 0; round < 10; round += 1) {
    for (let column = 0; column < 4; column += 1) quarter(column, 4 + column, 8 + column, 12 + column);
    for (let column = 0; column < 4; column += 1)
      quarter(column, 4 + ((column + 1) % 4), 8 + ((column + 2) % 4), 12 + ((column + 3) % 4));
  }
  return x.map((word, index) => Number((word + BigInt(initial[index] ?? 0)) & 0xffffffffn));
}

const hexOf = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, '0')).join('');
const ZERO: Seed = [0, 0, 0, 0, 0, 0, 0, 0];

describe('the key stream', () => {
  it('of an all-zero key begins as the first test vector of RFC 8439 A.1 says', () => {
    const octets =
      '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586';
    const words = octets.match(/.{8}/g) ?? [];
    // Words leave the block as little-endian octets (RFC 8439 2.3); we print each as a number.
    const numbers = words.map((word) => word.match(/../g)?.reverse().join('') ?? '').join('');
    assert.equal(createRandom(ZERO).hex(512), numbers);
  });

  it('is that of the block function, over several blocks, for any key and stream', () => {
    const seed: Seed = [0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c, 0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c];
    const random = createRandom(seed, 0x4a);
    for (const counter of [0n, 1n, 2n]) assert.equal(random.hex(512), hexOf(referenceBlock(seed, counter, 0x4a)));
  });

  it('differs between streams and between seeds, and is equal for equal ones', () => {
    const first = createRandom(seedFrom(5)).hex(256);
    assert.equal(createRandom(seedFrom(5)).hex(256), first);
    assert.notEqual(createRandom(seedFrom(6)).hex(256), first);
    assert.notEqual(createRandom(seedFrom(5), 1).hex(256), first);
    assert.notEqual(createRandom(seedFrom(5 + 2 ** 32)).hex(256), first);
  });
});

describe('a draw', () => {
  it('is a number in [0, 1) made of 53 bits, two words each', () => {
    const seed = seedFrom(9);
    const words = referenceBlock(seed, 0n, 0);
    const random = createRandom(seed);
    for (let index = 0; index < 16; index += 2) {
      const expected = (((words[index] ?? 0) >>> 5) * 2 ** 26 + ((words[index + 1] ?? 0) >>> 6)) / 2 ** 53;
      assert.equal(random.next(), expected);
      assert.ok(expected >= 0 && expected < 1);
    }
  });

  it('below a bound reaches every whole number under it about equally often', () => {
    const random = createRandom(seedFrom(11));
    const counts = [0, 0, 0, 0, 0];
    for (let draw = 0; draw < 5000; draw += 1) {
      const value = random.below(5);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    assert.equal(counts.length, 5);
    for (const count of counts) assert.ok(Math.abs(count - 1000) < 150, String(counts));
  });

  it('between two numbers stays between them', () => {
    const random = createRandom(seedFrom(12));
    for (let draw = 0; draw < 1000; draw += 1) {
      const value = random.between(12, 15);
      assert.ok(value >= 12 && value < 15);
    }
  });

  it('of bits has as many hexadecimal digits as asked for', () => {
    const random = createRandom(seedFrom(13));
    for (const bits of [4, 32, 64, 128, 132]) assert.match(random.hex(bits), new RegExp(`^[0-9a-f]{${bits / 4}}$`));
  });
});
