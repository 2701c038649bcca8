/** Owns a simulated frame buffer: it keeps the octets that were written and reads the cells back by exact glyph match. */
import { GLYPHS_8X16 } from '../drivers/fonts/spleen-8x16.ts';
import type { PixelMemory } from '../ports.ts';

const WIDTH = 8;
const HEIGHT = 16;
const UNKNOWN = '\ufffd';

export class SimFramebuffer implements PixelMemory {
  readonly stride: number;
  readonly bitsPerPixel: 16 | 32;
  /** Octets written since the start. */
  written = 0;
  readonly #octets: Uint8Array;
  /** Rows of cells that were read and not written since. */
  readonly #decoded = new Map<number, string>();
  readonly #byGlyph = new Map([...GLYPHS_8X16].map(([character, glyph]) => [glyph, character]));

  /** Memory holds noise at the start. */
  constructor(width: number, height: number, bitsPerPixel: 16 | 32) {
    this.bitsPerPixel = bitsPerPixel;
    this.stride = (width * bitsPerPixel) / 8;
    this.#octets = new Uint8Array(this.stride * height).fill(0x5a);
  }

  write(offset: number, octets: Uint8Array): void {
    if (offset + octets.length > this.#octets.length) throw new RangeError(`${offset} is outside the frame buffer`);
    this.written += octets.length;
    this.#octets.set(octets, offset);
    this.#decoded.delete(Math.floor(offset / (this.stride * HEIGHT)));
  }

  lines(columns: number, rows: number): readonly string[] {
    return Array.from({ length: rows }, (_row, row) => {
      const known = this.#decoded.get(row);
      if (known?.length === columns) return known;
      const text = Array.from({ length: columns }, (_column, column) => this.#cell(row, column)).join('');
      this.#decoded.set(row, text);
      return text;
    });
  }

  #cell(row: number, column: number): string {
    let glyph = '';
    for (let y = 0; y < HEIGHT; y += 1) {
      let dots = 0;
      for (let x = 0; x < WIDTH; x += 1) dots = 2 * dots + this.#dot(column * WIDTH + x, row * HEIGHT + y);
      glyph += dots.toString(16).padStart(2, '0');
    }
    return this.#byGlyph.get(glyph) ?? UNKNOWN;
  }

  #dot(x: number, y: number): 0 | 1 {
    const octet = this.#octets[y * this.stride + (x * this.bitsPerPixel) / 8] ?? 0;
    return octet > 0x7f ? 1 : 0;
  }
}
