/** Owns the lamps on one PCA9552: state to selector bits, blink by the chip itself, a chip that was silent set up again. */
import type { Health } from '../bus/health.ts';
import { createHealth } from '../bus/health.ts';
import type { LampName, LampState, Lamps } from '../devices.ts';
import type { I2cBus, Scheduler } from '../ports.ts';
import type { Selector } from './pca9552.ts';
import { ALL_OFF, AUTO_INCREMENT, DUTY_HALF, LS0, PSC0, prescalerFor, SELECT } from './pca9552.ts';

/** Rates: our choice, for none was found of the original (devices.ts). */
const SLOW_HZ = 1;
const FAST_HZ = 4;

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
  readonly onHealth?: (health: Health) => void;
}

/** A lamp change is one register of four lamps: two octets on the bus besides the address. */
export function createLamps({ bus, address, outputs, scheduler, onHealth }: LampsOptions): Lamps {
  const wanted = Uint8Array.from(ALL_OFF);
  /** The selectors as the chip holds them, null = not known. */
  let held: Uint8Array | null = null;
  let busy = false;
  const health = createHealth(scheduler, onHealth);

  function pump(): void {
    if (busy) return;
    const register = held === null ? -1 : wanted.findIndex((value, index) => value !== held?.[index]);
    if (held !== null && register === -1) return;
    const sent = Uint8Array.from(wanted);
    busy = true;
    bus.transfer({ address, write: octetsFor(register, sent), readLength: 0 }, ({ ok }) => {
      busy = false;
      if (!ok) {
        held = null;
        busy = true;
        health.failed(() => {
          busy = false;
          pump();
        });
        return;
      }
      health.answered();
      if (held === null) held = sent;
      else held[register] = sent[register] ?? 0;
      pump();
    });
  }

  pump();
  return {
    set(lamp, state) {
      const output = outputs[lamp];
      const shift = (output & 3) * 2;
      const before = wanted[output >> 2] ?? 0;
      wanted[output >> 2] = (before & ~(0b11 << shift)) | (SELECTOR[state] << shift);
      pump();
    },
  };
}

/** One register of selectors, or the whole chip: both rates and all selectors in one transfer. */
const octetsFor = (register: number, selectors: Uint8Array): Uint8Array =>
  register === -1
    ? Uint8Array.of(
        AUTO_INCREMENT | PSC0,
        prescalerFor(SLOW_HZ),
        DUTY_HALF,
        prescalerFor(FAST_HZ),
        DUTY_HALF,
        ...selectors,
      )
    : Uint8Array.of(LS0 + register, selectors[register] ?? 0);
