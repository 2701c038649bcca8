/** Owns the subscriptions of the phone below their meaning: those being made, those in force, and whose a NOTIFY is (RFC 6665 4.1.3). */

import type { Endpoint } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { soonest } from '../../kernel/time.ts';
import { legsOf } from '../../servers/selection.ts';
import type { SipRequest } from '../message/message.ts';
import type { SubscribeCommand } from '../subscription-vocabulary.ts';
import type { Answer } from './answers.ts';
import { routeOfCalls } from './calling.ts';
import type { Proxies } from './proxies.ts';
import { createSubscribes } from './subscribes.ts';
import type { SubscriptionsOptions } from './subscribing.ts';
import { subscribeAsker } from './subscribing.ts';
import { createUsages } from './usages.ts';
import type { Watchers, WatchersOptions } from './watchers.ts';
import { createWatchers } from './watchers.ts';
import type { WireReport } from './wire-types.ts';

export interface Subscriptions {
  command(command: SubscribeCommand, now: Millis): void;
  /** Whether any subscription of the line is in force. */
  holds(line: number): boolean;
  /** What to answer to a NOTIFY; null = it is inside no subscription of ours. */
  notified(notify: SipRequest, from: Endpoint, now: Millis): Answer | null;
  /** Who watches lines of ours. */
  readonly watchers: Watchers;
  located(now: Millis): void;
  wireReport(report: WireReport, now: Millis): boolean;
  linkDown(now: Millis): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

export type CreateSubscriptions = Omit<SubscriptionsOptions, 'listWaitMs'> &
  Omit<WatchersOptions, 'perServer'> & { readonly proxies: Proxies };

export function createSubscriptions(given: CreateSubscriptions): Subscriptions {
  const { ledger, locate, proxies } = given;
  const options: SubscriptionsOptions = {
    ...given,
    listWaitMs: (line, now) =>
      legsOf(routeOfCalls(line), locate)
        .filter(({ server }) => server === 'primary')
        .flatMap(({ candidates }) => candidates)
        .reduce((sum, { pair }) => sum + ledger.waitFor(pair, subscribeAsker(line), now).hedgeMs, 0),
  };
  const usages = createUsages(options);
  const subscribes = createSubscribes({
    ...options,
    onGranted: usages.granted,
    onEstablished(attempt, sent, notify, now) {
      const usage = usages.establish(attempt, sent, notify, now);
      const { first, cause, startedAt, command } = attempt;
      const how = { first, cause: cause ?? 'answered', took: now - startedAt };
      if (usage !== null) proxies.served(command.line, sent.candidate, how, now);
      return usage;
    },
  });

  const watchers = createWatchers({ ...given, perServer: given.policy.profile === 'modern' });

  return {
    watchers,
    command(command, now) {
      switch (command.kind) {
        case 'subscribe':
          return subscribes.begin(command, now);
        case 'give-up':
          return subscribes.giveUp(command.attempt, command.pair, now);
        case 'abandon':
          return subscribes.abandon(command.attempt, now);
        case 'refresh':
          return usages.refresh(command.usage, command.expiresS, now);
        case 'unsubscribe':
          return usages.unsubscribe(command.usage, now);
        case 'drop':
          return usages.drop(command.usage, now);
      }
    },
    holds: usages.holds,
    notified: (notify, from, now) => usages.notified(notify, now) ?? subscribes.notified(notify, from, now),
    located: (now) => subscribes.located(now),
    wireReport: (wired, now) =>
      usages.wireReport(wired, now) || watchers.wireReport(wired, now) || subscribes.wireReport(wired, now),
    linkDown(now) {
      subscribes.linkDown(now);
      usages.linkDown(now);
    },
    next: () => soonest(subscribes.next(), usages.next()),
    wake(now) {
      if ((usages.next() ?? Number.POSITIVE_INFINITY) <= now) usages.wake(now);
      else subscribes.wake(now);
    },
  };
}
