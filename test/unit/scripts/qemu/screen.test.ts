/** Owns the tests of reading an emulated screen from QEMU's picture of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { QEMU_BOARD } from '../../../../boards/qemu/main.ts';
import { createFramebufferCells } from '../../../../hal/drivers/framebuffer.ts';
import { createOled } from '../../../../hal/drivers/ssd1306.ts';
import type { I2cBus } from '../../../../hal/ports.ts';
import type { Picture } from '../../../../scripts/qemu/screen.ts';
import { cellsOf, oledCells, readPixmap } from '../../../../scripts/qemu/screen.ts';
import { VirtualScheduler } from '../../../support/virtual-scheduler.ts';

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

/** What the driver writes for these rows. */
function sentFor(rows: readonly string[]): readonly Uint8Array[] {
  const { oled } = QEMU_BOARD;
  const sent: Uint8Array[] = [];
  const bus: I2cBus = {
    transfer({ write }, done) {
      sent.push(write);
      done({ ok: true, octets: new Uint8Array(0) });
    },
  };
  createOled({ ...oled, bus, scheduler: new VirtualScheduler() }).show({ columns: oled.columns, rows });
  return sent;
}

/** The chip's memory after that: commands set page and column, data go on from there. */
function memoryAfter(sent: readonly Uint8Array[]): readonly Uint8Array[] {
  const memory = Array.from({ length: 2 }, () => new Uint8Array(QEMU_BOARD.oled.memory.columns));
  let [page, column] = [0, 0];
  for (const [control, first = 0, ...more] of sent) {
    if (control === 0x40) {
      memory[page]?.set([first, ...more], column);
      column += 1 + more.length;
    } else if (first >> 4 === 0xb) page = first & 7;
    else if (first >> 4 === 0) column = (column & 0xf0) | first;
    else if (first >> 4 === 1) column = ((first & 0xf) << 4) | (column & 0xf);
  }
  return memory;
}

/** As QEMU draws it: 96 by 16 dots, four times as large. */
function oledPicture(rows: readonly string[]): Picture {
  const memory = memoryAfter(sentFor(rows));
  const [width, height] = [4 * 96, 4 * 16];
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_octet, at) => {
    const [x, y] = [(Math.floor(at / 3) % width) >> 2, Math.floor(at / 3 / width) >> 2];
    const octet = memory[y >> 3]?.[QEMU_BOARD.oled.columnOffset + x] ?? 0;
    return (octet >> (y & 7)) & 1 ? 0xff : 0;
  });
  return { width, height, pixels };
}

describe('the small screen of the emulated board', () => {
  it('is read as the characters that the driver sent; a dot that is wrong makes its cell unreadable', () => {
    const picture = oledPicture(['2001 Reception P', '10:42 Tue 3 Mar']);
    assert.deepEqual(oledCells(picture, 16), ['2001 Reception P', '10:42 Tue 3 Mar ']);
    picture.pixels.fill(0xff, 0, 3);
    picture.pixels.fill(0xff, 3 * 4, 3 * 8);
    assert.match(oledCells(picture, 16)[0] ?? '', /^\ufffd001 /);
  });
});
