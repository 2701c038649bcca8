/** Owns the seed of all chance: 256 bits of the operating system, never logged. */
import { randomBytes } from 'node:crypto';
import type { Seed } from '../kernel/random.ts';

export function systemSeed(): Seed {
  const octets = randomBytes(32);
  const word = (index: number): number => octets.readUInt32LE(4 * index);
  return [word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7)];
}
