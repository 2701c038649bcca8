/** Owns what differs from desk-v1 where QEMU's raspi3b stands for it (docs/board.md). Data only. */
import type { BoardData } from '../board.ts';

export const QEMU: Pick<BoardData, 'name' | 'hook' | 'oled'> = {
  name: 'qemu',
  // Its GPIO model takes the request for edges and never tells one.
  hook: { line: 17, closedLevel: 'low', closedMeans: 'on', edges: 'polled' },
  oled: {
    address: 0x3c,
    columns: 16,
    rows: 3,
    // An SSD0303 of 96 by 16 pixels, in the middle of a memory of 132 columns.
    linePages: [0, 1],
    memory: { pages: 2, columns: 132 },
    columnOffset: 36,
    setup: [0xae],
  },
};
