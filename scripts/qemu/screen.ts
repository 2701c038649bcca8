/** Owns reading the emulated screen: a picture that QEMU drew, as text cells by exact glyph match. */
import { readFileSync } from 'node:fs';
import { SimFramebuffer } from '../../hal/sim/framebuffer.ts';
import { SimSsd1306 } from '../../hal/sim/ssd1306.ts';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Three octets a pixel. */
  readonly pixels: Uint8Array;
}

/** A portable pixmap (netpbm's PPM, type P6 with 8 bits), as `screendump` writes it; an error says what is wrong with it. */
export function readPixmap(file: string): Picture {
  const octets = readFileSync(file);
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(octets.subarray(0, 64).toString('latin1'));
  const [all = '', width = '', height = ''] = head ?? [];
  const pixels = octets.subarray(all.length);
  if (head === null || pixels.length !== 3 * Number(width) * Number(height))
    throw new Error(`${file}: no whole picture (${octets.length} octets)`);
  return { width: Number(width), height: Number(height), pixels };
}

/** What cannot be read as a character of the one font is U+FFFD. */
export function cellsOf({ width, height, pixels }: Picture, columns: number, rows: number): readonly string[] {
  const seen = new SimFramebuffer(width, height, 32);
  const octets = new Uint8Array(4 * width * height);
  for (let pixel = 0; pixel < width * height; pixel += 1)
    for (let part = 0; part < 3; part += 1) octets[4 * pixel + part] = pixels[3 * pixel + 2 - part] ?? 0;
  seen.write(0, octets);
  return seen.lines(columns, rows);
}

/** QEMU draws the small screen four times as large. */
const MAGNIFIED = 4;
const PAGE_ROWS = 8;
/** A dot is lit or not. */
const LIT_FROM = 0x80;

/** The lines of the small screen: each column of eight dots is an octet, as the chip has them in its memory. */
export function oledCells(picture: Picture, columns: number): readonly string[] {
  const width = Math.floor(picture.width / MAGNIFIED);
  const pages = Math.floor(picture.height / MAGNIFIED / PAGE_ROWS);
  const lit = (x: number, y: number): boolean =>
    (picture.pixels[3 * MAGNIFIED * (y * picture.width + x)] ?? 0) >= LIT_FROM;
  const chip = new SimSsd1306({ pages, columns: width });
  return Array.from({ length: pages }, (_page, page) => {
    const octets = Array.from({ length: width }, (_column, x) =>
      Array.from({ length: PAGE_ROWS }, (_row, y) => (lit(x, page * PAGE_ROWS + y) ? 2 ** y : 0)).reduce(
        (a, b) => a + b,
      ),
    );
    for (const command of [0xb0 | page, 0x00, 0x10]) chip.write(Uint8Array.of(0x80, command));
    chip.write(Uint8Array.of(0x40, ...octets));
    return chip.line(page, 0, columns);
  });
}
