/**
 * Owns the subscriptions in force: each with its dialog, the requests inside it, and the notifications that come
 * (RFC 6665 4.1.2.2, 4.1.2.3, 4.1.3). A dialog lives where it was made: nothing of it is moved to a backup (rules 3.3).
 */
import { MAX_CHALLENGES_PER_TARGET, MAX_INTERVAL_RETRIES } from '../../config/defaults.ts';
import type { Endpoint, Target } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { after, millis, soonest } from '../../kernel/time.ts';
import type { FailureCause } from '../../status.ts';
import { believed, longerInterval, viaHeader } from '../agent.ts';
import { subscribeHeaders } from '../agent-subscribe.ts';
import type { CredentialBook } from '../credentials.ts';
import { credentialsFor, EMPTY_BOOK, forgetPair, learnChallenge } from '../credentials.ts';
import { holds, requestIn, withTargetOf } from '../dialog.ts';
import { cseqOf, expiresOf, headerValue, retryAfterOf } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { eventIdOf, notifyStateOf, packageOf } from '../subscription-state.ts';
import type { Answer } from './answers.ts';
import { hopsOf } from './next-hop.ts';
import type { SentSubscribe, Subscribing, SubscriptionsOptions } from './subscribing.ts';
import { subscribeAsker } from './subscribing.ts';
import type { Asking, Usage } from './usage.ts';
import { bookPair, dueOf, endTold, GONE_CODES, newUsage, pairOf, saidIn } from './usage.ts';
import type { WireReport } from './wire-types.ts';

export interface Usages {
  establish(attempt: Subscribing, sent: SentSubscribe, notify: SipRequest, now: Millis): string | null;
  granted(usage: string, expiresAt: Millis, now: Millis): void;
  refresh(usage: string, expiresS: number, now: Millis): void;
  unsubscribe(usage: string, now: Millis): void;
  drop(usage: string, now: Millis): void;
  /** Whether any subscription of the line is in force. */
  holds(line: number): boolean;
  /** What to answer to a NOTIFY inside a subscription in force; null = it is inside none. */
  notified(notify: SipRequest, now: Millis): Answer | null;
  wireReport(report: WireReport, now: Millis): boolean;
  linkDown(now: Millis): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

export function createUsages(options: SubscriptionsOptions): Usages {
  const { wire, ledger, locate, identity, random, hash, report, timers } = options;
  const usages = new Map<string, Usage>();
  let book: CredentialBook = EMPTY_BOOK;
  let made = 0;
  let asked = 0;

  function establish({ command }: Subscribing, sent: SentSubscribe, notify: SipRequest, now: Millis): string | null {
    const id = `N${made + 1}`;
    const usage = newUsage(id, command, sent, notify);
    if (usage === null) return null;
    made += 1;
    usages.set(id, usage);
    const { server, target, rank } = sent.candidate;
    report(
      {
        kind: 'subscribed',
        ...{ subscription: usage.subscription, attempt: command.attempt, usage: id, callId: usage.dialog.callId },
        ...{ server, target: targetText(target), rank, expiresAt: endTold(usage, now) },
        listWaitMs: options.listWaitMs(usage.line, now),
        state: notifyStateOf(notify).state === 'pending' ? 'pending' : 'active',
      },
      now,
    );
    tell(usage, notify, now);
    return id;
  }

  /** Says what a NOTIFY says, to whoever watches. */
  function tell(usage: Usage, notify: SipRequest, now: Millis): void {
    const { state, reason, retryAfterS, expiresS } = notifyStateOf(notify);
    if (expiresS !== null) usage.expiresAt = millis(Math.min(now + expiresS * 1000, usage.grantedUntil));
    if (state === 'terminated') forget(usage, now);
    if (usage.leavesBy !== null) return;
    report(
      {
        kind: 'notification',
        ...{ subscription: usage.subscription, usage: usage.id, state, reason, retryAfterS },
        expiresAt: expiresS === null ? null : endTold(usage, now),
        ...saidIn(usage, notify),
      },
      now,
    );
  }

  function forget(usage: Usage, now: Millis): void {
    usages.delete(usage.id);
    book = forgetPair(book, usage.line.line, bookPair(usage));
    if (usage.asking !== null) wire.quiet(usage.asking.id, now);
    usage.asking = null;
  }

  function notified(notify: SipRequest, now: Millis): Answer | null {
    const usage = [...usages.values()].find(({ dialog }) => holds(dialog, notify));
    const cseq = cseqOf(notify);
    if (usage === undefined || !cseq.ok) return null;
    const event = headerValue(notify, 'Event');
    // Another package or id is another subscription, and there is none in this dialog (RFC 6665 4.4.1).
    if (packageOf(event) !== packageOf(usage.watch.event) || eventIdOf(event) !== eventIdOf(usage.watch.event))
      return { status: 481 };
    // A number that falls is out of order (RFC 3261 12.2.2): what it says is old.
    if (cseq.value.number <= (usage.dialog.remoteCseq ?? -1)) return { status: 500 };
    usage.dialog = { ...withTargetOf(usage.dialog, notify), remoteCseq: cseq.value.number };
    tell(usage, notify, now);
    return { status: 200 };
  }

  function ask(usage: Usage, expiresS: number, now: Millis): void {
    if (usage.asking !== null) wire.quiet(usage.asking.id, now);
    const [target = usage.carrier, ...rest] = hopsOf(usage.dialog, usage.carrier, locate);
    send(usage, { expiresS, wishedS: expiresS, target, rest, challenges: 0, intervals: 0 }, now);
  }

  function send(usage: Usage, plan: Omit<Asking, 'id' | 'request' | 'sentAt' | 'hedge' | 'told'>, now: Millis): void {
    asked += 1;
    const cseq = usage.dialog.localCseq + 1;
    usage.dialog = { ...usage.dialog, localCseq: cseq };
    const hedge = after(now, hedgeOf(usage, plan.target, now));
    const asking: Asking = { ...plan, id: `U${asked}.1`, request: null, sentAt: now, hedge, told: false };
    usage.asking = asking;
    const build = (local: Endpoint, branch: string, sentAt: Millis): SipRequest => {
      asking.sentAt = sentAt;
      const headers = subscribeHeaders(usage.watch, usage.contact, plan.expiresS, identity);
      const via = viaHeader(plan.target, local, branch);
      const plain = requestIn(usage.dialog, { method: 'SUBSCRIBE', cseq, via, headers, body: '' });
      const request = { method: 'SUBSCRIBE', uri: plain.uri, body: '' };
      const credentialed = credentialsFor(book, usage.line, bookPair(usage), request, { hash, random });
      book = credentialed.book;
      asking.request = { ...plain, headers: [...plain.headers, ...credentialed.headers] };
      return asking.request;
    };
    wire.start(asking.id, plan.target, build, { once: false }, now);
  }

  const hedgeOf = (usage: Usage, target: Target, now: Millis): number =>
    ledger.waitFor(pairOf(usage, target), subscribeAsker(usage.line), now).hedgeMs;

  function wireReport(wired: WireReport, now: Millis): boolean {
    if (!wired.id.startsWith('U')) return false;
    const usage = [...usages.values()].find(({ asking }) => asking?.id === wired.id);
    if (usage?.asking == null) return true;
    if (wired.kind === 'failed') failed(usage, usage.asking, wired.cause, now);
    else if (wired.kind === 'response') answered(usage, usage.asking, wired, now);
    return true;
  }

  /** The next target of the dialog's next hop, where there is one (rules 3.3); else the refresh has failed. */
  function failed(
    usage: Usage,
    asking: Asking,
    cause: Extract<WireReport, { kind: 'failed' }>['cause'],
    now: Millis,
  ): void {
    usage.asking = null;
    if (asking.told) return;
    if (cause === 'no-network') return refreshFailed(usage, { code: null, retryAfterS: null, noNetwork: true }, now);
    silent(usage, asking, cause, now);
    const [target, ...rest] = asking.rest;
    if (target !== undefined) return send(usage, { ...asking, target, rest }, now);
    refreshFailed(usage, { code: null, retryAfterS: null, noNetwork: false }, now);
  }

  function silent(usage: Usage, { target, sentAt }: Asking, cause: FailureCause, now: Millis): void {
    ledger.silent(pairOf(usage, target), { target: targetText(target), cause, tookMs: now - sentAt }, now);
  }

  /** Silent for H: the next target, or the walk of a fresh attempt, begins; a late answer still counts. */
  function hedged(usage: Usage, asking: Asking, now: Millis): void {
    asking.hedge = null;
    silent(usage, asking, 'no-answer', now);
    wire.quiet(asking.id, now);
    const [target, ...rest] = asking.rest;
    if (target !== undefined) return send(usage, { ...asking, target, rest }, now);
    asking.told = true;
    refreshFailed(usage, { code: null, retryAfterS: null, noNetwork: false }, now);
  }

  function refreshFailed(
    usage: Usage,
    how: { readonly code: number | null; readonly retryAfterS: number | null; readonly noNetwork: boolean },
    now: Millis,
  ): void {
    if (usage.leavesBy !== null) return;
    const gone = how.code !== null && GONE_CODES.has(how.code);
    if (gone) forget(usage, now);
    report({ kind: 'refresh-failed', subscription: usage.subscription, usage: usage.id, gone, ...how }, now);
  }

  function answered(usage: Usage, asking: Asking, wired: Extract<WireReport, { kind: 'response' }>, now: Millis): void {
    const { response } = wired;
    const pair = pairOf(usage, asking.target);
    if (wired.first) ledger.answerTime(pair, wired.tookMs);
    if (response.status < 200) {
      asking.hedge = null;
      return;
    }
    usage.asking = null;
    const retryAfterS = retryAfterOf(response);
    const asker = subscribeAsker(usage.line);
    const answer = { asker, code: response.status, retryAfterS };
    ledger.answer(pair, targetText(asking.target), answer, wired.tookMs ?? 0, now);
    if (response.status < 300) return refreshed(usage, asking, response, now);
    if (again(usage, asking, response, now)) return;
    if (usage.leavesBy !== null) return forget(usage, now);
    refreshFailed(usage, { code: response.status, retryAfterS, noNetwork: false }, now);
  }

  function refreshed(usage: Usage, asking: Asking, response: SipResponse, now: Millis): void {
    usage.carrier = asking.target;
    usage.dialog = withTargetOf(usage.dialog, response);
    if (usage.leavesBy !== null) return;
    const mostS = believed(asking.expiresS, asking.wishedS);
    const seconds = Math.min(expiresOf(response) ?? mostS, mostS);
    usage.grantedUntil = after(asking.sentAt, seconds * 1000);
    usage.expiresAt = usage.grantedUntil;
    held(usage, now);
  }

  /** Until when it is in force now. */
  function held(usage: Usage, now: Millis): void {
    const { subscription, id, line } = usage;
    const listWaitMs = options.listWaitMs(line, now);
    report({ kind: 'refreshed', subscription, usage: id, expiresAt: endTold(usage, now), listWaitMs }, now);
  }

  /** What would be taken with credentials or with a longer interval is sent so, with a new number. */
  function again(usage: Usage, asking: Asking, response: SipResponse, now: Millis): boolean {
    const { status } = response;
    const { request } = asking;
    if ((status === 401 || status === 407) && request !== null && asking.challenges < MAX_CHALLENGES_PER_TARGET) {
      const learnt = learnChallenge(book, usage.line, bookPair(usage), response, request);
      book = learnt.book;
      if (learnt.answerable) send(usage, { ...asking, challenges: asking.challenges + 1 }, now);
      return learnt.answerable;
    }
    const interval = status === 423 ? longerInterval(response, asking.expiresS) : null;
    if (interval === null || asking.intervals >= MAX_INTERVAL_RETRIES || asking.expiresS === 0) return false;
    send(usage, { ...asking, expiresS: interval, intervals: asking.intervals + 1 }, now);
    return true;
  }

  return {
    establish,
    granted(id, expiresAt, now) {
      const usage = usages.get(id);
      if (usage === undefined || expiresAt >= usage.grantedUntil) return;
      usage.grantedUntil = expiresAt;
      usage.expiresAt = millis(Math.min(usage.expiresAt, expiresAt));
      held(usage, now);
    },
    refresh(id, expiresS, now) {
      const usage = usages.get(id);
      if (usage !== undefined && usage.leavesBy === null) ask(usage, expiresS, now);
    },
    unsubscribe(id, now) {
      const usage = usages.get(id);
      if (usage === undefined || usage.leavesBy !== null) return;
      usage.leavesBy = after(now, 64 * timers.t1);
      ask(usage, 0, now);
    },
    drop(id, now) {
      const usage = usages.get(id);
      if (usage !== undefined) forget(usage, now);
    },
    holds: (line) => [...usages.values()].some((usage) => usage.line.line === line && usage.leavesBy === null),
    notified,
    wireReport,
    linkDown(now) {
      for (const usage of usages.values()) {
        const { asking } = usage;
        if (asking === null) continue;
        usage.asking = null;
        wire.drop(asking.id, now);
        refreshFailed(usage, { code: null, retryAfterS: null, noNetwork: true }, now);
      }
    },
    next() {
      let soon: Millis | null = null;
      for (const usage of usages.values()) soon = soonest(soon, dueOf(usage));
      return soon;
    },
    wake(now) {
      for (const usage of [...usages.values()]) {
        if (usage.leavesBy !== null && usage.leavesBy <= now) forget(usage, now);
        else if (usage.asking?.hedge != null && usage.asking.hedge <= now) {
          // Only an unsubscribe is waited for to its end: nobody else needs its turn.
          if (usage.leavesBy === null) hedged(usage, usage.asking, now);
          else usage.asking.hedge = null;
        }
      }
    },
  };
}
