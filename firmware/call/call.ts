/**
 * Owns one call as its user has it: what is seen of it while servers are tried, rung, answered, held and ended. Where its packets go is
 * SIP's; what is said is the media's.
 */
import type { Step, Table } from '../kernel/machine.ts';
import { stepTable } from '../kernel/machine.ts';
import { after } from '../kernel/time.ts';
import type { CallEnd, CallReport, Wish } from '../sip/call-vocabulary.ts';
import type { Agreed } from '../sip/sdp/offer-answer.ts';
import {
  joined,
  leave,
  parted,
  referRefused,
  tellReferrer,
  transfer,
  transferForgotten,
  transferTold,
} from './company.ts';
import type { CallContext, CallData, CallInput, CallOutput, CallState, Connected } from './state.ts';
import { marksOf, told } from './told.ts';

type CallStep = Step<CallState, CallOutput>;
type Of<K extends CallReport['kind']> = Extract<CallReport, { kind: K }>;

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
    // The desk opens its loudspeaker, and answers: nobody is heard unseen.
    'timer auto': (state) => ({
      state: { ...state, timers: {} },
      out: [told(state.call, 'ringing', null, { auto: state.call.auto?.microphone ?? 'muted' })],
    }),
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
          command: { kind: 'call', call: call.id, ...called(call) },
        },
        ...tellReferrer(call, 100),
      ],
    }),
    'call-trying': trying,
    'call-redirected': redirected,
    'call-progress': progressed,
    'call-answered': connected,
    'call-ended': ({ call }, { end }) => over(call, end),
    'hang-up': hangUp,
  },
  ringing: {
    'call-trying': trying,
    'call-redirected': redirected,
    'call-progress': progressed,
    'call-answered': connected,
    'call-ended': ({ call }, { end }) => over(call, end),
    'hang-up': hangUp,
  },
  connected: {
    hold: (state) => (state.held ? { state, out: [] } : change(state, 'sendonly')),
    resume: (state) => (state.held ? change(state, 'sendrecv') : { state, out: [] }),
    'call-changed': changed,
    'call-reached': renamed,
    transfer,
    'call-refer': transferTold,
    'timer refer': transferForgotten,
    'refer-refused': referRefused,
    join: (state) => joined(state),
    part: (state) => parted(state),
    leave,
    'call-ended': (state, { end }) => overInCall(state, end),
    'hang-up': hangUp,
  },
  left: {
    'refer-refused': referRefused,
    'call-ended': () => ({ state: null, out: [] }),
    'timer bye': (state) => hangUp({ ...state, timers: {} }),
    'hang-up': hangUp,
  },
};

/** What SIP needs to know of a call that is to be made. */
const called = ({ line, peer, wish, referral, emergency, intercom }: CallData) => ({
  ...{ line, callee: peer, wish, emergency },
  ...(intercom === undefined ? {} : { intercom }),
  referral: referral === null ? null : { replaces: referral.replaces, referredBy: referral.referredBy },
});

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
  const timers = {
    ...(forward === null ? {} : { forward: after(context.now, forward.ms) }),
    ...(call.auto === null ? {} : { auto: call.auto.at }),
  };
  const state = { name: 'incoming', timers, call, forward: forward?.to ?? null, picking: false } as const;
  return stepCall(state, { kind: 'begin' }, context);
}

/** The user sees who is asked: "trying main", "trying backup". */
function trying({ call }: CallState, { server, target }: Of<'call-trying'>, { now }: CallContext): CallStep {
  const moved = { ...call, place: { server, target }, since: now };
  return { state: { name: 'dialing', timers: {}, call: moved }, out: [told(moved, 'dialing')] };
}

/** The user sees where it goes: it is not who was dialled that will answer. */
function redirected({ call }: CallState, { to }: Of<'call-redirected'>, { now }: CallContext): CallStep {
  const sent = { ...call, sentTo: to, place: null, since: now };
  return { state: { name: 'dialing', timers: {}, call: sent }, out: [told(sent, 'dialing')] };
}

function progressed(state: CallState, { code, agreed }: Of<'call-progress'>, { now }: CallContext): CallStep {
  const ringing = state.name === 'ringing';
  // 100 is the next hop's; 181 and 182 say that it is not ringing yet (RFC 3261 21.1).
  if (!ringing && agreed === null && code !== 180) return { state, out: [] };
  if (ringing && state.agreed === agreed) return { state, out: [] };
  const call = { ...state.call, since: ringing ? state.call.since : now };
  return {
    state: { name: 'ringing', timers: {}, call, agreed },
    out: [told(call, agreed === null ? 'ringing' : 'early'), ...(ringing ? [] : tellReferrer(call, code))],
  };
}

function connected(
  { call }: CallState,
  { server, target, agreed }: Of<'call-answered'>,
  { now }: CallContext,
): CallStep {
  return inCall({ ...call, place: { server, target }, since: now }, agreed);
}

/** Who asked for it is told, and the call whose place it takes is over. */
const inCall = (call: CallData, agreed: Agreed): CallStep => ({
  state: {
    ...{ name: 'connected', timers: {}, call, agreed, held: false, wanted: null },
    ...{ transfer: null, conference: 'out' },
  },
  out: [
    told(call, 'connected', null, marksOf({ transfer: null, conference: 'out', agreed })),
    ...tellReferrer(call, 200),
    ...(call.takes === null
      ? []
      : [{ to: 'call', call: call.takes, input: { kind: call.direction === 'out' ? 'leave' : 'hang-up' } } as const]),
  ],
});

const seen = ({ held }: Connected): 'held' | 'connected' => (held ? 'held' : 'connected');

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
  const next = { ...state, call, agreed, held, wanted: null };
  const same = held === state.held && (agreed.secured === null) === (state.agreed.secured === null);
  return { state: next, out: same ? [] : [told(call, seen(next), null, marksOf(next))] };
}

/** Somebody else is there now: it was forwarded, handed over, or taken from a queue. */
function renamed(state: Connected, { name }: Of<'call-reached'>): CallStep {
  if (name === state.call.name) return { state, out: [] };
  const next = { ...state, call: { ...state.call, name } };
  return { state: next, out: [told(next.call, seen(next), null, marksOf(next))] };
}

function hangUp(state: CallState): CallStep {
  return { state, out: [{ to: 'stack', command: { kind: 'hang-up', call: state.call.id } }] };
}

/** One that was handed over has ended well, whoever was first to say so (RFC 5589 6). */
function overInCall({ call, transfer: handed }: Connected, end: CallEnd): CallStep {
  const left = end.result === 'remote' || end.result === 'hung-up';
  const well = handed === 'done' ? left : handed !== null && end.result === 'remote';
  return { state: null, out: [told(call, 'ended', well ? { result: 'transferred' } : end)] };
}

const over = (call: CallData, end: CallEnd): CallStep => ({
  state: null,
  out: [told(call, 'ended', end), ...tellReferrer(call, codeOf(end))],
});

/** For who asked for the call (RFC 3515 2.4.5): given up here: 487, nobody could be reached at all: 503. */
function codeOf(end: CallEnd): number {
  if (end.result === 'rejected') return end.code;
  return end.result === 'hung-up' ? 487 : 503;
}
