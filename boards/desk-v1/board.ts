/** Owns the wiring of desk-v1, the board that can be soldered and that QEMU emulates chip by chip (docs/board.md). Data only. */
import type { LampName } from '../../hal/devices.ts';
import { KEY_NAMES, LAMP_NAMES } from '../../hal/devices.ts';
import type { BoardData } from '../board.ts';

/** Three PCA9552 as inputs take the keys in their order, 16 each; the last 14 pins are spare. */
const KEY_CHIPS = [0x61, 0x62, 0x63] as const;
const PINS = 16;

export const DESK_V1: BoardData = {
  name: 'desk-v1',
  i2cBus: 1,
  lineChips: ['pinctrl-bcm2835', 'pinctrl-bcm2711'],
  lamps: {
    address: 0x60,
    outputs: Object.fromEntries(LAMP_NAMES.map((lamp, index) => [lamp, index])) as Record<LampName, number>,
  },
  keys: KEY_NAMES.map((key, index) => ({
    key,
    address: KEY_CHIPS[Math.floor(index / PINS)] ?? KEY_CHIPS[0],
    pin: index % PINS,
  })),
  hook: { line: 17, closedLevel: 'low', closedMeans: 'on', edges: 'where-told' },
  amplifier: { line: 27, activeLevel: 'high' },
  ringer: { line: 22, activeLevel: 'high' },
  clock: { address: 0x68 },
  identity: { address: 0x50 },
  framebuffer: { path: '/dev/fb0', columns: 60, rows: 20 },
  oled: {
    address: 0x3c,
    columns: 16,
    rows: 3,
    // 128 by 64 pixels: three lines of the eight pages, in the middle.
    linePages: [1, 3, 5],
    memory: { pages: 8, columns: 128 },
    columnOffset: 16,
    // Multiplex 64, clock, charge pump, page addressing, orientation, COM pins, contrast, normal picture.
    setup: [
      0xae, 0xd5, 0x80, 0xa8, 0x3f, 0xd3, 0x00, 0x40, 0x8d, 0x14, 0x20, 0x02, 0xa1, 0xc8, 0xda, 0x12, 0x81, 0x7f, 0xd9,
      0xf1, 0xdb, 0x40, 0xa4, 0xa6,
    ],
  },
};
