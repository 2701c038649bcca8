/** Owns session timers as values (RFC 4028): what is asked for, what both sides agree on, and when a session is refreshed or given up. */
import type { Millis } from '../../kernel/time.ts';
import { after } from '../../kernel/time.ts';
import { headerValue, headerValues } from '../message/headers.ts';
import type { Header, SipRequest, SipResponse } from '../message/message.ts';
import type { Answer } from './answers.ts';

/** The shortest interval that anybody may ask for, and that we take (RFC 4028 4, 5). */
export const SESSION_MIN_S = 90;
/** The session ends so long before its interval does, or a third of it, whichever is less (RFC 4028 10). */
const END_MARGIN_S = 32;

/** What we ask for; 0 = nothing. */
export interface Interval {
  readonly seconds: number;
  /** What somebody on the way has asked for at least (RFC 4028 7.3). */
  readonly least: number;
}

export interface SessionTimer {
  readonly intervalS: number;
  readonly refresher: 'us' | 'them';
  /** When we refresh it next; null = the far side does, or it was tried as often as it may be. */
  readonly refreshAt: Millis | null;
  /** Without a refresh it is over then. */
  readonly endsAt: Millis;
}

const secondsOf = (text: string | null): number | null => {
  const said = /^(\d{1,10})\s*(?:;|$)/.exec(text ?? '')?.[1];
  return said === undefined ? null : Number(said);
};

const refresherOf = (text: string | null): 'uac' | 'uas' | null => {
  const said = /;\s*refresher\s*=\s*(uac|uas)\b/i.exec(text ?? '')?.[1]?.toLowerCase();
  return said === 'uac' || said === 'uas' ? said : null;
};

export const minSeOf = (message: { readonly headers: readonly Header[] }): number | null =>
  secondsOf(headerValue(message, 'Min-SE'));

function timerOf(intervalS: number, refresher: SessionTimer['refresher'], now: Millis): SessionTimer {
  const margin = Math.min(END_MARGIN_S, intervalS / 3);
  return {
    intervalS,
    refresher,
    refreshAt: refresher === 'us' ? after(now, (intervalS / 2) * 1000) : null,
    endsAt: after(now, (intervalS - margin) * 1000),
  };
}

/** Headers of a request that begins or refreshes a session. `refresher`: who does it already; null = that is to be agreed. */
export function askedFor({ seconds, least }: Interval, refresher: SessionTimer['refresher'] | null): readonly Header[] {
  if (seconds === 0) return [];
  const who = refresher === null ? '' : `;refresher=${refresher === 'us' ? 'uac' : 'uas'}`;
  return [
    { name: 'Session-Expires', value: `${Math.max(seconds, least)}${who}` },
    ...(least > SESSION_MIN_S ? [{ name: 'Min-SE', value: String(least) }] : []),
  ];
}

/** What the 2xx to our request has agreed on; without the header there is no timer (RFC 4028 7.2). */
export function grantedBy(response: SipResponse, now: Millis): SessionTimer | null {
  const value = headerValue(response, 'Session-Expires');
  const seconds = secondsOf(value);
  if (seconds === null) return null;
  return timerOf(Math.max(seconds, SESSION_MIN_S), refresherOf(value) === 'uas' ? 'them' : 'us', now);
}

export const supportsTimer = (message: { readonly headers: readonly Header[] }): boolean =>
  [...headerValues(message, 'Supported'), ...headerValues(message, 'Require')].some(
    (tag) => tag.toLowerCase() === 'timer',
  );

/** The refusal of an interval that is too short; who knows no timers could not ask for a longer one (RFC 4028 9). */
export function tooShort(request: SipRequest): Answer | null {
  const seconds = secondsOf(headerValue(request, 'Session-Expires'));
  if (seconds === null || seconds >= SESSION_MIN_S || !supportsTimer(request)) return null;
  return { status: 422, headers: [{ name: 'Min-SE', value: String(SESSION_MIN_S) }] };
}

export interface Accepted {
  readonly timer: SessionTimer | null;
  /** Of our 2xx. */
  readonly headers: readonly Header[];
}

/** What we agree to in our 2xx to a request of the far side (RFC 4028 9). `wantedS`: what we would ask for ourselves, 0 = nothing. */
export function accept(request: SipRequest, wantedS: number, now: Millis): Accepted {
  const value = headerValue(request, 'Session-Expires');
  const known = supportsTimer(request);
  const asked = secondsOf(value) ?? (wantedS === 0 ? null : Math.max(wantedS, minSeOf(request) ?? 0));
  if (asked === null) return { timer: null, headers: [] };
  // Who does not know of timers cannot refresh; who does is left the choice, and else the work.
  const who = known ? (refresherOf(value) ?? 'uac') : 'uas';
  const timer = timerOf(Math.max(asked, SESSION_MIN_S), who === 'uac' ? 'them' : 'us', now);
  return {
    timer,
    headers: [
      { name: 'Session-Expires', value: `${timer.intervalS};refresher=${who}` },
      ...(who === 'uac' ? [{ name: 'Require', value: 'timer' }] : []),
    ],
  };
}

/** A refresh that has failed is tried again when half of what is left has passed, and not in the last moments. */
export function later(timer: SessionTimer, now: Millis, retryAfterS: number | null): SessionTimer {
  const wait = Math.max((timer.endsAt - now) / 2, (retryAfterS ?? 0) * 1000);
  const at = after(now, wait);
  return { ...timer, refreshAt: wait < RETRY_MIN_MS || at >= timer.endsAt ? null : at };
}

const RETRY_MIN_MS = 4000;
