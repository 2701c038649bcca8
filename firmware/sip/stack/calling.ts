/** Owns the record of one outgoing call before it is answered, and its messages: numbers, SDP, credentials (rules 3.4, 3.5). */
import type { LineSettings, ServerSetting, TransportChoice } from '../../config/settings.ts';
import type { AttemptReason, PhoneEvent } from '../../events.ts';
import type { Hash } from '../../kernel/hash.ts';
import type { Random } from '../../kernel/random.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Asker, WaitPolicy } from '../../servers/health.ts';
import type { Blocks, Candidate, Route } from '../../servers/selection.ts';
import { openCandidates } from '../../servers/selection.ts';
import type { FailureCause } from '../../status.ts';
import type { Identity, Series } from '../agent.ts';
import { contactUri, fromOf, routeHeaders, serverUri, viaHeader } from '../agent.ts';
import { buildInvite, HIDDEN } from '../agent-call.ts';
import type { CallCommand, CallEnd } from '../call-vocabulary.ts';
import type { CredentialBook } from '../credentials.ts';
import { credentialsFor, EMPTY_BOOK, learnChallenge } from '../credentials.ts';
import type { InviteOutcome, InviteState, OpenInvite } from '../invite-state.ts';
import type { Header, SipRequest, SipResponse } from '../message/message.ts';
import { escapeUser, parseUri } from '../message/uri.ts';
import type { Verdict } from '../request-state.ts';
import { writeDescription } from '../sdp/description.ts';
import type { Local } from '../sdp/offer-answer.ts';
import { offerOf } from '../sdp/offer-answer.ts';
import type { Faces } from './faces.ts';
import type { ServiceRoutes } from './service-routes.ts';
import type { Interval } from './session-timer.ts';
import { askedFor, minSeOf } from './session-timer.ts';

type CallStart = Extract<CallCommand, { kind: 'call' }>;

/** As the original reads it too: the far phone answers by itself where it believes whoever calls (original-phone 6, "Intercom"). */
const answerAfter = (proxy: ServerSetting): Header => ({
  name: 'Call-Info',
  value: `<${serverUri(proxy)}>;answer-after=0`,
});

/** What was sent to one target. */
export interface SentInvite {
  readonly candidate: Candidate;
  readonly request: SipRequest;
  readonly local: Local;
}

/** What is remembered of a call to know where it has been. */
export interface Trail {
  /** Addresses that were asked for, with the servers that were asked. */
  readonly asked: Set<string>;
  /** Addresses that redirections have named. */
  readonly named: Set<string>;
}

export interface Calling {
  readonly id: string;
  readonly command: CallStart;
  /** Whom to ask for: who was dialled, or who stands at the address that a redirection has named. */
  callee: string;
  /** That address; null = nobody has sent the call elsewhere. */
  turnedTo: string | null;
  readonly trail: Trail;
  /** How often the session is to be refreshed (RFC 4028). */
  interval: Interval;
  readonly startedAt: Millis;
  /** Null until the first list is known. */
  state: InviteState | null;
  legsTaken: number;
  series: Series;
  readonly sent: Map<string, SentInvite>;
  /** Why the first place was left, and the last code that moved the walk on. */
  cause: FailureCause | null;
  code: number | null;
  ended: boolean;
  /** Of an emergency call: which targets were asked. */
  readonly asked: Set<string>;
}

export const routeOfCalls = (line: LineSettings): Route => ({ servers: line.proxy, outbound: line.outboundProxy });

export const callAsker = (line: LineSettings): Asker => ({ line: line.line, role: 'proxy', method: 'INVITE' });

const newSeries = (random: Random): Series => ({ callId: random.hex(128), fromTag: random.hex(64), cseq: 0 });

export const newCalling = (command: CallStart, sessionTimerS: number, random: Random, now: Millis): Calling => ({
  id: command.call,
  command,
  callee: command.callee,
  turnedTo: null,
  interval: { seconds: sessionTimerS, least: 0 },
  trail: { asked: new Set(), named: new Set() },
  startedAt: now,
  state: null,
  legsTaken: 0,
  series: newSeries(random),
  sent: new Map(),
  cause: null,
  code: null,
  ended: false,
  asked: new Set(),
});

/** As whom this server is asked. */
export const lineOfCopy = ({ command }: Calling, { line }: Candidate): LineSettings => line ?? command.line;

export interface CallMessagesOptions {
  readonly policy: WaitPolicy;
  readonly identity: Identity;
  readonly random: Random;
  readonly hash: Hash;
  readonly serviceRoutes: ServiceRoutes;
  readonly faces: Faces;
}

export interface CallMessages {
  /** The INVITE of one copy; the same Call-ID and From tag in all copies, but after a 482 (rules 3.4, 3.7). */
  compose(calling: Calling, open: OpenInvite, local: Endpoint, branch: string, now: Millis): SentInvite;
  /** What an answer means to the walk; a challenge is learnt. */
  read(calling: Calling, sent: SentInvite, response: SipResponse): Verdict;
}

export function createCallMessages({
  policy,
  identity,
  random,
  hash,
  serviceRoutes,
  faces,
}: CallMessagesOptions): CallMessages {
  let book: CredentialBook = EMPTY_BOOK;

  return {
    compose(calling, { copy, reason }, local, branch, now) {
      const { wish, referral } = calling.command;
      const { callee } = calling;
      const { candidate } = copy;
      const line = lineOfCopy(calling, candidate);
      if (reason === 'again') calling.series = newSeries(random);
      // Copies of one request share their number; what differs in content takes the next one (RFC 3261 8.1.3.5).
      if (reason !== 'walk' || calling.series.cseq === 0)
        calling.series = { ...calling.series, cseq: calling.series.cseq + 1 };
      const uri = calleeUri(callee, candidate.setting);
      const own: Local = { ...wish, at: { address: faces.mediaAddress(local.address), port: wish.port }, lines: [] };
      const sdp = writeDescription(offerOf(own));
      const credentialed = credentialsFor(
        book,
        line,
        candidate.pair,
        { method: 'INVITE', uri, body: sdp },
        { hash, random },
      );
      book = credentialed.book;
      const hop = candidate.via === null ? null : line.outboundProxy[candidate.via];
      const hidden = line.callerId === 'hidden' && calling.command.emergency === null;
      const request = buildInvite({
        from: hidden ? HIDDEN.from : fromOf(line, candidate.setting),
        ...{ uri, sdp, identity, referral, series: calling.series },
        extra: [
          ...(hidden ? HIDDEN.headers : []),
          ...askedFor(calling.interval, null),
          ...(calling.command.intercom ? [answerAfter(candidate.setting)] : []),
        ],
        contact: contactUri(
          hidden ? { ...line, userName: HIDDEN.user } : line,
          candidate.server,
          faces.shown(candidate.target, local),
          {
            perServer: policy.profile === 'modern',
            transport: candidate.target.transport,
          },
        ),
        via: viaHeader(candidate.target, local, branch),
        route: [...routeHeaders(hop), ...serviceRoutes.of(line, candidate.server, now)],
        credentials: credentialed.headers,
      });
      return { candidate, request, local: own };
    },
    read(calling, sent, response) {
      const { status } = response;
      if (status < 200) return { meaning: 'provisional' };
      if (status < 300) return { meaning: 'ok' };
      if (status === 422) return longer(calling, response);
      if (status !== 401 && status !== 407) return { meaning: 'final' };
      const line = lineOfCopy(calling, sent.candidate);
      const learnt = learnChallenge(book, line, sent.candidate.pair, response, sent.request);
      book = learnt.book;
      return { meaning: 'challenge', answerable: learnt.answerable };
    },
  };
}

/** Asked again at the same place, as after a challenge, where somebody on the way wants sessions to last longer (RFC 4028 7.3). */
function longer(calling: Calling, response: SipResponse): Verdict {
  const least = minSeOf(response);
  const { interval } = calling;
  if (least === null || least <= Math.max(interval.least, interval.seconds)) return { meaning: 'final' };
  calling.interval = { ...interval, least };
  return { meaning: 'challenge', answerable: true };
}

/** What is wrong with what was dialled, null = it can be called. */
export function calleeProblem(callee: string, transport: TransportChoice): string | null {
  const parsed = parseUri(calleeUri(callee, { name: 'proxy.invalid', port: 0 }));
  if (!parsed.ok) return `"${callee.slice(0, 40)}" cannot be called: ${parsed.error}`;
  // What asks for TLS all the way is never sent in the clear (RFC 3261 26.2.2; conformance A6).
  return parsed.value.scheme === 'sips' && transport !== TLS
    ? 'a sips: address needs "sip transport protocol: 4"'
    : null;
}

const TLS: TransportChoice = 4;

/** A number is a user at the proxy addressed (rules 3.5); a whole URI stays as it was dialled. */
export function calleeUri(callee: string, { name, port }: ServerSetting): string {
  if (/^sips?:/i.test(callee)) return callee;
  const [user = '', host] = callee.split('@', 2);
  const server = `${name.includes(':') ? `[${name}]` : name}${port === 0 ? '' : `:${port}`}`;
  return `sip:${escapeUser(user)}@${host ?? server}`;
}

/** The `attempt` event of one send. */
export function callAttemptEvent(calling: Calling, output: OpenInvite, branch: string): PhoneEvent {
  const { copy, waitMs, known } = output;
  const { candidate } = copy;
  const target = targetText(candidate.target);
  return {
    event: 'attempt',
    attempt: calling.id,
    line: calling.command.line.line,
    role: 'proxy',
    method: 'INVITE',
    server: candidate.server,
    target,
    ...(candidate.via === null ? {} : { hop: target }),
    reason: reasonOf(output),
    callId: calling.series.callId,
    branch,
    cseq: calling.series.cseq,
    known,
    waitMs: Math.round(waitMs),
  };
}

function reasonOf({ reason, copy }: OpenInvite): AttemptReason {
  if (reason === 'challenge' || reason === 'redirect') return reason;
  return reason === 'walk' && !copy.id.endsWith('.1') ? 'hedge' : 'fresh';
}

/** A call waits for no Retry-After: where all have one, the target whose ends first is asked at once (rules 3.1). */
export function callable(candidates: readonly Candidate[], blocks: Blocks): readonly Candidate[] {
  const { open } = openCandidates(candidates, blocks);
  if (open.length > 0) return open;
  const until = ({ pair }: Candidate): number => blocks.blockedUntil(pair) ?? 0;
  return [...candidates].sort((a, b) => until(a) - until(b)).slice(0, 1);
}

/** How a call that was not answered has ended, for the phone. */
export function callEnd(
  { code, cause }: Calling,
  outcome: Exclude<InviteOutcome, { result: 'ok' }>,
  response: SipResponse | undefined,
): CallEnd {
  if (outcome.result === 'rejected') return { result: 'rejected', code: outcome.code, reason: response?.reason ?? '' };
  return outcome.result === 'failed' ? { result: 'failed', code, cause } : { result: outcome.result };
}

/** The `attempt-ended` event. */
export function callEndedEvent(calling: Calling, outcome: InviteOutcome, took: number): PhoneEvent {
  const place =
    'copy' in outcome
      ? { server: outcome.copy.candidate.server, target: targetText(outcome.copy.candidate.target) }
      : {};
  const code = outcome.result === 'ok' ? 200 : outcome.result === 'rejected' ? outcome.code : calling.code;
  return {
    event: 'attempt-ended',
    attempt: calling.id,
    line: calling.command.line.line,
    role: 'proxy',
    method: 'INVITE',
    outcome: outcome.result === 'hung-up' || outcome.result === 'unanswered' ? 'cancelled' : outcome.result,
    ...place,
    ...(code === null ? {} : { code }),
    took,
  };
}
