/** Owns a simulated HD44780 behind a PCF8574: it decodes the levels that the real driver sets, four bits at a time, as the chip does. */
import type { Scheduler } from '../ports.ts';
import type { SimChip } from './i2c.ts';

const MEMORY = 0x80;
const ROW_STARTS = [0x00, 0x40, 0x14, 0x54] as const;
/** Clearing takes 1.52 ms (data sheet, table 6); what comes before its end is lost. */
const CLEAR_MS = 1.6;

export class SimHd44780 implements SimChip {
  readonly #scheduler: Scheduler;
  readonly #memory = new Uint8Array(MEMORY).fill(0xff);
  #levels = 0;
  /** Eight data lines after power-on; then the lower four are not connected. */
  #wide = true;
  #upper: number | null = null;
  #position = 0;
  #busy = false;
  lit = false;
  /** Octets that came. */
  octets = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  write(octets: Uint8Array): boolean {
    this.octets += octets.length;
    for (const levels of octets) {
      const falls = (this.#levels & 0x04) !== 0 && (levels & 0x04) === 0;
      if (falls) this.#take(this.#levels & 0xf0, (this.#levels & 0x01) !== 0);
      this.#levels = levels;
    }
    return true;
  }

  /** The module's write line is tied: nothing but the last levels can be read. */
  read(length: number): Uint8Array {
    return new Uint8Array(length).fill(this.#levels);
  }

  line(row: number, columns: number): string {
    const start = ROW_STARTS[row] ?? 0;
    return String.fromCharCode(...this.#memory.slice(start, start + columns));
  }

  #take(bits: number, data: boolean): void {
    if (this.#wide) return this.#execute(bits, data);
    if (this.#upper === null) {
      this.#upper = bits;
      return;
    }
    const value = this.#upper | (bits >> 4);
    this.#upper = null;
    this.#execute(value, data);
  }

  #execute(value: number, data: boolean): void {
    if (this.#busy) return;
    if (data) {
      this.#memory[this.#position] = value;
      this.#position = (this.#position + 1) % MEMORY;
    } else if (value >= 0x80) this.#position = value & 0x7f;
    else if (value >= 0x20 && value < 0x40) {
      this.#wide = (value & 0x10) !== 0;
      this.#upper = null;
    } else if (value >> 3 === 1) this.lit = (value & 0x04) !== 0;
    else if (value === 0x01) this.#clear();
  }

  #clear(): void {
    this.#memory.fill(0x20);
    this.#position = 0;
    this.#busy = true;
    this.#scheduler.after(CLEAR_MS, () => {
      this.#busy = false;
    });
  }
}
