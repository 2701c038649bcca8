/** Owns the words of a line's registration: its states, inputs and outputs, and the few helpers that all its parts share. */
import type { LineSettings } from '../config/settings.ts';
import type { PhoneEvent } from '../events.ts';
import type { Step, TimerInput } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import { targetText } from '../kernel/target.ts';
import type { Millis } from '../kernel/time.ts';
import type { Bound, StackCommand, StackReport } from '../sip/vocabulary.ts';
import type { FailureCause, RegistrationState as PublicState } from '../status.ts';
import type { RetryPolicy } from './waits.ts';

/** The one binding that is kept alive. */
export interface Binding {
  readonly bound: Bound;
  readonly expiresAt: Millis;
  readonly renewAt: Millis;
  /** When this server became the serving one. */
  readonly since: Millis;
}

/** What every state carries: the binding outlives the attempt that renews it. */
export interface Memory {
  readonly line: LineSettings;
  readonly binding: Binding | null;
  /** Bindings to remove once their server can no longer answer an open copy. */
  readonly cleanup: readonly Bound[];
  /** A binding of the last run: re-used, or removed after the first success. */
  readonly leftover: Bound | null;
  /** The backup's answers list the primary's Contact too: one location service behind both. */
  readonly shared: boolean;
  /** Consecutive failed attempts. */
  readonly failures: number;
  readonly attempts: number;
  readonly lastAttemptAt: Millis | null;
  /** Last attempt that a target's return triggered. */
  readonly revivedAt: Millis | null;
  readonly code: number | null;
  /** Consecutive attempts that met no network. */
  readonly networkTries: number;
}

type Timers<T extends string> = { readonly [K in T]?: Millis };
interface In<N extends string, T extends string> {
  readonly name: N;
  readonly memory: Memory;
  readonly timers: Timers<T>;
}

/** `delayed`: spread or jitter before an attempt. `held`: the link is down. */
export type RegistrationState =
  | In<'off', never>
  | (In<'delayed', 'start' | 'expire'> & { readonly reason: TryReason })
  | (In<'trying', 'expire'> & { readonly attempt: string; readonly startedAt: Millis; readonly reviving: boolean })
  | In<'registered', 'renew' | 'return' | 'expire'>
  | (In<'waiting', 'retry' | 'expire'> & { readonly cause: FailureCause | null })
  | (In<'rejected', 'retry' | 'expire'> & { readonly by: 'primary' | 'backup' })
  | In<'held', 'start' | 'expire'>
  | (In<'leaving', 'limit'> & { readonly waitingFor: string });

export type TryReason = 'fresh' | 'renewal' | 'return';
export type Reported<K extends StackReport['kind']> = Extract<StackReport, { kind: K }>;

export type RegistrationInput =
  | { readonly kind: 'begin'; readonly delayMs: number }
  | Reported<'attempt-ended'>
  | Reported<'late-ok'>
  | Reported<'stray-ok'>
  | Reported<'server-closed'>
  | Reported<'unregistered'>
  | Reported<'pair-dead'>
  /** `blockedUntil`: when its Retry-After ends, null = none runs. */
  | (Reported<'pair-alive'> & { readonly server: 'primary' | 'backup'; readonly blockedUntil: Millis | null })
  /** `better`: the pair stands before the serving one in today's walk. */
  | (Reported<'pair-home'> & { readonly better: boolean })
  | { readonly kind: 'link'; readonly state: 'up' | 'down' }
  /** A person lifted the handset: the start spread ends. */
  | { readonly kind: 'hurry' }
  /** Un-register and end. */
  | { readonly kind: 'leave' }
  | TimerInput<'start' | 'renew' | 'return' | 'expire' | 'retry' | 'limit'>;

export type RegistrationOutput =
  | { readonly to: 'stack'; readonly command: StackCommand }
  | { readonly to: 'world'; readonly event: PhoneEvent }
  /** The binding has changed: keep it over a restart. */
  | { readonly to: 'phone'; readonly kind: 'binding-changed' }
  | { readonly to: 'phone'; readonly kind: 'left' };

export interface RegistrationContext {
  readonly now: Millis;
  readonly random: Random;
  /** How long until the phone's turn in a window that a whole fleet shares, ms. */
  readonly turn: (windowMs: number) => number;
  /** Somebody is on the phone by this line. */
  readonly inCall: boolean;
  readonly policy: RetryPolicy;
}

export type RegistrationStep = Step<RegistrationState, RegistrationOutput>;

const NEW_MEMORY: Omit<Memory, 'line' | 'leftover'> = {
  binding: null,
  cleanup: [],
  shared: false,
  failures: 0,
  attempts: 0,
  lastAttemptAt: null,
  revivedAt: null,
  code: null,
  networkTries: 0,
};

/** A line at rest; `leftover` is its binding of the last run. */
export const newRegistration = (line: LineSettings, leftover: Bound | null): RegistrationState => ({
  name: 'off',
  memory: { ...NEW_MEMORY, line, leftover },
  timers: {},
});

export const expiryOf = (memory: Memory): { readonly expire?: Millis } =>
  memory.binding === null ? {} : { expire: memory.binding.expiresAt };

/** A `registration` event of this line. */
export const world = (
  state: { readonly memory: Memory },
  fields: Omit<Extract<PhoneEvent, { event: 'registration' }>, 'event' | 'line'>,
): RegistrationOutput => ({ to: 'world', event: { event: 'registration', line: state.memory.line.line, ...fields } });

/** How a person would call a state. A line that renews is still registered. */
export function publicState(state: RegistrationState): PublicState {
  switch (state.name) {
    case 'off':
      return 'off';
    case 'trying':
      return state.memory.binding === null ? 'trying' : 'registered';
    case 'registered':
      return 'registered';
    case 'rejected':
      return 'rejected';
    case 'delayed':
      return state.memory.binding === null || state.reason === 'fresh' ? 'waiting' : 'registered';
    case 'waiting':
    case 'held':
    case 'leaving':
      return 'waiting';
  }
}

/** The `unregistered` event of a removed binding. */
export const goneEvent = (input: Reported<'unregistered'>): RegistrationOutput => ({
  to: 'world',
  event: {
    event: 'unregistered',
    line: input.line,
    server: input.bound.candidate.server,
    target: targetOf(input.bound),
  },
});

export const targetOf = ({ candidate }: Bound): string => targetText(candidate.target);
