/** Owns what the panel does with whatever reaches it, and what the screen shows: pure functions of its state and a snapshot. */
import type { Frame, KeyName } from '../../hal/devices.ts';
import type { PhoneModel } from '../config/settings.ts';
import { deadlineOf } from '../kernel/machine.ts';
import type { Millis } from '../kernel/time.ts';
import { millis, soonest } from '../kernel/time.ts';
import {
  callChanged,
  dialer,
  goodbye,
  hold,
  hook,
  lineKey,
  openLine,
  placed,
  refused,
  speakerKey,
  timer,
} from './acts.ts';
import { callRows, isBusy, smallCallRows } from './call-rows.ts';
import { look } from './list-acts.ts';
import { pageRows } from './pages.ts';
import { smallRows } from './small-screen.ts';
import { softkeysOf } from './softkeys.ts';
import type { Turn, UiInput, UiSnapshot, UiState } from './state.ts';
import { change, focusOf, listOf, pathOf } from './state.ts';
import { fit, frameOf, nextMinute } from './text.ts';

export function stepUi(ui: UiState, input: UiInput, view: UiSnapshot): Turn {
  const turn: Turn = { ui, commands: [], view };
  switch (input.kind) {
    case 'key':
      return input.edge === 'down' ? answered(turn, pressed(turn, input.key)) : turn;
    case 'hook':
      return hook(turn, input.state);
    case 'call':
      return callChanged(turn, input.event);
    case 'placed':
      return placed(turn, input.call, input.number, input.line);
    case 'refused':
      return refused(turn, input.command, input.error);
    case 'timer':
      return timer(turn);
  }
}

/** A question is answered by the next key, whatever it is. */
const answered = (before: Turn, turn: Turn): Turn =>
  turn.ui.asked === before.ui.asked ? change(turn, { asked: null }) : turn;

function pressed(turn: Turn, key: KeyName): Turn {
  if (/^[\d*#]$/.test(key)) return digit(turn, key);
  const numbered = /^(softkey|line)(\d)$/.exec(key);
  if (numbered !== null) {
    const number = Number(numbered[2]);
    return numbered[1] === 'line' ? lineKey(turn, number) : (softkeysOf(turn.ui)[number - 1]?.act(turn) ?? turn);
  }
  switch (key) {
    case 'goodbye':
      return goodbye(turn);
    case 'left':
      return turn.ui.dialer.name === 'rest' ? goPage(turn, 'idle') : dialer(turn, { kind: 'erase' });
    case 'right':
      return turn.ui.page === 'idle' && !isBusy(turn.ui) ? goPage(turn, 'why') : turn;
    case 'options':
      return goPage(turn, 'status');
    case 'up':
      return change(turn, { scroll: Math.max(0, turn.ui.scroll - 1) });
    case 'down':
      return change(turn, { scroll: Math.min(turn.ui.scroll + 1, lastScroll(turn.ui, turn.view)) });
    case 'redial':
      return turn.ui.page === 'redial' ? openLine(turn, null) : look(turn, 'redial');
    case 'hold':
      return hold(turn);
    case 'speaker':
      return speakerKey(turn);
    case 'mute':
      return focusOf(turn.ui)?.state === 'connected' ? change(turn, { muted: !turn.ui.muted }) : turn;
    default:
      return turn;
  }
}

const goPage = (turn: Turn, page: UiState['page']): Turn => change(turn, { page, scroll: 0, note: null });

/** With something to speak into, a number is keyed on an open line; else it is keyed first and sent later. */
function digit(turn: Turn, key: string): Turn {
  const home = goPage(turn, 'idle');
  const { dialer: state } = home.ui;
  if (state.name !== 'rest') return dialer(home, { kind: 'key', key });
  const call = focusOf(home.ui);
  if (call !== null && call.state !== 'held') return turn;
  const predial = pathOf(home.ui) === 'off' && turn.view.desk.predial === 'on';
  const open = predial ? home : openLine(home, null);
  return dialer(open, { kind: 'key', key });
}

const COLUMNS: Readonly<Record<PhoneModel, number>> = { '57i': 60, '53i': 16 };
const ROWS: Readonly<Record<PhoneModel, number>> = { '57i': 20, '53i': 3 };
/** Rows of a 57i page between the title and the softkeys. */
const BODY_ROWS = 15;

const largeRows = (ui: UiState, view: UiSnapshot) =>
  ui.page === 'idle' && isBusy(ui) ? callRows(ui, view) : pageRows(ui, view);
const fewRows = (ui: UiState, view: UiSnapshot): readonly string[] =>
  ui.page === 'idle' && isBusy(ui) ? smallCallRows(ui, view) : smallRows(ui, view);

function lastScroll(ui: UiState, view: UiSnapshot): number {
  const list = listOf(ui.page);
  if (list !== null) return Math.max(0, ui.lists[list].length - 1);
  const large = view.model === '57i';
  const rows = large ? largeRows(ui, view).body : fewRows(ui, view);
  return Math.max(0, rows.length - (large ? BODY_ROWS : ROWS['53i']));
}

/** 57i: 60×20 cells; 53i: 16×3. */
export function screen(ui: UiState, view: UiSnapshot): Frame {
  const columns = COLUMNS[view.model];
  const note = ui.note !== null && ui.note.until > view.now ? ui.note.text : null;
  if (view.model === '53i') {
    const first = listOf(ui.page) === null ? ui.scroll : 0;
    const rows = fewRows(ui, view).slice(first, first + 3);
    return frameOf(columns, ROWS['53i'], note === null ? rows : wrapNote(note, columns));
  }
  const { title, body } = largeRows(ui, view);
  const first = listOf(ui.page) === null ? ui.scroll : 0;
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
    softkeyRow(ui, columns),
  ]);
}

const wrapNote = (text: string, columns: number): readonly string[] =>
  [0, 1, 2].map((row) => text.slice(row * columns, (row + 1) * columns));

function softkeyRow(ui: UiState, columns: number): string {
  const width = Math.floor(columns / 6);
  const keys = softkeysOf(ui);
  return [0, 1, 2, 3, 4, 5].map((index) => fit(keys[index]?.label ?? '', width)).join('');
}

/** The next instant at which the panel does or shows something by time alone: a time-out, a countdown, the clock. */
export function nextUi(ui: UiState, view: UiSnapshot): Millis | null {
  const candidates: number[] = [];
  if (ui.note !== null && ui.note.until > view.now) candidates.push(ui.note.until);
  if (counts(ui, view)) candidates.push((Math.floor(view.now / 1000) + 1) * 1000);
  if (view.wallMs !== null) candidates.push(view.now + nextMinute(view.wallMs));
  const redraw = candidates.length === 0 ? null : millis(Math.min(...candidates));
  return soonest(redraw, deadlineOf(ui.dialer));
}

/** Whether a countdown or an age stands on the screen. */
const counts = (ui: UiState, { status }: UiSnapshot): boolean =>
  ui.page !== 'idle' ||
  ui.calls.length > 0 ||
  status.lines.some(
    ({ registrar }) => registrar !== null && (registrar.state !== 'registered' || registrar.server === 'backup'),
  );
