/**
 * Owns what firmware sees of the hardware: keys, hook switch, lamps and display, as plain data and small interfaces.
 * Imports nothing. Drivers below implement it over `ports.ts`; boards wire the two.
 */

/** The 34 keys of the board (docs/interfaces.md 5). */
export const KEY_NAMES = [
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
  '9',
  '*',
  '0',
  '#',
  'line1',
  'line2',
  'line3',
  'line4',
  'softkey1',
  'softkey2',
  'softkey3',
  'softkey4',
  'softkey5',
  'softkey6',
  'up',
  'down',
  'left',
  'right',
  'goodbye',
  'options',
  'hold',
  'redial',
  'volume-up',
  'volume-down',
  'mute',
  'speaker',
] as const;
export type KeyName = (typeof KEY_NAMES)[number];

/** A de-bounced edge of one key. */
export interface KeyEdge {
  readonly key: KeyName;
  readonly edge: 'down' | 'up';
}

export type HookState = 'on' | 'off';

export const LAMP_NAMES = [
  'line1',
  'line2',
  'line3',
  'line4',
  'softkey1',
  'softkey2',
  'softkey3',
  'softkey4',
  'softkey5',
  'softkey6',
  'message',
  'speaker',
  'mute',
  'hold',
  'backlight',
] as const;
export type LampName = (typeof LAMP_NAMES)[number];
/** Slow 1 Hz, fast 4 Hz (the rates are our choice: none was found for the original). */
export type LampState = 'off' | 'on' | 'slow-flash' | 'fast-flash';

export type DeskTone =
  | 'dial'
  | 'second-dial'
  | 'trying'
  | 'ring-back'
  | 'busy'
  | 'reorder'
  | 'call-waiting'
  | 'intercom';

/** What is heard at the desk besides the far side, and where. */
export interface DeskSound {
  readonly path: 'handset' | 'speaker' | 'off';
  readonly tone: DeskTone | null;
  readonly ring: 'on' | 'off';
  /** 0 to 4, 5 silent; nothing = the phone's usual one. */
  readonly ringTone?: number;
  /** Ring and pause in turn, ms, -1 at the end = once; nothing = the usual ring. */
  readonly cadence?: readonly number[];
  readonly microphone: 'open' | 'muted';
  /** Of what is heard, or of the ring: 0 silent, 10 the loudest. */
  readonly volume: number;
}

/** One frame of text cells: `rows` strings of exactly `columns` characters of the one fixed font. */
export interface Frame {
  readonly columns: number;
  readonly rows: readonly string[];
}

/**
 * Lamps keep the last state they were given. Callable at any time, in any order; a call that the hardware refuses is
 * retried by the driver and never throws into the caller.
 */
export interface Lamps {
  set(lamp: LampName, state: LampState): void;
}

/** Shows the last frame it was given; a driver sends only the cells that differ. */
export interface Display {
  readonly columns: number;
  readonly rows: number;
  show(frame: Frame): void;
}

/** Sound is 16 kHz, mono, 16 bits, in periods of 10 ms: 160 samples. */
export const AUDIO = { rateHz: 16_000, periodMs: 10, periodSamples: 160 } as const;

/** Takes what was recorded in one period, gives what is played in one. Both have exactly `AUDIO.periodSamples` samples. */
export type AudioPeriod = (captured: Int16Array) => Int16Array;

/**
 * A sound card with one input and one output. It is the clock of all sound: from `start` to `stop` it calls `period` once for each
 * period of its own time, in order, never within another call, and plays what comes back without a gap. A card that was held up makes
 * up for a few periods and leaves out the rest. A card that is lost keeps the time, records silence, and comes back by itself.
 * After `stop` nothing is called; it may be started again.
 */
export interface AudioDevice {
  start(period: AudioPeriod): void;
  stop(): void;
  /** Told once for each change, with one clear line. */
  onHealth(listener: (health: 'lost' | 'back', detail: string) => void): void;
}

/** Keeps what it was given last; the parts that make no sound are switched off. */
export interface SoundSwitch {
  set(sound: DeskSound): void;
}

/** Calls the listener once for each de-bounced edge, in order; a key that repeats while it is held is told down again. */
export interface Keypad {
  onKey(listener: (edge: KeyEdge) => void): void;
}

export interface HookSwitch {
  onHook(listener: (state: HookState) => void): void;
}

/** Takes keys, lamps and screen for itself until the person has had enough; the phone goes on unseen. */
export interface SelfTest {
  /** False: calls have the desk. */
  begin(): boolean;
  end(): void;
  /** Shows a page; `step` holds one lamp and state, or one pattern, null lets them follow one another. Only within the test. */
  show(page: TestPage, step: number | null): void;
  /** The handset lies on its cradle, says the person: its switch is the other way round where it says otherwise. */
  learnHook(): void;
  /** Calls have the desk, or have it no more: while they do there is no test, and one that runs ends. */
  calls(has: boolean): void;
  /** While it is locked, a key that is held does not begin it: whoever asks for a password has asked before he calls `begin`. */
  lock(state: 'on' | 'off'): void;
  /** Null = there is none. */
  state(): TestState | null;
}

export const TEST_PAGES = ['keys', 'lamps', 'display', 'handset'] as const;
export type TestPage = (typeof TEST_PAGES)[number];
/** The states that a lamp is tried in; `step` of page `lamps` counts lamps in the order of their names, each in these. */
export const TRIED_STATES: readonly LampState[] = ['on', 'slow-flash', 'fast-flash'];
/** What the display is tried with; `step` of page `display` counts them. */
export const TRIED_PATTERNS = ['letters', 'columns', 'rows', 'all on', 'all off'] as const;

export interface TestState {
  readonly page: TestPage;
  /** Counts the seconds of the page, or stays. */
  readonly step: number;
  readonly stays: boolean;
  readonly seen: ReadonlySet<KeyName>;
  readonly down: ReadonlySet<KeyName>;
  readonly handset: HookState;
  readonly note: string;
}

/** What the board brings; a headless one brings nothing. */
export interface Devices {
  readonly keypad?: Keypad;
  readonly hook?: HookSwitch;
  readonly lamps?: Lamps;
  readonly display?: Display;
  readonly sound?: SoundSwitch;
  readonly selfTest?: SelfTest;
}
