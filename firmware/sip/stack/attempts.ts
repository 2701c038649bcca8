/**
 * Owns the REGISTER attempts under way: DNS lists become candidates, the walk of `request.ts` becomes transactions, responses
 * become verdicts, and the end is reported upward (rules 3). One record an attempt; a removal of a binding is an attempt with
 * a single candidate.
 */
import type { LineSettings } from '../../config/settings.ts';
import type { AttemptReason, PhoneEvent } from '../../events.ts';
import { Fleet } from '../../kernel/fleet.ts';
import type { Hash } from '../../kernel/hash.ts';
import { deadlineOf, dueTimer } from '../../kernel/machine.ts';
import type { Random } from '../../kernel/random.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Asker, WaitPolicy } from '../../servers/health.ts';
import { lastWaitMs } from '../../servers/health.ts';
import type { Candidate, Leg, Locate, Route } from '../../servers/selection.ts';
import { legsOf, openCandidates, settingKey } from '../../servers/selection.ts';
import type { FailureCause, ServerName } from '../../status.ts';
import type { Effect } from '../../vocabulary.ts';
import type { Granted, Identity, Series } from '../agent.ts';
import { buildRegister, contactUri, grantedBy, longerInterval, routeHeaders, serverUri, viaHeader } from '../agent.ts';
import type { CredentialBook } from '../credentials.ts';
import { credentialsFor, EMPTY_BOOK, learnChallenge } from '../credentials.ts';
import { retryAfterOf } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type {
  OpenCopy,
  Outcome,
  RequestContext,
  RequestInput,
  RequestOutput,
  RequestState,
  Verdict,
} from '../request.ts';
import { beginRequest, stepRequest } from '../request.ts';
import type { Bound, RegisterOutcome, StackCommand, StackReport } from '../vocabulary.ts';
import type { Ledger } from './ledger.ts';
import type { Wire, WireReport } from './wire.ts';

type RegisterCommand = Extract<StackCommand, { kind: 'register' }>;
type UnregisterCommand = Extract<StackCommand, { kind: 'unregister' }>;

interface Sent {
  readonly candidate: Candidate;
  readonly contact: string;
  readonly askedS: number;
}

interface Attempt {
  readonly id: string;
  readonly command: RegisterCommand | UnregisterCommand;
  readonly startedAt: Millis;
  /** Null until the first list is known and open. */
  state: RequestState | null;
  /** Waiting for DNS (`null` deadline) or for a Retry-After to end. */
  holdUntil: Millis | null;
  /** Legs whose DNS answer is already in the walk. */
  legsTaken: number;
  /** First place visited and why it was left. */
  first: string;
  cause: FailureCause | null;
  code: number | null;
  /** The CSeq that plain copies to a server share. */
  readonly numbers: Map<ServerName, number>;
  /** Seconds asked for at a server after a 423. */
  readonly intervals: Map<ServerName, number>;
  readonly sent: Map<string, Sent>;
  listWaitMs: number;
  ended: boolean;
}

export interface AttemptsOptions {
  readonly wire: Wire;
  readonly ledger: Ledger;
  readonly locate: Locate;
  readonly policy: WaitPolicy;
  readonly identity: Identity;
  readonly random: Random;
  readonly hash: Hash;
  readonly emit: (effect: Effect) => void;
  readonly report: (report: StackReport, now: Millis) => void;
  /** A REGISTER got a good answer from this pair. */
  readonly onRegisterOk: (pair: string, now: Millis) => void;
}

export interface Attempts {
  command(command: StackCommand, now: Millis): void;
  /** A configured server's list has come or changed. */
  located(now: Millis): void;
  /** True where the report is of one of our copies. */
  wireReport(report: WireReport, now: Millis): boolean;
  cancelAll(now: Millis): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

export const routeOf = (line: LineSettings): Route => ({ servers: line.registrar, outbound: line.outboundProxy });

const askerOf = (line: LineSettings): Asker => ({ line: line.line, role: 'registrar', method: 'REGISTER' });

export function createAttempts(options: AttemptsOptions): Attempts {
  const { wire, ledger, policy, identity, random, emit, report } = options;
  const attempts = new Fleet<Attempt>((attempt) =>
    attempt.state === null ? attempt.holdUntil : deadlineOf(attempt.state),
  );
  const series = new Map<string, Series>();
  let book: CredentialBook = EMPTY_BOOK;

  const contextOf = ({ command }: Attempt, now: Millis): RequestContext => ({
    now,
    waitFor: (candidate) => ledger.waitFor(candidate.pair, askerOf(command.line), now),
    lastWaitMs: lastWaitMs(policy),
    advances: (code) => command.kind === 'register' && policy.codes.includes(code),
    lateAnswers: policy.profile === 'modern' ? 'acted-on' : 'absorbed',
  });

  function begin(command: RegisterCommand | UnregisterCommand, now: Millis): void {
    const attempt: Attempt = {
      id: command.attempt,
      command,
      startedAt: now,
      state: null,
      holdUntil: null,
      legsTaken: 0,
      first: '',
      cause: null,
      code: null,
      numbers: new Map(),
      intervals: new Map(),
      sent: new Map(),
      listWaitMs: 0,
      ended: false,
    };
    attempts.set(attempt.id, attempt);
    if (command.kind === 'unregister') walk(attempt, [command.bound.candidate], false, now);
    else assemble(attempt, now);
  }

  /** Begins the walk as soon as the first list is known; later lists are appended when they come. */
  function assemble(attempt: Attempt, now: Millis): void {
    const legs = legsOf(routeOf(attempt.command.line), options.locate);
    const pending = legs.findIndex(({ located }) => located.state === 'pending');
    const known = pending === -1 ? legs : legs.slice(0, pending);
    const more = pending !== -1;
    if (known.length === 0 && more) return;
    noteFirst(attempt, legs, now);
    const fresh = known.slice(attempt.state === null ? 0 : attempt.legsTaken).flatMap(({ candidates }) => candidates);
    const { open, notBefore } = openCandidates(fresh, ledger.blocks(now));
    if (attempt.state !== null) {
      attempt.legsTaken = known.length;
      feed(attempt, { kind: 'candidates', candidates: open, more }, now);
      return;
    }
    attempt.holdUntil = open.length === 0 && !more ? notBefore : null;
    attempts.set(attempt.id, attempt);
    if (open.length === 0 && (more || notBefore !== null)) return;
    attempt.legsTaken = known.length;
    walk(attempt, open, more, now);
  }

  function noteFirst(attempt: Attempt, legs: readonly Leg[], now: Millis): void {
    const [leg] = legs;
    if (leg === undefined) return;
    const [candidate] = leg.candidates;
    attempt.first =
      candidate === undefined
        ? settingKey(attempt.command.line.registrar.primary ?? { name: '', port: 0 })
        : targetText(candidate.target);
    if (leg.located.state === 'failed') attempt.cause = leg.located.cause;
    attempt.listWaitMs = legs
      .filter(({ server }) => server === 'primary')
      .flatMap(({ candidates }) => candidates)
      .reduce((sum, { pair }) => sum + ledger.waitFor(pair, askerOf(attempt.command.line), now).hedgeMs, 0);
  }

  function walk(attempt: Attempt, candidates: readonly Candidate[], more: boolean, now: Millis): void {
    const step = beginRequest(attempt.id, candidates, more, contextOf(attempt, now));
    settle(attempt, step.state, step.out, now);
  }

  function feed(attempt: Attempt, input: RequestInput, now: Millis): void {
    if (attempt.state === null) return;
    const step = stepRequest(attempt.state, input, contextOf(attempt, now));
    settle(attempt, step.state, step.out, now);
  }

  function settle(attempt: Attempt, state: RequestState | null, out: readonly RequestOutput[], now: Millis): void {
    attempt.state = state;
    attempts.set(attempt.id, state === null ? null : attempt);
    for (const output of out) carryOut(attempt, output, now);
  }

  function carryOut(attempt: Attempt, output: RequestOutput, now: Millis): void {
    switch (output.kind) {
      case 'open':
        return openCopy(attempt, output, now);
      case 'quiet':
        return wire.quiet(output.copy, now);
      case 'silent':
        attempt.cause ??= 'no-answer';
        return ledger.silent(
          output.candidate.pair,
          { target: targetText(output.candidate.target), cause: 'no-answer', tookMs: output.took },
          now,
        );
      case 'ended':
        return conclude(attempt, output.outcome, output.openServers, now);
      case 'late':
        return late(attempt, output, now);
      case 'server-closed':
        return report(
          { kind: 'server-closed', attempt: attempt.id, line: attempt.command.line.line, server: output.server },
          now,
        );
    }
  }

  function openCopy(attempt: Attempt, { copy, reason, waitMs, known }: OpenCopy, now: Millis): void {
    const { candidate } = copy;
    const { command } = attempt;
    if (command.kind === 'register') dropRemovals(command.line, candidate, now);
    const number = numberFor(attempt, candidate, reason);
    const once = known === 'dead' && policy.profile === 'modern';
    const build = (local: Endpoint, branch: string): SipRequest => {
      const { request, contact, askedS } = compose(attempt, candidate, number, local, branch);
      attempt.sent.set(copy.id, { candidate, contact, askedS });
      // Removing a binding is no attempt: nothing is walked (rules 3.2).
      if (command.kind === 'register')
        emit({ kind: 'event', event: attemptEvent(command, { copy, reason, waitMs, known }, number, branch) });
      return request;
    };
    wire.start(copy.id, candidate.target, build, { once }, now);
  }

  /** A removal still under way at this server would take away the binding that is about to be made. */
  function dropRemovals(line: LineSettings, { setting }: Candidate, now: Millis): void {
    for (const [id, { command }] of attempts.entries())
      if (
        command.kind === 'unregister' &&
        command.line.line === line.line &&
        command.line.userName === line.userName &&
        settingKey(command.bound.candidate.setting) === settingKey(setting)
      )
        cancel(id, now);
  }

  /** Plain copies of one list share their CSeq; whatever differs in content takes the next one (rules 3.4). */
  function numberFor(attempt: Attempt, candidate: Candidate, reason: OpenCopy['reason']): Series {
    const key = `${attempt.command.line.line} ${settingKey(candidate.setting)}`;
    const known = series.get(key) ?? { callId: random.hex(128), fromTag: random.hex(64), cseq: 0 };
    const shared = reason === 'walk' ? attempt.numbers.get(candidate.server) : undefined;
    if (shared !== undefined) return { ...known, cseq: shared };
    const next = { ...known, cseq: known.cseq + 1 };
    series.set(key, next);
    if (reason === 'walk') attempt.numbers.set(candidate.server, next.cseq);
    else attempt.numbers.delete(candidate.server);
    return next;
  }

  function compose(
    attempt: Attempt,
    candidate: Candidate,
    number: Series,
    local: Endpoint,
    branch: string,
  ): { readonly request: SipRequest; readonly contact: string; readonly askedS: number } {
    const { command } = attempt;
    const { line } = command;
    const contact =
      command.kind === 'unregister'
        ? command.bound.contact
        : contactUri(line, candidate.server, local, { perServer: policy.profile === 'modern' });
    const askedS =
      command.kind === 'unregister' ? 0 : (attempt.intervals.get(candidate.server) ?? line.registrationPeriodS);
    const hop = candidate.via === null ? null : line.outboundProxy[candidate.via];
    const credentialed = credentialsFor(
      book,
      line,
      candidate.pair,
      { method: 'REGISTER', uri: serverUri(candidate.setting), body: '' },
      { hash: options.hash, random },
    );
    book = credentialed.book;
    const request = buildRegister({
      line,
      setting: candidate.setting,
      contact,
      expiresS: askedS,
      series: number,
      via: viaHeader(candidate.target, local, branch),
      route: routeHeaders(hop),
      credentials: credentialed.headers,
      identity,
    });
    return { request, contact, askedS };
  }

  function conclude(attempt: Attempt, outcome: Outcome, openServers: readonly ServerName[], now: Millis): void {
    attempt.ended = true;
    const { command } = attempt;
    const took = now - attempt.startedAt;
    const copy = outcome.result === 'failed' ? null : outcome.copy;
    if (command.kind === 'unregister') return concludeRemoval(attempt, command, outcome, now);
    const code = outcome.result === 'failed' ? attempt.code : outcome.result === 'rejected' ? outcome.code : 200;
    emit({
      kind: 'event',
      event: {
        event: 'attempt-ended',
        attempt: attempt.id,
        line: command.line.line,
        role: 'registrar',
        method: 'REGISTER',
        outcome: outcome.result,
        ...(copy === null ? {} : { server: copy.candidate.server, target: targetText(copy.candidate.target) }),
        ...(code === null ? {} : { code }),
        took,
      },
    });
    report(
      {
        kind: 'attempt-ended',
        attempt: attempt.id,
        line: command.line.line,
        outcome: registerOutcome(attempt, outcome),
        first: attempt.first,
        cause: attempt.cause,
        openServers,
        listWaitMs: attempt.listWaitMs,
        took,
      },
      now,
    );
  }

  const grants = new Map<string, Granted>();

  function registerOutcome(attempt: Attempt, outcome: Outcome): RegisterOutcome {
    if (outcome.result === 'failed') return { result: 'failed', code: attempt.code };
    const { copy } = outcome;
    if (outcome.result === 'rejected')
      return {
        result: 'rejected',
        server: copy.candidate.server,
        target: targetText(copy.candidate.target),
        code: outcome.code,
        retryAfterS: outcome.retryAfterS,
      };
    return okOutcome(attempt, copy.id);
  }

  function okOutcome(attempt: Attempt, copyId: string): Extract<RegisterOutcome, { result: 'ok' }> {
    const sent = attempt.sent.get(copyId);
    const granted = grants.get(copyId) ?? { expiresS: 0, listed: false, contacts: [] };
    grants.delete(copyId);
    const bound: Bound = { candidate: (sent as Sent).candidate, contact: (sent as Sent).contact };
    return {
      result: 'ok',
      bound,
      expiresS: granted.expiresS,
      listed: granted.listed,
      contacts: granted.contacts,
      code: 200,
    };
  }

  function concludeRemoval(attempt: Attempt, command: UnregisterCommand, outcome: Outcome, now: Millis): void {
    const contacts = outcome.result === 'ok' ? (grants.get(outcome.copy.id)?.contacts ?? []) : [];
    report(
      {
        kind: 'unregistered',
        attempt: attempt.id,
        line: command.line.line,
        bound: command.bound,
        ok: outcome.result === 'ok',
        contacts,
      },
      now,
    );
  }

  function late(attempt: Attempt, { copy, code, action }: Extract<RequestOutput, { kind: 'late' }>, now: Millis): void {
    emit({
      kind: 'event',
      event: { event: 'late-answer', attempt: attempt.id, target: targetText(copy.candidate.target), code, action },
    });
    if (action === 'none' || attempt.command.kind === 'unregister') return;
    const outcome = okOutcome(attempt, copy.id);
    report(
      {
        kind: 'late-ok',
        attempt: attempt.id,
        line: attempt.command.line.line,
        action,
        outcome,
        listWaitMs: attempt.listWaitMs,
      },
      now,
    );
  }

  function wireReport(wired: WireReport, now: Millis): boolean {
    const attempt = attempts.get(attemptOf(wired.id));
    if (wired.kind === 'stray') return strayReport(wired, now);
    if (attempt === undefined) return false;
    const sent = attempt.sent.get(wired.id);
    if (wired.kind === 'failed') failed(attempt, wired, now);
    else if (sent !== undefined) answered(attempt, sent, wired, now);
    return true;
  }

  function failed(attempt: Attempt, wired: Extract<WireReport, { kind: 'failed' }>, now: Millis): void {
    if (wired.cause === 'no-network') return noNetwork(attempt, now);
    const candidate = candidateOf(attempt, wired.id);
    // The silence of a copy that was given up is known already; its Timer F says nothing new.
    const news = wired.cause !== 'no-answer' || isActive(attempt, wired.id);
    if (candidate !== null && news) {
      attempt.cause ??= wired.cause;
      ledger.silent(
        candidate.pair,
        { target: targetText(candidate.target), cause: wired.cause, tookMs: wired.tookMs },
        now,
      );
    }
    feed(attempt, { kind: 'failed', copy: wired.id, cause: wired.cause }, now);
  }

  /** The link or the address is gone: the attempt ends without mark, sample or back-off step (rules 4, "Link down"). */
  function noNetwork(attempt: Attempt, now: Millis): void {
    const { command, ended } = attempt;
    cancel(attempt.id, now);
    if (ended) return;
    if (command.kind === 'unregister') {
      report(
        {
          kind: 'unregistered',
          attempt: attempt.id,
          line: command.line.line,
          bound: command.bound,
          ok: false,
          contacts: [],
        },
        now,
      );
      return;
    }
    report(
      {
        kind: 'attempt-ended',
        attempt: attempt.id,
        line: command.line.line,
        outcome: { result: 'no-network' },
        first: attempt.first,
        cause: null,
        openServers: [],
        listWaitMs: 0,
        took: now - attempt.startedAt,
      },
      now,
    );
  }

  function answered(attempt: Attempt, sent: Sent, wired: Extract<WireReport, { kind: 'response' }>, now: Millis): void {
    const { response } = wired;
    const { pair, target, server } = sent.candidate;
    const retryAfterS = retryAfterOf(response);
    if (wired.first) ledger.answerTime(pair, wired.tookMs);
    if (response.status >= 200) {
      const asker = askerOf(attempt.command.line);
      ledger.answer(pair, targetText(target), { asker, code: response.status, retryAfterS }, wired.tookMs ?? 0, now);
      if (policy.codes.includes(response.status)) {
        attempt.cause ??= 'code';
        attempt.code = response.status;
      }
    }
    const verdict = read(attempt, sent, response, server);
    if (verdict.meaning === 'ok') {
      grants.set(wired.id, grantedBy(response, sent.contact, sent.askedS));
      if (attempt.command.kind === 'register') options.onRegisterOk(pair, now);
    }
    feed(attempt, { kind: 'answer', copy: wired.id, verdict, code: response.status, retryAfterS }, now);
    grants.delete(wired.id);
  }

  function read(attempt: Attempt, sent: Sent, response: SipResponse, server: ServerName): Verdict {
    const { status } = response;
    if (status < 200) return { meaning: 'provisional' };
    if (status < 300) return { meaning: 'ok' };
    if (status === 401 || status === 407) {
      const learnt = learnChallenge(book, attempt.command.line, sent.candidate.pair, response);
      book = learnt.book;
      return { meaning: 'challenge', answerable: learnt.answerable };
    }
    const interval = status === 423 ? longerInterval(response, sent.askedS) : null;
    if (interval === null) return { meaning: 'final' };
    attempt.intervals.set(server, interval);
    return { meaning: 'too-brief' };
  }

  /** The transaction has ended, so the answer changes no state; but the binding it tells of is there (rules 3.6). */
  function strayReport(wired: Extract<WireReport, { kind: 'stray' }>, now: Millis): boolean {
    const line = lineOf(wired.id);
    if (line === null) return false;
    if (wired.response.status >= 200 && wired.response.status < 300) {
      emit({
        kind: 'event',
        event: {
          event: 'late-answer',
          attempt: attemptOf(wired.id),
          target: '',
          code: wired.response.status,
          action: 'none',
        },
      });
      report({ kind: 'stray-ok', line }, now);
    }
    return true;
  }

  function cancel(id: string, now: Millis): void {
    const attempt = attempts.get(id);
    if (attempt === undefined) return;
    attempts.set(id, null);
    for (const copy of attempt.state?.copies ?? []) wire.drop(copy.id, now);
  }

  return {
    command(command, now) {
      if (command.kind === 'register' || command.kind === 'unregister') return begin(command, now);
      const attempt = attempts.get(command.attempt);
      if (attempt === undefined) return;
      if (command.kind === 'give-up') feed(attempt, { kind: 'give-up' }, now);
      else cancel(command.attempt, now);
    },
    located(now) {
      for (const [, attempt] of attempts.entries())
        if (
          attempt.command.kind === 'register' &&
          (attempt.state === null || (attempt.state.name === 'walking' && attempt.state.more))
        )
          assemble(attempt, now);
    },
    wireReport,
    cancelAll(now) {
      for (const id of attempts.ids()) cancel(id, now);
    },
    next: () => attempts.next()?.at ?? null,
    wake(now) {
      const due = attempts.next();
      if (due === null || due.at > now) return;
      const attempt = attempts.get(due.id);
      if (attempt === undefined) return;
      if (attempt.state === null) {
        attempt.holdUntil = null;
        assemble(attempt, now);
      } else if (dueTimer(attempt.state, now) === 'hedge') feed(attempt, { kind: 'timer', timer: 'hedge' }, now);
    },
  };
}

function attemptEvent(
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

/** Copy ids are `attempt.n`. */
const attemptOf = (copyId: string): string => copyId.slice(0, copyId.lastIndexOf('.'));

/** Attempt ids are `L<line>-n`. */
const lineOf = (copyId: string): number | null => {
  const match = /^L(\d+)-/.exec(copyId);
  return match === null ? null : Number(match[1]);
};

const candidateOf = (attempt: Attempt, copyId: string): Candidate | null =>
  attempt.state?.copies.find((copy) => copy.id === copyId)?.candidate ?? null;

const isActive = (attempt: Attempt, copyId: string): boolean =>
  attempt.state?.copies.some((copy) => copy.id === copyId && copy.phase === 'active') ?? false;
