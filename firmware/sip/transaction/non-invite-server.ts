/**
 * Owns the non-INVITE server transaction (RFC 3261 17.2.2, figure 8, with RFC 4320 4.1): the user is told of a request once;
 * its retransmissions get the last response again. 100 is sent only after T2, and 408 never.
 */
import type { Step, Table, TimerInput } from '../../kernel/machine.ts';
import { stepTable } from '../../kernel/machine.ts';
import type { Millis } from '../../kernel/time.ts';
import { after } from '../../kernel/time.ts';
import type { TransactionContext } from './context.ts';
import { lettersOf } from './timer-values.ts';

interface Trying {
  readonly name: 'trying';
  /** From T2 on a 100 may be sent (RFC 4320 4.1). */
  readonly timers: Readonly<Record<string, never>>;
  readonly mayTry: Millis;
}
interface Proceeding {
  readonly name: 'proceeding';
  readonly timers: Readonly<Record<string, never>>;
  readonly data: string;
}
interface Completed {
  readonly name: 'completed';
  readonly timers: { readonly J?: Millis };
  readonly data: string;
}
export type NonInviteServerState = Trying | Proceeding | Completed;

export type NonInviteServerInput =
  /** The request came again. */
  | { readonly kind: 'request' }
  /** A 100 of the user. */
  | { readonly kind: 'trying'; readonly data: string }
  | { readonly kind: 'final'; readonly data: string }
  | { readonly kind: 'transport-error' }
  | TimerInput<'J'>;

export type NonInviteServerOutput =
  | { readonly to: 'transport'; readonly kind: 'send'; readonly data: string }
  | { readonly to: 'user'; readonly kind: 'transport-error' };

type Of<K extends NonInviteServerInput['kind']> = Extract<NonInviteServerInput, { kind: K }>;
type Result = Step<NonInviteServerState, NonInviteServerOutput>;

const send = (data: string): NonInviteServerOutput => ({ to: 'transport', kind: 'send', data });

const respond = (_state: NonInviteServerState, { data }: Of<'final'>, context: TransactionContext): Result => {
  const { J } = lettersOf(context);
  return {
    state: J === 0 ? null : { name: 'completed', data, timers: { J: after(context.now, J) } },
    out: [send(data)],
  };
};

const again = (state: Proceeding | Completed): Result => ({ state, out: [send(state.data)] });

const fail = (): Result => ({ state: null, out: [{ to: 'user', kind: 'transport-error' }] });

/** RFC 3261 figure 8. */
export const nonInviteServerTable: Table<
  NonInviteServerState,
  NonInviteServerInput,
  TransactionContext,
  NonInviteServerOutput
> = {
  trying: {
    // Before T2 a 100 would only cost a packet: the client has not yet slowed down (RFC 4320 4.1).
    trying: (state, { data }, context) =>
      context.now < state.mayTry && !context.reliable
        ? { state, out: [] }
        : { state: { name: 'proceeding', data, timers: {} }, out: [send(data)] },
    final: respond,
  },
  proceeding: {
    request: again,
    trying: (state, { data }) => ({ state: { ...state, data }, out: [send(data)] }),
    final: respond,
    'transport-error': fail,
  },
  completed: {
    request: again,
    'timer J': () => ({ state: null, out: [] }),
    'transport-error': fail,
  },
};

/** A request came for the first time; the user answers by `final`. */
export const startNonInviteServer = (context: TransactionContext): Result => ({
  state: { name: 'trying', timers: {}, mayTry: after(context.now, context.timers.t2) },
  out: [],
});

export const stepNonInviteServer = (
  state: NonInviteServerState,
  input: NonInviteServerInput,
  context: TransactionContext,
): Result => stepTable(nonInviteServerTable, state, input, context);
