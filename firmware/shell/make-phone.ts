/** Owns making the pure phone of a process: its chance, and whether it has a panel. */
import type { Seed } from '../kernel/random.ts';
import { seedFrom } from '../kernel/random.ts';
import type { Phone } from '../phone.ts';
import { createPhone } from '../phone.ts';
import { hash } from './digest.ts';
import { systemSeed } from './entropy.ts';
import type { Recorder } from './recorder.ts';
import type { RunOptions } from './run.ts';

export function makePhone({ effective, seed, devices, version }: RunOptions, recorder: Recorder): Phone {
  const { settings } = effective;
  const drawn: Seed = seed === null ? systemSeed() : seedFrom(seed);
  recorder.phone(version, settings, seed === null ? null : drawn);
  const panel = devices.display !== undefined || devices.lamps !== undefined;
  return createPhone({ settings, seed: drawn, hash, version, panel });
}
