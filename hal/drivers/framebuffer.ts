/** Owns text cells on a frame buffer: each cell drawn with the one fixed font, nothing written beside the cells that were given. */
import type { CellSink, PixelMemory } from '../ports.ts';
import { GLYPHS_8X16 } from './fonts/spleen-8x16.ts';

export const CELL = { width: 8, height: 16 } as const;
/** Drawn for what the font does not have. */
export const UNKNOWN_GLYPH = '\ufffd';

/** Light text on a dark ground. */
const INK = { 16: [0xff, 0xff], 32: [0xff, 0xff, 0xff, 0x00] } as const;
const GROUND = { 16: [0x00, 0x00], 32: [0x00, 0x00, 0x00, 0x00] } as const;

export interface FramebufferOptions {
  readonly memory: PixelMemory;
  readonly columns: number;
  readonly rows: number;
}

/** The screen is dark before the first cell. */
export function createFramebufferCells({ memory, columns, rows }: FramebufferOptions): CellSink {
  const perPixel = memory.bitsPerPixel / 8;
  const blank = new Uint8Array(columns * CELL.width * perPixel);
  for (let line = 0; line < rows * CELL.height; line += 1) memory.write(line * memory.stride, blank);
  return {
    columns,
    rows,
    writeCells(row, column, text) {
      const glyphs = [...text].map((character) => GLYPHS_8X16.get(character) ?? GLYPHS_8X16.get(UNKNOWN_GLYPH) ?? '');
      for (let line = 0; line < CELL.height; line += 1)
        memory.write(
          (row * CELL.height + line) * memory.stride + column * CELL.width * perPixel,
          pixels(glyphs, line, memory.bitsPerPixel),
        );
    },
  };
}

function pixels(glyphs: readonly string[], line: number, bits: 16 | 32): Uint8Array {
  const octets: number[] = [];
  for (const glyph of glyphs) {
    const dots = Number.parseInt(glyph.slice(2 * line, 2 * line + 2), 16);
    for (let x = CELL.width - 1; x >= 0; x -= 1) octets.push(...((dots >> x) & 1 ? INK[bits] : GROUND[bits]));
  }
  return Uint8Array.from(octets);
}
