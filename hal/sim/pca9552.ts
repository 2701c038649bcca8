/** Owns a simulated PCA9552 at register level: it decodes the octets that the real drivers send, and its pins can be pulled low. */
import type { LampState } from '../devices.ts';
import type { SimChip } from './i2c.ts';

const REGISTERS = 10;
const LS0 = 6;
/** 44 Hz is the chip's blink clock (data sheet). */
const CLOCK_HZ = 44;

export class SimPca9552 implements SimChip {
  readonly #registers = new Uint8Array(REGISTERS);
  readonly #pulled = new Set<number>();
  #control = 0;

  constructor() {
    this.powerOn();
  }

  /** The registers as a chip has them that just got its supply. */
  powerOn(): void {
    this.#registers.set([0xff, 0xff, 0xff, 0x80, 0xff, 0x80, 0x55, 0x55, 0x55, 0x55]);
  }

  write(octets: Uint8Array): boolean {
    const [control = this.#control, ...values] = octets;
    this.#control = control;
    for (const value of values) {
      const register = this.#next();
      // INPUT0 and INPUT1 are read-only.
      if (register >= 2) this.#registers[register] = value;
    }
    return true;
  }

  read(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => {
      const register = this.#next();
      return register < 2 ? this.#input(register) : (this.#registers[register] ?? 0);
    });
  }

  /** A contact to ground at this pin. */
  pull(pin: number, low: boolean): void {
    if (low) this.#pulled.add(pin);
    else this.#pulled.delete(pin);
  }

  /** What a lamp at this output does, seen from outside: by selector, prescaler and duty. */
  lamp(output: number): LampState {
    const selector = ((this.#registers[LS0 + (output >> 2)] ?? 0) >> ((output & 3) * 2)) & 0b11;
    if (selector === 0b00) return 'on';
    if (selector === 0b01) return 'off';
    const prescaler = this.#registers[selector === 0b10 ? 2 : 4] ?? 0;
    const duty = this.#registers[selector === 0b10 ? 3 : 5] ?? 0;
    // Lit while the counter is below 256 - duty: a duty of 0 is always on, of 255 all but never.
    if (duty === 0) return 'on';
    if (duty === 0xff) return 'off';
    return CLOCK_HZ / (prescaler + 1) >= 2 ? 'fast-flash' : 'slow-flash';
  }

  /** The register that is meant; with auto-increment the next one after it. */
  #next(): number {
    const register = (this.#control & 0x0f) % REGISTERS;
    if ((this.#control & 0x10) !== 0) this.#control = 0x10 | ((register + 1) % REGISTERS);
    return register;
  }

  #input(register: number): number {
    let level = 0xff;
    for (let bit = 0; bit < 8; bit += 1) {
      const pin = 8 * register + bit;
      if (this.#pulled.has(pin) || this.lamp(pin) === 'on') level &= ~(1 << bit);
    }
    return level;
  }
}
