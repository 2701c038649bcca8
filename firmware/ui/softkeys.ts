/** Owns what the six softkeys say and do: by page, and at home by what is going on (original-phone 4.2). */

import type { ListName } from '../lists/lists.ts';
import { shownOf } from '../lists/lists.ts';
import { answer, goodbye, hold, ignore } from './acts.ts';
import type { Appearance } from './appearances.ts';
import { dialer, drop, openLine } from './lines.ts';
import { deleteAll, deleteChosen, look, save } from './list-acts.ts';
import { choose, eraseKey, saveForward, toggleDnd, toggleForward } from './options.ts';
import { enter, erase, openOptions, turnLetters } from './password.ts';
import { plan } from './plans.ts';
import type { Softkey } from './programmed-keys.ts';
import { keyStateOf, programmed, shownIn } from './programmed-keys.ts';
import { cancelSpeedDial, eraseSpeedDial, newSpeedDial, saveSpeedDial, turnSpeedDial } from './speed-dial.ts';
import type { Page, Turn, UiSnapshot, UiState } from './state.ts';
import { change, focusOf, isWaiting, listOf, waitingOf } from './state.ts';
import { xmlSoftkeys } from './xml-keys.ts';

/** Softkeys of the board. */
const KEYS = 6;

const page = (label: string, to: Page): Softkey => ({
  label,
  act: (turn) => change(turn, { page: to, scroll: 0, note: null, edit: null, keyPage: 0 }),
});

const list = (label: string, name: ListName): Softkey => ({ label, act: (turn) => look(turn, name) });

const DND: Softkey = { label: 'DND', act: toggleDnd, lit: ({ answering }) => answering.dnd };
const SELECT: Softkey = { label: 'Select', act: (turn) => choose(turn) };

const PAGES: Readonly<
  Record<Exclude<Page, ListName | 'forward' | 'speed-dial' | 'password' | 'xml'>, readonly Softkey[]>
> = {
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

const passwordKeys = ({ secret: { entry } }: UiState): readonly Softkey[] => [
  { label: 'Enter', act: enter },
  { label: 'Erase', act: erase },
  { label: `${entry.letters}>`, act: turnLetters },
  CANCEL,
];

const speedDialKeys = ({ speedDial }: UiState): readonly Softkey[] => [
  { label: 'Save', act: saveSpeedDial },
  { label: 'Erase', act: eraseSpeedDial },
  ...(speedDial?.field === 'name' ? [{ label: `${speedDial.name.letters}>`, act: turnSpeedDial }] : []),
  { label: 'Cancel', act: cancelSpeedDial },
];

const BACK = page('Back', 'idle');
const DELETE: Softkey = { label: 'Delete', act: deleteChosen };
const DELETE_ALL: Softkey = { label: 'Delete all', act: deleteAll };
const SAVE: Softkey = { label: 'Save', act: save };

function listKeys(ui: UiState, name: ListName): readonly Softkey[] {
  if (shownOf(ui.lists, name).length === 0) return [BACK];
  const keep = name === 'directory' ? [] : [SAVE];
  return [{ label: 'Dial', act: (turn) => openLine(turn, null) }, ...keep, DELETE, DELETE_ALL, BACK];
}

const MORE: Softkey = { label: 'More', act: (turn) => change(turn, { keyPage: turn.ui.keyPage + 1 }) };
/** The phone's own keys, and places without any, become a speed dial where they are held. */
const held = (turn: Turn): Turn => newSpeedDial(turn, null);
const NOTHING: Softkey = { label: '', act: (turn) => turn };
const BLANK: Softkey = { ...NOTHING, held };

/** What the six keys are now: on the small model what is printed on them, else of more keys than that one page after the other. */
export function softkeysOf(ui: UiState, view: UiSnapshot): readonly Softkey[] {
  if (view.model === '53i') return printedKeys(view);
  const all = allKeys(ui, view);
  if (all.length <= KEYS) return [...all, ...new Array<Softkey>(KEYS - all.length).fill(BLANK)];
  const pages = Math.ceil(all.length / (KEYS - 1));
  const first = (ui.keyPage % pages) * (KEYS - 1);
  const shown = all.slice(first, first + KEYS - 1);
  const hidden = all.filter((key) => !shown.includes(key));
  return [...shown, ...new Array<Softkey>(KEYS - 1 - shown.length).fill(BLANK), moreOf(hidden)];
}

/** What rings on a page that is not shown is seen at the key that leads there. */
const moreOf = (hidden: readonly Softkey[]): Softkey => ({
  ...MORE,
  lit: (view, ui) => (hidden.some(({ lit }) => lit?.(view, ui) === 'fast-flash') ? 'fast-flash' : 'off'),
});

/** The display has no room for labels: a key is what it is, whatever the phone does. */
const printedKeys = (view: UiSnapshot): readonly Softkey[] =>
  Array.from({ length: KEYS }, (_key, index) => {
    const name = `prgkey${index + 1}`;
    const key = view.keys.find((candidate) => candidate.name === name);
    const printed = key === undefined ? NOTHING : programmed(key, view);
    const isFree = key?.type !== 'speeddial' && view.settableKeys.includes(name);
    return isFree ? { ...printed, held: (turn: Turn) => newSpeedDial(turn, name) } : printed;
  });

/** Keys that would do nothing are not shown; the one that ends is always the first or the last. */
function allKeys(ui: UiState, view: UiSnapshot): readonly Softkey[] {
  const shown = listOf(ui.page);
  if (shown !== null) return listKeys(ui, shown);
  if (ui.page === 'xml') return xmlSoftkeys(ui, view);
  if (ui.page === 'forward')
    return ui.edit === null ? [TOGGLE, { label: 'Back', act: openOptions }] : [KEEP, EDIT_ERASE, EDIT_CANCEL];
  if (ui.page === 'password') return passwordKeys(ui);
  if (ui.page === 'speed-dial') return speedDialKeys(ui);
  if (ui.page !== 'idle') return PAGES[ui.page as keyof typeof PAGES];
  const keys = waitingOf(ui) === null ? homeKeys(ui, view) : withWaiting(homeKeys(ui, view));
  const state = keyStateOf(ui);
  const own = view.keys.filter((key) => shownIn(key, state)).map((key) => programmed(key, view));
  return state === 'idle' ? [...own, ...keys.map((key) => ({ ...key, held }))] : [...keys, ...own];
}

/** Who waits must not be looked for behind *More*; what can be done later gives way. */
function withWaiting(home: readonly Softkey[]): readonly Softkey[] {
  if (home.length + 2 <= KEYS) return [...home, ANSWER, IGNORE];
  const keys = home.filter((key) => key !== NEW_CALL);
  return [...keys.slice(0, 2), ANSWER, IGNORE, ...keys.slice(2)];
}

function openKeys({ dialer: { name, ...state }, plan: made }: UiState): readonly Softkey[] {
  if (name !== 'open' || !('keys' in state) || state.keys === '') return [CANCEL];
  return [DIAL, ERASE, ...(made?.kind === 'transfer' ? [XFER] : []), CANCEL];
}

function homeKeys(ui: UiState, view: UiSnapshot): readonly Softkey[] {
  switch (ui.dialer.name) {
    case 'keying':
      return [DIAL, ERASE, CANCEL];
    case 'open':
      return openKeys(ui);
    case 'over':
      return ui.dialer.keys === '' ? [CANCEL] : [ERASE, CANCEL];
    case 'rest':
      return callKeys(ui, view);
  }
}

const XFER: Softkey = { label: 'Xfer', act: (turn) => plan(turn, 'transfer') };
const CONF: Softkey = { label: 'Conf', act: (turn) => plan(turn, 'conference') };

/** What two calls are for; in a conference there is nobody else to be had. */
function companyKeys(call: Appearance, { calls: { transfer, conference } }: UiSnapshot): readonly Softkey[] {
  if (call.conference === 'in' || call.transfer !== null) return [];
  return [...(transfer === 'on' ? [XFER] : []), ...(conference === 'on' ? [CONF] : [])];
}

/** Of the second call of a plan: it is carried out, or dropped. */
function planKeys({ plan: made }: UiState, call: Appearance): readonly Softkey[] | null {
  if (made === null || made.call === call.id) return null;
  if (made.kind === 'transfer') return [CANCEL, XFER];
  return call.answeredAt === null ? [CANCEL] : [CANCEL, CONF];
}

function callKeys(ui: UiState, view: UiSnapshot): readonly Softkey[] {
  const call = focusOf(ui);
  if (call === null) return PAGES.idle;
  if (isWaiting(call)) return [];
  const planned = planKeys(ui, call);
  if (planned !== null) return planned;
  switch (call.state) {
    case 'connected':
      return [DROP, HOLD, ...companyKeys(call, view), NEW_CALL];
    case 'held':
      return [DROP, RESUME, ...companyKeys(call, view), NEW_CALL];
    default:
      return [DROP];
  }
}
