/** Owns a simulated PCA9552 at register level: it decodes the octets that the real drivers send, and its pins can be pulled low. */
import type { LampState } from '../devices.ts';
import type { I2cBus } from '../ports.ts';
import { I2cError } from '../ports.ts';

const REGISTERS = 10;
const LS0 = 6;
/** 44 Hz is the chip's blink clock (data sheet). */
const CLOCK_HZ = 44;

export class SimPca9552 {
  readonly #registers = Uint8Array.of(0xff, 0xff, 0xff, 0x80, 0xff, 0x80, 0x55, 0x55, 0x55, 0x55);
  readonly #pulled = new Set<number>();
  /** False: the chip does not acknowledge. */
  present = true;

  write(octets: Uint8Array): void {
    const [control = 0, ...values] = octets;
    let register = control & 0x0f;
    for (const value of values) {
      // INPUT0 and INPUT1 are read-only.
      if (register >= 2 && register < REGISTERS) this.#registers[register] = value;
      if ((control & 0x10) !== 0) register = (register + 1) % REGISTERS;
    }
  }

  read(control: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    let register = control & 0x0f;
    for (let at = 0; at < length; at += 1) {
      out[at] = register < 2 ? this.#input(register) : (this.#registers[register] ?? 0);
      if ((control & 0x10) !== 0) register = (register + 1) % REGISTERS;
    }
    return out;
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

  #input(register: number): number {
    let level = 0xff;
    for (let bit = 0; bit < 8; bit += 1) {
      const pin = 8 * register + bit;
      if (this.#pulled.has(pin) || this.lamp(pin) === 'on') level &= ~(1 << bit);
    }
    return level;
  }
}

/** A simulated bus with chips by address; counts what passes. */
export class SimI2c implements I2cBus {
  readonly chips = new Map<number, SimPca9552>();
  /** Octets moved, addresses included. */
  octets = 0;
  #listener: () => void = () => undefined;

  onWrite(listener: () => void): void {
    this.#listener = listener;
  }

  write(address: number, octets: Uint8Array): void {
    const chip = this.#chip(address);
    this.octets += 1 + octets.length;
    chip.write(octets);
    this.#listener();
  }

  writeRead(address: number, octets: Uint8Array, length: number): Uint8Array {
    const chip = this.#chip(address);
    this.octets += 2 + octets.length + length;
    return chip.read(octets[0] ?? 0, length);
  }

  #chip(address: number): SimPca9552 {
    const chip = this.chips.get(address);
    if (chip === undefined || !chip.present) throw new I2cError('no-acknowledge', address);
    return chip;
  }
}
