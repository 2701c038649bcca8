/**
 * Owns one call as its user has it: what is seen of it while servers are tried, rung, answered, held and ended. Where its packets go is
 * SIP's; what is said is the media's.
 */
import type { PhoneEvent } from '../events.ts';
import type { Step, Table } from '../kernel/machine.ts';
import { stepTable } from '../kernel/machine.ts';
import { after } from '../kernel/time.ts';
import type { CallEnd, CallReport, Wish } from '../sip/call-vocabulary.ts';
import type { Agreed } from '../sip/sdp/offer-answer.ts';
import type { CallContext, CallData, CallInput, CallOutput, CallState } from './state.ts';

type CallStep = Step<CallState, CallOutput>;
type Of<K extends CallReport['kind']> = Extract<CallReport, { kind: K }>;
type CallEvent = Extract<PhoneEvent, { event: 'call' }>;

/** A call's life; an absent cell means that this says nothing in that state. */
export const callTable: Table<CallState, CallInput, CallContext, CallOutput> = {
  incoming: {
    begin: (state) => ({
      state,
      out: [{ to: 'stack', command: { kind: 'ring', call: state.call.id, wish: state.call.wish } }],
    }),
    'call-ringing': (state) => ({ state, out: [told(state.call, 'ringing')] }),
    answer: (state) => ({
      state: { ...state, picking: true, timers: {} },
      out: state.picking
        ? []
        : [{ to: 'stack', command: { kind: 'pick-up', call: state.call.id, wish: state.call.wish } }],
    }),
    'call-picked-up': ({ call }, { agreed }, { now }) => inCall({ ...call, since: now }, agreed),
    'call-ended': (state, { end }) => over(state.call, end),
    'hang-up': hangUp,
    'timer forward': (state) => ({
      state: { ...state, timers: {} },
      out:
        state.forward === null
          ? []
          : [{ to: 'stack', command: { kind: 'redirect', call: state.call.id, to: state.forward } }],
    }),
  },
  dialing: {
    begin: ({ call }) => ({
      state: { name: 'dialing', timers: {}, call },
      out: [
        {
          to: 'stack',
          command: { kind: 'call', call: call.id, line: call.line, callee: call.peer, wish: call.wish },
        },
      ],
    }),
    'call-trying': trying,
    'call-progress': progressed,
    'call-answered': connected,
    'call-ended': ({ call }, { end }) => over(call, end),
    'hang-up': hangUp,
  },
  ringing: {
    'call-trying': trying,
    'call-progress': progressed,
    'call-answered': connected,
    'call-ended': ({ call }, { end }) => over(call, end),
    'hang-up': hangUp,
  },
  connected: {
    hold: (state) => (state.held ? { state, out: [] } : change(state, 'sendonly')),
    resume: (state) => (state.held ? change(state, 'sendrecv') : { state, out: [] }),
    'call-changed': changed,
    'call-ended': ({ call }, { end }) => over(call, end),
    'hang-up': hangUp,
  },
};

export const stepCall = (state: CallState, input: CallInput, context: CallContext): CallStep =>
  stepTable(callTable, state, input, context);

export const beginCall = (call: CallData, context: CallContext): CallStep =>
  stepCall({ name: 'dialing', timers: {}, call }, { kind: 'begin' }, context);

/** `forward`: where it goes, a whole SIP URI, when nobody has answered within `ms`. */
export function beginIncoming(
  call: CallData,
  forward: { readonly ms: number; readonly to: string } | null,
  context: CallContext,
): CallStep {
  const timers = forward === null ? {} : { forward: after(context.now, forward.ms) };
  const state = { name: 'incoming', timers, call, forward: forward?.to ?? null, picking: false } as const;
  return stepCall(state, { kind: 'begin' }, context);
}

/** The user sees who is asked: "trying main", "trying backup". */
function trying({ call }: CallState, { server, target }: Of<'call-trying'>, { now }: CallContext): CallStep {
  const moved = { ...call, place: { server, target }, since: now };
  return { state: { name: 'dialing', timers: {}, call: moved }, out: [told(moved, 'dialing')] };
}

function progressed(state: CallState, { code, agreed }: Of<'call-progress'>, { now }: CallContext): CallStep {
  // 100 is the next hop's; 181 and 182 say that it is not ringing yet (RFC 3261 21.1).
  const rings = agreed !== null || code === 180;
  const was = state.name === 'ringing' ? state.agreed : null;
  if (!rings || (state.name === 'ringing' && was !== null)) return { state, out: [] };
  const call = { ...state.call, since: state.name === 'ringing' ? state.call.since : now };
  const seen = agreed === null ? 'ringing' : 'early';
  const again = state.name === 'ringing' && agreed === null;
  return { state: { name: 'ringing', timers: {}, call, agreed }, out: again ? [] : [told(call, seen)] };
}

function connected(
  { call }: CallState,
  { server, target, agreed }: Of<'call-answered'>,
  { now }: CallContext,
): CallStep {
  return inCall({ ...call, place: { server, target }, since: now }, agreed);
}

const inCall = (call: CallData, agreed: Agreed): CallStep => ({
  state: { name: 'connected', timers: {}, call, agreed, held: false, wanted: null },
  out: [told(call, 'connected')],
});

type Connected = Extract<CallState, { name: 'connected' }>;

function change(state: Connected, direction: Wish['direction']): CallStep {
  if (state.wanted !== null) return { state, out: [] };
  const wish = { ...state.call.wish, direction, version: state.call.wish.version + 1 };
  return {
    state: { ...state, wanted: wish },
    out: [{ to: 'stack', command: { kind: 'change', call: state.call.id, wish } }],
  };
}

/** A change that was refused leaves the session as it was (RFC 3261 14.1); its number is used up all the same. */
function changed(state: Connected, { ok, agreed }: Of<'call-changed'>): CallStep {
  const { wanted } = state;
  const version = wanted?.version ?? state.call.wish.version;
  const wish = ok && wanted !== null ? wanted : { ...state.call.wish, version };
  const held = wish.direction === 'sendonly';
  const call = { ...state.call, wish };
  const out = held === state.held ? [] : [told(call, held ? 'held' : 'connected')];
  return { state: { ...state, call, agreed, held, wanted: null }, out };
}

function hangUp(state: CallState): CallStep {
  return { state, out: [{ to: 'stack', command: { kind: 'hang-up', call: state.call.id } }] };
}

const over = (call: CallData, end: CallEnd): CallStep => ({ state: null, out: [told(call, 'ended', end)] });

function told(call: CallData, state: CallEvent['state'], end: CallEnd | null = null): CallOutput {
  const cause = end === null ? null : causeOf(end);
  const code = end !== null && 'code' in end ? end.code : null;
  return {
    to: 'world',
    event: {
      event: 'call',
      id: call.id,
      line: call.line.line,
      state,
      direction: call.direction,
      peer: call.peer,
      ...(call.name === '' ? {} : { name: call.name }),
      ...(call.place ?? {}),
      ...(cause === null ? {} : { cause }),
      ...(code === null ? {} : { code }),
    },
  };
}

/** 600 and 603 speak for the person, wherever the call went (RFC 3261 21.6). */
function causeOf(end: CallEnd): NonNullable<CallEvent['cause']> {
  switch (end.result) {
    case 'hung-up':
      return 'hangup';
    case 'remote':
      return 'remote';
    case 'cancelled':
      return 'cancelled';
    case 'elsewhere':
      return 'elsewhere';
    case 'unanswered':
    case 'forwarded':
      return 'no-answer';
    case 'rejected':
      if (end.code === 486 || end.code === 600) return 'busy';
      return end.code === 603 ? 'declined' : 'failed';
    default:
      return 'failed';
  }
}
