/** Owns the calls as the panel has them, made from their events alone: which line key each stands on, since when, and why it ended. */
import type { PhoneEvent } from '../events.ts';
import type { Millis } from '../kernel/time.ts';
import type { PhoneStatus, ServerName } from '../status.ts';

export type CallEvent = Extract<PhoneEvent, { event: 'call' }>;
export type SoundEvent = Extract<PhoneEvent, { event: 'call-sound' }>;

export interface Appearance {
  readonly id: string;
  readonly line: number;
  /** 1 to 4; null = every line key is taken, and the call is on the screen alone. */
  readonly key: number | null;
  readonly direction: 'out' | 'in';
  readonly state: Exclude<CallEvent['state'], 'ended'>;
  readonly peer: string;
  /** What the caller is called; empty where nothing is known. */
  readonly name: string;
  /** Where it was sent instead; empty = nowhere. */
  readonly sentTo: string;
  /** A ring of its own, empty = silent; null = the usual one. */
  readonly ring: readonly number[] | null;
  /** It was answered by itself, and nothing has happened since. */
  readonly announced: boolean;
  /** Sound of the far side was to come, and does not. */
  readonly unheard: boolean;
  /** Servers asked so far, in order. */
  readonly asked: readonly ServerName[];
  /** ms since start. */
  readonly begunAt: Millis;
  readonly answeredAt: Millis | null;
  readonly transfer: 'trying' | null;
  readonly conference: 'in' | 'out';
  readonly encrypted: boolean;
}

/** What a person calls the far side. */
export const farSide = ({ name, peer }: Pick<Appearance, 'name' | 'peer'>): string => (name === '' ? peer : name);

/** Line keys of the board. */
export const LINE_KEYS = [1, 2, 3, 4] as const;

/** A call of this event is there, with what the event tells; an ended one is gone. */
export function withEvent(
  calls: readonly Appearance[],
  event: CallEvent,
  now: Millis,
  lines: readonly number[],
): readonly Appearance[] {
  const { id, state } = event;
  if (state === 'ended') return calls.filter((call) => call.id !== id);
  const known = calls.find((call) => call.id === id) ?? newAppearance(calls, event, now, lines);
  const { server } = event;
  // Somebody else is called now: who was asked for the first does not count.
  const before = (event.sentTo ?? '') === known.sentTo ? known.asked : [];
  const asked = server === undefined || before.at(-1) === server ? before : [...before, server];
  const answered = state === 'connected' || state === 'held';
  const next: Appearance = {
    ...{ ...known, state, peer: event.peer, name: event.name ?? known.name, sentTo: event.sentTo ?? '', asked },
    ...{ ring: event.ring ?? known.ring, announced: known.announced || event.auto !== undefined },
    unheard: known.unheard && known.state === state,
    answeredAt: answered ? (known.answeredAt ?? now) : null,
    transfer: event.transfer === 'trying' ? 'trying' : null,
    conference: event.conference === true ? 'in' : 'out',
    encrypted: event.encrypted === true,
  };
  if (calls.some((call) => call.id === id)) return calls.map((call) => (call.id === id ? next : call));
  // What was announced once is not again, when the tones of a further call are over.
  return [...calls.map((call) => ({ ...call, announced: false })), next];
}

const newAppearance = (
  calls: readonly Appearance[],
  { id, line, direction, peer }: Pick<CallEvent, 'id' | 'line' | 'direction' | 'peer'>,
  now: Millis,
  lines: readonly number[],
): Appearance => ({
  ...{
    id,
    line,
    direction,
    peer,
    name: '',
    sentTo: '',
    ring: null,
    announced: false,
    unheard: false,
    state: 'dialing',
    asked: [],
    begunAt: now,
  },
  ...{ answeredAt: null, transfer: null, conference: 'out', encrypted: false },
  key: freeKey(calls, line, lines),
});

/** The line a key opens: its own, or the first where it has none (our choice: spare keys are further appearances of it). */
export const lineOfKey = (key: number, lines: readonly number[]): number | null =>
  lines.includes(key) ? key : (lines[0] ?? null);

/** The line's own key, else a spare one. */
export function freeKey(calls: readonly Appearance[], line: number, lines: readonly number[]): number | null {
  const free = LINE_KEYS.filter((key) => calls.every((call) => call.key !== key));
  return free.find((key) => key === line) ?? free.find((key) => !lines.includes(key)) ?? null;
}

/** Why a call is over, for the person; `tone`: what is heard of it. */
export function endingOf(
  { cause, code }: CallEvent,
  link: PhoneStatus['link'],
): {
  readonly why: string;
  readonly tone: 'busy' | 'reorder' | null;
} {
  switch (cause) {
    case 'busy':
      return { why: 'Busy', tone: 'busy' };
    case 'declined':
      return { why: 'Declined', tone: 'busy' };
    case 'no-answer':
      return { why: 'No answer', tone: 'reorder' };
    case 'failed':
      return { why: code === undefined && link === 'down' ? 'No network' : failureText(code), tone: 'reorder' };
    case 'transferred':
      return { why: 'Transferred', tone: null };
    case 'elsewhere':
      return { why: 'Answered elsewhere', tone: null };
    case 'lost':
      return { why: 'The connection was lost', tone: 'reorder' };
    case 'cancelled':
      return { why: 'The caller gave up', tone: null };
    default:
      return { why: 'Call ended', tone: null };
  }
}

function failureText(code: number | undefined): string {
  switch (code) {
    case undefined:
      return 'No server answers';
    case 300:
    case 301:
    case 302:
      return `Forwarded to nowhere (${code})`;
    case 403:
      return 'Not allowed (403)';
    case 404:
    case 604:
      return `No such number (${code})`;
    case 480:
      return 'Not available (480)';
    case 503:
      return 'No server takes the call (503)';
    case 484:
      return 'The number is too short (484)';
    default:
      return `The call failed (${code})`;
  }
}
