/**
 * Owns chance: the ChaCha20 key stream (RFC 8439 2.3) as the phone's only generator. The shell seeds it with 256 bits of
 * the operating system; a test seeds it with a number, so that equal seeds give equal runs.
 */

import { toBase64 } from './base64.ts';

export interface Random {
  /** A number in [0, 1), 53 bits. */
  next(): number;
  /** An integer in [0, bound). */
  below(bound: number): number;
  /** A number in [low, high). */
  between(low: number, high: number): number;
  /** `bits` random bits as lower-case hexadecimal digits; `bits` is a multiple of 4. */
  hex(bits: number): string;
  /** So many random octets in base64. */
  base64(octets: number): string;
}

/** 256 bits as eight 32-bit words. */
export type Seed = readonly [number, number, number, number, number, number, number, number];

/** A seed from one number, for tests and for `--seed`. */
export const seedFrom = (n: number): Seed => [
  n >>> 0,
  Math.floor(n / 2 ** 32) >>> 0,
  0x686f6c64,
  0x66617374,
  0,
  0,
  0,
  0,
];

export function createRandom(seed: Seed, stream = 0): Random {
  const input = new Uint32Array([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, ...seed, 0, 0, stream >>> 0, 0]);
  const block = new Uint32Array(16);
  let used = 16;

  function word(): number {
    if (used === 16) {
      chachaBlock(input, block);
      input[12] = ((input[12] as number) + 1) >>> 0;
      used = 0;
    }
    const value = block[used] as number;
    used += 1;
    return value;
  }
  const next = (): number => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;

  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    between: (low, high) => low + next() * (high - low),
    hex(bits) {
      let digits = '';
      while (digits.length < bits / 4) digits += word().toString(16).padStart(8, '0');
      return digits.slice(0, bits / 4);
    },
    base64: (octets) => toBase64(Uint8Array.from({ length: octets }, () => word() & 0xff)),
  };
}

const ROUNDS: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

function chachaBlock(input: Uint32Array, out: Uint32Array): void {
  out.set(input);
  for (let round = 0; round < 10; round += 1) {
    for (const [a, b, c, d] of ROUNDS) quarterRound(out, a, b, c, d);
  }
  for (let i = 0; i < 16; i += 1) out[i] = ((out[i] as number) + (input[i] as number)) >>> 0;
}

function quarterRound(x: Uint32Array, a: number, b: number, c: number, d: number): void {
  mix(x, a, b, d, 16);
  mix(x, c, d, b, 12);
  mix(x, a, b, d, 8);
  mix(x, c, d, b, 7);
}

function mix(x: Uint32Array, sum: number, add: number, turn: number, by: number): void {
  x[sum] = ((x[sum] as number) + (x[add] as number)) >>> 0;
  const v = ((x[turn] as number) ^ (x[sum] as number)) >>> 0;
  x[turn] = ((v << by) | (v >>> (32 - by))) >>> 0;
}
