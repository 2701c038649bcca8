/** Owns what a DNS message says to a question: aliases followed, hostile records refused, TTL capped (RFC 1035, 2308; conformance A18-A23, L15). */
import { isIpv4, isIpv6 } from '../kernel/target.ts';
import type { DnsMessage, DnsQuestion, DnsRecord } from '../vocabulary.ts';
import { ADDRESSES_MAX, CNAME_MAX, NEGATIVE_MAX_S, NEGATIVE_UNSAID_S, RECORDS_MAX, TTL_MAX_S, TTL_MIN_S } from './limits.ts';

export type Reading =
  | { readonly kind: 'records'; readonly records: readonly DnsRecord[]; readonly ttlS: number }
  | { readonly kind: 'negative'; readonly what: 'nxdomain' | 'nodata'; readonly ttlS: number }
  /** An alias whose target must be asked for. */
  | { readonly kind: 'alias'; readonly name: string; readonly depth: number; readonly ttlS: number }
  | { readonly kind: 'truncated' }
  /** The server cannot do EDNS: ask again without. */
  | { readonly kind: 'no-edns' }
  | { readonly kind: 'servfail' };

export interface Trust {
  /** Loopback addresses are believed where the name server itself is on loopback (labs, tests). */
  readonly loopback: boolean;
  /** Our own addresses: a record that names one would make us call ourselves. */
  readonly own: readonly string[];
}

export function readAnswer(message: DnsMessage, question: DnsQuestion, trust: Trust): Reading {
  if (message.truncated) return { kind: 'truncated' };
  if (message.rcode === 1 || message.rcode === 4) return { kind: 'no-edns' };
  if (message.rcode !== 0 && message.rcode !== 3) return { kind: 'servfail' };
  const answers = message.answers.slice(0, RECORDS_MAX);
  const chain = followAliases(answers, question.name);
  if (chain === null) return { kind: 'servfail' };
  const records = answers.filter((record) => record.type === question.type && record.name === chain.name && isSound(record, trust));
  const kept = question.type === 'A' || question.type === 'AAAA' ? records.slice(0, ADDRESSES_MAX) : records;
  if (kept.length > 0) return { kind: 'records', records: kept, ttlS: cap(Math.min(chain.ttlS, ...kept.map(({ ttl }) => ttl))) };
  if (message.rcode === 3) return { kind: 'negative', what: 'nxdomain', ttlS: negativeTtl(message) };
  if (chain.depth > 0) return { kind: 'alias', name: chain.name, depth: chain.depth, ttlS: cap(chain.ttlS) };
  return { kind: 'negative', what: 'nodata', ttlS: negativeTtl(message) };
}

const cap = (ttl: number): number => Math.min(TTL_MAX_S, Math.max(TTL_MIN_S, ttl));

/** The end of the alias chain inside the answer; null where it loops or is too long. */
function followAliases(records: readonly DnsRecord[], start: string): { readonly name: string; readonly depth: number; readonly ttlS: number } | null {
  let name = start;
  let ttlS = TTL_MAX_S;
  for (let depth = 0; depth <= CNAME_MAX; depth += 1) {
    const alias = records.find((record) => record.type === 'CNAME' && record.name === name);
    if (alias?.type !== 'CNAME') return { name, depth, ttlS };
    name = alias.target;
    ttlS = Math.min(ttlS, alias.ttl);
  }
  return null;
}

/** RFC 2308 5: the lesser of the SOA's TTL and its minimum, with a low cap. */
function negativeTtl({ authorities }: DnsMessage): number {
  const soa = authorities.find((record) => record.type === 'SOA');
  const said = soa?.type === 'SOA' ? Math.min(soa.ttl, soa.minimum) : NEGATIVE_UNSAID_S;
  return Math.min(NEGATIVE_MAX_S, Math.max(TTL_MIN_S, said));
}

/** DNS answers are untrusted (L15): what no server can have is refused. */
function isSound(record: DnsRecord, trust: Trust): boolean {
  if (record.type === 'SRV') return record.target === '.' || (record.port > 0 && record.port <= 65_535);
  if (record.type !== 'A' && record.type !== 'AAAA') return true;
  if (trust.own.includes(record.address)) return false;
  return record.type === 'A' ? isUsableV4(record.address, trust) : isUsableV6(record.address, trust);
}

function isUsableV4(address: string, trust: Trust): boolean {
  if (!isIpv4(address)) return false;
  const first = Number(address.split('.', 1)[0]);
  if (first === 127) return trust.loopback;
  return first !== 0 && first < 224;
}

function isUsableV6(address: string, trust: Trust): boolean {
  if (!isIpv6(address)) return false;
  const lower = address.toLowerCase();
  if (lower === '::1') return trust.loopback;
  return lower !== '::' && !lower.startsWith('ff');
}
