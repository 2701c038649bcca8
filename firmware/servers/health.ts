/**
 * Owns what the phone has learnt of each server: answer times, silence, refusals, codes, Retry-After (rules 3.1 and 4, row "health").
 *
 * The key is a *pair*: the hop a packet goes to, and the configured server behind it; without an outbound proxy that is the
 * target. Health shortens how long a server is waited for; only a Retry-After (and the blacklist of `r2.1`) skips one.
 * RFC 4321 1.3 names the gap that this memory fills.
 */
import {
  BACKOFF_BASE_S,
  BACKOFF_MAX_S,
  CODE_DEAD_WINDOW_MS,
  CONNECT_WAIT_MS,
  HEDGE_DEAD_FLOOR_MS,
  HEDGE_FLOOR_MS,
  HEDGE_MIN_SAMPLES,
  HEDGE_SAMPLES,
  HEDGE_UNKNOWN_MS,
  R2_TRANSACTION_MS,
  RETRY_AFTER_LINE_MAX_S,
  RETRY_AFTER_TARGET_MAX_S,
} from '../config/defaults.ts';
import type { Profile } from '../config/settings.ts';
import type { Millis } from '../kernel/time.ts';
import { after, seconds } from '../kernel/time.ts';
import type { FailureCause } from '../status.ts';

/** Who asked: health learnt by a code holds first for this line and role alone. */
export interface Asker {
  readonly line: number;
  readonly role: string;
  readonly method: string;
}

interface SilenceMark {
  readonly cause: FailureCause;
  readonly since: Millis;
  /** `r2.1`: not tried until then. */
  readonly blacklistedUntil: Millis | null;
}

interface CodeMark {
  readonly code: number;
  readonly method: string;
  /** Who met it; null = known phone-wide. */
  readonly asker: string | null;
  readonly at: Millis;
  readonly since: Millis;
  readonly until: Millis;
  /** When its Retry-After ends, which holds for this method of who met it. */
  readonly retryAt: Millis;
  readonly failures: number;
}

export interface Health {
  /** First send to first response of any kind, ms; the last 64. */
  readonly samples: readonly number[];
  readonly silence: SilenceMark | null;
  readonly codes: readonly CodeMark[];
  readonly retryAfterUntil: Millis | null;
  readonly lastAnswer: Millis | null;
  /** How the last judged request ended, for people. */
  readonly lastCode: number | null;
}

export const UNKNOWN_HEALTH: Health = {
  samples: [],
  silence: null,
  codes: [],
  retryAfterUntil: null,
  lastAnswer: null,
  lastCode: null,
};

/** The numbers of the profile in force that waits are made of. `transactionMs` null = given in no layer. */
export interface WaitPolicy {
  readonly profile: Profile;
  readonly hedgeLimitMs: number;
  readonly transactionMs: number | null;
  readonly t1Ms: number;
  readonly blacklistS: number;
  readonly codes: readonly number[];
}

const asKey = ({ line, role }: Asker): string => `${line}/${role}`;

/** Whether the pair counts as dead for this asker (rules 4, "health"). `null` asker = for anybody. */
export function isDead(health: Health, asker: Asker | null, now: Millis): boolean {
  return health.silence !== null || health.codes.some((mark) => codeHolds(mark, asker, now));
}

const codeHolds = (mark: CodeMark, asker: Asker | null, now: Millis): boolean =>
  mark.until > now && (mark.asker === null || (asker !== null && mark.asker === asKey(asker)));

/** Whether a code that answered this method still counts: other methods may be answered well. */
export const fails = (health: Health, method: string, now: Millis): boolean =>
  health.codes.some((mark) => mark.method === method && mark.until > now);

export function knowledge(health: Health, asker: Asker | null, now: Millis): 'live' | 'unknown' | 'dead' {
  if (isDead(health, asker, now)) return 'dead';
  return health.lastAnswer === null ? 'unknown' : 'live';
}

/**
 * H: how long the silence of a target is waited for before the next one starts, ms (rules 4, first two rows).
 * A transaction timer that was given bounds every wait of `modern` too.
 */
export function hedgeMs(health: Health, policy: WaitPolicy, asker: Asker | null, now: Millis): number {
  if (policy.profile !== 'modern') return policy.transactionMs ?? R2_TRANSACTION_MS;
  const live = liveWaitMs(health, policy.hedgeLimitMs);
  // Knowing of its death never lengthens a wait: a slow server that died is left as soon as a slow one.
  const wait = isDead(health, asker, now) ? Math.min(live, deadWaitMs(health)) : live;
  return Math.min(wait, policy.transactionMs ?? wait);
}

const deadWaitMs = (health: Health): number => Math.max(HEDGE_DEAD_FLOOR_MS, 2 * percentile(health.samples, 0.5));

function liveWaitMs(health: Health, limitMs: number): number {
  if (health.samples.length < HEDGE_MIN_SAMPLES) return Math.min(limitMs, HEDGE_UNKNOWN_MS);
  return Math.min(limitMs, Math.max(Math.min(HEDGE_FLOOR_MS, limitMs), 2 * percentile(health.samples, 0.99)));
}

/**
 * How long a connection is waited for before the next target starts, ms; null = no wait of its own: one timer runs from connecting
 * to the first answer (rules 4, row "TCP/TLS connect"). A target known to be dead has no longer than its answer would.
 */
export function connectWaitMs(
  { hedgeMs: answerMs, known }: { readonly hedgeMs: number; readonly known: 'live' | 'unknown' | 'dead' },
  { profile, transactionMs }: WaitPolicy,
): number | null {
  if (profile !== 'modern') return null;
  return known === 'dead' ? answerMs : Math.min(CONNECT_WAIT_MS, transactionMs ?? CONNECT_WAIT_MS);
}

/** How long the last target of an attempt is waited for: 64·T1, or the transaction timer (rules 4, "last target"). */
export function lastWaitMs(policy: WaitPolicy): number {
  if (policy.profile !== 'modern') return policy.transactionMs ?? R2_TRANSACTION_MS;
  return Math.min(64 * policy.t1Ms, policy.transactionMs ?? Number.POSITIVE_INFINITY);
}

/** Nearest-rank percentile; 0 for no samples. */
function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.ceil(p * sorted.length) - 1] ?? 0;
}

/** A response of any kind came `tookMs` after the first send; a retransmitted request gives no sample. */
export function noteAnswerTime(health: Health, tookMs: number, retransmitted: boolean): Health {
  if (retransmitted) return health;
  return { ...health, samples: [...health.samples, tookMs].slice(-HEDGE_SAMPLES) };
}

export interface Answer {
  readonly asker: Asker;
  readonly code: number;
  /** `Retry-After` of the answer in seconds, null = none. */
  readonly retryAfterS: number | null;
}

/** A final answer came: it clears marks, or is itself one. */
export function noteAnswer(health: Health, answer: Answer, policy: WaitPolicy, now: Millis): Health {
  const known: Health = { ...health, lastAnswer: now, lastCode: answer.code };
  if (policy.codes.includes(answer.code)) return noteCode(known, answer, policy, now);
  // An answer outside the failover codes proves life: it clears silence whatever the method, a code mark only of its own method.
  return { ...known, silence: null, codes: known.codes.filter((mark) => mark.method !== answer.asker.method) };
}

function noteCode(health: Health, answer: Answer, policy: WaitPolicy, now: Millis): Health {
  if (policy.profile === 'r2.0') return health;
  const { asker, code } = answer;
  const mine = health.codes.find((mark) => mark.method === asker.method && covers(mark, asker));
  const failures = (mine?.failures ?? 0) + 1;
  const others = health.codes.filter((mark) => mark !== mine);
  const elsewhere = others.some(
    (mark) => mark.code !== 503 && mark.method === asker.method && now - mark.at <= CODE_DEAD_WINDOW_MS,
  );
  const wide = code === 503 || elsewhere || mine?.asker === null;
  const mark: CodeMark = {
    code,
    method: asker.method,
    asker: wide ? null : asKey(asker),
    at: now,
    since: mine?.since ?? now,
    until: after(now, seconds(Math.min(BACKOFF_MAX_S, BACKOFF_BASE_S * 2 ** (failures - 1)))),
    retryAt: after(now, seconds(Math.min(answer.retryAfterS ?? 0, RETRY_AFTER_LINE_MAX_S))),
    failures,
  };
  return {
    ...health,
    codes: [...(wide ? others.filter((other) => other.method !== asker.method) : others), mark],
    retryAfterUntil: code === 503 ? retryAfterUntil(health, answer.retryAfterS, now) : health.retryAfterUntil,
  };
}

const covers = (mark: CodeMark, asker: Asker): boolean => mark.asker === null || mark.asker === asKey(asker);

/** A 503 with Retry-After blocks the pair for all methods and probes, at most 300 s (rules 3.1 b). */
function retryAfterUntil(health: Health, retryAfterS: number | null, now: Millis): Millis | null {
  if (retryAfterS === null) return health.retryAfterUntil;
  return after(now, seconds(Math.min(retryAfterS, RETRY_AFTER_TARGET_MAX_S)));
}

/** Silence, refusal, TLS failure or a failed probe: learnt phone-wide. `r2.0` has no memory. */
export function noteSilence(health: Health, cause: FailureCause, policy: WaitPolicy, now: Millis): Health {
  if (policy.profile === 'r2.0') return health;
  const until = policy.profile === 'r2.1' && policy.blacklistS > 0 ? after(now, seconds(policy.blacklistS)) : null;
  // The blacklist of r2.1 is a time, not a mark that an answer must clear.
  return {
    ...health,
    silence: { cause, since: health.silence?.since ?? now, blacklistedUntil: until },
  };
}

export const isBlacklisted = (health: Health, now: Millis): boolean =>
  health.silence?.blacklistedUntil != null && health.silence.blacklistedUntil > now;

/** The instant until which a Retry-After keeps requests away, null = none runs. `r2.0` never skips for it. */
export function blockedUntil(health: Health, profile: Profile, now: Millis): Millis | null {
  if (profile === 'r2.0') return null;
  return health.retryAfterUntil !== null && health.retryAfterUntil > now ? health.retryAfterUntil : null;
}

/** The same for one who asks: the Retry-After of another failover code holds for the line and method that met it (rules 3.1). */
export function heldUntil(health: Health, asker: Asker, profile: Profile, now: Millis): Millis | null {
  const mine = health.codes.find((mark) => mark.method === asker.method && mark.asker === asKey(asker));
  const own = mine === undefined || mine.retryAt <= now ? null : mine.retryAt;
  const ofAll = blockedUntil(health, profile, now);
  return own === null || ofAll === null ? (own ?? ofAll) : (Math.max(own, ofAll) as Millis);
}

/** Why and since when the pair is dead, for people; null = it is not. */
export function deathOf(
  health: Health,
  now: Millis,
): { cause: FailureCause; code: number | null; since: Millis } | null {
  if (health.silence !== null) return { cause: health.silence.cause, code: null, since: health.silence.since };
  const mark = health.codes.find((candidate) => candidate.until > now);
  return mark === undefined ? null : { cause: 'code', code: mark.code, since: mark.since };
}
