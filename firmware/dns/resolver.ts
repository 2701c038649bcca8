/**
 * Owns the answers: every wanted question is asked, its answer kept fresh before its TTL ends, and used however old when DNS is dead
 * (RFC 1035, 2308, 8767; rules 2; conformance A23-A25). How one question is asked stands in `asking.ts`. No socket, no clock.
 */

import type { DnsFailure } from '../events.ts';
import { Fleet } from '../kernel/fleet.ts';
import type { Random } from '../kernel/random.ts';
import type { Endpoint } from '../kernel/target.ts';
import { endpointText } from '../kernel/target.ts';
import type { Millis } from '../kernel/time.ts';
import { after, seconds, soonest } from '../kernel/time.ts';
import type { DnsQuestion, Effect, Input } from '../vocabulary.ts';
import type { Asking, AskingContext, AskingStep, Query } from './asking.ts';
import { answerAsking, beginAsking, endAsking, overdueAsking } from './asking.ts';
import { REFRESH_HIGH_RATIO, REFRESH_LOW_RATIO, RETRY_BASE_S, RETRY_MAX_S, STALE_AFTER_MS } from './limits.ts';
import type { Answer, Known, StoredAnswer } from './memory.ts';
import { answerOf, knownOf, resultOf, storedOf } from './memory.ts';
import { createNameServers } from './name-servers.ts';
import type { Trust } from './soundness.ts';
import { dnsEvent } from './views.ts';

export interface ResolverContext {
  readonly now: Millis;
  readonly random: Random;
}

export type ResolverOut =
  | Extract<Effect, { kind: 'dns-query' | 'dns-done' | 'event' | 'log' }>
  /** What is known of some question has changed. */
  | { readonly kind: 'changed' };

export interface Resolver {
  /** Keeps this question answered from now on. */
  want(question: DnsQuestion, context: ResolverContext): readonly ResolverOut[];
  /** Only these questions are still wanted. */
  keepOnly(isWanted: (question: DnsQuestion) => boolean): readonly ResolverOut[];
  /** Other name servers are asked from now on: what is open or has failed is asked there at once, what is known keeps its life. */
  useServers(nameServers: readonly Endpoint[], context: ResolverContext): readonly ResolverOut[];
  /** What failed is asked again at the next wake, which is due at once. */
  hurry(now: Millis): void;
  known(question: DnsQuestion, now: Millis): Known;
  handle(input: Extract<Input, { kind: 'dns-answer' | 'dns-error' }>, context: ResolverContext): readonly ResolverOut[];
  wake(context: ResolverContext): readonly ResolverOut[];
  deadline(): Millis | null;
  questions(): readonly DnsQuestion[];
  /** What is worth keeping over a restart, answers of the last run that nobody has asked for yet included. */
  snapshot(): readonly StoredAnswer[];
  /** Answers of the last run that nobody asked for are let go. */
  dropStored(): void;
}

export interface ResolverOptions {
  /** In order of preference. */
  readonly nameServers: readonly Endpoint[];
  readonly stored: readonly StoredAnswer[];
  readonly trust: () => Trust;
}

interface Entry {
  readonly question: DnsQuestion;
  readonly answer: Answer | null;
  /** Why the last asking failed; null after an answer. */
  readonly cause: DnsFailure | null;
  readonly failures: number;
  readonly asking: Asking | null;
  readonly askAt: Millis | null;
  /** From then on an old answer is used, though the question is still open. */
  readonly staleFrom: Millis | null;
  /** That an old answer is used has been told. */
  readonly toldStale: boolean;
}

const NEW = { cause: null, failures: 0, asking: null, askAt: null, staleFrom: null, toldStale: false } as const;

export const questionKey = ({ name, type }: DnsQuestion): string => `${type} ${name}`;

const deadlineOf = ({ asking, askAt, staleFrom }: Entry): Millis | null =>
  asking === null ? askAt : soonest(asking.nextAt, staleFrom);

export function createResolver({ nameServers, stored, trust }: ResolverOptions): Resolver {
  const entries = new Fleet<Entry>(deadlineOf);
  const waiting = new Map<number, { readonly key: string; readonly query: Query }>();
  const kept = new Map(stored.map((answer) => [questionKey(answer), answer]));
  let servers = createNameServers(nameServers);
  let lastId = 0;
  let forged = 0;

  function newId(): number {
    lastId += 1;
    return lastId;
  }

  const contextOf = ({ now, random }: ResolverContext): AskingContext => ({
    now,
    random,
    servers,
    trust: trust(),
    newId,
  });

  function put(entry: Entry): void {
    const key = questionKey(entry.question);
    for (const { id } of queriesOf(entries.get(key))) waiting.delete(id);
    for (const query of queriesOf(entry)) waiting.set(query.id, { key, query });
    entries.set(key, entry);
  }

  function begin(entry: Entry, context: ResolverContext): readonly ResolverOut[] {
    const { now } = context;
    const { answer, cause, question } = entry;
    const staleFrom = cause === null && answer !== null && answer.until <= now ? after(now, STALE_AFTER_MS) : null;
    return settle({ ...entry, askAt: null, staleFrom }, beginAsking(question, contextOf(context)), context);
  }

  function settle(entry: Entry, step: AskingStep, context: ResolverContext): readonly ResolverOut[] {
    switch (step.kind) {
      case 'open':
        put({ ...entry, asking: step.asking });
        return step.out;
      case 'answered':
        return [...step.out, ...answered(entry, step, context)];
      case 'failed':
        return [...step.out, ...failed(entry, step.cause, context)];
      case 'forged':
        return refuse(step.from);
    }
  }

  function answered(
    { question }: Entry,
    { said }: Extract<AskingStep, { kind: 'answered' }>,
    { now, random }: ResolverContext,
  ): readonly ResolverOut[] {
    const lifeMs = seconds(said.ttlS);
    const answer: Answer = { said, since: now, until: after(now, lifeMs), kept: false };
    put({
      ...NEW,
      question,
      answer,
      askAt: after(now, lifeMs * random.between(REFRESH_LOW_RATIO, REFRESH_HIGH_RATIO)),
    });
    return [dnsEvent(question, resultOf(answer), said.ttlS, 'live'), { kind: 'changed' }];
  }

  function failed(entry: Entry, cause: DnsFailure, { now }: ResolverContext): readonly ResolverOut[] {
    const askAt = after(now, seconds(Math.min(RETRY_MAX_S, RETRY_BASE_S * 2 ** entry.failures)));
    const next: Entry = { ...entry, cause, failures: entry.failures + 1, asking: null, askAt, staleFrom: null };
    return [dnsEvent(entry.question, cause, 0, 'live'), ...useOld(next, now)];
  }

  /** Puts an entry without a fresh answer in place and tells, once, that its old one is used. */
  function useOld(entry: Entry, now: Millis): readonly ResolverOut[] {
    const { answer, question } = entry;
    const isTold = answer !== null && answer.until <= now && !entry.toldStale;
    put({ ...entry, toldStale: entry.toldStale || isTold });
    if (!isTold) return [{ kind: 'changed' }];
    const overS = Math.round((now - answer.until) / 1000);
    const fields = { name: question.name, type: question.type, overS, lastRun: answer.kept };
    return [
      { kind: 'log', level: 'warn', name: 'dns-stale', fields },
      dnsEvent(question, resultOf(answer), -overS, 'stale'),
      { kind: 'changed' },
    ];
  }

  /** What does not match is dropped and counted (A20); told at 1, 2, 4, 8 … so that a flood fills no log. */
  function refuse(from: Endpoint): readonly ResolverOut[] {
    forged += 1;
    if (!Number.isInteger(Math.log2(forged))) return [];
    return [{ kind: 'log', level: 'warn', name: 'dns-forged', fields: { from: endpointText(from), count: forged } }];
  }

  return {
    want(question, context) {
      const key = questionKey(question);
      if (entries.get(key) !== undefined) return [];
      const old = kept.get(key);
      kept.delete(key);
      return begin({ ...NEW, question, answer: old === undefined ? null : answerOf(old, context.now) }, context);
    },
    keepOnly(isWanted) {
      const gone = entries.entries().filter(([, { question }]) => !isWanted(question));
      return gone.flatMap(([key, entry]) => {
        put({ ...entry, asking: null });
        entries.set(key, null);
        return entry.asking === null ? [] : endAsking(entry.asking);
      });
    },
    useServers(endpoints, context) {
      servers = createNameServers(endpoints);
      return entries.entries().flatMap(([, entry]) => {
        const { asking, cause } = entry;
        if (asking === null && cause === null) return [];
        const ended = asking === null ? [] : endAsking(asking);
        return [...ended, ...begin({ ...entry, asking: null, failures: 0 }, context)];
      });
    },
    hurry(now) {
      for (const [, entry] of entries.entries())
        if (entry.asking === null && entry.cause !== null) put({ ...entry, failures: 0, askAt: now });
    },
    known(question, now) {
      const entry = entries.get(questionKey(question));
      return entry === undefined ? { state: 'unknown' } : knownOf(entry.answer, entry.cause, now);
    },
    handle(input, context) {
      const found = waiting.get(input.id);
      if (found === undefined) return [];
      const entry = entries.get(found.key) as Entry;
      return settle(entry, answerAsking(entry.asking as Asking, found.query, input, contextOf(context)), context);
    },
    wake(context) {
      const { now } = context;
      const due = entries.next();
      if (due === null || due.at > now) return [];
      const entry = entries.get(due.id) as Entry;
      if (entry.asking === null) return begin(entry, context);
      if (entry.staleFrom !== null && entry.staleFrom <= now)
        return useOld({ ...entry, staleFrom: null, cause: 'timeout' }, now);
      return settle(entry, overdueAsking(entry.asking, contextOf(context)), context);
    },
    deadline: () => entries.next()?.at ?? null,
    questions: () => entries.entries().map(([, { question }]) => question),
    snapshot: () => [
      ...entries.entries().flatMap(([, { question, answer }]) => (answer === null ? [] : [storedOf(question, answer)])),
      ...kept.values(),
    ],
    dropStored: () => kept.clear(),
  };
}

const queriesOf = (entry: Entry | undefined): readonly Query[] => entry?.asking?.open ?? [];
