/** Owns the keying of a number: on the hook, with the handset lifted, and what is heard when it leads nowhere (original-phone 1.6). */
import { DIALLED_KEYS_MAX } from '../config/defaults.ts';
import type { Numbers } from '../dialling/numbers.ts';
import { judgeKeys } from '../dialling/numbers.ts';
import type { Step, Table, TimerInput } from '../kernel/machine.ts';
import { stepTable } from '../kernel/machine.ts';
import type { Millis } from '../kernel/time.ts';
import { after } from '../kernel/time.ts';

interface Rest {
  readonly name: 'rest';
  readonly timers: Readonly<Record<string, never>>;
}
/** Keyed before anything is lifted: it may be read and mended, and is judged when it is sent. */
interface Keying {
  readonly name: 'keying';
  readonly timers: Readonly<Record<string, never>>;
  readonly keys: string;
}
/** A line is open: each key is judged, and a number that may be sent is sent after the digit time-out. */
interface Open {
  readonly name: 'open';
  readonly timers: { readonly digit?: Millis };
  readonly keys: string;
  /** Null = the first line. */
  readonly line: number | null;
  /** A second dial tone is heard. */
  readonly tone: boolean;
}
/** It led nowhere, or the call is over: told, and heard, until it is closed. */
interface Over {
  readonly name: 'over';
  readonly timers: { readonly end?: Millis };
  readonly keys: string;
  readonly line: number | null;
  readonly why: string;
  readonly tone: 'busy' | 'reorder' | null;
}
export type DialerState = Rest | Keying | Open | Over;

export type DialerInput =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'erase' }
  /** Handset, speaker or line key. */
  | { readonly kind: 'open'; readonly line: number | null }
  | { readonly kind: 'send' }
  | { readonly kind: 'close' }
  /** `until` null = until it is closed. */
  | {
      readonly kind: 'over';
      readonly line: number | null;
      readonly why: string;
      readonly tone: 'busy' | 'reorder' | null;
      readonly until: Millis | null;
    }
  | TimerInput<'digit' | 'end'>;

/** Dial this number. */
export interface DialerOutput {
  readonly number: string;
  readonly line: number | null;
}

export interface DialerContext {
  readonly now: Millis;
  readonly numbers: Numbers;
  readonly digitTimeoutMs: number;
}

type DialerStep = Step<DialerState, DialerOutput>;

export const REST: DialerState = { name: 'rest', timers: {} };

const close = (): DialerStep => ({ state: REST, out: [] });
const over = (_state: DialerState, input: Extract<DialerInput, { kind: 'over' }>): DialerStep => ({
  state: {
    ...{ name: 'over', keys: '', line: input.line, why: input.why, tone: input.tone },
    timers: input.until === null ? {} : { end: input.until },
  },
  out: [],
});

export const dialerTable: Table<DialerState, DialerInput, DialerContext, DialerOutput> = {
  rest: {
    key: (_state, { key }) => ({ state: { name: 'keying', timers: {}, keys: key }, out: [] }),
    open: (_state, { line }) => ({ state: opened('', line), out: [] }),
    over,
  },
  keying: {
    key: keyOnHook,
    erase: ({ keys }) =>
      keys.length > 1 ? { state: { name: 'keying', timers: {}, keys: keys.slice(0, -1) }, out: [] } : close(),
    open: ({ keys }, { line }, context) => sent(keys, line, context),
    send: ({ keys }, _input, context) => sent(keys, null, context),
    close,
    over,
  },
  open: {
    key: ({ keys, line }, { key }, context) => judged(keys + key, line, context),
    erase: ({ keys, line }, _input, context) => erased(keys, line, context),
    open: (state, { line }) => ({ state: { ...state, line }, out: [] }),
    send: ({ keys, line }, _input, context) => sent(keys, line, context),
    'timer digit': ({ keys, line }, _input, context) => sent(keys, line, context, 'closing'),
    close,
    over,
  },
  over: {
    // What follows a call that is over is a new number; what follows a number that is none mends it.
    key: ({ line }, { key }, context) => judged(key, line, context),
    erase: ({ keys, line }, _input, context) => erased(keys, line, context),
    open: (_state, { line }) => ({ state: opened('', line), out: [] }),
    'timer end': close,
    close,
    over,
  },
};

export const stepDialer = (state: DialerState, input: DialerInput, context: DialerContext): DialerStep =>
  stepTable(dialerTable, state, input, context);

const opened = (keys: string, line: number | null): DialerState => ({
  ...{ name: 'open', timers: {}, keys, line, tone: false },
});

/** On the hook nothing is sent by itself but what ends with the key that sends. */
function keyOnHook(state: Keying, { key }: { readonly key: string }, { numbers }: DialerContext): DialerStep {
  const keys = state.keys + key;
  if (keys.length > DIALLED_KEYS_MAX) return { state, out: [] };
  const verdict = key === '#' ? judgeKeys(numbers, keys) : null;
  if (verdict?.kind === 'complete') return { state: REST, out: [{ number: verdict.number, line: null }] };
  return { state: { name: 'keying', timers: {}, keys }, out: [] };
}

/** One more key on an open line. */
function judged(keys: string, line: number | null, context: DialerContext): DialerStep {
  const verdict = judgeKeys(context.numbers, keys);
  if (verdict.kind === 'complete') return { state: REST, out: [{ number: verdict.number, line }] };
  if (verdict.kind === 'invalid') return refused(keys, line, 'Not in the dial plan');
  const digit = after(context.now, context.digitTimeoutMs);
  return { state: { name: 'open', timers: { digit }, keys, line, tone: verdict.tone }, out: [] };
}

const erased = (keys: string, line: number | null, context: DialerContext): DialerStep =>
  keys.length > 1 ? judged(keys.slice(0, -1), line, context) : { state: opened('', line), out: [] };

/** What is keyed is to go out now. On a line that has just been opened, a number that lacks keys may still get them. */
function sent(
  keys: string,
  line: number | null,
  context: DialerContext,
  how: 'opening' | 'closing' = 'opening',
): DialerStep {
  if (keys === '') return { state: opened('', line), out: [] };
  const verdict = judgeKeys(context.numbers, keys);
  if (verdict.kind === 'complete' || verdict.kind === 'possible')
    return { state: REST, out: [{ number: verdict.number, line }] };
  if (verdict.kind === 'incomplete' && how === 'opening') return judged(keys, line, context);
  return refused(keys, line, verdict.kind === 'incomplete' ? 'The number is too short' : 'Not in the dial plan');
}

const refused = (keys: string, line: number | null, why: string): DialerStep => ({
  state: { name: 'over', timers: {}, keys, line, why, tone: 'reorder' },
  out: [],
});
