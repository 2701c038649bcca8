/**
 * Owns what a configured server means: the four forms (name or address, port 0 or not), which questions they ask, and the
 * targets that the answers give (guide p. 4-46; rules 2; RFC 3263 4; conformance A1-A17). Pure: it reads answers, asks nothing.
 */
import type { DnsQueryType, ServerSetting, TransportChoice } from '../config/settings.ts';
import type { Known } from '../dns/resolver.ts';
import type { Target, Transport } from '../kernel/target.ts';
import { isIpv4, isIpv6, targetText } from '../kernel/target.ts';
import type { DnsQuestion, DnsRecord } from '../vocabulary.ts';

export type SrvRecord = Extract<DnsRecord, { type: 'SRV' }>;

export interface LocationRules {
  readonly transport: TransportChoice;
  readonly dnsQueryType: DnsQueryType;
  readonly families: readonly ('A' | 'AAAA')[];
}

export interface Lookup {
  /** What is known of a question; an unknown one is asked as a consequence. */
  readonly known: (question: DnsQuestion) => Known;
  /** The one draw of this record set (rules 2). */
  readonly order: (owner: string, records: readonly SrvRecord[]) => readonly SrvRecord[];
}

export type Location =
  | { readonly state: 'pending'; readonly rule: string }
  | { readonly state: 'ready'; readonly targets: readonly Target[]; readonly stale: boolean; readonly set: string; readonly rule: string }
  | { readonly state: 'failed'; readonly cause: 'name-unknown' | 'dns-failed' | 'not-offered'; readonly rule: string };

const DEFAULT_PORT: Readonly<Record<Transport, number>> = { udp: 5060, tcp: 5060, tls: 5061 };
/** `_sips._tcp` for TLS, never `_sip._tls` (A4). */
const SERVICE: Readonly<Record<Transport, string>> = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' };
/** NAPTR services that fit a transport (RFC 3263 4.1). */
const NAPTR_SERVICE: Readonly<Record<Transport, string>> = { udp: 'sip+d2u', tcp: 'sip+d2t', tls: 'sips+d2t' };

/** The transports whose SRV lists are asked, in order; the first also carries addresses and plain names. */
function transportsOf(choice: TransportChoice): readonly [Transport, ...Transport[]] {
  switch (choice) {
    case 0:
      return ['udp', 'tcp'];
    case 1:
      return ['udp'];
    case 2:
      return ['tcp'];
    case 4:
      return ['tls'];
  }
}

/** Where a configured server is, as far as the answers tell. */
export function locateServer(setting: ServerSetting, rules: LocationRules, lookup: Lookup): Location {
  const { name, port } = setting;
  const [transport, ...others] = transportsOf(rules.transport);
  if (isIpv4(name) || isIpv6(name)) return literal(setting, transport);
  if (port !== 0) return byAddress(name, port, transport, rules, lookup, `A lookup, because port ${port} is set`);
  if (rules.dnsQueryType === 0) return byAddress(name, DEFAULT_PORT[transport], transport, rules, lookup, 'A lookup, because "sip dns query type" is 0');
  const first = byService(name, transport, rules, lookup);
  if (first !== 'no-srv') return first;
  for (const other of others) {
    const located = byService(name, other, rules, lookup);
    if (located !== 'no-srv') return located;
  }
  return byAddress(name, DEFAULT_PORT[transport], transport, rules, lookup, `A lookup at port ${DEFAULT_PORT[transport]}, because there is no SRV record`);
}

function literal({ name, port }: ServerSetting, transport: Transport): Location {
  const used = port === 0 ? DEFAULT_PORT[transport] : port;
  const rule = port === 0 ? `address with port 0: the default port ${used}, no DNS` : 'address and port as configured, no DNS';
  const target: Target = { transport, address: name, port: used, tlsName: transport === 'tls' ? name : null };
  return { state: 'ready', targets: [target], stale: false, set: targetText(target), rule };
}

/** SRV of one transport; `no-srv` = the name offers none there, so that another rule applies. */
function byService(name: string, transport: Transport, rules: LocationRules, lookup: Lookup): Location | 'no-srv' {
  const rule = `SRV lookup, because port is 0 (${SERVICE[transport]})`;
  const owner = serviceOwner(name, transport, rules, lookup);
  if (owner === null) return { state: 'pending', rule };
  const known = lookup.known({ name: owner, type: 'SRV' });
  switch (known.state) {
    case 'unknown':
      return { state: 'pending', rule };
    case 'negative':
      return 'no-srv';
    case 'failed':
      // SERVFAIL or silence says nothing of the records: never "no SRV" (A25).
      return { state: 'failed', cause: 'dns-failed', rule };
    case 'records':
      return fromRecords(name, transport, owner, known, rules, lookup, rule);
  }
}

/** NAPTR may name another owner of the configured transport's SRV; it never changes the transport (rules 2). Null = still asking. */
function serviceOwner(name: string, transport: Transport, rules: LocationRules, lookup: Lookup): string | null {
  const usual = `${SERVICE[transport]}.${name}`;
  if (rules.dnsQueryType !== 2) return usual;
  const known = lookup.known({ name, type: 'NAPTR' });
  if (known.state === 'unknown') return null;
  if (known.state !== 'records') return usual;
  const fitting = known.records
    .filter((record) => record.type === 'NAPTR')
    .filter(({ flags, services, regexp }) => flags.toLowerCase() === 's' && services.toLowerCase() === NAPTR_SERVICE[transport] && regexp === '')
    .sort((a, b) => a.order - b.order || a.preference - b.preference);
  return fitting[0]?.replacement ?? usual;
}

function fromRecords(
  name: string,
  transport: Transport,
  owner: string,
  known: Extract<Known, { state: 'records' }>,
  rules: LocationRules,
  lookup: Lookup,
  rule: string,
): Location {
  const records = known.records.filter((record) => record.type === 'SRV');
  const [only] = records;
  // A single "." says that the service is not offered: no A lookup, the backup's turn (A11).
  if (records.length === 1 && only?.target === '.') return { state: 'failed', cause: 'not-offered', rule };
  const targets: Target[] = [];
  let stale = known.stale;
  let cause: 'name-unknown' | 'dns-failed' = 'name-unknown';
  for (const record of lookup.order(owner, records)) {
    const found = addressesOf(record.target, rules, lookup);
    if (found.state === 'pending') return { state: 'pending', rule };
    if (found.state === 'failed') cause = found.cause === 'dns-failed' ? 'dns-failed' : cause;
    else {
      stale ||= found.stale;
      // All addresses of one record before the next record (A14, A15).
      for (const address of found.addresses) targets.push(targetAt(address, record.port, transport, name));
    }
  }
  // Every target failed: the list is over, the bare name is not asked (A13).
  return targets.length === 0 ? { state: 'failed', cause, rule } : ready(targets, stale, rule);
}

const targetAt = (address: string, port: number, transport: Transport, name: string): Target => ({
  transport,
  address,
  port,
  tlsName: transport === 'tls' ? name : null,
});

function ready(targets: readonly Target[], stale: boolean, rule: string): Location {
  const unique = targets.filter((target, index) => targets.findIndex((other) => targetText(other) === targetText(target)) === index);
  return { state: 'ready', targets: unique, stale, set: unique.map(targetText).sort().join(' '), rule };
}

function byAddress(name: string, port: number, transport: Transport, rules: LocationRules, lookup: Lookup, rule: string): Location {
  const found = addressesOf(name, rules, lookup);
  if (found.state === 'pending') return { state: 'pending', rule };
  if (found.state === 'failed') return { state: 'failed', cause: found.cause, rule };
  return ready(found.addresses.map((address) => targetAt(address, port, transport, name)), found.stale, rule);
}

type Addresses =
  | { readonly state: 'pending' }
  | { readonly state: 'found'; readonly addresses: readonly string[]; readonly stale: boolean }
  | { readonly state: 'failed'; readonly cause: 'name-unknown' | 'dns-failed' };

/** The addresses of a name in the families that we can use; one family's silence does not hide the other (A16). */
function addressesOf(name: string, rules: LocationRules, lookup: Lookup): Addresses {
  const answers = rules.families.map((type) => lookup.known({ name, type }));
  if (answers.some(({ state }) => state === 'unknown')) return { state: 'pending' };
  const addresses = answers.flatMap((known) => (known.state === 'records' ? known.records.flatMap(addressIn) : []));
  if (addresses.length > 0) return { state: 'found', addresses, stale: answers.some((known) => known.state === 'records' && known.stale) };
  return { state: 'failed', cause: answers.some(({ state }) => state === 'failed') ? 'dns-failed' : 'name-unknown' };
}

const addressIn = (record: DnsRecord): readonly string[] => (record.type === 'A' || record.type === 'AAAA' ? [record.address] : []);
