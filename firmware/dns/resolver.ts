/**
 * Owns asking: one question at a time per name and type, over several name servers, EDNS and TCP where needed, with a cache that
 * keeps the last good answer however old (RFC 1035, 2308, 6891, 7766, 8767; rules 2; conformance A20-A25). No socket, no clock.
 */
import { Fleet } from '../kernel/fleet.ts';
import type { Random } from '../kernel/random.ts';
import type { Endpoint } from '../kernel/target.ts';
import { endpointText } from '../kernel/target.ts';
import type { Millis } from '../kernel/time.ts';
import { after, seconds, soonest } from '../kernel/time.ts';
import type { DnsFailure } from '../events.ts';
import type { DnsMessage, DnsQuestion, DnsRecord, Effect, Input } from '../vocabulary.ts';
import type { Reading, Trust } from './answers.ts';
import { readAnswer } from './answers.ts';
import {
  CNAME_MAX,
  QUERY_TIMEOUT_MS,
  QUESTION_LIMIT_MS,
  REFRESH_RATIO,
  RETRY_BASE_S,
  RETRY_MAX_S,
  STALE_AFTER_MS,
} from './limits.ts';

export interface ResolverContext {
  readonly now: Millis;
  readonly random: Random;
}

/** What is known of a question. `since`: when the answer came; `until`: when its TTL ends. */
export type Known =
  | { readonly state: 'unknown' }
  | { readonly state: 'records'; readonly records: readonly DnsRecord[]; readonly stale: boolean; readonly since: Millis; readonly until: Millis }
  | { readonly state: 'negative'; readonly what: 'nxdomain' | 'nodata'; readonly since: Millis; readonly until: Millis }
  /** Nobody answered, or only SERVFAIL: nothing is known (A25). */
  | { readonly state: 'failed'; readonly cause: DnsFailure };

interface Good {
  readonly records: readonly DnsRecord[];
  readonly since: Millis;
  readonly until: Millis;
}

interface Query {
  readonly id: number;
  readonly transactionId: number;
  readonly server: number;
  readonly transport: 'udp' | 'tcp';
  readonly edns: boolean;
  /** The name asked for now: the end of an alias chain. */
  readonly name: string;
  readonly depth: number;
  readonly startedAt: Millis;
  readonly timeoutAt: Millis;
  /** Servers that gave a useless answer. */
  readonly refused: readonly number[];
}

interface Entry {
  readonly question: DnsQuestion;
  readonly good: Good | null;
  readonly negative: { readonly what: 'nxdomain' | 'nodata'; readonly since: Millis; readonly until: Millis } | null;
  readonly failures: number;
  readonly cause: DnsFailure | null;
  readonly query: Query | null;
  /** When to ask (again). */
  readonly askAt: Millis | null;
  /** From then on an old answer is used while the question is open. */
  readonly staleFrom: Millis | null;
}

export type ResolverOut = Extract<Effect, { kind: 'dns-query' | 'dns-done' | 'event' | 'log' }> | { readonly kind: 'changed' };

export interface Resolver {
  /** Keep this question answered from now on. */
  want(question: DnsQuestion, context: ResolverContext): readonly ResolverOut[];
  /** Questions that are no longer wanted. */
  forget(keep: (question: DnsQuestion) => boolean): readonly ResolverOut[];
  known(question: DnsQuestion, now: Millis): Known;
  handle(input: Extract<Input, { kind: 'dns-answer' | 'dns-error' }>, context: ResolverContext): readonly ResolverOut[];
  wake(context: ResolverContext): readonly ResolverOut[];
  deadline(): Millis | null;
  questions(): readonly DnsQuestion[];
  snapshot(): readonly StoredAnswer[];
}

export interface StoredAnswer {
  readonly name: string;
  readonly type: DnsQuestion['type'];
  readonly records: readonly DnsRecord[];
}

export interface ResolverOptions {
  readonly nameServers: readonly Endpoint[];
  readonly stored: readonly StoredAnswer[];
  readonly trust: Omit<Trust, 'loopback'>;
}

export const questionKey = ({ name, type }: DnsQuestion): string => `${type} ${name}`;

const isLoopback = ({ address }: Endpoint): boolean => address.startsWith('127.') || address === '::1';

export function createResolver({ nameServers, stored, trust }: ResolverOptions): Resolver {
  const entries = new Fleet<Entry>((entry) => soonest(entry.query?.timeoutAt ?? entry.askAt, entry.query === null ? null : entry.staleFrom));
  const keyById = new Map<number, string>();
  const old = new Map(stored.map((answer) => [questionKey(answer), answer.records]));
  let preferred = 0;
  let lastId = 0;

  function want(question: DnsQuestion, context: ResolverContext): readonly ResolverOut[] {
    const key = questionKey(question);
    if (entries.get(key) !== undefined) return [];
    const records = old.get(key);
    // An answer of the last run is over, but better than none.
    const good = records === undefined ? null : { records, since: context.now, until: context.now };
    const entry: Entry = { question, good, negative: null, failures: 0, cause: null, query: null, askAt: null, staleFrom: null };
    return begin(entry, context);
  }

  function begin(entry: Entry, context: ResolverContext): readonly ResolverOut[] {
    const { name } = entry.question;
    const staleFrom = entry.good !== null && entry.good.until <= context.now && entry.cause === null ? after(context.now, STALE_AFTER_MS) : null;
    const next = { ...entry, askAt: null, staleFrom };
    if (nameServers.length === 0) return fail({ ...next, query: null }, 'timeout', context);
    return ask(next, { server: preferred, transport: 'udp', edns: true, name, depth: 0, startedAt: context.now, refused: [] }, context);
  }

  function ask(entry: Entry, plan: Omit<Query, 'id' | 'transactionId' | 'timeoutAt'>, context: ResolverContext): readonly ResolverOut[] {
    lastId += 1;
    const limit = after(plan.startedAt, QUESTION_LIMIT_MS);
    const timeoutAt = Math.min(after(context.now, QUERY_TIMEOUT_MS), limit) as Millis;
    const query: Query = { ...plan, id: lastId, transactionId: context.random.below(65_536), timeoutAt };
    const key = questionKey(entry.question);
    const done = finish(entry);
    keyById.set(query.id, key);
    entries.set(key, { ...entry, query });
    const server = nameServers[plan.server];
    if (server === undefined) return done;
    const question = { name: plan.name, type: entry.question.type };
    return [
      ...done,
      { kind: 'dns-query', id: query.id, server, transport: plan.transport, transactionId: query.transactionId, question, edns: plan.edns },
    ];
  }

  function finish(entry: Entry): readonly ResolverOut[] {
    if (entry.query === null) return [];
    keyById.delete(entry.query.id);
    return [{ kind: 'dns-done', id: entry.query.id }];
  }

  function handle(input: Extract<Input, { kind: 'dns-answer' | 'dns-error' }>, context: ResolverContext): readonly ResolverOut[] {
    const key = keyById.get(input.id);
    const entry = key === undefined ? undefined : entries.get(key);
    const query = entry?.query;
    if (entry === undefined || query == null) return [];
    if (input.kind === 'dns-error') return nextServer(entry, query, 'timeout', context);
    if (!isFrom(input, query)) return [{ kind: 'log', level: 'warn', name: 'dns-forged', fields: { from: endpointText(input.from) } }];
    if (input.message === 'malformed') return nextServer(entry, query, 'servfail', context);
    if (!answers(input.message, query, entry.question))
      return [{ kind: 'log', level: 'warn', name: 'dns-mismatch', fields: { from: endpointText(input.from) } }];
    const server = nameServers[query.server];
    const loopback = server !== undefined && isLoopback(server);
    return read(entry, query, readAnswer(input.message, { ...entry.question, name: query.name }, { ...trust, loopback }), context);
  }

  /** The answer must come from the very address and port that was asked (A20). */
  function isFrom(input: Extract<Input, { kind: 'dns-answer' }>, query: Query): boolean {
    const server = nameServers[query.server];
    return server !== undefined && endpointText(server) === endpointText(input.from) && input.transport === query.transport;
  }

  function read(entry: Entry, query: Query, reading: Reading, context: ResolverContext): readonly ResolverOut[] {
    switch (reading.kind) {
      case 'truncated':
        return query.transport === 'tcp' ? nextServer(entry, query, 'truncated', context) : ask(entry, { ...query, transport: 'tcp' }, context);
      case 'no-edns':
        return query.edns ? ask(entry, { ...query, edns: false }, context) : nextServer(entry, query, 'servfail', context);
      case 'servfail':
        return nextServer(entry, query, 'servfail', context);
      case 'alias':
        return query.depth + reading.depth > CNAME_MAX
          ? nextServer(entry, query, 'servfail', context)
          : ask(entry, { ...query, name: reading.name, depth: query.depth + reading.depth, transport: 'udp' }, context);
      case 'negative':
        return settleNegative(entry, query, reading, context);
      case 'records':
        return settleGood(entry, query, reading, context);
    }
  }

  function settleGood(entry: Entry, query: Query, { records, ttlS }: Extract<Reading, { kind: 'records' }>, context: ResolverContext): readonly ResolverOut[] {
    preferred = query.server;
    const good = { records, since: context.now, until: after(context.now, seconds(ttlS)) };
    const askAt = after(context.now, seconds(ttlS * REFRESH_RATIO));
    const done = finish(entry);
    entries.set(questionKey(entry.question), { ...entry, good, negative: null, failures: 0, cause: null, query: null, askAt, staleFrom: null });
    return [...done, event(entry.question, records, ttlS, 'live'), { kind: 'changed' }];
  }

  function settleNegative(entry: Entry, query: Query, { what, ttlS }: Extract<Reading, { kind: 'negative' }>, context: ResolverContext): readonly ResolverOut[] {
    preferred = query.server;
    const negative = { what, since: context.now, until: after(context.now, seconds(ttlS)) };
    const done = finish(entry);
    entries.set(questionKey(entry.question), { ...entry, good: null, negative, failures: 0, cause: null, query: null, askAt: negative.until, staleFrom: null });
    return [...done, event(entry.question, what, ttlS, 'live'), { kind: 'changed' }];
  }

  /** SERVFAIL, REFUSED, garbage: the next server at once; a silent one when its time is over. All useless: failed. */
  function nextServer(entry: Entry, query: Query, cause: DnsFailure, context: ResolverContext): readonly ResolverOut[] {
    const refused = cause === 'timeout' ? query.refused : [...query.refused, query.server];
    const order = nameServers.map((_server, index) => (query.server + 1 + index) % nameServers.length);
    const server = order.find((index) => !refused.includes(index));
    const over = after(query.startedAt, QUESTION_LIMIT_MS) <= context.now;
    if (server === undefined || over) return fail(entry, cause, context);
    return ask(entry, { ...query, server, transport: 'udp', refused }, context);
  }

  function fail(entry: Entry, cause: DnsFailure, context: ResolverContext): readonly ResolverOut[] {
    const failures = entry.failures + 1;
    const askAt = after(context.now, seconds(Math.min(RETRY_MAX_S, RETRY_BASE_S * 2 ** Math.min(failures - 1, 10))));
    const done = finish(entry);
    entries.set(questionKey(entry.question), { ...entry, failures, cause, query: null, askAt, staleFrom: null });
    const out: ResolverOut[] = [...done, event(entry.question, cause, 0, 'live')];
    if (entry.good !== null && failures === 1) out.push(event(entry.question, entry.good.records, 0, 'stale'));
    return [...out, { kind: 'changed' }];
  }

  function wake(context: ResolverContext): readonly ResolverOut[] {
    const due = entries.next();
    const entry = due === null || due.at > context.now ? undefined : entries.get(due.id);
    if (entry === undefined || due === null) return [];
    if (entry.query === null) return begin(entry, context);
    if (entry.staleFrom !== null && entry.staleFrom <= context.now) {
      entries.set(due.id, { ...entry, staleFrom: null, cause: entry.cause ?? 'timeout' });
      return [{ kind: 'changed' }];
    }
    return nextServer(entry, entry.query, 'timeout', context);
  }

  function known(question: DnsQuestion, now: Millis): Known {
    const entry = entries.get(questionKey(question));
    if (entry === undefined) return { state: 'unknown' };
    if (entry.negative !== null && (entry.negative.until > now || entry.cause === null)) return { state: 'negative', ...entry.negative };
    if (entry.good !== null) {
      const stale = entry.good.until <= now;
      if (!stale || entry.cause !== null || entry.good.since !== entry.good.until) return { state: 'records', ...entry.good, stale };
      return { state: 'unknown' };
    }
    if (entry.cause !== null) return { state: 'failed', cause: entry.cause };
    return { state: 'unknown' };
  }

  return {
    want,
    forget(keep) {
      const out: ResolverOut[] = [];
      for (const [key, entry] of entries.entries()) {
        if (keep(entry.question)) continue;
        out.push(...finish(entry));
        entries.set(key, null);
      }
      return out;
    },
    known,
    handle,
    wake,
    deadline: () => entries.next()?.at ?? null,
    questions: () => entries.entries().map(([, entry]) => entry.question),
    snapshot: () =>
      entries
        .entries()
        .filter(([, entry]) => entry.good !== null)
        .map(([, { question, good }]) => ({ ...question, records: good?.records ?? [] })),
  };
}

/** Our id, our question, and a response: anything else is not the answer to this query. */
const answers = (message: DnsMessage, query: Query, question: DnsQuestion): boolean => {
  const [asked] = message.questions;
  return (
    message.response &&
    message.id === query.transactionId &&
    // A server that cannot read EDNS may leave the question out (RFC 6891 7).
    (asked === undefined ? message.rcode === 1 || message.rcode === 4 : asked.type === question.type && asked.name.toLowerCase() === query.name)
  );
};

const event = (question: DnsQuestion, result: readonly DnsRecord[] | DnsFailure, ttl: number, source: 'live' | 'stale'): ResolverOut => ({
  kind: 'event',
  event: { event: 'dns', name: question.name, type: question.type, result: typeof result === 'string' ? result : result.map(viewOf), ttl, source },
});

const viewOf = (record: DnsRecord): { readonly name: string } => {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return { name: record.name, address: record.address } as { readonly name: string };
    case 'SRV':
      return { name: record.name, target: record.target, port: record.port, priority: record.priority, weight: record.weight } as { readonly name: string };
    default:
      return { name: record.name };
  }
};
