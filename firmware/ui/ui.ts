/** Owns what a key press does to the display, and the views of screen and lamps: all pure functions of a snapshot. */
import type { Frame, KeyEdge, LampName, LampState } from '../../hal/devices.ts';
import { LAMP_NAMES } from '../../hal/devices.ts';
import type { PhoneModel } from '../config/settings.ts';
import type { Millis } from '../kernel/time.ts';
import { millis } from '../kernel/time.ts';
import type { Decision, PhoneStatus } from '../status.ts';
import { pageRows, softkeysOf } from './pages.ts';
import { smallRows } from './small-screen.ts';
import { fit, frameOf, nextMinute } from './text.ts';

export interface UiSnapshot {
  /** ms since start. */
  readonly now: Millis;
  /** Unix time, null = the clock is not set. */
  readonly wallMs: number | null;
  readonly zoneMinutesWest: number;
  readonly clock24: boolean;
  readonly model: PhoneModel;
  readonly status: PhoneStatus;
  readonly decisions: readonly Decision[];
  /** Our own address, null = none yet. */
  readonly address: string | null;
  readonly mac: string;
}

export type Page = 'idle' | 'why' | 'status' | 'network' | 'lines' | 'log';

export interface UiState {
  readonly page: Page;
  /** First row shown of a page that is longer than the screen. */
  readonly scroll: number;
  /** A short sentence for the person, until then (ms since start). */
  readonly note: { readonly text: string; readonly until: Millis } | null;
}

export const initialUi: UiState = { page: 'idle', scroll: 0, note: null };

/** How long a note stays, ms (experience 4.2: five seconds). */
const NOTE_MS = 5000;

/** What each softkey of a page leads to. */
export function pressKey(ui: UiState, { key, edge }: KeyEdge, snapshot: UiSnapshot): UiState {
  if (edge === 'up') return ui;
  const softkey = /^softkey([1-6])$/.exec(key);
  if (softkey !== null) {
    const target = softkeysOf(ui.page)[Number(softkey[1]) - 1]?.page;
    return target === undefined ? ui : { page: target, scroll: 0, note: null };
  }
  const line = /^line([1-4])$/.exec(key);
  if (line !== null) return { page: 'lines', scroll: 0, note: null };
  switch (key) {
    case 'goodbye':
    case 'left':
      return initialUi;
    case 'options':
      return { page: 'status', scroll: 0, note: null };
    case 'up':
      return { ...ui, scroll: Math.max(0, ui.scroll - 1) };
    case 'down':
      return { ...ui, scroll: Math.min(ui.scroll + 1, lastScroll(ui, snapshot)) };
    case 'right':
      return ui.page === 'idle' ? { page: 'why', scroll: 0, note: null } : ui;
    case 'volume-up':
    case 'volume-down':
      return ui;
    default:
      return {
        ...ui,
        note: { text: 'This release registers; calls come with the next', until: millis(snapshot.now + NOTE_MS) },
      };
  }
}

const COLUMNS: Readonly<Record<PhoneModel, number>> = { '57i': 60, '53i': 16 };
const ROWS: Readonly<Record<PhoneModel, number>> = { '57i': 20, '53i': 3 };
/** Rows of a 57i page between the title and the softkeys. */
const BODY_ROWS = 15;

function lastScroll(ui: UiState, snapshot: UiSnapshot): number {
  const shown = snapshot.model === '57i' ? BODY_ROWS : ROWS['53i'];
  const rows = snapshot.model === '57i' ? pageRows(ui.page, snapshot).body : smallRows(ui.page, snapshot);
  return Math.max(0, rows.length - shown);
}

/** 57i: 60×20 cells; 53i: 16×3. */
export function screen(ui: UiState, snapshot: UiSnapshot): Frame {
  const columns = COLUMNS[snapshot.model];
  const note = ui.note !== null && ui.note.until > snapshot.now ? ui.note.text : null;
  if (snapshot.model === '53i') {
    const rows = smallRows(ui.page, snapshot).slice(ui.scroll, ui.scroll + 3);
    return frameOf(columns, ROWS['53i'], note === null ? rows : wrapNote(note, columns));
  }
  const { title, body } = pageRows(ui.page, snapshot);
  const visible = body.slice(ui.scroll, ui.scroll + BODY_ROWS);
  const filled = [...visible, ...new Array<string>(BODY_ROWS - visible.length).fill('')];
  const more = body.length > ui.scroll + BODY_ROWS ? ' more: down' : '';
  const rule = '-'.repeat(columns);
  return frameOf(columns, ROWS['57i'], [
    title,
    rule,
    ...filled,
    note === null ? more.padStart(columns) : ` ${note}`,
    rule,
    softkeyRow(ui.page, columns),
  ]);
}

const wrapNote = (text: string, columns: number): readonly string[] =>
  [0, 1, 2].map((row) => text.slice(row * columns, (row + 1) * columns));

function softkeyRow(page: Page, columns: number): string {
  const width = Math.floor(columns / 6);
  return [0, 1, 2, 3, 4, 5].map((index) => fit((softkeysOf(page)[index]?.label ?? '').padStart(1), width)).join('');
}

/** No call exists yet: only the backlight is on, brighter news stand on the screen. */
export function lamps(_ui: UiState, _snapshot: UiSnapshot): Readonly<Record<LampName, LampState>> {
  const all = Object.fromEntries(LAMP_NAMES.map((name) => [name, 'off' as LampState])) as Record<LampName, LampState>;
  return { ...all, backlight: 'on' };
}

/** The next instant at which the screen may differ by time alone: a countdown each second, the clock each minute. */
export function nextRedraw(ui: UiState, snapshot: UiSnapshot): Millis | null {
  const candidates: number[] = [];
  if (ui.note !== null && ui.note.until > snapshot.now) candidates.push(ui.note.until);
  if (counts(ui, snapshot)) candidates.push((Math.floor(snapshot.now / 1000) + 1) * 1000);
  if (snapshot.wallMs !== null) candidates.push(snapshot.now + nextMinute(snapshot.wallMs));
  return candidates.length === 0 ? null : millis(Math.min(...candidates));
}

/** Whether a countdown or an age stands on the screen. */
const counts = (ui: UiState, { status }: UiSnapshot): boolean =>
  ui.page !== 'idle' ||
  status.lines.some(
    ({ registrar }) => registrar !== null && (registrar.state !== 'registered' || registrar.server === 'backup'),
  );
