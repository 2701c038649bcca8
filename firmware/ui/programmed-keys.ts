/** Owns the keys that the configuration gives: what each says, does and lights, and while what it is shown (original-phone 1.8, 4.3, 6). */
import type { LampState } from '../../hal/devices.ts';
import { KEY_STATES } from '../config/defaults.ts';
import type { KeySetting, KeyState, KeyType } from '../config/key-settings.ts';
import type { ListName } from '../lists/lists.ts';
import { lineSoftkey } from './acts.ts';
import { dial, dialer, linesOf, openLine } from './lines.ts';
import { deleteChosen, look, save } from './list-acts.ts';
import { eraseKey, isForwarded, saveForward, toggleDnd } from './options.ts';
import { plan } from './plans.ts';
import { services } from './services.ts';
import { editSpeedDial } from './speed-dial.ts';
import type { Turn, UiSnapshot, UiState } from './state.ts';
import { change, focusOf, isWaiting, listOf, tell, waitingOf } from './state.ts';
import { sharedLamp, speedDial, watchLabel, watchLamp, watchPress } from './watch-keys.ts';
import { request } from './xml-browser.ts';

export interface Softkey {
  readonly label: string;
  readonly act: (turn: Turn) => Turn;
  /** What it does instead where it is held; then a press counts when it is let go. */
  readonly held?: (turn: Turn) => Turn;
  /** Its lamp. */
  readonly lit?: (view: UiSnapshot, ui: UiState) => LampState;
}

interface KeyFunction {
  /** Empty = the key's value. */
  readonly label: string;
  readonly act: (turn: Turn, key: KeySetting) => Turn;
  readonly lit?: (key: KeySetting, view: UiSnapshot, ui: UiState) => LampState;
  /** Absent = always. */
  readonly states?: readonly KeyState[];
}

const list = (label: string, name: ListName): KeyFunction => ({ label, act: (turn) => look(turn, name) });

const WATCHED: Omit<KeyFunction, 'act'> = { label: '', lit: watchLamp };

const FUNCTIONS: Readonly<Record<KeyType, KeyFunction>> = {
  line: {
    label: 'Line',
    act: (turn, { line }) => lineSoftkey(turn, line),
    lit: ({ line }, ...desk) => lineLamp(line, ...desk),
  },
  speeddial: { label: '', act: (turn, { value, line }) => speedDial(turn, value, line) },
  speeddialxfer: { label: '', act: (turn, key) => handedTo(turn, key) ?? speedDial(turn, key.value, key.line) },
  speeddialconf: { label: '', act: (turn, key) => joinedBy(turn, key) ?? speedDial(turn, key.value, key.line) },
  blf: { ...WATCHED, act: watchPress },
  list: { ...WATCHED, act: watchPress },
  blfxfer: { ...WATCHED, act: (turn, key) => handedTo(turn, key) ?? watchPress(turn, key) },
  dnd: { label: 'DND', act: toggleDnd, lit: (_key, { answering }) => answering.dnd },
  callforward: {
    label: 'CFwd',
    act: (turn) => change(turn, { page: 'forward', scroll: 0, note: null, edit: null }),
    lit: (_key, { answering }) => (isForwarded(answering) ? 'on' : 'off'),
  },
  callers: list('Calls', 'callers'),
  directory: list('Dir', 'directory'),
  redial: list('Redial', 'redial'),
  lcr: { label: 'LCR', act: lastCaller },
  spre: { label: '', act: (turn, { value, line }) => keyed(turn, value, line) },
  icom: { label: 'Icom', act: (turn, { value, line }) => intercom(turn, value, line) },
  park: { label: 'Park', act: park, states: ['connected'] },
  pickup: { label: 'Pickup', act: pickUp, states: ['idle', 'outgoing'] },
  conf: { label: 'Conf', act: (turn) => plan(turn, 'conference'), states: ['connected', 'outgoing'] },
  xfer: { label: 'Xfer', act: (turn) => plan(turn, 'transfer'), states: ['connected', 'outgoing'] },
  save: { label: 'Save', act: keep },
  delete: { label: 'Delete', act: erase },
  empty: { label: '', act: (turn) => turn },
  xml: {
    label: 'XML',
    act: (turn, { value }) => request(turn, value),
    lit: ({ name }, _view, { xml }) => xml.lamps[name] ?? 'off',
  },
  services: { label: 'Services', act: services },
};

/** What the phone is doing, as far as keys are shown by it; what was dialled in vain is *busy* (our choice). */
export function keyStateOf(ui: UiState): KeyState {
  if (waitingOf(ui) !== null) return 'incoming';
  if (ui.dialer.name === 'over') return 'busy';
  if (ui.dialer.name !== 'rest') return 'outgoing';
  const call = focusOf(ui);
  if (call === null) return ui.calls.length === 0 ? 'idle' : 'connected';
  return call.answeredAt === null ? 'outgoing' : 'connected';
}

export const shownIn = ({ states, type }: KeySetting, state: KeyState): boolean =>
  (states ?? FUNCTIONS[type].states ?? KEY_STATES).includes(state);

/** A key as a softkey. */
export function programmed(key: KeySetting, view: UiSnapshot): Softkey {
  const { label, act, lit } = FUNCTIONS[key.type];
  return {
    label: labelOf(key, label, view),
    act: (turn) => act(turn, key),
    ...(key.type === 'speeddial' ? { held: (turn: Turn) => editSpeedDial(turn, key) } : {}),
    ...(lit === undefined ? {} : { lit: (now: UiSnapshot, ui: UiState) => lit(key, now, ui) }),
  };
}

function labelOf(key: KeySetting, usual: string, view: UiSnapshot): string {
  if (FUNCTIONS[key.type].lit === watchLamp) return watchLabel(key, view);
  if (key.type === 'empty') return '';
  if (key.label !== '') return key.label;
  if (key.type === 'line') return `${usual} ${key.line}`;
  return usual === '' ? key.value : usual;
}

/** The line's own calls first; what others do with it, where it is shared. */
function lineLamp(line: number, view: UiSnapshot, { calls, dialer: { name, ...open } }: UiState): LampState {
  const own = calls.filter((call) => call.line === line);
  if (own.some(isWaiting)) return 'fast-flash';
  if (own.some(({ state }) => state !== 'held') || ('line' in open && open.line === line)) return 'on';
  return own.length > 0 ? 'slow-flash' : sharedLamp(line, view);
}

/** The call in focus, where somebody has answered it. */
const talk = ({ ui }: Turn) => {
  const call = focusOf(ui);
  return call === null || call.answeredAt === null ? null : call;
};

/** Hands the call over without a word; null = there is none. */
function handedTo(turn: Turn, { value }: KeySetting): Turn | null {
  const call = talk(turn);
  return call === null
    ? null
    : { ...turn, commands: [...turn.commands, { verb: 'transfer', call: call.id, target: value }] };
}

/** Calls the number for a conference: the key Conf joins it. */
function joinedBy(turn: Turn, { value, line }: KeySetting): Turn | null {
  const call = talk(turn);
  if (call === null || call.conference === 'in') return null;
  const planned = change(turn, { plan: { kind: 'conference', call: call.id } });
  return dial(planned, { number: value, line: ownLine(turn, line) });
}

const ownLine = (turn: Turn, line: number): number | null => (linesOf(turn).includes(line) ? line : null);

/** Opens a line with this keyed already; the person keys the rest. */
function keyed(turn: Turn, keys: string, line: number): Turn {
  const home = change(dialer(turn, { kind: 'close' }), { page: 'idle', scroll: 0, note: null });
  const open = openLine(home, ownLine(turn, line));
  return [...keys].reduce(
    (next, key) => (next.ui.dialer.name === 'open' ? dialer(next, { kind: 'key', key }) : next),
    open,
  );
}

/** Without a number the line waits for one: keyed, or of a key that calls. */
function intercom(turn: Turn, number: string, line: number): Turn {
  if (number !== '') return speedDial(change(turn, { intercom: 'on' }), number, line);
  const home = change(dialer(turn, { kind: 'close' }), { page: 'idle', scroll: 0, note: null });
  const open = openLine(home, ownLine(turn, line));
  return open.ui.dialer.name === 'open' ? change(open, { intercom: 'on' }) : open;
}

function lastCaller(turn: Turn, { value, line }: KeySetting): Turn {
  if (value !== '') return speedDial(turn, value, line);
  const [last] = turn.ui.lists.callers;
  return last === undefined ? tell(turn, 'Nobody has called') : speedDial(turn, last.number, last.line);
}

/** Servers that park what is handed over to their number; the others are called, and say themselves what to key. */
const PARK_BY_TRANSFER: ReadonlySet<string> = new Set(['asterisk']);

function park(turn: Turn, { parking }: KeySetting): Turn {
  const call = talk(turn);
  if (call === null) return tell(turn, 'There is no call to park');
  const how = parking?.[call.line - 1] ?? null;
  if (how === null) return tell(turn, 'Nothing says how calls are parked');
  return PARK_BY_TRANSFER.has(how.server)
    ? { ...turn, commands: [...turn.commands, { verb: 'transfer', call: call.id, target: how.code }] }
    : dial(turn, { number: how.code, line: call.line });
}

/** Where calls wait in numbered lots, the code begins the lot's number. */
function pickUp(turn: Turn, { parking, line }: KeySetting): Turn {
  const own = ownLine(turn, line) ?? linesOf(turn)[0] ?? 1;
  const how = parking?.[own - 1] ?? null;
  if (how === null) return tell(turn, 'Nothing says how calls are picked up');
  return PARK_BY_TRANSFER.has(how.server) ? keyed(turn, how.code, own) : speedDial(turn, how.code, own);
}

function keep(turn: Turn): Turn {
  if (turn.ui.page === 'forward') return saveForward(turn);
  return save(turn);
}

function erase(turn: Turn): Turn {
  const { page } = turn.ui;
  if (page === 'forward') return eraseKey(turn);
  return listOf(page) === null ? dialer(turn, { kind: 'erase' }) : deleteChosen(turn);
}
