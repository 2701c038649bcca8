/**
 * Owns the phone's address book: where every configured server of every role is, kept fresh, drawn once, and still known when DNS
 * is dead (rules 2). The resolver asks; `location.ts` reads; this file joins the two and remembers the draws.
 */
import type { DnsQueryType, ServerSetting, TransportChoice } from '../config/settings.ts';
import type { Known } from '../dns/memory.ts';
import { readStored } from '../dns/memory.ts';
import type { ResolverContext, ResolverOut } from '../dns/resolver.ts';
import { createResolver, questionKey } from '../dns/resolver.ts';
import { isLoopback } from '../dns/soundness.ts';
import { dnsEvent } from '../dns/views.ts';
import type { Random } from '../kernel/random.ts';
import type { Endpoint, Target } from '../kernel/target.ts';
import { targetText } from '../kernel/target.ts';
import type { Millis } from '../kernel/time.ts';
import type { DnsStatus } from '../status.ts';
import type { DnsQuestion, DnsRecord, Effect, HostsTable, Input } from '../vocabulary.ts';
import type { Location, Lookup, SrvRecord } from './location.ts';
import { locateServer, srvText } from './location.ts';
import { keepDraw, keepOrder, orderByWeight } from './order.ts';
import type { LocationRules } from './target-rules.ts';

/** What is known of a configured server's place. */
export type Located = Location;

export type DirectoryContext = ResolverContext;

export interface DirectoryOptions {
  readonly transport: TransportChoice;
  readonly dnsQueryType: DnsQueryType;
  /** In order of preference; nobody else is asked. */
  readonly nameServers: readonly Endpoint[];
  readonly hosts: HostsTable;
  /** What the last run kept. */
  readonly stored: unknown;
  /** Address families that this phone can send to; IPv4 alone by default. */
  readonly families?: readonly ('A' | 'AAAA')[];
}

export type DirectoryOut =
  | Extract<Effect, { kind: 'dns-query' | 'dns-done' | 'event' | 'store' | 'log' }>
  /** This server's `Located` has changed; `gained` = targets that were not there when it was looked up before. */
  | { readonly kind: 'located'; readonly server: ServerSetting; readonly gained: readonly Target[] };

export interface Directory {
  /** The full set of configured servers; looked up now and kept fresh. */
  want(servers: readonly ServerSetting[], context: DirectoryContext): readonly DirectoryOut[];
  /** `pending` too for a server that was never wanted. */
  locate(server: ServerSetting): Located;
  handle(
    input: Extract<Input, { kind: 'dns-answer' | 'dns-error' }>,
    context: DirectoryContext,
  ): readonly DirectoryOut[];
  /** The system has other name servers. */
  useServers(nameServers: readonly Endpoint[], context: DirectoryContext): readonly DirectoryOut[];
  /** One thing that is due at `deadline()`. */
  wake(context: DirectoryContext): readonly DirectoryOut[];
  deadline(): Millis | null;
  /** The network is back: what failed is asked at the next wake, which is due at once. */
  hurry(now: Millis): void;
  status(now: Millis): readonly DnsStatus[];
}

interface Place {
  readonly server: ServerSetting;
  readonly location: Located;
  /** What the last finished look-up gave, null = none has finished. */
  readonly found: readonly Target[] | null;
}

interface Draw {
  readonly set: string;
  readonly order: readonly SrvRecord[];
}

/** An answer of the hosts file, which was there from the start. */
interface HostsAnswer {
  readonly question: DnsQuestion;
  readonly records: readonly DnsRecord[];
  readonly since: Millis;
}

const NOWHERE: Located = { state: 'pending', rule: '' };

const keyOf = ({ name, port }: ServerSetting): string => `${name}:${port}`;

export function createDirectory(options: DirectoryOptions): Directory {
  const { transport, dnsQueryType, families = ['A'] } = options;
  const rules: LocationRules = { transport, dnsQueryType, families };
  const places = new Map<string, Place>();
  const draws = new Map<string, Draw>();
  const addressOrders = new Map<string, readonly string[]>();
  const hostsAnswers = new Map<string, HostsAnswer>();
  const resolver = createResolver({
    nameServers: options.nameServers,
    stored: readStored(options.stored),
    trust: () => ({ loopback: [...places.values()].some(({ server }) => isLab(server)) }),
  });
  let storedText = '';

  function orderServices(owner: string, records: readonly SrvRecord[], random: Random): readonly SrvRecord[] {
    const set = records.map(srvText).sort().join(', ');
    const before = draws.get(owner);
    if (before?.set === set) return before.order;
    const drawn = orderByWeight(records, random);
    const order =
      before === undefined ? drawn : keepDraw(drawn, before.order, ({ target, port }) => `${target}:${port}`);
    draws.set(owner, { set, order });
    return order;
  }

  function orderAddresses(question: DnsQuestion, addresses: readonly string[]): readonly string[] {
    const key = questionKey(question);
    const order = keepOrder(addresses, addressOrders.get(key) ?? [], (address) => address);
    addressOrders.set(key, order);
    return order;
  }

  /** The hosts file answers only address questions, never SRV or NAPTR. */
  function fromHosts(question: DnsQuestion, now: Millis): HostsAnswer | null {
    const { name, type } = question;
    if ((type !== 'A' && type !== 'AAAA') || !Object.hasOwn(options.hosts, name)) return null;
    const addresses = options.hosts[name] as readonly string[];
    const records = addresses
      .filter((address) => address.includes(':') === (type === 'AAAA'))
      .map((address): DnsRecord => ({ type, name, ttl: 0, address }));
    return records.length === 0 ? null : { question, records, since: now };
  }

  /** Reads every server anew; what an answer leads to is asked, what nothing leads to any more is let go. */
  function evaluate(first: readonly ResolverOut[], context: DirectoryContext): readonly DirectoryOut[] {
    const { now, random } = context;
    const out: ResolverOut[] = [...first];
    const needed = new Set<string>();
    const lookup: Lookup = {
      known(question): Known {
        const key = questionKey(question);
        needed.add(key);
        const host = hostsAnswers.get(key) ?? fromHosts(question, now);
        if (host === null) {
          out.push(...resolver.want(question, context));
          return resolver.known(question, now);
        }
        if (!hostsAnswers.has(key)) out.push(dnsEvent(question, host.records, 0, 'hosts'));
        hostsAnswers.set(key, host);
        return { state: 'records', records: host.records, stale: false, since: host.since, until: now };
      },
      orderServices(owner, records) {
        return orderServices(owner, records, random);
      },
      orderAddresses,
    };
    const moved = relocate(lookup);
    out.push(...letGo(needed));
    return [...out.filter((effect) => effect.kind !== 'changed'), ...moved, ...keep()];
  }

  function relocate(lookup: Lookup): readonly DirectoryOut[] {
    const moved: DirectoryOut[] = [];
    for (const [key, { server, location, found }] of places) {
      const next = locateServer(server, rules, lookup);
      // While a changed answer is being followed, the place known so far holds.
      if (next.state === 'pending' && location.state === 'ready') continue;
      if (JSON.stringify(location) === JSON.stringify(next)) continue;
      const targets = next.state === 'ready' ? next.targets : [];
      places.set(key, { server, location: next, found: next.state === 'pending' ? found : targets });
      if (next.state !== 'pending') moved.push({ kind: 'located', server, gained: gainedBy(targets, found) });
    }
    return moved;
  }

  /** A draw lives as long as its question: a set that comes back after a gap is not drawn anew. */
  function letGo(needed: ReadonlySet<string>): readonly ResolverOut[] {
    for (const owner of draws.keys()) if (!needed.has(questionKey({ name: owner, type: 'SRV' }))) draws.delete(owner);
    for (const map of [addressOrders, hostsAnswers])
      for (const key of map.keys()) if (!needed.has(key)) map.delete(key);
    return resolver.keepOnly((question) => needed.has(questionKey(question)));
  }

  /** Keeps the answers over a restart, when they have changed; their order and TTL are no change. */
  function keep(): readonly DirectoryOut[] {
    // What the last run kept may still be asked for while some server is not found.
    if ([...places.values()].every(({ location }) => location.state === 'ready')) resolver.dropStored();
    const answers = resolver.snapshot();
    const text = answers.map(answerText).sort().join('\n');
    if (text === storedText) return [];
    storedText = text;
    return [{ kind: 'store', key: 'dns', value: { version: 1, answers } }];
  }

  /** What has changed may lead elsewhere. */
  const followed = (out: readonly ResolverOut[], context: ResolverContext): readonly DirectoryOut[] =>
    out.some(({ kind }) => kind === 'changed') ? evaluate(out, context) : plain(out);

  return {
    want(servers, context) {
      const keys = new Set(servers.map(keyOf));
      for (const key of places.keys()) if (!keys.has(key)) places.delete(key);
      for (const server of servers)
        if (!places.has(keyOf(server))) places.set(keyOf(server), { server, location: NOWHERE, found: null });
      return evaluate([], context);
    },
    locate: (server) => places.get(keyOf(server))?.location ?? NOWHERE,
    handle: (input, context) => followed(resolver.handle(input, context), context),
    useServers: (nameServers, context) => followed(resolver.useServers(nameServers, context), context),
    wake: (context) => followed(resolver.wake(context), context),
    deadline: () => resolver.deadline(),
    hurry: (now) => resolver.hurry(now),
    status: (now) => [
      ...resolver.questions().flatMap((question) => statusOf(question, resolver.known(question, now), now)),
      ...[...hostsAnswers.values()].map(({ question: { name, type }, since }) => ({
        name,
        type,
        age: secondsOf(now - since),
        ttl: 0,
        source: 'hosts' as const,
      })),
    ],
  };
}

const gainedBy = (targets: readonly Target[], before: readonly Target[] | null): readonly Target[] => {
  if (before === null) return [];
  const known = new Set(before.map(targetText));
  return targets.filter((target) => !known.has(targetText(target)));
};

/** A lab on this very machine: then loopback addresses in DNS answers are no trick (L15). */
const isLab = ({ name }: ServerSetting): boolean => name === 'localhost' || isLoopback(name);

const plain = (out: readonly ResolverOut[]): readonly DirectoryOut[] =>
  out.filter((effect) => effect.kind !== 'changed');

const secondsOf = (ms: number): number => Math.round(ms / 1000);

function statusOf({ name, type }: DnsQuestion, known: Known, now: Millis): readonly DnsStatus[] {
  if (known.state !== 'records' && known.state !== 'negative') return [];
  const age = secondsOf(now - known.since);
  const source = known.stale ? 'stale' : age === 0 ? 'live' : 'cache';
  return [{ name, type, age, ttl: secondsOf(known.until - now), source }];
}

const answerText = ({
  name,
  type,
  records,
}: {
  readonly name: string;
  readonly type: string;
  readonly records: readonly DnsRecord[];
}): string => JSON.stringify([type, name, records.map((record) => JSON.stringify({ ...record, ttl: 0 })).sort()]);
