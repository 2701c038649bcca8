/** Owns the tables of a board's page, made from the board's data; run as a program it writes them into boards/desk-v1/README.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BoardData } from '../../boards/board.ts';
import { DESK_V1 } from '../../boards/desk-v1/board.ts';
import { LAMP_NAMES } from '../../hal/devices.ts';

export const WIRING_DOC = new URL('../../boards/desk-v1/README.md', import.meta.url);

const PINS = 16;
/** Where a line of the Broadcom chip comes out: the 40-pin header of every Pi of these models. */
const HEADER: Readonly<Record<number, number>> = {
  2: 3,
  3: 5,
  4: 7,
  5: 29,
  6: 31,
  17: 11,
  22: 15,
  23: 16,
  24: 18,
  27: 13,
};

/** The document with its tables as the data is; throws where one has lost its markers. */
export function withWiring(text: string, board: BoardData = DESK_V1): string {
  return Object.entries({ keys: keyTable(board), lamps: lampTable(board), lines: lineTable(board) }).reduce(
    (before, [name, table]) => {
      const marked = new RegExp(`(<!-- ${name}: start -->\\n)[\\s\\S]*?(<!-- ${name}: end -->)`);
      if (!marked.test(before)) throw new Error(`boards/desk-v1/README.md has no markers for: ${name}`);
      return before.replace(marked, (_all, start: string, end: string) => `${start}${table}\n${end}`);
    },
    text,
  );
}

const hex = (address: number): string => `0x${address.toString(16)}`;
const rowsOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function keyTable({ keys }: BoardData): string {
  const addresses = [...new Set(keys.map(({ address }) => address))];
  return rowsOf(
    ['pin', ...addresses.map((address) => `PCA9552 at ${hex(address)}`)],
    Array.from({ length: PINS }, (_pin, pin) => [
      `LED${pin}`,
      ...addresses.map((address) => keys.find((key) => key.address === address && key.pin === pin)?.key ?? ''),
    ]),
  );
}

const lampTable = ({ lamps }: BoardData): string =>
  rowsOf(
    ['pin', `PCA9552 at ${hex(lamps.address)}`],
    Array.from({ length: PINS }, (_pin, pin) => [
      `LED${pin}`,
      LAMP_NAMES.find((lamp) => lamps.outputs[lamp] === pin) ?? '',
    ]),
  );

function lineTable({ hook, amplifier, ringer, i2cBus, clock, identity, oled }: BoardData): string {
  const at = (line: number): string => `GPIO${line}, header pin ${HEADER[line] ?? '?'}`;
  return rowsOf(
    ['what', 'where', 'level'],
    [
      ['I2C data', `${at(2)} (bus ${i2cBus})`, 'pull-up of the Pi, 1.8 kΩ'],
      ['I2C clock', at(3), 'the same'],
      [
        'handset',
        at(hook.line),
        `contact closed = ${hook.closedLevel}, closed means ${hook.closedMeans === 'on' ? 'down' : 'lifted'}`,
      ],
      ['amplifier', at(amplifier.line), `on = ${amplifier.activeLevel}`],
      ['ringer', at(ringer.line), `on = ${ringer.activeLevel}`],
      ['clock DS1307', `I2C ${hex(clock.address)}`, ''],
      ['identity AT24C32', `I2C ${hex(identity.address)}`, ''],
      ['small screen', `I2C ${hex(oled.address)}`, 'instead of the colour screen'],
    ],
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(WIRING_DOC, withWiring(readFileSync(WIRING_DOC, 'utf8')));
