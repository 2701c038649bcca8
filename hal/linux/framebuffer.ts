/** Owns the pixels of a Linux frame buffer: its shape as the kernel tells it, and writing to it. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PixelMemory } from '../ports.ts';
import { MissingError } from './load.ts';

export interface Framebuffer extends PixelMemory {
  close(): void;
}

/** `atLeast` is what the board's text needs, in pixels. */
export function openFramebuffer(
  path: string,
  atLeast: { readonly width: number; readonly height: number },
  sys = '/sys/class/graphics',
): Framebuffer {
  const attribute = (name: string): string => readFileSync(join(sys, basename(path), name), 'utf8').trim();
  let fd: number;
  let shape: { readonly stride: number; readonly bits: number; readonly size: readonly number[] };
  try {
    fd = openSync(path, 'r+');
    const size = attribute('virtual_size').split(',').map(Number);
    shape = { stride: Number(attribute('stride')), bits: Number(attribute('bits_per_pixel')), size };
  } catch (error) {
    throw new MissingError(`${path} cannot be opened (${(error as NodeJS.ErrnoException).code})`);
  }
  const { stride, bits, size } = shape;
  const [width = 0, height = 0] = size;
  if ((bits !== 16 && bits !== 32) || width < atLeast.width || height < atLeast.height) {
    closeSync(fd);
    throw new MissingError(
      `${path} is ${width} by ${height} at ${bits} bits; ${atLeast.width} by ${atLeast.height} at 16 or 32 is needed`,
    );
  }
  return {
    stride,
    bitsPerPixel: bits,
    write(offset, octets) {
      try {
        writeSync(fd, octets, 0, octets.length, offset);
      } catch {
        // A screen that was unplugged must not end a call; the next frame is tried again.
      }
    },
    close: () => closeSync(fd),
  };
}
