/** Owns the wiring of the virtual board, the same as the desk board's: chip addresses, pins and cells. Data only. */

import type { KeyName, LampName } from '../../hal/devices.ts';
import { KEY_NAMES, LAMP_NAMES } from '../../hal/devices.ts';

/** Lamps on one PCA9552, keys on three more as inputs. */
export const LAMPS_AT = 0x60;
export const KEYS_AT = [0x61, 0x62, 0x63] as const;
const PINS = 16;

/** Cells of the one fixed font. */
export const SCREENS = { '57i': { columns: 60, rows: 20 }, '53i': { columns: 16, rows: 3 } } as const;

/** Chip and pin of each key; closed = low. */
export const KEY_WIRING: readonly { readonly key: KeyName; readonly address: number; readonly pin: number }[] =
  KEY_NAMES.map((key, index) => ({
    key,
    address: KEYS_AT[Math.floor(index / PINS)] ?? KEYS_AT[0],
    pin: index % PINS,
  }));

/** Output of each lamp. */
export const LAMP_WIRING = Object.fromEntries(LAMP_NAMES.map((lamp, index) => [lamp, index])) as Readonly<
  Record<LampName, number>
>;
