/**
 * Owns the INVITE server transaction (RFC 3261 17.2.1, figure 7, with the Accepted state of RFC 6026 7.1): a retransmitted INVITE gets
 * the last answer again, a refusal is retransmitted until its ACK, and after a 2xx the retransmissions are absorbed: the 2xx itself is
 * repeated by the user (13.3.1.4), for it must reach the caller through whatever transport the ACK comes by.
 */
import type { Step, Table, TimerInput } from '../../kernel/machine.ts';
import { stepTable } from '../../kernel/machine.ts';
import type { Millis } from '../../kernel/time.ts';
import { after } from '../../kernel/time.ts';
import type { TransactionContext } from './context.ts';
import { lettersOf } from './timer-values.ts';

interface Proceeding {
  readonly name: 'proceeding';
  readonly timers: Readonly<Record<string, never>>;
  /** The last provisional answer. */
  readonly data: string;
}
interface Completed {
  readonly name: 'completed';
  readonly timers: { readonly G?: Millis; readonly H?: Millis };
  readonly data: string;
  /** Until the next retransmission, ms. */
  readonly interval: number;
}
interface Confirmed {
  readonly name: 'confirmed';
  readonly timers: { readonly I?: Millis };
}
interface Accepted {
  readonly name: 'accepted';
  readonly timers: { readonly L?: Millis };
}
export type InviteServerState = Proceeding | Completed | Confirmed | Accepted;

export type InviteServerInput =
  /** The INVITE came again. */
  | { readonly kind: 'request' }
  | { readonly kind: 'ack' }
  | { readonly kind: '1xx'; readonly data: string }
  | { readonly kind: '2xx'; readonly data: string }
  | { readonly kind: '3xx-6xx'; readonly data: string }
  | { readonly kind: 'transport-error' }
  | TimerInput<'G' | 'H' | 'I' | 'L'>;

export type InviteServerOutput =
  | { readonly to: 'transport'; readonly kind: 'send'; readonly data: string }
  /** An ACK to a 2xx: the dialog's business (RFC 6026 7.1). */
  | { readonly to: 'user'; readonly kind: 'ack' }
  /** Nobody acknowledged the refusal. */
  | { readonly to: 'user'; readonly kind: 'timeout' }
  | { readonly to: 'user'; readonly kind: 'transport-error' };

type Of<K extends InviteServerInput['kind']> = Extract<InviteServerInput, { kind: K }>;
type Result = Step<InviteServerState, InviteServerOutput>;

const send = (data: string): InviteServerOutput => ({ to: 'transport', kind: 'send', data });

const refuse = (_state: InviteServerState, { data }: Of<'3xx-6xx'>, context: TransactionContext): Result => {
  const { G, H } = lettersOf(context);
  const again = context.reliable ? {} : { G: after(context.now, G) };
  return {
    state: { name: 'completed', data, interval: G, timers: { ...again, H: after(context.now, H) } },
    out: [send(data)],
  };
};

const accept = (_state: InviteServerState, { data }: Of<'2xx'>, context: TransactionContext): Result => ({
  state: { name: 'accepted', timers: { L: after(context.now, lettersOf(context).L) } },
  out: [send(data)],
});

const confirm = (_state: InviteServerState, _input: Of<'ack'>, context: TransactionContext): Result => {
  const { I } = lettersOf(context);
  return { state: I === 0 ? null : { name: 'confirmed', timers: { I: after(context.now, I) } }, out: [] };
};

const fail = (): Result => ({ state: null, out: [{ to: 'user', kind: 'transport-error' }] });
const end = (): Result => ({ state: null, out: [] });

/** RFC 3261 figure 7, RFC 6026 figure 1. */
export const inviteServerTable: Table<InviteServerState, InviteServerInput, TransactionContext, InviteServerOutput> = {
  proceeding: {
    request: (state) => ({ state, out: [send(state.data)] }),
    '1xx': (state, { data }) => ({ state: { ...state, data }, out: [send(data)] }),
    '2xx': accept,
    '3xx-6xx': refuse,
    'transport-error': fail,
  },
  completed: {
    request: (state) => ({ state, out: [send(state.data)] }),
    ack: confirm,
    'timer G': (state, _input, context) => {
      const interval = Math.min(2 * state.interval, context.timers.t2);
      const timers = { ...state.timers, G: after(context.now, interval) };
      return { state: { ...state, interval, timers }, out: [send(state.data)] };
    },
    'timer H': () => ({ state: null, out: [{ to: 'user', kind: 'timeout' }] }),
    'transport-error': fail,
  },
  confirmed: {
    'timer I': end,
  },
  accepted: {
    // Not sent again here: the user repeats it until the ACK comes (RFC 3261 13.3.1.4).
    '2xx': (state, { data }) => ({ state, out: [send(data)] }),
    ack: (state) => ({ state, out: [{ to: 'user', kind: 'ack' }] }),
    'timer L': end,
  },
};

/** An INVITE came for the first time: `trying` is the 100 that stops its retransmissions (RFC 3261 17.2.1). */
export const startInviteServer = (trying: string): Result => ({
  state: { name: 'proceeding', data: trying, timers: {} },
  out: [send(trying)],
});

export const stepInviteServer = (
  state: InviteServerState,
  input: InviteServerInput,
  context: TransactionContext,
): Result => stepTable(inviteServerTable, state, input, context);
