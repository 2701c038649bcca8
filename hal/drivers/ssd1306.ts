/**
 * Owns text on a small OLED of the SSD1306 class, page addressing only (Solomon SSD1306 data sheet, 8.1.5 and 10.1): what is right for
 * this chip, for SH1106 and for SSD0303. Only runs of cells that differ are sent.
 */
import type { Health } from '../bus/health.ts';
import { createHealth } from '../bus/health.ts';
import type { Display, Frame } from '../devices.ts';
import type { I2cBus, Scheduler } from '../ports.ts';
import { fitted, takeRun } from './cells.ts';
import { GLYPHS_5X8 } from './fonts/spleen-5x8.ts';

/** Control octets: one command follows; data follow to the end. */
const COMMAND = 0x80;
const DATA = 0x40;
const PAGE = 0xb0;
const COLUMN_LOW = 0x00;
const COLUMN_HIGH = 0x10;
const DISPLAY_ON = 0xaf;
/** A glyph of 5 pixels and one of space. */
export const OLED_CELL_WIDTH = 6;
const GLYPH_WIDTH = 5;
/** A position and the word that data follow are 7 octets, a cell is 6. */
const JOIN_BELOW = 2;
/** Where the screen has fewer lines than the frame, the last line shows the further ones in turn, ms. */
const TURN_MS = 3000;

export interface OledOptions {
  readonly bus: I2cBus;
  readonly address: number;
  /** Text cells of a frame. */
  readonly columns: number;
  readonly rows: number;
  /** Page of each line that is visible, and all pages and columns of the memory, which are cleared at the start. */
  readonly linePages: readonly number[];
  readonly memory: { readonly pages: number; readonly columns: number };
  /** Column of the memory that is the left edge of the glass. */
  readonly columnOffset: number;
  /** Commands of this module's data sheet, sent before it is switched on. */
  readonly setup: readonly number[];
  readonly scheduler: Scheduler;
  readonly onHealth?: (health: Health) => void;
}

export function createOled(options: OledOptions): Display {
  const { bus, address, scheduler, linePages } = options;
  const health = createHealth(scheduler, options.onHealth);
  const blank = ' '.repeat(options.columns);
  let frame: readonly string[] = fitted([], options);
  let turn = 0;
  let held = linePages.map(() => blank);
  let script: readonly Uint8Array[] = setupOf(options);
  let busy = false;

  function pump(): void {
    if (busy) return;
    if (script.length === 0) script = nextRun();
    const [write, ...rest] = script;
    if (write === undefined) return;
    busy = true;
    bus.transfer({ address, write, readLength: 0 }, ({ ok }) => {
      if (!ok) {
        script = setupOf(options);
        held = linePages.map(() => blank);
        return health.failed(resume);
      }
      health.answered();
      script = rest;
      resume();
    });
  }

  function resume(): void {
    busy = false;
    pump();
  }

  function nextRun(): readonly Uint8Array[] {
    const run = takeRun(held, visible(frame, linePages.length, turn), JOIN_BELOW);
    if (run === null) return [];
    const column = options.columnOffset + run.at * OLED_CELL_WIDTH;
    const columns = [...run.cells].flatMap(columnsOf);
    // The space behind the last glyph stands blank since the start: so one cell costs 12 octets, and no change more than twice its cells.
    return [...position(linePages[run.row] ?? 0, column), Uint8Array.of(DATA, ...columns.slice(0, -1))];
  }

  function takeTurns(): void {
    turn += 1;
    pump();
    scheduler.after(TURN_MS, takeTurns);
  }

  if (linePages.length < options.rows) scheduler.after(TURN_MS, takeTurns);
  pump();
  return {
    columns: options.columns,
    rows: options.rows,
    show(next: Frame) {
      frame = fitted(next.rows, options);
      pump();
    },
  };
}

/** The first lines stand; those that find no room share the last one, blank ones left out. */
function visible(frame: readonly string[], lines: number, turn: number): readonly string[] {
  if (frame.length <= lines) return frame;
  const shared = frame.slice(lines - 1);
  const worth = shared.filter((text) => text.trim() !== '');
  return [...frame.slice(0, lines - 1), worth[turn % Math.max(1, worth.length)] ?? shared[0] ?? ''];
}

function setupOf({ setup, memory }: OledOptions): readonly Uint8Array[] {
  const clear = Array.from({ length: memory.pages }, (_page, page) => [
    ...position(page, 0),
    Uint8Array.of(DATA, ...new Uint8Array(memory.columns)),
  ]);
  return [...setup.map(command), ...clear.flat(), command(DISPLAY_ON)];
}

const command = (octet: number): Uint8Array => Uint8Array.of(COMMAND, octet);

const position = (page: number, column: number): readonly Uint8Array[] =>
  [PAGE | page, COLUMN_LOW | (column & 0x0f), COLUMN_HIGH | (column >> 4)].map(command);

/** Accents are left out: the small font has none. */
export const smallLetter = (character: string): string => {
  const [plain = '?'] = character.normalize('NFD');
  return GLYPHS_5X8.has(plain) ? plain : '?';
};

/** A cell as the chip wants it: an octet a column, the lowest bit on top. */
function columnsOf(character: string): readonly number[] {
  const glyph = GLYPHS_5X8.get(smallLetter(character)) ?? '';
  const rows = Array.from({ length: 8 }, (_row, y) => Number.parseInt(glyph.slice(2 * y, 2 * y + 2), 16));
  return Array.from({ length: OLED_CELL_WIDTH }, (_column, x) =>
    x === GLYPH_WIDTH ? 0 : rows.reduce((octet, row, y) => octet | (((row >> (7 - x)) & 1) << y), 0),
  );
}
