/**
 * Owns the non-INVITE client transaction (RFC 3261 17.1.2, figure 6): one request to one target, until its final response,
 * Timer F or a transport error. It never hears of a second server.
 */
import type { Step, Table, TimerInput } from '../../kernel/machine.ts';
import { stepTable } from '../../kernel/machine.ts';
import type { Millis } from '../../kernel/time.ts';
import { after } from '../../kernel/time.ts';
import type { FailureCause } from '../../status.ts';
import type { TransactionContext } from './context.ts';
import { lettersOf } from './timer-values.ts';

interface Trying {
  readonly name: 'trying';
  readonly timers: { readonly E?: Millis; readonly F?: Millis };
  readonly data: string;
  /** The interval after which Timer E fires next, ms. */
  readonly interval: number;
}
interface Proceeding {
  readonly name: 'proceeding';
  readonly timers: { readonly E?: Millis; readonly F?: Millis };
  readonly data: string;
}
interface Completed {
  readonly name: 'completed';
  readonly timers: { readonly K?: Millis };
}
/** `R` is the type of a response; the machine only carries it. */
export type NonInviteClientState<_R> = Trying | Proceeding | Completed;

export type NonInviteClientInput<R> =
  | { readonly kind: '1xx'; readonly response: R }
  | { readonly kind: 'final'; readonly response: R }
  | { readonly kind: 'transport-error'; readonly cause: FailureCause | 'no-network' }
  /** A further target was started: retransmit no more, only listen until Timer F (rules 3.9). */
  | { readonly kind: 'quiet' }
  | TimerInput<'E' | 'F' | 'K'>;

export type NonInviteClientOutput<R> =
  | { readonly to: 'transport'; readonly kind: 'send'; readonly data: string }
  | { readonly to: 'user'; readonly kind: 'response'; readonly response: R }
  | { readonly to: 'user'; readonly kind: 'timeout' }
  | { readonly to: 'user'; readonly kind: 'transport-error'; readonly cause: FailureCause | 'no-network' };

type State = Trying | Proceeding | Completed;
type Input = NonInviteClientInput<unknown>;
type Output = NonInviteClientOutput<unknown>;
type Of<K extends Input['kind']> = Extract<Input, { kind: K }>;

const send = (data: string): Output => ({ to: 'transport', kind: 'send', data });

const answer = (
  state: Trying | Proceeding,
  { response }: Of<'1xx'>,
  context: TransactionContext,
): Step<State, Output> => ({
  state: {
    name: 'proceeding',
    data: state.data,
    // A copy that only listens stays quiet; otherwise Timer E goes on at T2.
    timers: state.timers.E === undefined ? state.timers : { ...state.timers, E: after(context.now, context.timers.t2) },
  },
  out: [{ to: 'user', kind: 'response', response }],
});

const complete = (_state: State, { response }: Of<'final'>, context: TransactionContext): Step<State, Output> => {
  const { K } = lettersOf(context);
  return {
    state: K === 0 ? null : { name: 'completed', timers: { K: after(context.now, K) } },
    out: [{ to: 'user', kind: 'response', response }],
  };
};

const fail = (_state: State, { cause }: Of<'transport-error'>): Step<State, Output> => ({
  state: null,
  out: [{ to: 'user', kind: 'transport-error', cause }],
});

const timeOut = (): Step<State, Output> => ({ state: null, out: [{ to: 'user', kind: 'timeout' }] });

const quiet = <S extends Trying | Proceeding>(state: S): Step<State, Output> => {
  const { E: _stopped, ...timers } = state.timers;
  return { state: { ...state, timers }, out: [] };
};

/** RFC 3261 figure 6. */
export const nonInviteClientTable: Table<State, Input, TransactionContext, Output> = {
  trying: {
    'timer E': (state, _input, context) => {
      const interval = Math.min(2 * state.interval, context.timers.t2);
      const timers = { ...state.timers, E: after(context.now, interval) };
      return { state: { ...state, interval, timers }, out: [send(state.data)] };
    },
    'timer F': timeOut,
    'transport-error': fail,
    '1xx': answer,
    final: complete,
    quiet,
  },
  proceeding: {
    'timer E': (state, _input, context) => ({
      state: { ...state, timers: { ...state.timers, E: after(context.now, context.timers.t2) } },
      out: [send(state.data)],
    }),
    'timer F': timeOut,
    'transport-error': fail,
    '1xx': (state, { response }) => ({ state, out: [{ to: 'user', kind: 'response', response }] }),
    final: complete,
    quiet,
  },
  completed: {
    'timer K': () => ({ state: null, out: [] }),
  },
};

/** Sends the request. `once`: never again; a known-dead target is bothered with a single copy (rules 3.9). */
export function startNonInviteClient<R>(
  data: string,
  context: TransactionContext,
  options: { readonly once: boolean },
): Step<NonInviteClientState<R>, NonInviteClientOutput<R>> {
  const { E, F } = lettersOf(context);
  const resend = context.reliable || options.once ? {} : { E: after(context.now, E) };
  return {
    state: { name: 'trying', data, interval: E, timers: { ...resend, F: after(context.now, F) } },
    out: [{ to: 'transport', kind: 'send', data }],
  };
}

export const stepNonInviteClient = <R>(
  state: NonInviteClientState<R>,
  input: NonInviteClientInput<R>,
  context: TransactionContext,
): Step<NonInviteClientState<R>, NonInviteClientOutput<R>> =>
  stepTable(nonInviteClientTable, state, input, context) as Step<NonInviteClientState<R>, NonInviteClientOutput<R>>;
