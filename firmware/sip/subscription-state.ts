/** Owns reading what a NOTIFY says of its subscription (RFC 6665 4.1.3, 8.2.3), leniently as notifiers of RFC 3265 need it. Pure and total. */
import { headerValue } from './message/headers.ts';
import type { SipRequest } from './message/message.ts';
import { paramOf, splitOutside } from './message/scan.ts';

export interface NotifyState {
  readonly state: 'active' | 'pending' | 'terminated';
  /** In lower case; null = none is given. */
  readonly reason: string | null;
  /** Seconds. */
  readonly retryAfterS: number | null;
  readonly expiresS: number | null;
}

const SECONDS_MAX = 2 ** 31 - 1;

/** Without the header, or with a state that nobody knows, it counts as active: so did notifiers before RFC 6665 (conformance H6, H21). */
export function notifyStateOf(notify: SipRequest): NotifyState {
  const [word = '', ...params] = splitOutside(headerValue(notify, 'Subscription-State') ?? '', ';');
  const pairs = params.map((param) => {
    const [name = '', value = ''] = param.split('=', 2);
    return { name: name.trim().toLowerCase(), value: value.trim() };
  });
  const said = word.trim().toLowerCase();
  return {
    state: said === 'terminated' || said === 'pending' ? said : 'active',
    reason: paramOf(pairs, 'reason')?.toLowerCase() ?? null,
    retryAfterS: secondsOf(paramOf(pairs, 'retry-after')),
    expiresS: secondsOf(paramOf(pairs, 'expires')),
  };
}

const secondsOf = (text: string | null | undefined): number | null =>
  text != null && /^\d{1,10}$/.test(text) ? Math.min(Number(text), SECONDS_MAX) : null;

/** The package of an `Event` header: its first word in lower case. */
export const packageOf = (event: string | null): string => (event ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** `id` of an `Event` header, empty = none: part of what tells two subscriptions in one dialog apart (RFC 6665 4.4.1). */
export const eventIdOf = (event: string | null): string => /;\s*id\s*=\s*([^;\s]+)/i.exec(event ?? '')?.[1] ?? '';
