/**
 * Owns the REGISTER attempts under way: DNS lists become candidates, the walk of `request.ts` becomes transactions, responses
 * become verdicts, and the end is reported upward (rules 3). One record an attempt; a removal of a binding is an attempt with
 * a single candidate.
 */
import type { LineSettings } from '../../config/settings.ts';
import { Fleet } from '../../kernel/fleet.ts';
import { deadlineOf, dueTimer } from '../../kernel/machine.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { lastWaitMs } from '../../servers/health.ts';
import type { Candidate, Leg, Locate } from '../../servers/selection.ts';
import { knownLegs, legsOf, openCandidates, settingKey } from '../../servers/selection.ts';
import type { ServerName } from '../../status.ts';
import type { Effect } from '../../vocabulary.ts';
import { believed, grantedBy } from '../agent.ts';
import type { SipRequest } from '../message/message.ts';
import { beginRequest, stepRequest } from '../request.ts';
import type { OpenCopy, Outcome, RequestContext, RequestInput, RequestOutput, RequestState } from '../request-state.ts';
import type { StackCommand, StackReport } from '../vocabulary.ts';
import type { Attempt, RegisterCommand, Sent, UnregisterCommand } from './attempt.ts';
import { askerOf, attemptOf, isOpenAt, ledOn, lineOf, newAttempt, routeOf } from './attempt.ts';
import { createConnecting } from './connecting.ts';
import type { CopiesOptions } from './copies.ts';
import { attemptEvent, createCopies } from './copies.ts';
import { createEncounters } from './encounters.ts';
import type { Ledger } from './ledger.ts';
import { endedEvent, endedReport, lateAnswerEvent, okOutcome } from './outcomes.ts';
import type { ServiceRoutes } from './service-routes.ts';
import type { Wire, WireReport } from './wire-types.ts';

export interface AttemptsOptions extends CopiesOptions {
  readonly wire: Wire;
  readonly ledger: Ledger;
  readonly locate: Locate;
  readonly serviceRoutes: ServiceRoutes;
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

export function createAttempts(options: AttemptsOptions): Attempts {
  const { wire, ledger, policy, emit, report, serviceRoutes } = options;
  const attempts = new Fleet<Attempt>((attempt) =>
    attempt.state === null ? attempt.holdUntil : deadlineOf(attempt.state),
  );
  const copies = createCopies(options);
  const connecting = createConnecting(wire, emit);
  const encounters = createEncounters(wire, ledger, policy);

  const contextOf = ({ command }: Attempt, now: Millis): RequestContext => ({
    now,
    waitFor: (candidate) => encounters.waitFor(candidate, askerOf(command.line), now),
    lastWaitMs: lastWaitMs(policy),
    advances: (code) => command.kind === 'register' && policy.codes.includes(code),
    lateAnswers: policy.profile === 'modern' ? 'acted-on' : 'absorbed',
  });

  function begin(command: RegisterCommand | UnregisterCommand, now: Millis): void {
    // The same removal is under way already.
    if (attempts.get(command.attempt) !== undefined) return;
    const attempt = newAttempt(command, now);
    attempts.set(attempt.id, attempt);
    if (command.kind === 'unregister') walk(attempt, [command.bound.candidate], false, now);
    else assemble(attempt, now);
  }

  /** Begins the walk as soon as the first list is known; later lists are appended when they come. */
  function assemble(attempt: Attempt, now: Millis): void {
    const legs = legsOf(routeOf(attempt.command.line), options.locate);
    const { known, more } = knownLegs(legs);
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
    attempt.begunAt = now;
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
        return encounters.silent(attempt, output.candidate, output.took, now);
      case 'ended':
        return conclude(attempt, output.outcome, output.openServers, now);
      case 'late':
        return late(attempt, output, now);
      case 'server-closed': {
        const { line } = attempt.command.line;
        // Another attempt of the line may still be accepted there: then its own end will tell.
        const isOpen = attempts.entries().some(([, other]) => isOpenAt(other, line, output.server));
        if (!isOpen) report({ kind: 'server-closed', attempt: attempt.id, line, server: output.server }, now);
      }
    }
  }

  function openCopy(attempt: Attempt, { copy, reason, waitMs, known }: OpenCopy, now: Millis): void {
    const { candidate } = copy;
    const { command } = attempt;
    if (command.kind === 'register') {
      dropRemovals(command.line, candidate, now);
      connecting(
        { attempt: attempt.id, line: command.line.line, role: 'registrar', method: 'REGISTER' },
        candidate,
        now,
      );
    }
    const once = known === 'dead' && policy.profile === 'modern';
    const build = (local: Endpoint, branch: string, sentAt: Millis): SipRequest => {
      // Drawn when it is sent: a flow may have to open first, and numbers rise on the wire.
      const number = copies.numberFor(attempt, candidate, reason);
      const { request, contact, askedS } = copies.compose(attempt, candidate, number, local, branch);
      attempt.sent.set(copy.id, { candidate, request, contact, askedS, sentAt });
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

  function conclude(attempt: Attempt, outcome: Outcome, openServers: readonly ServerName[], now: Millis): void {
    attempt.ended = true;
    const took = now - attempt.startedAt;
    if (attempt.command.kind === 'register') emit({ kind: 'event', event: endedEvent(attempt, outcome, took) });
    report(endedReport(attempt, outcome, openServers, took), now);
  }

  function late(attempt: Attempt, { copy, code, action }: Extract<RequestOutput, { kind: 'late' }>, now: Millis): void {
    emit({ kind: 'event', event: lateAnswerEvent(attempt.id, targetText(copy.candidate.target), code, action) });
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
    if (wired.kind === 'carried') feed(attempt, { kind: 'carried', copy: wired.id }, now);
    else if (wired.kind === 'failed') failed(attempt, wired, now);
    else if (sent !== undefined) answered(attempt, sent, wired, now);
    return true;
  }

  function failed(attempt: Attempt, wired: Extract<WireReport, { kind: 'failed' }>, now: Millis): void {
    if (wired.cause === 'no-network') return noNetwork(attempt, now);
    const { id, cause, tookMs } = wired;
    const copy = attempt.state?.copies.find((open) => open.id === id);
    encounters.failed(attempt, copy, { cause, tookMs }, now);
    feed(attempt, { kind: 'failed', copy: id, cause }, now);
  }

  /** The link or the address is gone: the attempt ends without mark, sample or back-off step (rules 4, "Link down"). */
  function noNetwork(attempt: Attempt, now: Millis): void {
    const { ended } = attempt;
    cancel(attempt.id, now);
    if (ended) return;
    report(endedReport(attempt, 'no-network', [], now - attempt.startedAt), now);
  }

  function answered(attempt: Attempt, sent: Sent, wired: Extract<WireReport, { kind: 'response' }>, now: Millis): void {
    const { response } = wired;
    const { pair, target } = sent.candidate;
    const retryAfterS = encounters.answered(sent.candidate, askerOf(attempt.command.line), wired, now);
    if (policy.codes.includes(response.status)) ledOn(attempt, response.status, retryAfterS, policy);
    const verdict = copies.read(attempt, sent, response);
    if (verdict.meaning === 'ok') {
      const granted = grantedBy(
        response,
        sent.contact,
        believed(sent.askedS, attempt.command.line.registrationPeriodS),
      );
      attempt.granted.set(wired.id, granted);
      serviceRoutes.learn(attempt.command, sent, granted, response);
      if (attempt.command.kind === 'register') options.onRegisterOk(pair, now);
    }
    feed(attempt, { kind: 'answer', copy: wired.id, verdict, code: response.status, retryAfterS }, now);
    const { kind, line } = attempt.command;
    if (verdict.meaning === 'ok' && kind === 'register' && options.faces.learn(target, response))
      report({ kind: 'stray-ok', line: line.line }, now);
  }

  /** The transaction has ended, so the answer changes no state; but the binding it tells of is there (rules 3.6). */
  function strayReport(wired: Extract<WireReport, { kind: 'stray' }>, now: Millis): boolean {
    const line = lineOf(wired.id);
    if (line === null) return false;
    const { status } = wired.response;
    if (status >= 200 && status < 300) {
      emit({ kind: 'event', event: lateAnswerEvent(attemptOf(wired.id), '', status, 'none') });
      report({ kind: 'stray-ok', line }, now);
    }
    return true;
  }

  function cancel(id: string, now: Millis): void {
    const attempt = attempts.get(id);
    if (attempt === undefined) return;
    attempts.set(id, null);
    for (const copy of attempt.state?.copies ?? []) wire.drop(copy.id, now);
    if (attempt.command.kind === 'register' && !attempt.ended)
      emit({ kind: 'event', event: endedEvent(attempt, 'cancelled', now - attempt.startedAt) });
  }

  return {
    command(command, now) {
      if (command.kind === 'register' || command.kind === 'unregister') return begin(command, now);
      const attempt = attempts.get(command.attempt);
      if (attempt === undefined) return;
      if (command.kind === 'give-up') feed(attempt, { kind: 'give-up', pair: command.pair }, now);
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
