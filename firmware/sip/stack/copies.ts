/**
 * Owns the messages of an attempt: which number a copy takes, what stands in it, and what its response means to the walk
 * (rules 3.4, 3.5; RFC 3261 10.2, 22). Series and nonces outlive the attempts.
 */
import type { LineSettings } from '../../config/settings.ts';
import type { AttemptReason, PhoneEvent } from '../../events.ts';
import type { Hash } from '../../kernel/hash.ts';
import type { Random } from '../../kernel/random.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import type { WaitPolicy } from '../../servers/health.ts';
import type { Candidate } from '../../servers/selection.ts';
import { settingKey } from '../../servers/selection.ts';
import type { Identity, Series } from '../agent.ts';
import { buildRegister, contactUri, longerInterval, routeHeaders, serverUri, viaHeader } from '../agent.ts';
import type { CredentialBook } from '../credentials.ts';
import { credentialsFor, EMPTY_BOOK, learnChallenge } from '../credentials.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { OpenCopy, Verdict } from '../request-state.ts';
import type { Attempt, RegisterCommand, Sent } from './attempt.ts';
import type { Faces } from './faces.ts';

export interface CopiesOptions {
  readonly policy: WaitPolicy;
  readonly identity: Identity;
  readonly random: Random;
  readonly hash: Hash;
  readonly faces: Faces;
}

export interface Composed {
  readonly request: SipRequest;
  readonly contact: string;
  readonly askedS: number;
}

export interface Copies {
  numberFor(attempt: Attempt, candidate: Candidate, reason: OpenCopy['reason']): Series;
  compose(attempt: Attempt, candidate: Candidate, number: Series, local: Endpoint, branch: string): Composed;
  /** What a response means to the walk; a challenge is learnt, a 423 raises the interval. */
  read(attempt: Attempt, sent: Sent, response: SipResponse): Verdict;
}

export function createCopies({ policy, identity, random, hash, faces }: CopiesOptions): Copies {
  const series = new Map<string, Series>();
  let book: CredentialBook = EMPTY_BOOK;
  /** Whose first hop lacks outbound support: bindings without a flow are all that it can keep (RFC 5626 6, 439). */
  const flowless = new Set<string>();

  /** Plain copies of one list share their CSeq; whatever differs in content takes the next one (rules 3.4). */
  function numberFor(attempt: Attempt, candidate: Candidate, reason: OpenCopy['reason']): Series {
    const key = `${attempt.command.line.line} ${settingKey(candidate.setting)}`;
    const known = series.get(key) ?? { callId: random.hex(128), fromTag: random.hex(64), cseq: 0 };
    const shared = reason === 'walk' ? attempt.numbers.get(candidate.server) : undefined;
    // Another request may have taken the next number meanwhile: a number never falls.
    if (shared === known.cseq && shared !== undefined) return known;
    const next = { ...known, cseq: known.cseq + 1 };
    series.set(key, next);
    if (reason === 'walk') attempt.numbers.set(candidate.server, next.cseq);
    else attempt.numbers.delete(candidate.server);
    return next;
  }

  function compose(attempt: Attempt, candidate: Candidate, number: Series, local: Endpoint, branch: string): Composed {
    const { command } = attempt;
    const { line } = command;
    const contact =
      command.kind === 'unregister'
        ? command.bound.contact
        : contactUri(line, candidate.server, faces.shown(candidate.target, local), {
            perServer: policy.profile === 'modern',
            transport: candidate.target.transport,
          });
    const askedS =
      command.kind === 'unregister' ? 0 : (attempt.intervals.get(candidate.server) ?? line.registrationPeriodS);
    const hop = candidate.via === null ? null : line.outboundProxy[candidate.via];
    const credentialed = credentialsFor(
      book,
      line,
      candidate.pair,
      { method: 'REGISTER', uri: serverUri(candidate.setting), body: '' },
      { hash, random },
    );
    book = credentialed.book;
    const request = buildRegister({
      line,
      setting: candidate.setting,
      contact,
      // One flow a server: where both keep one location service, neither takes the other's binding away.
      flow:
        identity.instance === null || flowless.has(flowKey(line, candidate))
          ? null
          : candidate.server === 'primary'
            ? 1
            : 2,
      expiresS: askedS,
      series: number,
      via: viaHeader(candidate.target, local, branch),
      route: routeHeaders(hop),
      credentials: credentialed.headers,
      identity,
    });
    return { request, contact, askedS };
  }

  function read(attempt: Attempt, sent: Sent, response: SipResponse): Verdict {
    const { status } = response;
    if (status < 200) return { meaning: 'provisional' };
    if (status < 300) return { meaning: 'ok' };
    if (status === 401 || status === 407) {
      const learnt = learnChallenge(book, attempt.command.line, sent.candidate.pair, response, sent.request);
      book = learnt.book;
      return { meaning: 'challenge', answerable: learnt.answerable };
    }
    return amends(attempt, sent, response) ? { meaning: 'amended' } : { meaning: 'final' };
  }

  /** Whether the server would take the same request in another form, which is kept for the next one. */
  function amends({ command, intervals }: Attempt, { candidate, askedS }: Sent, response: SipResponse): boolean {
    const interval = response.status === 423 ? longerInterval(response, askedS) : null;
    if (interval !== null) intervals.set(candidate.server, interval);
    const flow = flowKey(command.line, candidate);
    const refusesFlow = response.status === 439 && identity.instance !== null && !flowless.has(flow);
    if (refusesFlow) flowless.add(flow);
    return interval !== null || refusesFlow;
  }

  return { numberFor, compose, read };
}

const flowKey = (line: LineSettings, { setting }: Candidate): string => `${line.line} ${settingKey(setting)}`;

/** The `attempt` event of one send. */
export function attemptEvent(
  command: RegisterCommand,
  { copy, reason, waitMs, known }: Omit<OpenCopy, 'kind'>,
  number: Series,
  branch: string,
): PhoneEvent {
  const { candidate } = copy;
  const target = targetText(candidate.target);
  return {
    event: 'attempt',
    attempt: command.attempt,
    line: command.line.line,
    role: 'registrar',
    method: 'REGISTER',
    server: candidate.server,
    target,
    ...(candidate.via === null ? {} : { hop: target }),
    reason: reasonOf(command, reason, copy.id),
    callId: number.callId,
    branch,
    cseq: number.cseq,
    known,
    waitMs: Math.round(waitMs),
  };
}

function reasonOf(command: RegisterCommand, reason: OpenCopy['reason'], copyId: string): AttemptReason {
  if (reason === 'challenge') return 'challenge';
  return reason === 'walk' && !copyId.endsWith('.1') ? 'hedge' : command.reason;
}
