/**
 * Owns the SUBSCRIBE attempts under way: DNS lists become candidates, the walk of `request.ts` becomes transactions, and the first NOTIFY
 * makes a subscription of it (rules 3.2; RFC 6665 4.1.2, 4.4.1). One record an attempt; it lives on while a late answer may count.
 */
import { Fleet } from '../../kernel/fleet.ts';
import { dueTimer } from '../../kernel/machine.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { after } from '../../kernel/time.ts';
import { lastWaitMs } from '../../servers/health.ts';
import type { Leg } from '../../servers/selection.ts';
import { knownLegs, legsOf, openCandidates } from '../../servers/selection.ts';
import { callIdOf, expiresOf, tagOf, toOf } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { beginRequest, stepRequest } from '../request.ts';
import type { OpenCopy, Outcome, RequestContext, RequestInput, RequestOutput, RequestState } from '../request-state.ts';
import { notifyStateOf } from '../subscription-state.ts';
import type { SubscribeFailure } from '../subscription-vocabulary.ts';
import type { Answer } from './answers.ts';
import { attemptOf } from './attempt.ts';
import { routeOfCalls } from './calling.ts';
import { createConnecting } from './connecting.ts';
import { createEncounters } from './encounters.ts';
import type { SentSubscribe, SubscribeEnd, SubscribeStart, Subscribing, SubscriptionsOptions } from './subscribing.ts';
import {
  createSubscribeMessages,
  ledOnTo,
  newSubscribing,
  noteFirst,
  senderOf,
  subscribeAsker,
  subscribeAttemptEvent,
  subscribeEndedEvent,
  subscribingDue,
} from './subscribing.ts';
import type { WireReport } from './wire-types.ts';

export interface SubscribesOptions extends SubscriptionsOptions {
  /** The first NOTIFY of a copy: its dialog is a subscription from now on. Null where the dialog cannot be read. */
  readonly onEstablished: (attempt: Subscribing, sent: SentSubscribe, notify: SipRequest, now: Millis) => string | null;
  /** A 2xx of a copy whose subscription is in force already: what it grants counts (RFC 6665 4.1.2.1). */
  readonly onGranted: (usage: string, expiresAt: Millis, now: Millis) => void;
}

export interface Subscribes {
  begin(command: SubscribeStart, now: Millis): void;
  /** Another attempt can do better: this one waits for its last target no longer than H. */
  giveUp(attempt: string, pair: string, now: Millis): void;
  abandon(attempt: string, now: Millis): void;
  /** What to answer to a NOTIFY that no subscription in force knows; null = it is of no attempt either. */
  notified(notify: SipRequest, from: Endpoint, now: Millis): Answer | null;
  located(now: Millis): void;
  wireReport(report: WireReport, now: Millis): boolean;
  linkDown(now: Millis): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

const GONE: Answer = { status: 481 };

export function createSubscribes(options: SubscribesOptions): Subscribes {
  const { wire, ledger, policy, emit, report, random, timers } = options;
  const attempts = new Fleet<Subscribing>(subscribingDue);
  const messages = createSubscribeMessages(options);
  const connecting = createConnecting(wire, emit);
  const encounters = createEncounters(wire, ledger, policy);
  const timerN = 64 * timers.t1;

  const contextOf = ({ command }: Subscribing, now: Millis): RequestContext => ({
    now,
    waitFor: (candidate) => encounters.waitFor(candidate, subscribeAsker(command.line), now),
    lastWaitMs: lastWaitMs(policy),
    advances: (code) => policy.codes.includes(code),
    lateAnswers: policy.profile === 'modern' ? 'acted-on' : 'absorbed',
  });

  const legsFor = ({ line, scope }: SubscribeStart): readonly Leg[] =>
    legsOf(routeOfCalls(line), options.locate).filter(({ server }) => scope === 'all' || server === 'primary');

  /** Begins the walk as soon as the first list is known; later lists are appended when they come. */
  function assemble(attempt: Subscribing, now: Millis): void {
    const { scope } = attempt.command;
    const legs = legsFor(attempt.command);
    const { known, more: pending } = knownLegs(legs);
    if (known.length === 0 && pending) return;
    noteFirst(attempt, legs);
    const fresh = known.slice(attempt.legsTaken).flatMap(({ candidates }) => candidates);
    const blocks = ledger.blocks(now);
    const { open: some, notBefore } = openCandidates(fresh, blocks);
    // The list of the primary alone may all stand on the blacklist: what serves meanwhile is another (rules 3.1).
    const open = scope === 'all' ? some : some.filter(({ pair }) => !blocks.blacklisted(pair));
    // Silence of the primary is not waited out while the backup's dialog lives: behind it something follows (rules 3.2).
    const more = pending || scope === 'primary';
    if (attempt.begun) {
      attempt.legsTaken = known.length;
      return feed(attempt, { kind: 'candidates', candidates: open, more }, now);
    }
    attempt.holdUntil = open.length === 0 && !pending && scope === 'all' ? notBefore : null;
    attempts.set(attempt.id, attempt);
    if (open.length === 0 && (pending || attempt.holdUntil !== null)) return;
    attempt.legsTaken = known.length;
    attempt.begun = true;
    const step = beginRequest(attempt.id, open, more, contextOf(attempt, now));
    settle(attempt, step.state, step.out, now);
  }

  function feed(attempt: Subscribing, input: RequestInput, now: Millis): void {
    if (attempt.state === null) return;
    const step = stepRequest(attempt.state, input, contextOf(attempt, now));
    settle(attempt, step.state, step.out, now);
  }

  function settle(attempt: Subscribing, state: RequestState | null, out: readonly RequestOutput[], now: Millis): void {
    attempt.state = state;
    for (const output of out) carryOut(attempt, output, now);
    keep(attempt);
    if (isThrough(attempt)) feed(attempt, { kind: 'candidates', candidates: [], more: false }, now);
  }

  /** All of the primary was asked, and nobody else stands behind it: the attempt ends, and late answers count. */
  const isThrough = ({ command, state, legsTaken }: Subscribing): boolean =>
    command.scope === 'primary' &&
    state?.name === 'walking' &&
    state.front === null &&
    state.rest.length === 0 &&
    state.more &&
    legsTaken === legsFor(command).length;

  function keep(attempt: Subscribing): void {
    const { begun, state, notifyBy, told, unanswered } = attempt;
    const over = begun && state === null && notifyBy === null && told && unanswered.size === 0;
    attempts.set(attempt.id, over ? null : attempt);
  }

  function carryOut(attempt: Subscribing, output: RequestOutput, now: Millis): void {
    switch (output.kind) {
      case 'open':
        return openCopy(attempt, output, now);
      case 'quiet':
        return wire.quiet(output.copy, now);
      case 'silent':
        return encounters.silent(attempt, output.candidate, output.took, now);
      case 'ended':
        return concluded(attempt, output.outcome, now);
      case 'late':
        if (output.action === 'return') awaitNotify(attempt, output.copy.id, now);
        return emit({
          kind: 'event',
          event: {
            event: 'late-answer',
            attempt: attempt.id,
            target: targetText(output.copy.candidate.target),
            code: output.code,
            // What a further server made is not removed by us: its NOTIFY draws 481 (RFC 6665 5.4.9).
            action: output.action === 'return' ? 'return' : 'none',
          },
        });
      case 'server-closed':
        return;
    }
  }

  function openCopy(attempt: Subscribing, output: OpenCopy, now: Millis): void {
    const { copy, known } = output;
    const once = known === 'dead' && policy.profile === 'modern';
    const build = (local: Endpoint, branch: string, sentAt: Millis): SipRequest => {
      const sent = messages.compose(attempt, output, local, branch, sentAt);
      attempt.sent.set(copy.id, sent);
      attempt.unanswered.add(copy.id);
      emit({ kind: 'event', event: subscribeAttemptEvent(attempt, output, branch) });
      return sent.request;
    };
    const whose = { attempt: attempt.id, line: attempt.command.line.line, role: 'proxy', method: 'SUBSCRIBE' } as const;
    connecting(whose, copy.candidate, now);
    wire.start(copy.id, copy.candidate.target, build, { once }, now);
  }

  function concluded(attempt: Subscribing, outcome: Outcome, now: Millis): void {
    if (outcome.result === 'ok') return awaitNotify(attempt, outcome.copy.id, now);
    if (attempt.usage !== null) return;
    const { code, retryAfterS } = attempt;
    const failure: SubscribeFailure =
      outcome.result === 'failed'
        ? { result: 'failed', code, retryAfterS }
        : { result: 'rejected', code: outcome.code, retryAfterS: outcome.retryAfterS };
    const end: SubscribeEnd =
      outcome.result === 'failed'
        ? { outcome: 'failed' }
        : { outcome: 'rejected', candidate: outcome.copy.candidate, code: outcome.code };
    tell(attempt, end, failure, now);
  }

  /** Accepted: in force with the first NOTIFY, which Timer N waits for (RFC 6665 4.1.2.4). */
  function awaitNotify(attempt: Subscribing, copy: string, now: Millis): void {
    const sent = attempt.sent.get(copy);
    if (sent === undefined || (attempt.usage !== null && attempt.usage.rank <= sent.candidate.rank)) return;
    attempt.notifyBy = after(sent.sentAt, timerN);
    if (attempt.notifyBy <= now) attempt.notifyBy = after(now, timerN);
    keep(attempt);
  }

  function tell(attempt: Subscribing, end: SubscribeEnd, failure: SubscribeFailure | null, now: Millis): void {
    attempt.notifyBy = null;
    if (attempt.told) return;
    attempt.told = true;
    emit({ kind: 'event', event: subscribeEndedEvent(attempt, end, now - attempt.startedAt) });
    if (failure === null) return;
    const { subscription } = attempt.command;
    report({ kind: 'subscribe-failed', subscription, attempt: attempt.id, failure }, now);
  }

  function notified(notify: SipRequest, from: Endpoint, now: Millis): Answer | null {
    const to = toOf(notify);
    const tag = to.ok ? tagOf(to.value) : null;
    const callId = callIdOf(notify);
    const [, attempt] =
      attempts.entries().find(([, { series }]) => series.callId === callId && series.fromTag === tag) ?? [];
    if (attempt === undefined) return null;
    const [copy, sent] = senderOf(attempt, from) ?? [];
    if (copy === undefined || sent === undefined) return GONE;
    // One subscription an attempt: a second notifier, or a worse server, is told that it has none (RFC 6665 4.4.1, 5.4.9).
    if (attempt.usage !== null && attempt.usage.rank <= sent.candidate.rank) return GONE;
    const { state, reason, retryAfterS } = notifyStateOf(notify);
    const open = attempt.state?.copies.find(({ id }) => id === copy);
    if (state === 'terminated') {
      attempt.notifyBy = null;
      tell(attempt, { outcome: 'failed' }, { result: 'terminated', reason, retryAfterS }, now);
      keep(attempt);
      return { status: 200 };
    }
    const usage = options.onEstablished(attempt, sent, notify, now);
    if (usage === null) return { status: 400 };
    attempt.usage = { id: usage, rank: sent.candidate.rank };
    attempt.notifyBy = null;
    // A NOTIFY says all that a 2xx says, and may come first (RFC 6665 4.1.2.4).
    if (open !== undefined)
      feed(attempt, { kind: 'answer', copy, verdict: { meaning: 'ok' }, code: 200, retryAfterS: null }, now);
    tell(attempt, { outcome: 'ok', candidate: sent.candidate }, null, now);
    keep(attempt);
    return { status: 200 };
  }

  function wireReport(wired: WireReport, now: Millis): boolean {
    if (!wired.id.startsWith('S')) return false;
    const attempt = attempts.get(attemptOf(wired.id));
    if (attempt === undefined) return true;
    const sent = attempt.sent.get(wired.id);
    if (wired.kind === 'carried') feed(attempt, { kind: 'carried', copy: wired.id }, now);
    else if (wired.kind === 'failed') failed(attempt, wired, now);
    else if (wired.kind === 'response' && sent !== undefined) answered(attempt, sent, wired, now);
    if (attempts.get(attempt.id) !== undefined) keep(attempt);
    return true;
  }

  function failed(attempt: Subscribing, wired: Extract<WireReport, { kind: 'failed' }>, now: Millis): void {
    if (wired.cause === 'no-network') return noNetwork(attempt, now);
    attempt.unanswered.delete(wired.id);
    const { id, cause, tookMs } = wired;
    const copy = attempt.state?.copies.find((open) => open.id === id);
    encounters.failed(attempt, copy, { cause, tookMs }, now);
    feed(attempt, { kind: 'failed', copy: id, cause }, now);
  }

  /** The link or the address is gone: the attempt ends without mark, sample or back-off step (rules 4, "Link down"). */
  function noNetwork(attempt: Subscribing, now: Millis): void {
    const { told, command } = attempt;
    abandon(attempt.id, now);
    if (told) return;
    const failure = { result: 'no-network' } as const;
    report({ kind: 'subscribe-failed', subscription: command.subscription, attempt: attempt.id, failure }, now);
  }

  function answered(
    attempt: Subscribing,
    sent: SentSubscribe,
    wired: Extract<WireReport, { kind: 'response' }>,
    now: Millis,
  ): void {
    const { response } = wired;
    const retryAfterS = encounters.answered(sent.candidate, subscribeAsker(attempt.command.line), wired, now);
    if (response.status >= 200) {
      attempt.unanswered.delete(wired.id);
      if (policy.codes.includes(response.status)) ledOnTo(attempt, response.status, retryAfterS, policy);
    }
    if (response.status >= 200 && response.status < 300) granted(attempt, sent, response, now);
    const verdict = messages.read(attempt, sent, response);
    feed(attempt, { kind: 'answer', copy: wired.id, verdict, code: response.status, retryAfterS }, now);
  }

  function granted({ usage }: Subscribing, sent: SentSubscribe, response: SipResponse, now: Millis): void {
    const seconds = expiresOf(response);
    if (seconds === null) return;
    sent.grantedS = Math.min(seconds, sent.mostS);
    if (usage?.rank === sent.candidate.rank) options.onGranted(usage.id, after(sent.sentAt, sent.grantedS * 1000), now);
  }

  function abandon(id: string, now: Millis): void {
    const attempt = attempts.get(id);
    if (attempt === undefined) return;
    attempts.set(id, null);
    // What a NOTIFY has confirmed may still wait for its 2xx.
    const waiting = (attempt.state?.copies ?? []).map(({ id: copy }) => copy);
    for (const copy of new Set([...waiting, ...attempt.unanswered])) wire.drop(copy, now);
    if (!attempt.told)
      emit({ kind: 'event', event: subscribeEndedEvent(attempt, { outcome: 'cancelled' }, now - attempt.startedAt) });
    attempt.told = true;
  }

  return {
    begin(command, now) {
      // What an older attempt of it may still be told is told to nobody: this one asks again.
      for (const [id, { command: older }] of attempts.entries())
        if (older.subscription === command.subscription) abandon(id, now);
      const attempt = newSubscribing(command, random, now);
      attempts.set(attempt.id, attempt);
      assemble(attempt, now);
    },
    giveUp(id, pair, now) {
      const attempt = attempts.get(id);
      if (attempt !== undefined) feed(attempt, { kind: 'give-up', pair }, now);
    },
    abandon,
    notified,
    located(now) {
      for (const [, attempt] of attempts.entries())
        if (!attempt.told && (!attempt.begun || (attempt.state?.name === 'walking' && attempt.state.more)))
          assemble(attempt, now);
    },
    wireReport,
    linkDown(now) {
      for (const [, attempt] of attempts.entries()) noNetwork(attempt, now);
    },
    next: () => attempts.next()?.at ?? null,
    wake(now) {
      const due = attempts.next();
      const attempt = due === null || due.at > now ? undefined : attempts.get(due.id);
      if (attempt === undefined) return;
      if (attempt.notifyBy !== null && attempt.notifyBy <= now) {
        attempt.notifyBy = null;
        tell(attempt, { outcome: 'failed' }, { result: 'unnotified' }, now);
        return keep(attempt);
      }
      if (!attempt.begun) {
        attempt.holdUntil = null;
        return assemble(attempt, now);
      }
      if (attempt.state !== null && dueTimer(attempt.state, now) === 'hedge')
        feed(attempt, { kind: 'timer', timer: 'hedge' }, now);
    },
  };
}
