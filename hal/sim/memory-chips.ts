/** Owns the simulated clock DS1307 and EEPROM AT24C32 at register level. */
import type { Scheduler } from '../ports.ts';
import type { SimChip } from './i2c.ts';

const CLOCK_REGISTERS = 64;

/** Its registers are what a test puts there; the clock itself stands still. */
export class SimDs1307 implements SimChip {
  readonly registers = new Uint8Array(CLOCK_REGISTERS);
  #pointer = 0;

  write(octets: Uint8Array): boolean {
    const [pointer = this.#pointer, ...values] = octets;
    this.#pointer = pointer % CLOCK_REGISTERS;
    for (const value of values) this.registers[this.#next()] = value;
    return true;
  }

  read(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.registers[this.#next()] ?? 0);
  }

  #next(): number {
    const register = this.#pointer;
    this.#pointer = (register + 1) % CLOCK_REGISTERS;
    return register;
  }
}

const EEPROM_OCTETS = 4096;
const PAGE_OCTETS = 32;
/** Write cycle at most, ms (data sheet). */
const WRITE_CYCLE_MS = 10;

export class SimAt24c32 implements SimChip {
  readonly octets = new Uint8Array(EEPROM_OCTETS).fill(0xff);
  readonly #scheduler: Scheduler;
  #pointer = 0;
  #writing = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Deaf while it writes; a write beyond the page comes round to its start. */
  write(octets: Uint8Array): boolean {
    if (this.#writing) return false;
    const [high, low, ...values] = octets;
    if (high !== undefined && low !== undefined) this.#pointer = ((high << 8) | low) % EEPROM_OCTETS;
    const page = this.#pointer - (this.#pointer % PAGE_OCTETS);
    for (const [index, value] of values.entries())
      this.octets[page + (((this.#pointer % PAGE_OCTETS) + index) % PAGE_OCTETS)] = value;
    if (values.length > 0) {
      this.#writing = true;
      this.#scheduler.after(WRITE_CYCLE_MS, () => {
        this.#writing = false;
      });
    }
    return true;
  }

  read(length: number): Uint8Array {
    return Uint8Array.from({ length }, (_octet, index) => this.octets[(this.#pointer + index) % EEPROM_OCTETS] ?? 0xff);
  }
}
