/** Owns the tests of reading an emulated screen from QEMU's picture of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createFramebufferCells } from '../../../../hal/drivers/framebuffer.ts';
import { cellsOf, readPixmap } from '../../../../scripts/qemu/screen.ts';

const SIZE = { width: 32, height: 32 };

/** What the driver draws into a 16-bit frame buffer, as QEMU writes it out. */
function pixmapOf(rows: readonly string[]): Buffer {
  const memory = new Uint8Array(2 * SIZE.width * SIZE.height);
  const cells = createFramebufferCells({
    memory: { stride: 2 * SIZE.width, bitsPerPixel: 16, write: (offset, octets) => memory.set(octets, offset) },
    columns: 4,
    rows: 2,
  });
  for (const [row, text] of rows.entries()) cells.writeCells(row, 0, text);
  const rgb = Buffer.alloc(3 * SIZE.width * SIZE.height);
  for (let pixel = 0; pixel < memory.length / 2; pixel += 1) rgb.fill(memory[2 * pixel] ?? 0, 3 * pixel, 3 * pixel + 3);
  return Buffer.concat([Buffer.from(`P6\n${SIZE.width} ${SIZE.height}\n255\n`), rgb]);
}

describe('the screen of the emulated board', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-screen-'));
  });
  after(() => rmSync(folder, { recursive: true }));
  const written = (octets: Buffer): string => {
    const file = join(folder, 'screen.ppm');
    writeFileSync(file, octets);
    return file;
  };

  it('is read as the characters that the driver drew', () => {
    assert.deepEqual(cellsOf(readPixmap(written(pixmapOf(['Aq 7', '[P]#']))), 4, 2), ['Aq 7', '[P]#']);
  });

  it('one pixel that is wrong makes its cell unreadable, and no other', () => {
    const octets = pixmapOf(['abcd', 'efgh']);
    // The first pixel of the second cell.
    const at = octets.length - 3 * SIZE.width * SIZE.height + 3 * 8;
    octets.fill(octets[at] === 0 ? 0xff : 0, at, at + 3);
    assert.deepEqual(cellsOf(readPixmap(written(octets)), 4, 2), ['a\ufffdcd', 'efgh']);
  });

  it('a picture that is cut short, or none, is an error and not an empty screen', () => {
    assert.throws(() => readPixmap(written(pixmapOf(['abcd', 'efgh']).subarray(0, -1))), /no whole picture/);
    assert.throws(() => readPixmap(written(Buffer.from('P5\n1 1\n255\n\0'))), /no whole picture/);
  });
});
