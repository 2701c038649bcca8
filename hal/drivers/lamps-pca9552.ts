/** Owns the lamps on one PCA9552: state to selector bits, blink by the chip itself, a chip that is silent retried with back-off. */
import type { LampName, LampState, Lamps } from '../devices.ts';
import type { I2cBus, Scheduler } from '../ports.ts';
import type { Selector } from './pca9552.ts';
import { AUTO_INCREMENT, DUTY_HALF, LS0, PSC0, prescalerFor, SELECT } from './pca9552.ts';

/** Rates: our choice, for none was found of the original (devices.ts). */
const SLOW_HZ = 1;
const FAST_HZ = 4;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 10_000;

const SELECTOR: Readonly<Record<LampState, Selector>> = {
  off: SELECT.off,
  on: SELECT.on,
  'slow-flash': SELECT.blink0,
  'fast-flash': SELECT.blink1,
};

export interface LampsOptions {
  readonly bus: I2cBus;
  readonly address: number;
  /** Output of each lamp, 0 to 15. */
  readonly outputs: Readonly<Record<LampName, number>>;
  readonly scheduler: Scheduler;
  /** Told once when the chip stops answering, and once when it is back. */
  readonly onHealth?: (state: 'lost' | 'back') => void;
}

/** A lamp change is one register of four lamps: two octets on the bus besides the address. */
export function createLamps(options: LampsOptions): Lamps {
  const selectors = new Uint8Array(4).fill(0b01010101);
  let lost = false;
  let retryMs = RETRY_FIRST_MS;

  function transfer(octets: Uint8Array): void {
    // While the chip is silent the retry below writes everything.
    if (lost) return;
    try {
      options.bus.write(options.address, octets);
    } catch {
      lost = true;
      options.onHealth?.('lost');
      retry();
    }
  }

  function retry(): void {
    options.scheduler.after(retryMs, () => {
      try {
        for (const octets of setup()) options.bus.write(options.address, octets);
        lost = false;
        retryMs = RETRY_FIRST_MS;
        options.onHealth?.('back');
      } catch {
        retryMs = Math.min(RETRY_MAX_MS, 2 * retryMs);
        retry();
      }
    });
  }

  const setup = (): readonly Uint8Array[] => [
    Uint8Array.of(AUTO_INCREMENT | PSC0, prescalerFor(SLOW_HZ), DUTY_HALF, prescalerFor(FAST_HZ), DUTY_HALF),
    Uint8Array.of(AUTO_INCREMENT | LS0, ...selectors),
  ];

  for (const octets of setup()) transfer(octets);
  return {
    set(lamp, state) {
      const output = options.outputs[lamp];
      const register = output >> 2;
      const shift = (output & 3) * 2;
      const before = selectors[register] ?? 0;
      const after = (before & ~(0b11 << shift)) | (SELECTOR[state] << shift);
      if (after === before) return;
      selectors[register] = after;
      transfer(Uint8Array.of(LS0 + register, after));
    },
  };
}
