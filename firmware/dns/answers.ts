/**
 * Owns what a DNS message says to a question: aliases followed, hostile records refused, TTLs capped (RFC 1035, 2308; conformance
 * A18-A23, L15). Additional records are never used: nothing tells whether an address set there is whole (A19).
 */
import type { DnsMessage, DnsQuestion, DnsRecord } from '../vocabulary.ts';
import {
  ADDRESSES_MAX,
  CNAME_MAX,
  NEGATIVE_MAX_S,
  NEGATIVE_UNSAID_S,
  RECORDS_MAX,
  TTL_MAX_S,
  TTL_MIN_S,
  TTL_SIGN,
} from './limits.ts';
import type { Trust } from './soundness.ts';
import { isHostName, isSound } from './soundness.ts';

export type Reading =
  | { readonly kind: 'records'; readonly records: readonly DnsRecord[]; readonly ttlS: number }
  | { readonly kind: 'negative'; readonly what: 'nxdomain' | 'nodata'; readonly ttlS: number }
  /** An alias whose target must be asked for. */
  | { readonly kind: 'alias'; readonly name: string; readonly depth: number; readonly ttlS: number }
  | { readonly kind: 'truncated' }
  /** The server cannot do EDNS (RFC 6891 7): ask again without. */
  | { readonly kind: 'no-edns' }
  /** `zone`: the server is sound, but cannot answer this question. `server`: it is of no use for any. */
  | { readonly kind: 'useless'; readonly fault: 'zone' | 'server' };

export function readAnswer(message: DnsMessage, question: DnsQuestion, trust: Trust): Reading {
  if (message.truncated) return { kind: 'truncated' };
  if (NO_EDNS.has(message.rcode)) return { kind: 'no-edns' };
  if (message.rcode !== 0 && message.rcode !== 3)
    return { kind: 'useless', fault: message.rcode === 2 ? 'zone' : 'server' };
  const answers = message.answers.slice(0, RECORDS_MAX);
  const chain = followAliases(answers, question.name);
  if (chain === null) return { kind: 'useless', fault: 'zone' };
  const fitting = answers.filter(({ type, name }) => type === question.type && name === chain.name);
  const sound = fitting.filter((record) => isSound(record, trust));
  // Refused records alone say nothing: they must neither pass for "no record" nor replace a good answer (A25, L15).
  if (fitting.length > 0 && sound.length === 0) return { kind: 'useless', fault: 'zone' };
  const kept = question.type === 'A' || question.type === 'AAAA' ? sound.slice(0, ADDRESSES_MAX) : sound;
  if (kept.length > 0)
    return { kind: 'records', records: kept, ttlS: capTtl([chain.ttlS, ...kept.map(({ ttl }) => ttl)]) };
  if (message.rcode === 3) return { kind: 'negative', what: 'nxdomain', ttlS: negativeTtl(message) };
  if (chain.depth > 0) return { kind: 'alias', ...chain };
  if (isReferral(message)) return { kind: 'useless', fault: 'server' };
  return { kind: 'negative', what: 'nodata', ttlS: negativeTtl(message) };
}

/** FORMERR, NOTIMP, and BADVERS of OPT itself (RFC 6891 6.1.3, 7). */
const NO_EDNS: ReadonlySet<number> = new Set([1, 4, 16]);

/** "Ask others": a server that does not recurse knows nothing of the name, which is not "no record" (RFC 2308 2.2.1; A25). */
const isReferral = ({ authorities }: DnsMessage): boolean =>
  authorities.some(({ type }) => type === 'NS') && authorities.every(({ type }) => type !== 'SOA');

/** The least of the TTLs, between the caps. */
export const capTtl = (ttls: readonly number[]): number =>
  Math.min(TTL_MAX_S, Math.max(TTL_MIN_S, Math.min(...ttls.map((ttl) => (ttl >= TTL_SIGN ? 0 : ttl)))));

/** The end of the alias chain inside the answer; null where it loops, is too long or leads to no name. */
function followAliases(
  records: readonly DnsRecord[],
  start: string,
): { readonly name: string; readonly depth: number; readonly ttlS: number } | null {
  let name = start;
  let ttlS = TTL_MAX_S;
  for (let depth = 0; depth <= CNAME_MAX; depth += 1) {
    const alias = records.find((record) => record.type === 'CNAME' && record.name === name);
    if (alias?.type !== 'CNAME') return { name, depth, ttlS };
    if (!isHostName(alias.target)) return null;
    name = alias.target;
    ttlS = capTtl([ttlS, alias.ttl]);
  }
  return null;
}

/** RFC 2308 5: the lesser of the SOA's TTL and its minimum, with a low cap. */
function negativeTtl({ authorities }: DnsMessage): number {
  const soa = authorities.find((record) => record.type === 'SOA');
  const said = soa?.type === 'SOA' ? capTtl([soa.ttl, soa.minimum]) : NEGATIVE_UNSAID_S;
  return Math.min(NEGATIVE_MAX_S, said);
}
