/**
 * Owns the INVITE client transaction (RFC 3261 17.1.1, figure 5, with the Accepted state of RFC 6026 7.2): one INVITE to one
 * target. All 2xx are handed up while Timer M runs; the ACK to a refusal is asked for each time the refusal comes.
 */
import type { Step, Table, TimerInput } from '../../kernel/machine.ts';
import { stepTable } from '../../kernel/machine.ts';
import type { Millis } from '../../kernel/time.ts';
import { after } from '../../kernel/time.ts';
import type { FailureCause } from '../../status.ts';
import type { TransactionContext } from './context.ts';
import { lettersOf } from './timer-values.ts';

interface Calling {
  readonly name: 'calling';
  readonly timers: { readonly A?: Millis; readonly B?: Millis };
  readonly data: string;
  readonly interval: number;
}
interface Proceeding {
  readonly name: 'proceeding';
  readonly timers: Readonly<Record<string, never>>;
}
interface Completed {
  readonly name: 'completed';
  readonly timers: { readonly D?: Millis };
}
interface Accepted {
  readonly name: 'accepted';
  readonly timers: { readonly M?: Millis };
}
export type InviteClientState = Calling | Proceeding | Completed | Accepted;

export type InviteClientInput<R> =
  | { readonly kind: '1xx'; readonly response: R }
  | { readonly kind: '2xx'; readonly response: R }
  | { readonly kind: '3xx-6xx'; readonly response: R }
  | { readonly kind: 'transport-error'; readonly cause: FailureCause | 'no-network' }
  /** A further target was started: retransmit no more, only listen until Timer B (rules 3.9). */
  | { readonly kind: 'quiet' }
  | TimerInput<'A' | 'B' | 'D' | 'M'>;

export type InviteClientOutput<R> =
  | { readonly to: 'transport'; readonly kind: 'send'; readonly data: string }
  /** Acknowledge this refusal at the very target, with the branch of the INVITE (RFC 3261 17.1.1.3). */
  | { readonly to: 'transport'; readonly kind: 'ack'; readonly response: R }
  | { readonly to: 'user'; readonly kind: 'response'; readonly response: R }
  | { readonly to: 'user'; readonly kind: 'timeout' }
  | { readonly to: 'user'; readonly kind: 'transport-error'; readonly cause: FailureCause | 'no-network' };

type Input = InviteClientInput<unknown>;
type Output = InviteClientOutput<unknown>;
type Of<K extends Input['kind']> = Extract<Input, { kind: K }>;
type Result = Step<InviteClientState, Output>;

const up = (response: unknown): Output => ({ to: 'user', kind: 'response', response });

const provisional = (_state: InviteClientState, { response }: Of<'1xx'>): Result => ({
  state: { name: 'proceeding', timers: {} },
  out: [up(response)],
});

const accept = (_state: InviteClientState, { response }: Of<'2xx'>, context: TransactionContext): Result => ({
  state: { name: 'accepted', timers: { M: after(context.now, lettersOf(context).M) } },
  out: [up(response)],
});

const refuse = (_state: InviteClientState, { response }: Of<'3xx-6xx'>, context: TransactionContext): Result => {
  const { D } = lettersOf(context);
  return {
    state: D === 0 ? null : { name: 'completed', timers: { D: after(context.now, D) } },
    out: [{ to: 'transport', kind: 'ack', response }, up(response)],
  };
};

const fail = (_state: InviteClientState, { cause }: Of<'transport-error'>): Result => ({
  state: null,
  out: [{ to: 'user', kind: 'transport-error', cause }],
});

const end = (): Result => ({ state: null, out: [] });

/** RFC 3261 figure 5, RFC 6026 figure 2. */
export const inviteClientTable: Table<InviteClientState, Input, TransactionContext, Output> = {
  calling: {
    'timer A': (state, _input, context) => {
      const interval = 2 * state.interval;
      const timers = { ...state.timers, A: after(context.now, interval) };
      return { state: { ...state, interval, timers }, out: [{ to: 'transport', kind: 'send', data: state.data }] };
    },
    'timer B': () => ({ state: null, out: [{ to: 'user', kind: 'timeout' }] }),
    'transport-error': fail,
    '1xx': provisional,
    '2xx': accept,
    '3xx-6xx': refuse,
    quiet: (state) => {
      const { A: _stopped, ...timers } = state.timers;
      return { state: { ...state, timers }, out: [] };
    },
  },
  proceeding: {
    'transport-error': fail,
    '1xx': provisional,
    '2xx': accept,
    '3xx-6xx': refuse,
  },
  completed: {
    'timer D': end,
    'transport-error': fail,
    '3xx-6xx': (state, { response }) => ({ state, out: [{ to: 'transport', kind: 'ack', response }] }),
    // A proxy forwards it although it has said something else before (RFC 3261 16.7): somebody is off-hook who must be told.
    '2xx': (state, { response }) => ({ state, out: [up(response)] }),
  },
  accepted: {
    'timer M': end,
    '2xx': (state, { response }) => ({ state, out: [up(response)] }),
  },
};

/** Sends the INVITE. `once`: never again (rules 3.9). */
export function startInviteClient<R>(
  data: string,
  context: TransactionContext,
  options: { readonly once: boolean },
): Step<InviteClientState, InviteClientOutput<R>> {
  const { A, B } = lettersOf(context);
  const resend = context.reliable || options.once ? {} : { A: after(context.now, A) };
  return {
    state: { name: 'calling', data, interval: A, timers: { ...resend, B: after(context.now, B) } },
    out: [{ to: 'transport', kind: 'send', data }],
  };
}

export const stepInviteClient = <R>(
  state: InviteClientState,
  input: InviteClientInput<R>,
  context: TransactionContext,
): Step<InviteClientState, InviteClientOutput<R>> =>
  stepTable(inviteClientTable, state, input, context) as Step<InviteClientState, InviteClientOutput<R>>;
