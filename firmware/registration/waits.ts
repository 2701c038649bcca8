/** Owns how long a line waits before its next attempt (rules 4, rows "all failed" and "rejected"; RFC 5626 4.5). */
import {
  BACKOFF_BASE_S,
  BACKOFF_LOW_RATIO,
  BACKOFF_MAX_S,
  LINK_UP_JITTER_MS,
  MIN_ATTEMPT_GAP_MS,
  NO_NETWORK_BASE_S,
  NO_NETWORK_MAX_S,
  REGISTRATION_RETRY_S,
  REGISTRATION_TIMEOUT_RETRY_S,
  RETRY_AFTER_LINE_MAX_S,
  SHUTDOWN_LIMIT_MS,
} from '../config/defaults.ts';
import type { PhoneSettings, Profile } from '../config/settings.ts';
import type { Random } from '../kernel/random.ts';
import type { Millis } from '../kernel/time.ts';

/** `null` = the parameter is given in no layer. */
export interface RetryPolicy {
  readonly profile: Profile;
  readonly rejectedRetryS: number | null;
  readonly timeoutRetryS: number | null;
  readonly renewalS: number;
  readonly probePeriodMs: number;
  readonly jitterMs: number;
  readonly linkJitterMs: number;
  readonly shutdownMs: number;
}

/**
 * The wait after an attempt that all servers failed, ms. `modern`: RFC 5626 4.5, min(1800, 30·2^n) s of which 50-100 % is
 * taken, bounded by the timeout retry timer where one was given. `r2.0`, `r2.1`: that timer, 120 s. A Retry-After is the
 * lower bound of each (rules 3.1).
 */
export function backOff(policy: RetryPolicy, failures: number, retryAfterS: number, random: Random): number {
  return Math.max(ownWait(policy, failures, random), heeded(retryAfterS)) * 1000;
}

function ownWait(policy: RetryPolicy, failures: number, random: Random): number {
  if (policy.profile !== 'modern') return policy.timeoutRetryS ?? REGISTRATION_TIMEOUT_RETRY_S;
  const fullS = Math.min(BACKOFF_MAX_S, BACKOFF_BASE_S * 2 ** Math.min(failures, 10));
  const waitS = fullS * random.between(BACKOFF_LOW_RATIO, 1);
  return Math.min(waitS, policy.timeoutRetryS ?? waitS);
}

/** What a Retry-After may ask of a line, s. */
const heeded = (retryAfterS: number | null): number => Math.min(retryAfterS ?? 0, RETRY_AFTER_LINE_MAX_S);

/** The wait after a refusal, ms: the retry timer; a Retry-After is its lower bound, at most an hour (F11, F13). */
export function rejectionWait(policy: RetryPolicy, retryAfterS: number | null): number {
  const waitS = policy.rejectedRetryS ?? REGISTRATION_RETRY_S;
  return Math.max(waitS, heeded(retryAfterS)) * 1000;
}

/** When the next attempt may start: at most one a second and line. */
export const pace = (lastAttemptAt: Millis | null, now: Millis): Millis =>
  lastAttemptAt === null ? now : (Math.max(now, lastAttemptAt + MIN_ATTEMPT_GAP_MS) as Millis);

/** When a binding of `expiresS` is renewed, ms from now: max(expires − N, expires / 2) (rules 4, "renewal"). */
export const renewalWait = (policy: RetryPolicy, expiresS: number, listWaitMs: number): number =>
  Math.max(
    expiresS * 1000 - policy.renewalS * 1000 - (policy.profile === 'modern' ? listWaitMs : 0),
    (expiresS * 1000) / 2,
  );

/** The wait after a send that met no network, ms: 2, 4, 8 … 30 s. */
export const noNetworkWait = (tries: number): number =>
  Math.min(NO_NETWORK_MAX_S, NO_NETWORK_BASE_S * 2 ** Math.min(tries - 1, 10)) * 1000;

/** The numbers in force. */
export const retryPolicy = ({ failover, timers }: PhoneSettings): RetryPolicy => ({
  profile: failover.profile,
  rejectedRetryS: timers.registrationRetryS,
  timeoutRetryS: timers.registrationTimeoutRetryS,
  renewalS: timers.registrationRenewalS,
  probePeriodMs: failover.probePeriodS * 1000,
  jitterMs: failover.jitterS * 1000,
  linkJitterMs: LINK_UP_JITTER_MS,
  shutdownMs: SHUTDOWN_LIMIT_MS,
});
