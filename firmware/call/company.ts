/** Owns what a call has to do with others: it is handed over, was asked for by somebody, or is in a conference (RFC 3515, 5589). */
import { REFER_TOLD_MS, REFERRER_GONE_MS } from '../config/defaults.ts';
import type { Step } from '../kernel/machine.ts';
import { after } from '../kernel/time.ts';
import type { CallReport, Wish } from '../sip/call-vocabulary.ts';
import type { CallContext, CallData, CallInput, CallOutput, CallState, Connected, Left } from './state.ts';
import { marksOf, told } from './told.ts';

type CallStep = Step<CallState, CallOutput>;

const say = (state: Connected, marks = marksOf(state)): CallOutput =>
  told(state.call, state.held ? 'held' : 'connected', null, marks);

/** Who asked for this call hears how it is getting on. */
export const tellReferrer = ({ referral }: CallData, code: number): readonly CallOutput[] =>
  referral?.by == null ? [] : [{ to: 'stack', command: { kind: 'refer-told', call: referral.by, code } }];

/** Whom it wants called cannot be. */
export const referRefused = (
  state: Connected | Left,
  { code }: Extract<CallInput, { kind: 'refer-refused' }>,
): CallStep => ({ state, out: [{ to: 'stack', command: { kind: 'refer-told', call: state.call.id, code } }] });

/**
 * The person has one call now, the new one. The far side of this one hangs up when it hears that (RFC 5589 6.1); we do where it does
 * not (5: either party may), so that nobody stays off-hook.
 */
export const leave = ({ call }: Connected, _input: CallInput, { now }: CallContext): CallStep => ({
  state: { name: 'left', timers: { bye: after(now, REFERRER_GONE_MS) }, call },
  out: [told(call, 'ended', { result: 'transferred' })],
});

/** One at a time: who was asked has yet to answer. */
export function transfer(state: Connected, { to }: Extract<CallInput, { kind: 'transfer' }>): CallStep {
  if (state.transfer !== null) return { state, out: [] };
  const next = { ...state, transfer: to };
  return { state: next, out: [{ to: 'stack', command: { kind: 'refer', call: state.call.id, to } }, say(next)] };
}

/** Handed over, this call is done, and with it the one that asked back; else it is as it was before (RFC 5589 6, 7). */
export function transferTold(
  state: Connected,
  report: Extract<CallReport, { kind: 'call-refer' }>,
  { now }: CallContext,
): CallStep {
  if (state.transfer === null || state.transfer === 'done') return { state, out: [] };
  if (!report.over) return { state: { ...state, timers: { refer: after(now, REFER_TOLD_MS) } }, out: [] };
  if (report.code >= 300) return transferFailed(state, report.code);
  const other = 'replacing' in state.transfer ? state.transfer.replacing : null;
  return {
    state: { ...state, timers: {}, transfer: 'done' },
    out: [
      { to: 'stack', command: { kind: 'hang-up', call: state.call.id } },
      ...(other === null ? [] : [{ to: 'call', call: other, input: { kind: 'hang-up' } } as const]),
    ],
  };
}

function transferFailed(state: Connected, code: number): CallStep {
  const next: Connected = { ...state, timers: {}, transfer: null };
  return { state: next, out: [say(next, { ...marksOf(next), transfer: 'failed', code })] };
}

/** Who was asked tells nothing more, and holds on: the call is the person's again (RFC 3515 2.4.4). */
export const transferForgotten = (state: Connected): CallStep => transferFailed(state, 408);

export function joined(state: Connected): CallStep {
  if (state.conference === 'in') return { state, out: [] };
  return withChange({ ...state, conference: 'in' }, 'sendrecv');
}

export function parted(state: Connected): CallStep {
  if (state.conference === 'out') return { state, out: [] };
  const next: Connected = { ...state, conference: 'out' };
  return { state: next, out: [say(next)] };
}

/** Everybody in a conference is heard: who was held is taken back. */
function withChange(state: Connected, direction: Wish['direction']): CallStep {
  if (!state.held || state.wanted !== null) return { state, out: [say(state)] };
  const wish = { ...state.call.wish, direction, version: state.call.wish.version + 1 };
  return {
    state: { ...state, wanted: wish },
    out: [say(state), { to: 'stack', command: { kind: 'change', call: state.call.id, wish } }],
  };
}
