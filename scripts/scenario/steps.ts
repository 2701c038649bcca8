/** Owns what a scenario is: a list of steps, each an act or an expectation, read from a file that every rig understands (interfaces 5). */
import type { Presence } from '../lab/protocol.ts';

export type ServerName = 'primary' | 'backup';

/** Fields of a public event that must be equal. */
export type EventPattern = Readonly<Record<string, string | number | boolean>>;

export type Act =
  | { readonly kind: 'say'; readonly text: string }
  /** How our own lab is set up; servers that are somebody else's are what they are. */
  | { readonly kind: 'lab'; readonly ttlS: number | null; readonly minExpiresS: number | null }
  /** Starts the phone with these parameters above its files. */
  | { readonly kind: 'start'; readonly parameters: Readonly<Record<string, string>> }
  /** `clean`: as a user switches it off; `unclean`: as a power cut does. */
  | { readonly kind: 'stop'; readonly how: 'clean' | 'unclean' }
  | { readonly kind: 'fault'; readonly target: string; readonly fault: string; readonly arg: string | null }
  | { readonly kind: 'clear'; readonly target: string }
  /** What a watched number or a mailbox does from now on. */
  | { readonly kind: 'present'; readonly resource: string; readonly presence: Presence }
  /** Somebody calls a user who is registered there; `header`: what the call says besides. */
  | { readonly kind: 'call'; readonly user: string; readonly through: ServerName; readonly header: string | null }
  /** A command of the user's, by the shell. */
  | { readonly kind: 'command'; readonly command: string }
  /** Something that a person does, and says so. */
  | { readonly kind: 'ask'; readonly text: string }
  | { readonly kind: 'wait'; readonly seconds: number }
  /** One line to the phone's control channel. */
  | { readonly kind: 'control'; readonly line: string }
  /** A key, held for so long. */
  | { readonly kind: 'press'; readonly key: string; readonly ms: number | null }
  /** One half of a press, for keys that are down at the same time. */
  | { readonly kind: 'contact'; readonly key: string; readonly action: 'down' | 'up' }
  | { readonly kind: 'dial'; readonly digits: string }
  /** A server pushes an XML object. */
  | { readonly kind: 'push'; readonly document: string }
  | { readonly kind: 'hook'; readonly state: 'on' | 'off' }
  /** A tone into the microphone. */
  | { readonly kind: 'tone'; readonly hz: number; readonly ms: number };

export type Expectation =
  | { readonly kind: 'expectRegistered'; readonly line: number; readonly on: ServerName }
  /** Since the last act. */
  | { readonly kind: 'expectEvent'; readonly event: EventPattern }
  /** For as long as `within` says. */
  | { readonly kind: 'expectNoEvent'; readonly event: EventPattern }
  /** Since the last act: each in its turn, and none of them before its turn. */
  | { readonly kind: 'expectOrder'; readonly events: readonly EventPattern[] }
  /** What the newest call was last told to be; state `none`: no call is left. */
  | { readonly kind: 'expectCall'; readonly call: EventPattern }
  | { readonly kind: 'expectScreen'; readonly text: string }
  | { readonly kind: 'expectNoScreen'; readonly text: string }
  | { readonly kind: 'expectLamp'; readonly lamps: Readonly<Record<string, string>> }
  /** Lines that the board drives: ringer, amplifier. */
  | { readonly kind: 'expectSound'; readonly lines: Readonly<Record<string, string>> }
  /** A tone in the earpiece, louder than this, and quieter than this. */
  | { readonly kind: 'expectTone'; readonly hz: number; readonly aboveDbfs: number }
  | { readonly kind: 'expectNoTone'; readonly hz: number; readonly belowDbfs: number };

export interface Step {
  /** Of the file, from 1. */
  readonly line: number;
  /** As a person reads it. */
  readonly title: string;
  readonly what: Act | Expectation;
  /** How long an expectation is waited for, s: generous, a guard. */
  readonly withinS: number;
  /** The promise that is measured: at most so long after the last act, s. */
  readonly boundS: number | null;
}

export interface Scenario {
  /** The file's name without its ending. */
  readonly name: string;
  /** What it says first; its name where it says nothing. */
  readonly title: string;
  readonly steps: readonly Step[];
}

export const isExpectation = (what: Act | Expectation): what is Expectation => what.kind.startsWith('expect');

const PANEL = [
  ...['press', 'contact', 'dial', 'hook', 'tone'],
  ...['expectScreen', 'expectNoScreen', 'expectLamp', 'expectSound', 'expectTone', 'expectNoTone'],
];
/** Whether it needs keys, screen or lamps. */
export const needsPanel = ({ steps }: Scenario): boolean => steps.some(({ what }) => PANEL.includes(what.kind));
