/**
 * Owns the outgoing calls under way: DNS lists become candidates, the walk of `invite.ts` becomes transactions, answers become verdicts,
 * and what the walk wants undone is undone (rules 3.7). Once a call is answered it is a session.
 */
import { RING_LIMIT_MS } from '../../config/defaults.ts';
import { Fleet } from '../../kernel/fleet.ts';
import { deadlineOf, dueTimer } from '../../kernel/machine.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { lastWaitMs } from '../../servers/health.ts';
import type { Candidate, Locate } from '../../servers/selection.ts';
import type { Effect } from '../../vocabulary.ts';
import type { CallCommand, CallReport } from '../call-vocabulary.ts';
import { beginInvite, stepInvite } from '../invite.ts';
import type {
  InviteContext,
  InviteInput,
  InviteOutcome,
  InviteOutput,
  InviteState,
  OpenInvite,
} from '../invite-state.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Acks } from './acks.ts';
import { attemptOf } from './attempt.ts';
import type { Calling, CallMessagesOptions, SentInvite } from './calling.ts';
import { callAsker, callAttemptEvent, callEnd, callEndedEvent, createCallMessages, newCalling } from './calling.ts';
import { createConnecting } from './connecting.ts';
import { advancesEmergency, emergencyHedgeMs } from './emergency.ts';
import { createEncounters } from './encounters.ts';
import type { Ledger } from './ledger.ts';
import { contactsOf, note } from './redirects.ts';
import { createVisits } from './visits.ts';
import type { Wire, WireReport } from './wire-types.ts';

export interface InvitesOptions extends CallMessagesOptions {
  readonly wire: Wire;
  readonly ledger: Ledger;
  readonly locate: Locate;
  /** `sip session timer`, s; 0 = off. */
  readonly sessionTimerS: number;
  readonly emit: (effect: Effect) => void;
  readonly report: (report: CallReport, now: Millis) => void;
  /** The call is answered: from now on it is a session. */
  readonly onAnswered: (calling: Calling, copy: string, sent: SentInvite, response: SipResponse, now: Millis) => void;
  /** An early answer: what it says of media. */
  readonly onProgress: (calling: Calling, sent: SentInvite, response: SipResponse, now: Millis) => void;
  /** This server's answer decided the call: it serves the line. */
  readonly onDecided: (calling: Calling, candidate: Candidate, now: Millis) => void;
  /** A 2xx that nobody wants: acknowledged, then ended. */
  readonly release: Acks['release'];
}

export interface Invites {
  call(command: Extract<CallCommand, { kind: 'call' }>, now: Millis): void;
  /** True where the call was still being made. */
  hangUp(call: string, now: Millis): boolean;
  located(now: Millis): void;
  /** True where the report is of one of our copies. */
  wireReport(report: WireReport, now: Millis): boolean;
  /** The link is gone: nothing can be said any more. */
  abandonAll(now: Millis): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

export function createInvites(options: InvitesOptions): Invites {
  const { wire, ledger, policy, emit, report, random } = options;
  const callings = new Fleet<Calling>(({ state }) => (state === null ? null : deadlineOf(state)));
  const messages = createCallMessages(options);
  const connecting = createConnecting(wire, emit);
  const encounters = createEncounters(wire, ledger, policy);
  const visits = createVisits(options.locate, ledger);

  const contextOf = ({ command }: Calling, now: Millis): InviteContext => ({
    now,
    waitFor: (candidate) =>
      encounters.waitFor(
        candidate,
        callAsker(command.line),
        now,
        command.emergency === null ? undefined : emergencyHedgeMs,
      ),
    lastWaitMs: lastWaitMs(policy),
    advances: command.emergency === null ? (code) => code === 503 : advancesEmergency,
    ringMs: RING_LIMIT_MS,
    undoMs: 64 * policy.t1Ms,
  });

  /** The same call for somebody else: a walk of its own, whose first send goes to the first server that knows the address. */
  function turn(calling: Calling, to: string, by: Candidate | null, now: Millis): void {
    if (by !== null) options.onDecided(calling, by, now);
    report({ kind: 'call-redirected', call: calling.id, to: visits.turn(calling, to) }, now);
    assemble(calling, now);
  }

  /** Begins the walk as soon as the first list is known; later lists are appended when they come. */
  function assemble(calling: Calling, now: Millis): void {
    const visit = visits.next(calling, now);
    if (visit === null) return;
    if (calling.state !== null) return feed(calling, { kind: 'candidates', ...visit }, now);
    const step = beginInvite(calling.id, visit.candidates, visit.more, contextOf(calling, now));
    settle(calling, step.state, step.out, now);
  }

  function feed(calling: Calling, input: InviteInput, now: Millis, response?: SipResponse): void {
    if (calling.state === null) return;
    const step = stepInvite(calling.state, input, contextOf(calling, now));
    settle(calling, step.state, step.out, now, response);
  }

  function settle(
    calling: Calling,
    state: InviteState | null,
    out: readonly InviteOutput[],
    now: Millis,
    response?: SipResponse,
  ): void {
    calling.state = state;
    callings.set(calling.id, calling);
    for (const output of out) carryOut(calling, output, now, response);
    if (calling.state === null) callings.set(calling.id, null);
  }

  function carryOut(calling: Calling, output: InviteOutput, now: Millis, response?: SipResponse): void {
    switch (output.kind) {
      case 'open':
        return openCopy(calling, output, now);
      case 'quiet':
        return wire.quiet(output.copy, now);
      case 'drop':
        return wire.drop(output.copy, now);
      case 'silent':
        return encounters.silent(calling, output.candidate, output.took, now);
      case 'cancel':
        tellLate(calling, output.copy, 'cancel', response);
        return wire.cancel(output.copy, now);
      case 'release':
        return releaseCopy(calling, output.copy, response, now);
      case 'progress': {
        const sent = calling.sent.get(output.copy.id);
        if (sent !== undefined && response !== undefined) options.onProgress(calling, sent, response, now);
        return;
      }
      case 'redirected':
        return turn(calling, output.to, output.by, now);
      case 'ended':
        return conclude(calling, output.outcome, response, now);
    }
  }

  function openCopy(calling: Calling, output: OpenInvite, now: Millis): void {
    const { copy, reason, known } = output;
    const once = known === 'dead' && policy.profile === 'modern';
    const build = (local: Endpoint, branch: string, sentAt: Millis): SipRequest => {
      const sent = messages.compose(calling, output, local, branch, sentAt);
      calling.sent.set(copy.id, sent);
      emit({ kind: 'event', event: callAttemptEvent(calling, output, branch) });
      return sent.request;
    };
    const { server, target } = copy.candidate;
    const place = { server, target: targetText(target), first: copy.id.endsWith('.1') };
    note(calling.trail, calling, copy.candidate, calling.command.line.proxy);
    if (reason !== 'challenge') report({ kind: 'call-trying', call: calling.id, ...place }, now);
    const whose = { attempt: calling.id, line: calling.command.line.line, role: 'proxy', method: 'INVITE' } as const;
    connecting(whose, copy.candidate, now);
    wire.start(copy.id, copy.candidate.target, build, { once }, now);
  }

  /** What came of a copy that nobody wants any more. */
  function tellLate(calling: Calling, copy: string, action: 'cancel' | 'ack-bye', response?: SipResponse): void {
    const sent = calling.sent.get(copy);
    // The user's own hang-up is answered by no server: there is no late answer to tell of.
    if (sent === undefined || response === undefined) return;
    const target = targetText(sent.candidate.target);
    emit({
      kind: 'event',
      event: { event: 'late-answer', attempt: calling.id, target, code: response.status, action },
    });
  }

  function releaseCopy(calling: Calling, copy: string, response: SipResponse | undefined, now: Millis): void {
    const sent = calling.sent.get(copy);
    if (sent === undefined || response === undefined) return;
    tellLate(calling, copy, 'ack-bye', response);
    options.release({ request: sent.request, target: sent.candidate.target }, response, now);
  }

  function conclude(calling: Calling, outcome: InviteOutcome, response: SipResponse | undefined, now: Millis): void {
    calling.ended = true;
    emit({ kind: 'event', event: callEndedEvent(calling, outcome, now - calling.startedAt) });
    if ('copy' in outcome) options.onDecided(calling, outcome.copy.candidate, now);
    if (outcome.result !== 'ok')
      return report({ kind: 'call-ended', call: calling.id, end: callEnd(calling, outcome, response) }, now);
    const sent = calling.sent.get(outcome.copy.id);
    if (sent !== undefined && response !== undefined) options.onAnswered(calling, outcome.copy.id, sent, response, now);
  }

  function wireReport(wired: WireReport, now: Millis): boolean {
    const calling = callings.get(attemptOf(wired.id));
    if (calling === undefined) return false;
    const sent = calling.sent.get(wired.id);
    // It was let go before: what comes of it now has begun something that nobody wants.
    const isOpen = calling.state?.copies.some(({ id }) => id === wired.id) ?? false;
    if (!isOpen && wired.kind === 'response' && wired.response.status < 300) return false;
    if (wired.kind === 'carried') feed(calling, { kind: 'carried', copy: wired.id }, now);
    else if (wired.kind === 'failed') failed(calling, wired, now);
    else if (wired.kind === 'response' && sent !== undefined) answered(calling, sent, wired, now);
    return true;
  }

  function failed(calling: Calling, wired: Extract<WireReport, { kind: 'failed' }>, now: Millis): void {
    if (wired.cause === 'no-network') return abandon(calling, now);
    const { id, cause, tookMs } = wired;
    const copy = calling.state?.copies.find((open) => open.id === id);
    encounters.failed(calling, copy, { cause, tookMs }, now);
    feed(calling, { kind: 'failed', copy: id, cause }, now);
  }

  /** The link or the address is gone: the call ends at once without mark or sample (rules 4, "Link down"). */
  function abandon(calling: Calling, now: Millis): void {
    callings.set(calling.id, null);
    for (const { id } of calling.state?.copies ?? []) wire.drop(id, now);
    calling.state = null;
    if (calling.ended) return;
    calling.ended = true;
    emit({ kind: 'event', event: callEndedEvent(calling, { result: 'hung-up' }, now - calling.startedAt) });
    report({ kind: 'call-ended', call: calling.id, end: { result: 'no-network' } }, now);
  }

  function answered(
    calling: Calling,
    sent: SentInvite,
    wired: Extract<WireReport, { kind: 'response' }>,
    now: Millis,
  ): void {
    const { response } = wired;
    const retryAfterS = encounters.answered(sent.candidate, callAsker(calling.command.line), wired, now);
    if (response.status === 503) {
      calling.cause ??= 'code';
      calling.code = 503;
    }
    const verdict = messages.read(calling, sent, response);
    const contacts = contactsOf(response, sent.candidate, calling.command.line.proxy, calling.trail);
    const answer = { kind: 'answer', copy: wired.id, verdict, code: response.status, retryAfterS, contacts } as const;
    feed(calling, answer, now, response);
  }

  return {
    call(command, now) {
      const calling = newCalling(command, options.sessionTimerS, random, now);
      callings.set(calling.id, calling);
      assemble(calling, now);
    },
    hangUp(call, now) {
      const calling = callings.get(call);
      if (calling === undefined || calling.ended) return false;
      if (calling.state === null) {
        // Still waiting for DNS: nobody has heard of this call.
        callings.set(call, null);
        report({ kind: 'call-ended', call, end: { result: 'hung-up' } }, now);
      } else feed(calling, { kind: 'hang-up' }, now);
      return true;
    },
    located(now) {
      for (const [, calling] of callings.entries())
        if (!calling.ended && (calling.state === null || (calling.state.name === 'inviting' && calling.state.more)))
          assemble(calling, now);
    },
    wireReport,
    abandonAll(now) {
      for (const [, calling] of callings.entries()) abandon(calling, now);
    },
    next: () => callings.next()?.at ?? null,
    wake(now) {
      const due = callings.next();
      const calling = due === null || due.at > now ? undefined : callings.get(due.id);
      const timer = calling?.state == null ? null : dueTimer(calling.state, now);
      if (calling !== undefined && timer !== null)
        feed(calling, { kind: 'timer', timer } as Extract<InviteInput, { kind: 'timer' }>, now);
    },
  };
}
