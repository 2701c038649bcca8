/** Owns the draws of a fuzzer: everything that an input is made of comes from one seed, so that a seed is the whole input. */
import type { Random } from '../../firmware/kernel/random.ts';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';

export interface Chance {
  below(bound: number): number;
  odds(likelihood: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** None to `most` of them, few more often than many. */
  some<T>(most: number, make: (index: number) => T): readonly T[];
  /** Up to `most` octets of any value. */
  octets(most: number): string;
  /** A number that programs get wrong: an edge of a width, a sign, a digit too many. */
  number(): string;
}

/** Each target draws from a stream of its own. */
export function createChance(seed: number, stream: number): Chance {
  const random: Random = createRandom(seedFrom(seed), stream);
  const below = (bound: number): number => random.below(bound);
  const few = (most: number): number => Math.floor(random.next() ** 2 * (most + 1));
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new Error('nothing to pick from');
    return list[below(list.length)] as T;
  };
  return {
    below,
    pick,
    odds: (likelihood) => random.next() < likelihood,
    some: (most, make) => Array.from({ length: few(most) }, (_none, index) => make(index)),
    octets: (most) => Array.from({ length: few(most) }, () => String.fromCharCode(below(256))).join(''),
    number: () => (random.next() < 0.5 ? String(below(70_000)) : pick(EDGES)),
  };
}

const EDGES = [
  ...['0', '-1', '+1', '00', '1.5', '1e9', '0x10', ' ', '', 'NaN', '255', '256', '65535', '65536'],
  ...['2147483647', '2147483648', '4294967295', '4294967296', '9007199254740993', '99999999999999999999999'],
];
