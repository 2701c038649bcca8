/** Owns what the six softkeys say and do: by page, and at home by what is going on (original-phone 4.2). */

import type { ListName } from '../lists/lists.ts';
import { answer, dialer, drop, goodbye, hold, ignore, openLine } from './acts.ts';
import { deleteAll, deleteChosen, look, save } from './list-acts.ts';
import { choose, eraseKey, saveForward, toggleDnd, toggleForward } from './options.ts';
import type { Page, Turn, UiSnapshot, UiState } from './state.ts';
import { change, focusOf, isWaiting, listOf, waitingOf } from './state.ts';

export interface Softkey {
  readonly label: string;
  readonly act: (turn: Turn) => Turn;
  /** Its lamp. */
  readonly lit?: (view: UiSnapshot) => boolean;
}

const page = (label: string, to: Page): Softkey => ({
  label,
  act: (turn) => change(turn, { page: to, scroll: 0, note: null, edit: null }),
});

const list = (label: string, name: ListName): Softkey => ({ label, act: (turn) => look(turn, name) });

const DND: Softkey = { label: 'DND', act: toggleDnd, lit: ({ answering }) => answering.dnd === 'on' };
const SELECT: Softkey = { label: 'Select', act: (turn) => choose(turn) };

const PAGES: Readonly<Record<Exclude<Page, ListName | 'forward'>, readonly Softkey[]>> = {
  idle: [
    list('Dir', 'directory'),
    list('Calls', 'callers'),
    DND,
    page('Why?', 'why'),
    page('Lines', 'lines'),
    page('Status', 'status'),
  ],
  why: [page('Back', 'idle'), page('Lines', 'lines'), page('Log', 'log')],
  status: [
    page('Back', 'idle'),
    page('Network', 'network'),
    page('Servers', 'why'),
    page('Lines', 'lines'),
    page('Log', 'log'),
  ],
  options: [SELECT, page('Back', 'idle')],
  network: [page('Back', 'status')],
  lines: [page('Back', 'idle'), page('Why?', 'why')],
  log: [page('Back', 'idle')],
};

const DIAL: Softkey = { label: 'Dial', act: (turn) => dialer(turn, { kind: 'send' }) };
const ERASE: Softkey = { label: 'Erase', act: (turn) => dialer(turn, { kind: 'erase' }) };
const CANCEL: Softkey = { label: 'Cancel', act: goodbye };
const DROP: Softkey = { label: 'Drop', act: drop };
const HOLD: Softkey = { label: 'Hold', act: hold };
const RESUME: Softkey = { label: 'Resume', act: hold };
const ANSWER: Softkey = { label: 'Answer', act: (turn) => answer(turn) };
const IGNORE: Softkey = { label: 'Ignore', act: ignore };
const NEW_CALL: Softkey = { label: 'New call', act: (turn) => openLine(turn, null) };

const TOGGLE: Softkey = { label: 'On/Off', act: toggleForward };
const KEEP: Softkey = { label: 'Save', act: saveForward };
const EDIT_ERASE: Softkey = { label: 'Erase', act: eraseKey };
const EDIT_CANCEL: Softkey = { label: 'Cancel', act: (turn) => change(turn, { edit: null }) };

const BACK = page('Back', 'idle');
const DELETE: Softkey = { label: 'Delete', act: deleteChosen };
const DELETE_ALL: Softkey = { label: 'Delete all', act: deleteAll };
const SAVE: Softkey = { label: 'Save', act: save };

function listKeys(ui: UiState, name: ListName): readonly Softkey[] {
  if (ui.lists[name].length === 0) return [BACK];
  const keep = name === 'directory' ? [] : [SAVE];
  return [{ label: 'Dial', act: (turn) => openLine(turn, null) }, ...keep, DELETE, DELETE_ALL, BACK];
}

/** Keys that would do nothing are not shown; the one that ends is always the first or the last. */
export function softkeysOf(ui: UiState): readonly Softkey[] {
  const shown = listOf(ui.page);
  if (shown !== null) return listKeys(ui, shown);
  if (ui.page === 'forward')
    return ui.edit === null ? [TOGGLE, page('Back', 'options')] : [KEEP, EDIT_ERASE, EDIT_CANCEL];
  if (ui.page !== 'idle') return PAGES[ui.page as keyof typeof PAGES];
  return waitingOf(ui) === null ? homeKeys(ui) : [...homeKeys(ui), ANSWER, IGNORE];
}

function homeKeys(ui: UiState): readonly Softkey[] {
  switch (ui.dialer.name) {
    case 'keying':
      return [DIAL, ERASE, CANCEL];
    case 'open':
      return ui.dialer.keys === '' ? [CANCEL] : [DIAL, ERASE, CANCEL];
    case 'over':
      return ui.dialer.keys === '' ? [CANCEL] : [ERASE, CANCEL];
    case 'rest':
      return callKeys(ui);
  }
}

function callKeys(ui: UiState): readonly Softkey[] {
  const call = focusOf(ui);
  if (call === null) return PAGES.idle;
  if (isWaiting(call)) return [];
  switch (call.state) {
    case 'connected':
      return [DROP, HOLD, NEW_CALL];
    case 'held':
      return [DROP, RESUME, NEW_CALL];
    default:
      return [DROP];
  }
}
