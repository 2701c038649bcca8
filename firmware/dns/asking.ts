/**
 * Owns one open question: which name server is asked next and how, and what an answer does to it (RFC 1035 7.3, 5452, 6891, 7766;
 * conformance A18-A22). A slow server may still answer after the next one was asked. Pure steps; the resolver keeps the state.
 */
import type { DnsFailure } from '../events.ts';
import type { Random } from '../kernel/random.ts';
import type { Endpoint } from '../kernel/target.ts';
import { endpointText } from '../kernel/target.ts';
import type { Millis } from '../kernel/time.ts';
import { after, millis } from '../kernel/time.ts';
import type { DnsMessage, DnsQuestion, Effect, Input } from '../vocabulary.ts';
import type { Reading } from './answers.ts';
import { capTtl, readAnswer } from './answers.ts';
import { CNAME_MAX, QUERY_TIMEOUT_MS, QUESTION_LIMIT_MS, TTL_MAX_S } from './limits.ts';
import type { NameServer, NameServers } from './name-servers.ts';
import type { Trust } from './soundness.ts';
import { isLoopback } from './soundness.ts';

/** One packet out, whose answer is waited for. */
export interface Query {
  readonly id: number;
  readonly transactionId: number;
  readonly server: NameServer;
  readonly transport: 'udp' | 'tcp';
  readonly edns: boolean;
}

export interface Asking {
  readonly startedAt: Millis;
  /** What is asked for now: the name is the end of the aliases followed so far. */
  readonly question: DnsQuestion;
  readonly aliases: number;
  /** The least TTL of the aliases followed. */
  readonly ttlS: number;
  /** The newest last. */
  readonly open: readonly Query[];
  /** Indices of name servers: one for each query, and those whose answer was of no use. */
  readonly tried: readonly number[];
  readonly useless: readonly number[];
  readonly cause: DnsFailure;
  /** When the newest query is no longer waited for. */
  readonly nextAt: Millis;
}

export interface AskingContext {
  readonly now: Millis;
  readonly random: Random;
  readonly servers: NameServers;
  readonly trust: Trust;
  /** A new id for an effect. */
  readonly newId: () => number;
}

type DnsEffect = Extract<Effect, { kind: 'dns-query' | 'dns-done' }>;
type Said = Extract<Reading, { kind: 'records' | 'negative' }>;

/** `forged`: dropped, the question goes on unchanged. */
export type AskingStep =
  | { readonly kind: 'open'; readonly asking: Asking; readonly out: readonly DnsEffect[] }
  | { readonly kind: 'answered'; readonly said: Said; readonly out: readonly DnsEffect[] }
  | { readonly kind: 'failed'; readonly cause: DnsFailure; readonly out: readonly DnsEffect[] }
  | { readonly kind: 'forged'; readonly from: Endpoint; readonly out: readonly DnsEffect[] };

export function beginAsking(question: DnsQuestion, context: AskingContext): AskingStep {
  const { now } = context;
  const none = { open: [], tried: [], useless: [] };
  return askNext(
    { startedAt: now, question, aliases: 0, ttlS: TTL_MAX_S, ...none, cause: 'timeout', nextAt: now },
    context,
  );
}

/** `query` is the open one that the input names. */
export function answerAsking(
  asking: Asking,
  query: Query,
  input: Extract<Input, { kind: 'dns-answer' | 'dns-error' }>,
  context: AskingContext,
): AskingStep {
  if (input.kind === 'dns-error') {
    // Without a network no name server is to blame.
    if (input.cause === 'no-network') return failed(asking);
    return useless(asking, query, { cause: asking.cause, fault: 'server' }, context);
  }
  const { address } = query.server.endpoint;
  const isFromServer = endpointText(input.from) === endpointText(query.server.endpoint);
  if (!isFromServer || input.transport !== query.transport) return { kind: 'forged', from: input.from, out: [] };
  if (input.message === 'malformed') return useless(asking, query, { cause: 'servfail', fault: 'server' }, context);
  if (!isAnswerTo(input.message, query, asking.question)) return { kind: 'forged', from: input.from, out: [] };
  const trust = { ...context.trust, loopback: context.trust.loopback || isLoopback(address) };
  return take(asking, query, readAnswer(input.message, asking.question, trust), context);
}

/** The newest query was waited for long enough. */
export function overdueAsking(asking: Asking, context: AskingContext): AskingStep {
  for (const { server } of asking.open) context.servers.failed(server, context.now);
  return after(asking.startedAt, QUESTION_LIMIT_MS) <= context.now ? failed(asking) : askNext(asking, context);
}

/** The question is no longer of interest. */
export const endAsking = ({ open }: Pick<Asking, 'open'>): readonly DnsEffect[] =>
  open.map(({ id }) => ({ kind: 'dns-done', id }));

function askNext(asking: Asking, context: AskingContext): AskingStep {
  const server = context.servers.pick(asking, context.now);
  return server === null ? failed(asking) : ask(asking, { server, transport: 'udp' }, context);
}

const failed = (asking: Asking): AskingStep => ({ kind: 'failed', cause: asking.cause, out: endAsking(asking) });

function ask(
  asking: Asking,
  to: Pick<Query, 'server' | 'transport'>,
  { now, random, servers, newId }: AskingContext,
): AskingStep {
  const { server, transport } = to;
  const edns = servers.knowsEdns(server);
  const query: Query = { id: newId(), transactionId: random.below(65_536), server, transport, edns };
  const limit = Math.max(now, after(asking.startedAt, QUESTION_LIMIT_MS));
  const nextAt = millis(Math.min(after(now, QUERY_TIMEOUT_MS), limit));
  const { id, transactionId } = query;
  const { question } = asking;
  return {
    kind: 'open',
    asking: { ...asking, open: [...asking.open, query], tried: [...asking.tried, server.index], nextAt },
    out: [{ kind: 'dns-query', id, server: server.endpoint, transport, transactionId, question, edns }],
  };
}

function take(asking: Asking, query: Query, reading: Reading, context: AskingContext): AskingStep {
  switch (reading.kind) {
    case 'records':
    case 'negative':
      context.servers.worked(query.server);
      return {
        kind: 'answered',
        said: { ...reading, ttlS: capTtl([asking.ttlS, reading.ttlS]) },
        out: endAsking(asking),
      };
    case 'alias':
      return follow(asking, query, reading, context);
    case 'truncated':
      if (query.transport === 'tcp') return useless(asking, query, { cause: 'truncated', fault: 'server' }, context);
      return again({ ...asking, cause: 'truncated' }, query, 'tcp', context);
    case 'no-edns':
      if (!query.edns) return useless(asking, query, { cause: 'servfail', fault: 'server' }, context);
      context.servers.lacksEdns(query.server);
      return again(asking, query, query.transport, context);
    case 'useless':
      return useless(asking, query, { cause: 'servfail', fault: reading.fault }, context);
  }
}

/** The same question to the same server in another way. */
function again(asking: Asking, query: Query, transport: 'udp' | 'tcp', context: AskingContext): AskingStep {
  const open = asking.open.filter((other) => other !== query);
  return closing([query], ask({ ...asking, open }, { server: query.server, transport }, context));
}

function follow(
  asking: Asking,
  query: Query,
  alias: Extract<Reading, { kind: 'alias' }>,
  context: AskingContext,
): AskingStep {
  const aliases = asking.aliases + alias.depth;
  if (aliases > CNAME_MAX) return useless(asking, query, { cause: 'servfail', fault: 'zone' }, context);
  const question = { ...asking.question, name: alias.name };
  const next: Asking = { ...asking, question, aliases, ttlS: capTtl([asking.ttlS, alias.ttlS]), open: [] };
  return closing(asking.open, ask(next, { server: query.server, transport: 'udp' }, context));
}

/** A failure or garbage: the next server at once, unless another is being waited for. */
function useless(
  asking: Asking,
  query: Query,
  { cause, fault }: { readonly cause: DnsFailure; readonly fault: 'zone' | 'server' },
  context: AskingContext,
): AskingStep {
  const { server } = query;
  if (fault === 'server') context.servers.failed(server, context.now);
  const closed = asking.open.filter((other) => other.server.index === server.index);
  const open = asking.open.filter((other) => !closed.includes(other));
  const next: Asking = { ...asking, open, useless: [...asking.useless, server.index], cause };
  const isNewestOpen = open.at(-1) === asking.open.at(-1);
  return closing(closed, isNewestOpen ? { kind: 'open', asking: next, out: [] } : askNext(next, context));
}

/** A step that closes these queries first. */
const closing = (closed: readonly Query[], step: AskingStep): AskingStep => ({
  ...step,
  out: [...endAsking({ open: closed }), ...step.out],
});

/** Our id, our question, and a response: anything else is not the answer to this query (RFC 5452 9.1). */
function isAnswerTo(message: DnsMessage, query: Query, question: DnsQuestion): boolean {
  if (!message.response || message.id !== query.transactionId) return false;
  const [asked] = message.questions;
  // A server that cannot read EDNS may leave the question out (RFC 6891 7).
  if (asked === undefined) return message.rcode === 1 || message.rcode === 4;
  return asked.type === question.type && asked.name === question.name;
}
