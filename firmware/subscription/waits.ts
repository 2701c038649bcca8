/** Owns when a subscription is asked for again: before it runs out, after a failure, after its end (RFC 6665 4.1.2, 4.1.3; RFC 5626 4.5; table X). */
import {
  BACKOFF_BASE_S,
  BACKOFF_LOW_RATIO,
  BACKOFF_MAX_S,
  REGISTRATION_RETRY_S,
  RETRY_AFTER_LINE_MAX_S,
} from '../config/defaults.ts';
import type { PhoneSettings } from '../config/settings.ts';
import type { Millis } from '../kernel/time.ts';
import { after } from '../kernel/time.ts';
import type { SubscribeFailure } from '../sip/subscription-vocabulary.ts';
import type { SubscriptionContext, SubscriptionPolicy } from './state.ts';

/** A subscription that lived no longer than this was no good: its end is a failure, or two sides would chase one another. Our choice. */
const SHORT_LIFE_MS = 10_000;
/** After a send that met no network, ms: our choice, as for REGISTER. */
export const NO_NETWORK_MS = 2000;

/** At max(expires − N, expires / 2), N = the renewal timer and the waits of the primary's list (rules 4, "renewal"). */
export function renewAtOf(expiresAt: Millis, listWaitMs: number, { now, policy }: SubscriptionContext): Millis {
  const left = Math.max(0, expiresAt - now);
  const before = policy.renewalMs + (policy.profile === 'modern' ? listWaitMs : 0);
  return after(now, Math.max(left - before, left / 2));
}

/** RFC 5626 4.5: 30 s, doubled with each failure, at most 1800 s; 50-100 % of it. */
function backOff(failures: number, { random, policy }: SubscriptionContext): number {
  if (policy.failedMs !== null) return policy.failedMs;
  const upper = Math.min(BACKOFF_MAX_S, BACKOFF_BASE_S * 2 ** Math.max(0, failures - 1)) * 1000;
  return random.between(upper * BACKOFF_LOW_RATIO, upper);
}

const atLeast = (wait: number, retryAfterS: number | null): number =>
  Math.max(wait, Math.min(retryAfterS ?? 0, RETRY_AFTER_LINE_MAX_S) * 1000);

/** Answers after which nothing but a change of the configuration helps (table X, column SF, "END"). */
const HOPELESS: ReadonlySet<number> = new Set([405, 406, 415, 416, 420, 421, 494, 439, 428, 436, 437, 438]);
/** Refusals that another try may find gone: they are waited for like a failure (table X, "bo"). */
const PASSING: ReadonlySet<number> = new Set([408, 430, 480, 481, 482, 483, 500, 502, 503, 504]);

/** ms until the next attempt. */
export function afterFailure(
  failure: SubscribeFailure,
  { failures }: { readonly failures: number },
  cx: SubscriptionContext,
): number | 'never' {
  switch (failure.result) {
    case 'no-network':
      return NO_NETWORK_MS;
    case 'unnotified':
      return backOff(failures, cx);
    case 'failed':
      return atLeast(backOff(failures, cx), failure.retryAfterS);
    case 'terminated':
      return afterEnd(failure, { lived: 0, failures }, cx);
    case 'rejected': {
      if (HOPELESS.has(failure.code)) return 'never';
      const wait = PASSING.has(failure.code) ? backOff(failures, cx) : cx.policy.rejectedMs;
      return atLeast(wait, failure.retryAfterS);
    }
  }
}

/** ms until a fresh attempt after the server's own end (RFC 6665 4.1.3). */
export function afterEnd(
  { reason, retryAfterS }: { readonly reason: string | null; readonly retryAfterS: number | null },
  { lived, failures }: { readonly lived: number; readonly failures: number },
  cx: SubscriptionContext,
): number | 'never' {
  switch (reason) {
    case 'rejected':
    case 'noresource':
    case 'invariant':
      return 'never';
    case 'probation':
    case 'giveup':
      // A Retry-After of nothing says no more than none.
      return (retryAfterS ?? 0) === 0 ? backOff(failures + 1, cx) : atLeast(0, retryAfterS);
    case 'deactivated':
    case 'timeout':
      return lived >= SHORT_LIFE_MS ? 0 : backOff(failures + 1, cx);
    default:
      return atLeast(lived >= SHORT_LIFE_MS ? 0 : backOff(failures + 1, cx), retryAfterS);
  }
}

/** ms until a fresh attempt after a refresh that found it gone: at once, but for a 480 that says when (table X, column SR). */
export const afterGone = (code: number | null, retryAfterS: number | null): number =>
  code === 480 ? atLeast(0, retryAfterS) : 0;

/** What the configuration says of it. */
export const subscriptionPolicy = ({ failover, timers }: PhoneSettings): SubscriptionPolicy => ({
  profile: failover.profile,
  renewalMs: timers.registrationRenewalS * 1000,
  probePeriodMs: failover.probePeriodS * 1000,
  rejectedMs: (timers.registrationRetryS ?? REGISTRATION_RETRY_S) * 1000,
  failedMs: timers.registrationTimeoutRetryS === null ? null : timers.registrationTimeoutRetryS * 1000,
});
