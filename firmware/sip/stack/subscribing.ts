/** Owns the record of one SUBSCRIBE attempt under way and its messages: numbers, credentials, what its answers mean (rules 3.4, 3.5). */

import type { LineSettings } from '../../config/settings.ts';
import type { AttemptReason, PhoneEvent } from '../../events.ts';
import { deadlineOf } from '../../kernel/machine.ts';
import type { Random } from '../../kernel/random.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { soonest } from '../../kernel/time.ts';
import type { Asker, WaitPolicy } from '../../servers/health.ts';
import type { Candidate, Leg, Locate } from '../../servers/selection.ts';
import { settingKey } from '../../servers/selection.ts';
import type { FailureCause, ServerName } from '../../status.ts';
import type { Effect } from '../../vocabulary.ts';
import type { Series } from '../agent.ts';
import { believed, contactUri, longerInterval, routeHeaders, viaHeader } from '../agent.ts';
import { buildSubscribe } from '../agent-subscribe.ts';
import type { CredentialBook } from '../credentials.ts';
import { credentialsFor, EMPTY_BOOK, learnChallenge } from '../credentials.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { OpenCopy, RequestState, Verdict } from '../request-state.ts';
import type { SubscribeCommand, SubscribeReport } from '../subscription-vocabulary.ts';
import type { TimerValues } from '../transaction/context.ts';
import type { CallMessagesOptions } from './calling.ts';
import { calleeUri } from './calling.ts';
import type { Ledger } from './ledger.ts';
import type { Wire } from './wire-types.ts';

export interface SubscriptionsOptions extends CallMessagesOptions {
  readonly wire: Wire;
  readonly ledger: Ledger;
  readonly locate: Locate;
  readonly timers: TimerValues;
  readonly emit: (effect: Effect) => void;
  readonly report: (report: SubscribeReport, now: Millis) => void;
  /** Sum of the waits of the primary's list, ms. */
  readonly listWaitMs: (line: LineSettings, now: Millis) => number;
}

export type SubscribeStart = Extract<SubscribeCommand, { kind: 'subscribe' }>;

/** What was sent to one target. */
export interface SentSubscribe {
  readonly candidate: Candidate;
  readonly request: SipRequest;
  readonly contact: string;
  readonly askedS: number;
  /** Seconds that a grant is believed at most. */
  readonly mostS: number;
  readonly sentAt: Millis;
  /** Seconds that its 2xx granted, null = none came, or it does not say. */
  grantedS: number | null;
}

export interface Subscribing {
  readonly id: string;
  readonly command: SubscribeStart;
  readonly startedAt: Millis;
  /** Null until the first list is known and open, and once nobody can answer any more. */
  state: RequestState | null;
  begun: boolean;
  /** Waiting for a Retry-After to end. */
  holdUntil: Millis | null;
  legsTaken: number;
  series: Series;
  readonly sent: Map<string, SentSubscribe>;
  readonly intervals: Map<ServerName, number>;
  /** Copies without a final answer: what their 2xx grants counts, though a NOTIFY was first. */
  readonly unanswered: Set<string>;
  /** First place visited, and why it was left. */
  first: string;
  cause: FailureCause | null;
  code: number | null;
  retryAfterS: number;
  /** Until when the first NOTIFY of an accepted copy may come (RFC 6665 Timer N). */
  notifyBy: Millis | null;
  /** What the first NOTIFY made; null = none has come. */
  usage: { readonly id: string; readonly rank: number } | null;
  /** The attempt has been told to have ended: well or not. */
  told: boolean;
}

export const subscribeAsker = (line: LineSettings): Asker => ({ line: line.line, role: 'proxy', method: 'SUBSCRIBE' });

export const newSubscribing = (command: SubscribeStart, random: Random, now: Millis): Subscribing => ({
  id: command.attempt,
  command,
  startedAt: now,
  state: null,
  begun: false,
  holdUntil: null,
  legsTaken: 0,
  series: { callId: random.hex(128), fromTag: random.hex(64), cseq: 0 },
  sent: new Map(),
  intervals: new Map(),
  unanswered: new Set(),
  first: '',
  cause: null,
  code: null,
  retryAfterS: 0,
  notifyBy: null,
  usage: null,
  told: false,
});

/** When something is due: the walk, a Retry-After, Timer N. */
export function subscribingDue({ state, begun, holdUntil, notifyBy }: Subscribing): Millis | null {
  const walk = state === null ? (begun ? null : holdUntil) : deadlineOf(state);
  return soonest(walk, notifyBy);
}

export function noteFirst(attempt: Subscribing, [leg]: readonly Leg[]): void {
  const setting = attempt.command.line.proxy.primary ?? { name: '', port: 0 };
  const [candidate] = leg?.candidates ?? [];
  attempt.first = candidate === undefined ? settingKey(setting) : targetText(candidate.target);
  if (leg?.located.state === 'failed') attempt.cause ??= leg.located.cause;
}

/** An answer that leads on to the next target. */
export function ledOnTo(attempt: Subscribing, code: number, retryAfterS: number | null, { profile }: WaitPolicy): void {
  attempt.cause ??= 'code';
  attempt.code = code;
  // That of a 503 holds for the target and everybody who asks it; r2.0 has no such memory (rules 3.1).
  if (code !== 503 || profile === 'r2.0') attempt.retryAfterS = Math.max(attempt.retryAfterS, retryAfterS ?? 0);
}

/** Whose NOTIFY it is: that of the copy whose target sent it, else of the one that was accepted or sent last. */
export function senderOf({ sent, state }: Subscribing, from: Endpoint): readonly [string, SentSubscribe] | undefined {
  const all = [...sent].reverse();
  const isFrom = ([, { candidate }]: (typeof all)[number]): boolean => candidate.target.address === from.address;
  const isAt = (entry: (typeof all)[number]): boolean => isFrom(entry) && entry[1].candidate.target.port === from.port;
  const isWinner = ([, { candidate }]: (typeof all)[number]): boolean =>
    state?.name === 'settled' && state.winner?.rank === candidate.rank;
  return all.find(isAt) ?? all.find(isFrom) ?? all.find(isWinner) ?? all[0];
}

export interface SubscribeMessages {
  /** The SUBSCRIBE of one copy: the same Call-ID and From tag in all copies (rules 3.4). */
  compose(attempt: Subscribing, open: OpenCopy, local: Endpoint, branch: string, now: Millis): SentSubscribe;
  read(attempt: Subscribing, sent: SentSubscribe, response: SipResponse): Verdict;
}

export function createSubscribeMessages(options: CallMessagesOptions): SubscribeMessages {
  const { policy, identity, random, hash, serviceRoutes, faces } = options;
  let book: CredentialBook = EMPTY_BOOK;

  return {
    compose(attempt, { copy, reason }, local, branch, now) {
      const { line, watch, expiresS } = attempt.command;
      const { candidate } = copy;
      // Copies of one request share their number; what differs in content takes the next one (RFC 3261 8.1.3.5).
      if (reason !== 'walk' || attempt.series.cseq === 0)
        attempt.series = { ...attempt.series, cseq: attempt.series.cseq + 1 };
      const uri = calleeUri(watch.resource, candidate.setting);
      const askedS = attempt.intervals.get(candidate.server) ?? expiresS;
      const asked = { method: 'SUBSCRIBE', uri, body: '' };
      const credentialed = credentialsFor(book, line, candidate.pair, asked, { hash, random });
      book = credentialed.book;
      const hop = candidate.via === null ? null : line.outboundProxy[candidate.via];
      const contact = contactUri(line, candidate.server, faces.shown(candidate.target, local), {
        perServer: policy.profile === 'modern',
        transport: candidate.target.transport,
      });
      const request = buildSubscribe({
        ...{ line, setting: candidate.setting, uri, watch, contact, identity, expiresS: askedS },
        series: attempt.series,
        via: viaHeader(candidate.target, local, branch),
        route: [...routeHeaders(hop), ...serviceRoutes.of(line, candidate.server, now)],
        credentials: credentialed.headers,
      });
      return { candidate, request, contact, askedS, mostS: believed(askedS, expiresS), sentAt: now, grantedS: null };
    },
    read({ command, intervals }, { candidate, askedS, request }, response) {
      const { status } = response;
      if (status < 200) return { meaning: 'provisional' };
      if (status < 300) return { meaning: 'ok' };
      if (status === 401 || status === 407) {
        const learnt = learnChallenge(book, command.line, candidate.pair, response, request);
        book = learnt.book;
        return { meaning: 'challenge', answerable: learnt.answerable };
      }
      const interval = status === 423 ? longerInterval(response, askedS) : null;
      if (interval === null) return { meaning: 'final' };
      intervals.set(candidate.server, interval);
      return { meaning: 'amended' };
    },
  };
}

/** The `attempt` event of one send. */
export function subscribeAttemptEvent(
  { id, command, series }: Subscribing,
  { copy, reason, waitMs, known }: OpenCopy,
  branch: string,
): PhoneEvent {
  const target = targetText(copy.candidate.target);
  const again: AttemptReason = reason === 'walk' && !copy.id.endsWith('.1') ? 'hedge' : command.reason;
  return {
    event: 'attempt',
    ...{ attempt: id, line: command.line.line, role: 'proxy', method: 'SUBSCRIBE' },
    ...{ server: copy.candidate.server, target },
    ...(copy.candidate.via === null ? {} : { hop: target }),
    reason: reason === 'challenge' ? 'challenge' : again,
    ...{ callId: series.callId, branch, cseq: series.cseq, known, waitMs: Math.round(waitMs) },
  };
}

/** How an attempt has ended, and where. */
export type SubscribeEnd =
  | { readonly outcome: 'ok'; readonly candidate: Candidate }
  | { readonly outcome: 'rejected'; readonly candidate: Candidate; readonly code: number }
  | { readonly outcome: 'failed' | 'cancelled' };

/** The `attempt-ended` event. */
export function subscribeEndedEvent({ id, command, code }: Subscribing, end: SubscribeEnd, took: number): PhoneEvent {
  const place = 'candidate' in end ? { server: end.candidate.server, target: targetText(end.candidate.target) } : {};
  const answered = end.outcome === 'ok' ? 200 : end.outcome === 'rejected' ? end.code : code;
  return {
    event: 'attempt-ended',
    ...{ attempt: id, line: command.line.line, role: 'proxy', method: 'SUBSCRIBE', outcome: end.outcome, took },
    ...place,
    ...(answered === null || end.outcome === 'cancelled' ? {} : { code: answered }),
  };
}
