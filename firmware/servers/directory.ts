/**
 * Owns the phone's address book: where every configured server of every role is, kept fresh, drawn once, and still known when DNS
 * is dead (rules 2). The resolver asks; `location.ts` reads; this file joins the two and remembers the draws.
 */
import type { DnsQueryType, ServerSetting, TransportChoice } from '../config/settings.ts';
import type { Known, Resolver, ResolverContext, ResolverOut, StoredAnswer } from '../dns/resolver.ts';
import { createResolver, questionKey } from '../dns/resolver.ts';
import type { Random } from '../kernel/random.ts';
import type { Endpoint } from '../kernel/target.ts';
import type { Millis } from '../kernel/time.ts';
import type { DnsStatus } from '../status.ts';
import type { DnsQuestion, DnsRecord, Effect, HostsTable, Input } from '../vocabulary.ts';
import type { Location, LocationRules, SrvRecord } from './location.ts';
import { locateServer } from './location.ts';
import { keepOrder, orderByWeight } from './order.ts';

/** What is known of a configured server's place. */
export type Located = Location;

export type DirectoryContext = ResolverContext;

export interface DirectoryOptions {
  readonly transport: TransportChoice;
  readonly dnsQueryType: DnsQueryType;
  readonly nameServers: readonly Endpoint[];
  readonly hosts: HostsTable;
  /** What the last run kept. */
  readonly stored: unknown;
  /** Address families that this phone can send to; IPv4 alone by default. */
  readonly families?: readonly ('A' | 'AAAA')[];
  /** Our own addresses: a record that names one is refused. */
  readonly own?: readonly string[];
}

export type DirectoryOut =
  | Extract<Effect, { kind: 'dns-query' | 'dns-done' | 'event' | 'store' | 'log' }>
  /** This server's `Located` has changed. */
  | { readonly kind: 'located'; readonly server: ServerSetting };

export interface Directory {
  /** The full set of configured servers; looked up now and kept fresh. */
  want(servers: readonly ServerSetting[], context: DirectoryContext): readonly DirectoryOut[];
  locate(server: ServerSetting): Located;
  handle(input: Extract<Input, { kind: 'dns-answer' | 'dns-error' }>, context: DirectoryContext): readonly DirectoryOut[];
  wake(context: DirectoryContext): readonly DirectoryOut[];
  deadline(): Millis | null;
  status(now: Millis): readonly DnsStatus[];
}

interface Draw {
  readonly set: string;
  readonly order: readonly SrvRecord[];
}

const settingText = ({ name, port }: ServerSetting): string => `${name}:${port}`;
const srvText = ({ priority, weight, port, target }: SrvRecord): string => `${priority} ${weight} ${port} ${target}`;

export function createDirectory(options: DirectoryOptions): Directory {
  const rules: LocationRules = { transport: options.transport, dnsQueryType: options.dnsQueryType, families: options.families ?? ['A'] };
  const resolver: Resolver = createResolver({ nameServers: options.nameServers, stored: readStored(options.stored), trust: { own: options.own ?? [] } });
  const draws = new Map<string, Draw>();
  const located = new Map<string, { readonly setting: ServerSetting; readonly location: Located }>();
  let keptText = '';

  /** The hosts file answers only address questions, never SRV or NAPTR. */
  function fromHosts(question: DnsQuestion, now: Millis): Known | null {
    if (question.type !== 'A' && question.type !== 'AAAA') return null;
    const addresses = options.hosts[question.name]?.filter((address) => address.includes(':') === (question.type === 'AAAA')) ?? [];
    if (addresses.length === 0) return null;
    const type = question.type;
    const records = addresses.map((address): DnsRecord => ({ type, name: question.name, ttl: 0, address }));
    return { state: 'records', records, stale: false, since: now, until: now };
  }

  function order(owner: string, records: readonly SrvRecord[], random: Random): readonly SrvRecord[] {
    const set = records.map(srvText).sort().join('|');
    const before = draws.get(owner);
    if (before?.set === set) return before.order;
    const drawn = orderByWeight(records, random);
    const kept = before === undefined ? drawn : keepOrder(drawn, before.order, ({ target, port }) => `${target}:${port}`);
    draws.set(owner, { set, order: kept });
    return kept;
  }

  /** Reads every server anew; what an answer leads to is asked until nothing new is needed. */
  function evaluate(first: readonly ResolverOut[], context: DirectoryContext): readonly DirectoryOut[] {
    const out: DirectoryOut[] = [];
    const take = (effects: readonly ResolverOut[]): void => {
      for (const effect of effects) if (effect.kind !== 'changed') out.push(effect);
    };
    take(first);
    const needed = new Map<string, DnsQuestion>();
    const lookup = {
      known(question: DnsQuestion): Known {
        const host = fromHosts(question, context.now);
        if (host !== null) return host;
        needed.set(questionKey(question), question);
        take(resolver.want(question, context));
        return resolver.known(question, context.now);
      },
      order: (owner: string, records: readonly SrvRecord[]) => order(owner, records, context.random),
    };
    for (const [key, { setting, location }] of located) {
      const next = locateServer(setting, rules, lookup);
      if (sameLocation(location, next)) continue;
      located.set(key, { setting, location: next });
      if (next.state !== 'pending') out.push({ kind: 'located', server: setting });
    }
    return [...out, ...keep()];
  }

  /** Keeps the good answers over a restart, when they have changed. */
  function keep(): readonly DirectoryOut[] {
    const answers = resolver.snapshot();
    const text = JSON.stringify(answers.map(({ name, type, records }) => [name, type, records.map((record) => JSON.stringify({ ...record, ttl: 0 })).sort()]).sort());
    if (text === keptText || answers.length === 0) return [];
    keptText = text;
    return [{ kind: 'store', key: 'dns', value: { version: 1, answers } }];
  }

  return {
    want(servers, context) {
      const keys = new Set(servers.map(settingText));
      for (const key of located.keys()) if (!keys.has(key)) located.delete(key);
      for (const setting of servers) {
        const key = settingText(setting);
        if (!located.has(key)) located.set(key, { setting, location: { state: 'pending', rule: '' } });
      }
      return evaluate([], context);
    },
    locate: (server) => located.get(settingText(server))?.location ?? { state: 'pending', rule: '' },
    handle(input, context) {
      const out = resolver.handle(input, context);
      return out.some(({ kind }) => kind === 'changed') ? evaluate(out, context) : out.filter((effect) => effect.kind !== 'changed');
    },
    wake(context) {
      return evaluate(resolver.wake(context), context);
    },
    deadline: () => resolver.deadline(),
    status: (now) =>
      resolver.questions().flatMap((question) => {
        const known = resolver.known(question, now);
        if (known.state !== 'records' && known.state !== 'negative') return [];
        const stale = known.state === 'records' && known.stale;
        const age = Math.round((now - known.since) / 1000);
        return [{ name: question.name, type: question.type, age, ttl: Math.round((known.until - now) / 1000), source: stale ? 'stale' : age === 0 ? 'live' : 'cache' } as const];
      }),
  };
}

const sameLocation = (a: Located, b: Located): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What the last run kept, as far as it is what we wrote; anything else is ignored. */
function readStored(value: unknown): readonly StoredAnswer[] {
  if (!isRecord(value) || !Array.isArray(value['answers'])) return [];
  return value['answers'].flatMap((entry: unknown) => {
    if (!isRecord(entry) || typeof entry['name'] !== 'string' || !isType(entry['type']) || !Array.isArray(entry['records'])) return [];
    const records = entry['records'].filter(isStoredRecord);
    return records.length === 0 ? [] : [{ name: entry['name'], type: entry['type'], records }];
  });
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
const isType = (value: unknown): value is DnsQuestion['type'] => value === 'A' || value === 'AAAA' || value === 'SRV' || value === 'NAPTR';

function isStoredRecord(value: unknown): value is DnsRecord {
  if (!isRecord(value) || typeof value['name'] !== 'string' || typeof value['ttl'] !== 'number') return false;
  const numbers = (...names: readonly string[]): boolean => names.every((name) => typeof value[name] === 'number');
  const texts = (...names: readonly string[]): boolean => names.every((name) => typeof value[name] === 'string');
  switch (value['type']) {
    case 'A':
    case 'AAAA':
      return texts('address');
    case 'SRV':
      return numbers('priority', 'weight', 'port') && texts('target');
    case 'NAPTR':
      return numbers('order', 'preference') && texts('flags', 'services', 'regexp', 'replacement');
    default:
      return false;
  }
}
