/** Owns what the self-test shows: keys that were tried, the lamp that should be lit, patterns, the handset. Pure. */
import type { Frame, LampName, TestState } from '../hal/devices.ts';
import { KEY_NAMES, LAMP_NAMES, TRIED_PATTERNS, TRIED_STATES } from '../hal/devices.ts';

type Size = { readonly columns: number; readonly rows: number };

const COLUMN_WIDTH = 15;
const LAMP_WORDS = ['on', 'slow flash, 1 Hz', 'fast flash, 4 Hz'] as const;
const HELP = ['Hold Options: next page. Hold Goodbye: leave.'];

export function testFrame(state: TestState, size: Size): Frame {
  if (state.page === 'display') return { columns: size.columns, rows: pattern(state.step, size) };
  const rows = size.rows < 10 ? fewRows(state) : manyRows(state, size);
  return {
    columns: size.columns,
    rows: rows.slice(0, size.rows).map((row) => row.slice(0, size.columns).padEnd(size.columns)),
  };
}

function manyRows(state: TestState, { rows }: Size): readonly string[] {
  const body = bodyOf(state);
  const head = [` Self-test: ${state.page}`, '', ...body.map((row) => ` ${row}`)];
  return [...head, ...new Array<string>(Math.max(0, rows - 1 - head.length)).fill(''), ` ${HELP[0]}`];
}

function bodyOf(state: TestState): readonly string[] {
  switch (state.page) {
    case 'keys':
      return [...keyGrid(state), '', leftText(state)];
    case 'lamps':
      return [
        `Look at ${lampAt(state.step)}: ${lampStateAt(state.step)}`,
        '',
        'All others are off, but for the backlight.',
      ];
    case 'handset':
      return [
        `The handset is ${state.handset === 'on' ? 'down' : 'lifted'}.`,
        '',
        'If that is wrong: lay it down and hold 1.',
        '',
        state.note,
      ];
    case 'display':
      return [];
  }
}

function fewRows(state: TestState): readonly string[] {
  switch (state.page) {
    case 'keys':
      return ['Test: keys', [...state.down].join(' ') || leftText(state), 'hold Goodbye'];
    case 'lamps':
      return ['Test: lamps', lampAt(state.step), lampStateAt(state.step)];
    case 'handset':
      return [
        `Handset ${state.handset === 'on' ? 'down' : 'lifted'}`,
        state.note || 'wrong? lay it',
        state.note === '' ? 'down, hold 1' : '',
      ];
    case 'display':
      return [];
  }
}

/** `[key]` is down, `key *` was. */
function keyGrid({ seen, down }: TestState): readonly string[] {
  const cells = KEY_NAMES.map((key) =>
    (down.has(key) ? `[${key}]` : seen.has(key) ? `${key} *` : `${key}`).padEnd(COLUMN_WIDTH),
  );
  const across = 3;
  return Array.from({ length: Math.ceil(cells.length / across) }, (_row, row) =>
    cells.slice(row * across, (row + 1) * across).join(''),
  );
}

const leftText = ({ seen }: TestState): string =>
  seen.size === KEY_NAMES.length ? 'All keys work.' : `${seen.size} of ${KEY_NAMES.length} keys`;

const lampAt = (step: number): LampName =>
  LAMP_NAMES[Math.floor(step / TRIED_STATES.length) % LAMP_NAMES.length] ?? 'line1';
const lampStateAt = (step: number): string => LAMP_WORDS[step % TRIED_STATES.length] ?? '';

/** Letters, stripes both ways, a full screen and an empty one, in turn. */
function pattern(step: number, { columns, rows }: Size): readonly string[] {
  const cells = (cell: (row: number, column: number) => string): readonly string[] =>
    Array.from({ length: rows }, (_row, row) =>
      Array.from({ length: columns }, (_column, column) => cell(row, column)).join(''),
    );
  switch (TRIED_PATTERNS[step % TRIED_PATTERNS.length]) {
    case 'letters':
      return cells((row, column) => String.fromCharCode(0x21 + ((row * columns + column) % 94)));
    case 'columns':
      return cells((_row, column) => (column % 2 === 0 ? '#' : ' '));
    case 'rows':
      return cells((row) => (row % 2 === 0 ? '#' : ' '));
    case 'all on':
      return cells(() => '#');
    default:
      return cells(() => ' ');
  }
}
