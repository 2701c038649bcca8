/**
 * Owns where a configured server is, as far as DNS answers tell: a plan of `target-rules.ts` carried out on what is known (guide
 * p. 4-46; rules 2; RFC 2782, 3263 4; conformance A7, A11-A16, A25). Pure: it reads answers; an unknown one is asked by its reader.
 */
import type { ServerSetting } from '../config/settings.ts';
import type { Known } from '../dns/memory.ts';
import { isHostName } from '../dns/soundness.ts';
import type { Target, Transport } from '../kernel/target.ts';
import { targetText } from '../kernel/target.ts';
import type { DnsQuestion, DnsRecord } from '../vocabulary.ts';
import type { AddressPlan, LocationRules, Plan, ServicePlan } from './target-rules.ts';
import { DEFAULT_PORT, planOf } from './target-rules.ts';

export type SrvRecord = Extract<DnsRecord, { type: 'SRV' }>;

export interface Lookup {
  /** What is known of a question; an unknown one is asked as a consequence. */
  readonly known: (question: DnsQuestion) => Known;
  /** The one draw of this record set (rules 2). */
  readonly orderServices: (owner: string, records: readonly SrvRecord[]) => readonly SrvRecord[];
  /** The order that these addresses of a name had before, however the answers turn round. */
  readonly orderAddresses: (question: DnsQuestion, addresses: readonly string[]) => readonly string[];
}

export type Location =
  | { readonly state: 'pending'; readonly rule: string }
  | {
      readonly state: 'ready';
      readonly targets: readonly Target[];
      readonly stale: boolean;
      /** Identity of the record set: it changes when the set does. */
      readonly set: string;
      readonly rule: string;
    }
  | { readonly state: 'failed'; readonly cause: 'name-unknown' | 'dns-failed' | 'not-offered'; readonly rule: string };

type ServicesPlan = Extract<Plan, { kind: 'services' }>;

export function locateServer(setting: ServerSetting, rules: LocationRules, lookup: Lookup): Location {
  const plan = planOf(setting, rules);
  const { families } = rules;
  switch (plan.kind) {
    case 'nowhere':
      return { state: 'failed', cause: 'name-unknown', rule: plan.rule };
    case 'literal':
      return ready({ targets: [plan.target], stale: false, records: [], rule: plan.rule });
    case 'addresses':
      return byAddress(plan, families, lookup);
    case 'services':
      return byServices(plan, families, lookup);
  }
}

function byServices(plan: ServicesPlan, families: LocationRules['families'], lookup: Lookup): Location {
  for (const service of plan.services) {
    const located = byService(plan, service, families, lookup);
    if (located !== 'no-srv') return located;
  }
  return byAddress(plan.otherwise, families, lookup);
}

/** `no-srv`: the name offers none there, so that the next rule applies (A12). */
function byService(
  plan: ServicesPlan,
  service: ServicePlan,
  families: LocationRules['families'],
  lookup: Lookup,
): Location | 'no-srv' {
  const { rule, transport } = service;
  const place = placeOf(plan, service, lookup);
  if (place.kind === 'pending') return { state: 'pending', rule };
  if (place.kind === 'host') {
    const address: AddressPlan = {
      kind: 'addresses',
      host: place.host,
      port: DEFAULT_PORT[transport],
      transport,
      name: plan.name,
      rule: NAPTR_RULE,
    };
    return byAddress(address, families, lookup);
  }
  const known = lookup.known({ name: place.owner, type: 'SRV' });
  switch (known.state) {
    case 'unknown':
      return { state: 'pending', rule };
    case 'negative':
      return 'no-srv';
    case 'failed':
      // A failure or silence says nothing of the records: never "no SRV" (A25).
      return { state: 'failed', cause: 'dns-failed', rule };
    case 'records':
      return byRecords(plan, { ...service, owner: place.owner }, known, families, lookup);
  }
}

const NAPTR_RULE = 'address lookup, because a NAPTR record with flag "a" says so';

type Place =
  | { readonly kind: 'pending' }
  | { readonly kind: 'srv'; readonly owner: string }
  | { readonly kind: 'host'; readonly host: string };

/** NAPTR may name another place for the configured transport; it never changes the transport (rules 2; A7). */
function placeOf({ host, naptr }: ServicesPlan, { owner, naptrService }: ServicePlan, lookup: Lookup): Place {
  if (naptr === 'not-asked') return { kind: 'srv', owner };
  const known = lookup.known({ name: host, type: 'NAPTR' });
  if (known.state === 'unknown') return { kind: 'pending' };
  const records = known.state === 'records' ? known.records : [];
  const [first] = records
    .filter((record) => record.type === 'NAPTR')
    .filter(({ services, regexp }) => services.toLowerCase() === naptrService && regexp === '')
    .filter(({ flags, replacement }) => /^[sa]$/i.test(flags) && isHostName(replacement))
    .sort((a, b) => a.order - b.order || a.preference - b.preference);
  if (first === undefined) return { kind: 'srv', owner };
  const { flags, replacement } = first;
  return flags.toLowerCase() === 's' ? { kind: 'srv', owner: replacement } : { kind: 'host', host: replacement };
}

function byRecords(
  { name }: ServicesPlan,
  { owner, rule, transport }: ServicePlan,
  known: Extract<Known, { state: 'records' }>,
  families: LocationRules['families'],
  lookup: Lookup,
): Location {
  const records = known.records.filter((record) => record.type === 'SRV');
  // A "." says that the service is not offered: no address lookup, the backup's turn (A11).
  const offered = records.filter(({ target }) => target !== '.');
  if (offered.length === 0) return { state: 'failed', cause: 'not-offered', rule };
  // All are asked at once; none waits for the one before it.
  const found = lookup
    .orderServices(owner, offered)
    .map((record) => ({ record, addresses: addressesOf(record.target, families, lookup) }));
  if (found.some(({ addresses }) => addresses.state === 'pending')) return { state: 'pending', rule };
  // All addresses of one record stand before the next record (A14, A15).
  const targets = found.flatMap(({ record, addresses }) =>
    addresses.state === 'found' ? addresses.list.map((address) => targetAt(address, record.port, transport, name)) : [],
  );
  const stale = known.stale || found.some(({ addresses }) => addresses.state === 'found' && addresses.stale);
  if (targets.length > 0) return ready({ targets, stale, records: offered, rule });
  // Every target failed: the list is over, the bare name is not asked (A13).
  const isSilent = found.some(({ addresses }) => addresses.state === 'failed' && addresses.cause === 'dns-failed');
  return { state: 'failed', cause: isSilent ? 'dns-failed' : 'name-unknown', rule };
}

function byAddress(
  { host, port, transport, name, rule }: AddressPlan,
  families: LocationRules['families'],
  lookup: Lookup,
): Location {
  const found = addressesOf(host, families, lookup);
  if (found.state === 'pending') return { state: 'pending', rule };
  if (found.state === 'failed') return { state: 'failed', cause: found.cause, rule };
  const targets = found.list.map((address) => targetAt(address, port, transport, name));
  return ready({ targets, stale: found.stale, records: [], rule });
}

const targetAt = (address: string, port: number, transport: Transport, name: string): Target => ({
  transport,
  address,
  port,
  tlsName: transport === 'tls' ? name : null,
});

function ready({
  targets,
  stale,
  records,
  rule,
}: {
  readonly targets: readonly Target[];
  readonly stale: boolean;
  readonly records: readonly SrvRecord[];
  readonly rule: string;
}): Location {
  const texts = targets.map(targetText);
  const unique = targets.filter((_target, index) => texts.indexOf(texts[index] as string) === index);
  const set = [...records.map(srvText), ...unique.map(targetText)].sort().join(', ');
  return { state: 'ready', targets: unique, stale, set, rule };
}

/** An SRV record as its zone file shows it; equal text = equal record. */
export const srvText = ({ priority, weight, port, target }: SrvRecord): string =>
  `${priority} ${weight} ${port} ${target}`;

type Addresses =
  | { readonly state: 'pending' }
  | { readonly state: 'found'; readonly list: readonly string[]; readonly stale: boolean }
  | { readonly state: 'failed'; readonly cause: 'name-unknown' | 'dns-failed' };

/** The addresses of a name in the families that we can use; one family's silence does not hide the other (A16). */
function addressesOf(name: string, families: LocationRules['families'], lookup: Lookup): Addresses {
  const answers = families.map((type) => ({ question: { name, type }, known: lookup.known({ name, type }) }));
  if (answers.some(({ known }) => known.state === 'unknown')) return { state: 'pending' };
  const list = answers.flatMap(({ question, known }) =>
    known.state === 'records' ? lookup.orderAddresses(question, addressesIn(known.records)) : [],
  );
  if (list.length > 0)
    return {
      state: 'found',
      list: byPreference(list),
      stale: answers.some(({ known }) => known.state === 'records' && known.stale),
    };
  return {
    state: 'failed',
    cause: answers.some(({ known }) => known.state === 'failed') ? 'dns-failed' : 'name-unknown',
  };
}

/** The families' own order is no wish of anybody: the host's usual preference decides (RFC 7984 4, RFC 6724 6 rule 6). */
const byPreference = (list: readonly string[]): readonly string[] =>
  [...list].sort((a, b) => precedence(b) - precedence(a));

/** RFC 6724 2.1. */
function precedence(address: string): number {
  if (!address.includes(':')) return 35;
  if (address === '::1') return 50;
  if (/^f[cd]/i.test(address)) return 3;
  if (/^2002:/i.test(address)) return 30;
  return /^2001:0{0,4}:/i.test(address) ? 5 : 40;
}

const addressesIn = (records: readonly DnsRecord[]): readonly string[] =>
  records.filter((record) => 'address' in record).map(({ address }) => address);
