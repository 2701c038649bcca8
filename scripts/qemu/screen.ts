/** Owns reading the emulated screen: a picture that QEMU drew, as text cells by exact glyph match. */
import { readFileSync } from 'node:fs';
import { SimFramebuffer } from '../../hal/sim/framebuffer.ts';

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
