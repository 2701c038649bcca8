/** Owns one call in each of its states, what it meets, and the short words for what it does. */
import { stepCall } from '../../firmware/call/call.ts';
import type { CallData, CallInput, CallOutput, CallState, Connected } from '../../firmware/call/state.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { CallEnd, Wish } from '../../firmware/sip/call-vocabulary.ts';
import type { Agreed } from '../../firmware/sip/sdp/offer-answer.ts';
import { lineSettings } from '../support/settings.ts';

export const wish: Wish = {
  ...{ sessionId: '1', version: 1, port: 3000, codecs: [], events: null, direction: 'sendrecv', ptimeMs: 20 },
  ...{ keys: [], plain: 'taken' },
};
export const call: CallData = {
  ...{
    id: 'C1',
    line: lineSettings(),
    direction: 'out',
    peer: '200',
    name: '',
    sentTo: null,
    ring: null,
    wish,
    place: null,
    since: millis(0),
  },
  ...{ referral: null, takes: null, auto: null, emergency: null },
};
export const agreed: Agreed = {
  ...{ remote: { address: '198.51.100.7', port: 4000 }, codec: 'PCMU', sends: 0, receives: 0 },
  ...{ sendsEvents: null, receivesEvents: null, direction: 'sendrecv', ptimeMs: 20, secured: null },
};
export const context = { now: millis(5000) };

export const DIALING: CallState = { name: 'dialing', timers: {}, call };
export const RINGING: CallState = { name: 'ringing', timers: {}, call, agreed: null };
export const EARLY: CallState = { name: 'ringing', timers: {}, call, agreed };
export const CONNECTED: Connected = {
  name: 'connected',
  timers: {},
  call,
  agreed,
  held: false,
  wanted: null,
  transfer: null,
  conference: 'out',
};
export const HELD: CallState = {
  ...CONNECTED,
  call: { ...call, wish: { ...wish, direction: 'sendonly', version: 2 } },
  held: true,
};

export const INCOMING: CallState = {
  ...{ name: 'incoming', timers: { forward: millis(9000) }, forward: 'sip:7@x', picking: false },
  call: { ...call, direction: 'in' },
};
export const PICKING: CallState = { ...INCOMING, timers: {}, picking: true };

export const TRYING: CallInput = {
  kind: 'call-trying',
  call: 'C1',
  server: 'backup',
  target: 'udp:192.0.2.2:5060',
  first: false,
};
export const progress = (code: number, media: Agreed | null = null): CallInput => ({
  kind: 'call-progress',
  call: 'C1',
  code,
  agreed: media,
});
export const ANSWERED: CallInput = {
  kind: 'call-answered',
  call: 'C1',
  server: 'primary',
  target: 'udp:192.0.2.1:5060',
  agreed,
};
export const changed = (ok: boolean): CallInput => ({ kind: 'call-changed', call: 'C1', ok, agreed });
export const ended = (end: CallEnd): CallInput => ({ kind: 'call-ended', call: 'C1', end });

export function short(output: CallOutput): string {
  if (output.to === 'stack') {
    const { command } = output;
    return command.kind === 'change' ? `change to ${command.wish.direction} ${command.wish.version}` : command.kind;
  }
  if (output.to === 'call') return `${output.input.kind} ${output.call}`;
  if (output.to === 'media') return `key ${output.key.key} ${output.key.way}`;
  const { event } = output;
  return event.event === 'call'
    ? [event.state, event.server, event.cause, event.code].filter(Boolean).join(' ')
    : event.event;
}

/** What is left, and what was told. */
export function step(state: CallState, input: CallInput): readonly [string | null, ...string[]] {
  const next = stepCall(state, input, context);
  return [next.state?.name ?? null, ...next.out.map(short)];
}
