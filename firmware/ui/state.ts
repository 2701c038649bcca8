/** Owns the words of the panel: what it sees of the phone, what it remembers, what it is told and what it asks for. */
import type { HookState, KeyEdge, KeyName } from '../../hal/devices.ts';
import type { KeySetting } from '../config/key-settings.ts';
import type { CallSettings, DeskSettings, DiallingSettings, PhoneModel, XmlSettings } from '../config/settings.ts';
import type { Answering } from '../dialling/answering.ts';
import type { Millis } from '../kernel/time.ts';
import { millis } from '../kernel/time.ts';
import type { Zone } from '../kernel/zone.ts';
import type { Entry as ListEntry, ListName, Lists } from '../lists/lists.ts';
import { NO_LISTS, shownOf } from '../lists/lists.ts';
import type { Volumes } from '../lists/volumes.ts';
import { USUAL_VOLUMES } from '../lists/volumes.ts';
import type { Decision, PhoneStatus } from '../status.ts';
import type { BoardTrouble, Command, KeyWish, WebPages } from '../vocabulary.ts';
import type { Entry } from '../xml-api/entry.ts';
import type { XmlObject } from '../xml-api/objects.ts';
import type { Appearance, CallEvent, SoundEvent } from './appearances.ts';
import type { DialerState } from './dialer.ts';
import { REST } from './dialer.ts';
import type { Arrived, Browser } from './xml-state.ts';
import { itemOf, NO_BROWSER } from './xml-state.ts';

export interface UiSnapshot {
  /** ms since start. */
  readonly now: Millis;
  /** Unix time, null = the clock is not set. */
  readonly wallMs: number | null;
  readonly zone: Zone;
  readonly clock24: boolean;
  readonly model: PhoneModel;
  readonly dialling: DiallingSettings;
  readonly desk: DeskSettings;
  readonly calls: CallSettings;
  readonly answering: Answering;
  readonly keys: readonly KeySetting[];
  readonly settableKeys: readonly string[];
  readonly xml: XmlSettings;
  /** Of the lines that have one of their own. */
  readonly ringTones: ReadonlyMap<number, number>;
  /** How a call that rings at a watched number is taken. */
  readonly pickup: { readonly prefix: string; readonly replaces: boolean };
  readonly status: PhoneStatus;
  readonly decisions: readonly Decision[];
  /** Our own address, null = none yet. */
  readonly address: string | null;
  readonly mac: string;
}

/** `idle`: also where a number is keyed and where calls are. */
export type Page =
  | 'idle'
  | 'why'
  | 'status'
  | 'network'
  | 'lines'
  | 'log'
  | 'options'
  | 'password'
  | 'forward'
  | 'speed-dial'
  | 'xml'
  | ListName;

export interface LostPart {
  readonly part: string;
  readonly trouble: BoardTrouble;
}

/** A key that a person makes a speed dial of. */
export interface SpeedDialEdit {
  /** As the files name it. */
  readonly key: string;
  readonly field: 'number' | 'name' | 'line';
  readonly number: string;
  readonly name: Entry;
  readonly line: number;
}

export interface UiState {
  readonly page: Page;
  /** First row shown of a page that is longer than the screen; on a list, the entry that is chosen. */
  readonly scroll: number;
  /** A short sentence for the person, until then (ms since start). */
  readonly note: { readonly text: string; readonly until: Millis } | null;
  readonly dialer: DialerState;
  /** In the order in which they began. */
  readonly calls: readonly Appearance[];
  /** The call that keys are meant for. */
  readonly focus: string | null;
  /** A call that waits for a second one: to be handed over to, or to be joined with. */
  readonly plan: { readonly kind: 'transfer' | 'conference'; readonly call: string } | null;
  /** The line that is open is for a call that the far phone is asked to answer by itself. */
  readonly intercom: 'on' | 'off';
  readonly handset: HookState;
  readonly speaker: 'on' | 'off';
  readonly muted: boolean;
  readonly lists: Lists;
  readonly volumes: Volumes;
  /** More softkeys than there are keys: which of their pages is shown. */
  readonly keyPage: number;
  /** A number that is being changed; null = none is. */
  readonly edit: string | null;
  /** Of page `speed-dial`. */
  readonly speedDial: SpeedDialEdit | null;
  /** A key that does one thing when it is let go, and another when it is held until then (ms since start). */
  readonly pressed: { readonly key: KeyName; readonly until: Millis } | null;
  /** What is keyed on page `password`, and how often it was wrong. */
  readonly secret: { readonly entry: Entry; readonly wrong: number };
  /** A key that deletes a whole list wants to be pressed twice. */
  readonly asked: 'all' | null;
  /** Null = there are none. */
  readonly web: WebPages | null;
  /** Parts of the board that are in trouble. */
  readonly board: readonly LostPart[];
  readonly xml: Browser;
}

/** A password of the original has digits alone: they are keyed first. */
export const NO_SECRET: UiState['secret'] = {
  entry: { keys: '', letters: '123', pm: false, tap: null },
  wrong: 0,
};

export const initialUi: UiState = {
  ...{ page: 'idle', scroll: 0, note: null, dialer: REST, calls: [], focus: null, plan: null, intercom: 'off' },
  ...{ handset: 'on', speaker: 'off', muted: false, lists: NO_LISTS, asked: null },
  ...{
    volumes: USUAL_VOLUMES,
    keyPage: 0,
    edit: null,
    secret: NO_SECRET,
    speedDial: null,
    pressed: null,
    web: null,
    board: [],
    xml: NO_BROWSER,
  },
};

export type UiInput =
  | ({ readonly kind: 'key' } & KeyEdge)
  | { readonly kind: 'hook'; readonly state: HookState }
  | { readonly kind: 'call'; readonly event: CallEvent }
  | { readonly kind: 'call-sound'; readonly event: SoundEvent }
  | { readonly kind: 'mute' }
  | { readonly kind: 'web-pages'; readonly pages: WebPages }
  | { readonly kind: 'not-kept'; readonly error: string }
  | { readonly kind: 'board'; readonly part: string; readonly trouble: BoardTrouble | null }
  /** A number was dialled and the call has begun. */
  | { readonly kind: 'placed'; readonly call: string; readonly line: number | null; readonly number: string }
  /** What was asked for cannot be. */
  | { readonly kind: 'refused'; readonly command: UiCommand; readonly error: string }
  /** An object of an XML application. `asked`: a person waits for it; `trusted`: it comes from a server of the configuration. */
  | {
      readonly kind: 'xml';
      readonly object: XmlObject;
      readonly refresh: Arrived['refresh'];
      readonly asked: boolean;
      readonly trusted: boolean;
      /** How many objects led to it without a person. */
      readonly depth: number;
    }
  | { readonly kind: 'xml-failed'; readonly error: string; readonly asked: boolean }
  /** A deadline that `nextUi` told. */
  | { readonly kind: 'timer' };

/** `xml-stop`: the answer that a person waits for is not wanted any more. */
export type XmlCommand =
  | { readonly verb: 'xml-get'; readonly uri: string; readonly depth: number; readonly asked: boolean }
  | { readonly verb: 'xml-stop' }
  /** Once the phone is idle. */
  | { readonly verb: 'restart' };

export type UiCommand =
  | Exclude<Command, { verb: 'register' | 'unregister' | 'subscribe' | 'unsubscribe' | 'mute' }>
  | { readonly verb: 'self-test' }
  | { readonly verb: 'keep-key'; readonly wish: KeyWish }
  | XmlCommand;

/** One turn of the panel: what it remembers next, and what it asks for. */
export interface Turn {
  readonly ui: UiState;
  readonly commands: readonly UiCommand[];
  readonly view: UiSnapshot;
}

export const change = (turn: Turn, next: Partial<UiState>): Turn => ({ ...turn, ui: { ...turn.ui, ...next } });

export const order = (turn: Turn, command: UiCommand): Turn => ({ ...turn, commands: [...turn.commands, command] });

/** How long a note stays, ms (experience 4.2: five seconds). */
export const NOTE_MS = 5000;

export const tell = (turn: Turn, text: string): Turn =>
  change(turn, { note: { text, until: millis(turn.view.now + NOTE_MS) } });

/** Where sound goes: the handset unless the speaker was chosen. */
export const pathOf = ({ handset, speaker }: UiState): 'handset' | 'speaker' | 'off' =>
  speaker === 'on' ? 'speaker' : handset === 'off' ? 'handset' : 'off';

export const focusOf = ({ calls, focus }: UiState): Appearance | null => calls.find(({ id }) => id === focus) ?? null;

export const listOf = (page: Page): ListName | null =>
  page === 'redial' || page === 'callers' || page === 'directory' ? page : null;

/** The entry that is chosen, where a list is shown. */
export function chosenOf({ page, scroll, lists, xml }: UiState): ListEntry | null {
  const list = listOf(page);
  const dial = page === 'xml' ? (itemOf(xml)?.dial ?? null) : null;
  if (dial !== null) return { number: dial.number, line: dial.line ?? 0, name: '', at: null, missed: false, times: 1 };
  return list === null ? null : (shownOf(lists, list)[scroll] ?? null);
}

/** A call that wants to be answered. */
export const isWaiting = ({ direction, state }: Appearance): boolean => direction === 'in' && state === 'ringing';

export const waitingOf = ({ calls }: UiState): Appearance | null => calls.find(isWaiting) ?? null;
