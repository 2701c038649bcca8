/** Owns the frame that a display shows, put together from title, rows, note and softkeys, and when time alone changes it. */
import type { Frame } from '../../hal/devices.ts';
import type { PhoneModel } from '../config/settings.ts';
import { FORWARDS } from '../dialling/answering.ts';
import { deadlineOf } from '../kernel/machine.ts';
import type { Millis } from '../kernel/time.ts';
import { millis, soonest } from '../kernel/time.ts';
import { shownOf } from '../lists/lists.ts';
import { callRows, isBusy, smallCallRows } from './call-rows.ts';
import { OPTIONS } from './options.ts';
import { pageRows } from './pages.ts';
import { smallRows } from './small-screen.ts';
import { softkeysOf } from './softkeys.ts';
import type { UiSnapshot, UiState } from './state.ts';
import { listOf } from './state.ts';
import { fit, frameOf, nextMinute, wrap } from './text.ts';
import { browserDeadline } from './xml-state.ts';

const COLUMNS: Readonly<Record<PhoneModel, number>> = { '57i': 60, '53i': 16 };
const ROWS: Readonly<Record<PhoneModel, number>> = { '57i': 20, '53i': 3 };
/** Rows of a 57i page between the title and the softkeys. */
const BODY_ROWS = 15;

const largeRows = (ui: UiState, view: UiSnapshot) =>
  ui.page === 'idle' && isBusy(ui) ? callRows(ui, view) : pageRows(ui, view);
const fewRows = (ui: UiState, view: UiSnapshot): readonly string[] =>
  ui.page === 'idle' && isBusy(ui) ? smallCallRows(ui, view) : smallRows(ui, view);

/** Where a page is a choice: among how many. Then the chosen one is kept in sight, and nothing scrolls. */
function choicesOf({ page, lists }: UiState): number | null {
  const list = listOf(page);
  if (list !== null) return shownOf(lists, list).length;
  return page === 'options' ? OPTIONS.length : page === 'forward' ? FORWARDS.length : null;
}

export function lastScroll(ui: UiState, view: UiSnapshot): number {
  const choices = choicesOf(ui);
  if (choices !== null) return Math.max(0, choices - 1);
  const large = view.model === '57i';
  const rows = large ? largeRows(ui, view).body : fewRows(ui, view);
  return Math.max(0, rows.length - (large ? BODY_ROWS : ROWS['53i']));
}

/** 57i: 60×20 cells; 53i: 16×3. */
export function screen(ui: UiState, view: UiSnapshot): Frame {
  const columns = COLUMNS[view.model];
  const note = ui.note !== null && ui.note.until > view.now ? ui.note.text : null;
  if (view.model === '53i') {
    const first = choicesOf(ui) === null ? ui.scroll : 0;
    const rows = fewRows(ui, view).slice(first, first + 3);
    return asciiOf(frameOf(columns, ROWS['53i'], note === null ? rows : wrap(note, columns, '')));
  }
  const { title, body } = largeRows(ui, view);
  const first = choicesOf(ui) === null ? ui.scroll : 0;
  const visible = body.slice(first, first + BODY_ROWS);
  const filled = [...visible, ...new Array<string>(BODY_ROWS - visible.length).fill('')];
  const more = body.length > first + BODY_ROWS ? ' more: down' : '';
  const rule = '-'.repeat(columns);
  return frameOf(columns, ROWS['57i'], [
    title,
    rule,
    ...filled,
    note === null ? more.padStart(columns) : ` ${note}`,
    rule,
    softkeyRow(ui, view, columns),
  ]);
}

/** The small display's font has no ellipsis, and what it lacks it shows as the mark of stale DNS. */
const asciiOf = (frame: Frame): Frame => ({ ...frame, rows: frame.rows.map((row) => row.replaceAll('\u2026', '~')) });

function softkeyRow(ui: UiState, view: UiSnapshot, columns: number): string {
  const width = Math.floor(columns / 6);
  const keys = softkeysOf(ui, view);
  return [0, 1, 2, 3, 4, 5].map((index) => keyLabel(keys[index]?.label ?? '', width)).join('');
}

/** A label that is too long never touches the next one, and keeps the mark that says that its lamp knows nothing. */
function keyLabel(label: string, width: number): string {
  if (label.length <= width) return fit(label, width);
  const mark = label.endsWith('?') ? '?' : '';
  return `${fit(label.slice(0, label.length - mark.length), width - 1 - mark.length)}${mark} `;
}

/** The next instant at which the panel does or shows something by time alone: a time-out, a countdown, the clock. */
export function nextUi(ui: UiState, view: UiSnapshot): Millis | null {
  const candidates: number[] = [];
  if (ui.note !== null && ui.note.until > view.now) candidates.push(ui.note.until);
  if (ui.pressed !== null) candidates.push(ui.pressed.until);
  if (counts(ui, view)) candidates.push((Math.floor(view.now / 1000) + 1) * 1000);
  if (view.wallMs !== null) candidates.push(view.now + nextMinute(view.wallMs));
  const redraw = candidates.length === 0 ? null : millis(Math.min(...candidates));
  const idle = ui.page === 'idle' && !isBusy(ui);
  const browser = browserDeadline(ui.xml, view.now, idle, view.xml.statusScrollMs);
  return [redraw, deadlineOf(ui.dialer), browser].reduce(soonest);
}

/** Whether a countdown or an age stands on the screen. */
const counts = (ui: UiState, { status }: UiSnapshot): boolean =>
  ui.page !== 'idle' ||
  ui.calls.length > 0 ||
  status.lines.some(
    ({ registrar }) => registrar !== null && (registrar.state !== 'registered' || registrar.server === 'backup'),
  );
