/** Owns a simulated OLED of the SSD1306 class, as strict as the narrowest chip of it: one command a transfer, page addressing only. */
import { GLYPHS_5X8 } from '../drivers/fonts/spleen-5x8.ts';
import type { SimChip } from './i2c.ts';

const UNKNOWN = '\ufffd';
const CELL_WIDTH = 6;
/** Commands that are followed by one more octet (data sheet, table 9-1). */
const WITH_ARGUMENT = new Set([0x20, 0x81, 0x8d, 0xa8, 0xd3, 0xd5, 0xd9, 0xda, 0xdb]);

export class SimSsd1306 implements SimChip {
  readonly #pages: readonly Uint8Array[];
  readonly #columns: number;
  #page = 0;
  #column = 0;
  #argument = false;
  /** Data octets that came. */
  data = 0;
  lit = false;

  /** Memory holds noise at power-on. */
  constructor(memory: { readonly pages: number; readonly columns: number }) {
    this.#columns = memory.columns;
    this.#pages = Array.from({ length: memory.pages }, () => new Uint8Array(memory.columns).fill(0xa5));
  }

  write(octets: Uint8Array): boolean {
    const [control, ...rest] = octets;
    if (control === 0x40) for (const octet of rest) this.#datum(octet);
    else if (control === 0x80 && rest.length === 1) this.#command(rest[0] ?? 0);
    else return false;
    return true;
  }

  /** Nothing of this class can be read over I2C. */
  read(length: number): Uint8Array {
    return new Uint8Array(length).fill(0xff);
  }

  /** The cells of one line by exact glyph match, an unknown one as U+FFFD. */
  line(page: number, columnOffset: number, cells: number): string {
    const byColumns = new Map([...GLYPHS_5X8].map(([character, glyph]) => [turned(glyph), character]));
    return Array.from({ length: cells }, (_cell, cell) => {
      const start = columnOffset + cell * CELL_WIDTH;
      return byColumns.get([...(this.#pages[page] ?? []).slice(start, start + CELL_WIDTH)].join()) ?? UNKNOWN;
    }).join('');
  }

  #command(octet: number): void {
    if (this.#argument) {
      this.#argument = false;
      return;
    }
    if (octet >> 3 === 0xb0 >> 3) this.#page = octet & 0x07;
    else if (octet >> 4 === 0) this.#column = (this.#column & 0xf0) | octet;
    else if (octet >> 4 === 1) this.#column = ((octet & 0x0f) << 4) | (this.#column & 0x0f);
    else if (octet >> 1 === 0xae >> 1) this.lit = (octet & 1) === 1;
    this.#argument = WITH_ARGUMENT.has(octet);
  }

  #datum(octet: number): void {
    this.data += 1;
    const page = this.#pages[this.#page];
    if (page !== undefined && this.#column < this.#columns) page[this.#column] = octet;
    this.#column = (this.#column + 1) % this.#columns;
  }
}

/** Rows of a glyph as the octets of its columns. */
function turned(glyph: string): string {
  const columns = new Array<number>(CELL_WIDTH).fill(0);
  for (let y = 0; y < 8; y += 1) {
    const row = Number.parseInt(glyph.slice(2 * y, 2 * y + 2), 16)
      .toString(2)
      .padStart(8, '0');
    for (let x = 0; x < CELL_WIDTH; x += 1) if (row[x] === '1') columns[x] = (columns[x] ?? 0) + 2 ** y;
  }
  return columns.join();
}
