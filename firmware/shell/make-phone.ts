/** Owns making the pure phone of a process: its chance, and whether it has a panel. */
import type { Devices } from '../../hal/devices.ts';
import type { EffectiveSettings } from '../config/layers.ts';
import type { Seed } from '../kernel/random.ts';
import { seedFrom } from '../kernel/random.ts';
import type { Phone } from '../phone.ts';
import { createPhone } from '../phone.ts';
import { hash } from './digest.ts';
import { systemSeed } from './entropy.ts';
import type { Recorder } from './recorder.ts';

export interface MakePhone {
  readonly effective: EffectiveSettings;
  readonly devices: Devices;
  readonly version: string;
  /** Null = from the operating system. */
  readonly seed: number | null;
}

export function makePhone({ effective, seed, devices, version }: MakePhone, recorder: Recorder): Phone {
  const { settings } = effective;
  const drawn: Seed = seed === null ? systemSeed() : seedFrom(seed);
  recorder.phone(version, settings, seed === null ? null : drawn);
  const panel = devices.display !== undefined || devices.lamps !== undefined;
  return createPhone({ settings, seed: drawn, hash, version, panel });
}
