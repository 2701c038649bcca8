/** Owns which names and records are believed: DNS answers are untrusted, and what no server can have is refused (RFC 1035 2.3; conformance A18, A33, L15). */
import { isIpv4, isIpv6 } from '../kernel/target.ts';
import type { DnsRecord } from '../vocabulary.ts';
import { LABEL_MAX, NAME_MAX } from './limits.ts';

export interface Trust {
  /** Loopback addresses are believed where the name server or a configured server is on loopback (labs, tests). */
  readonly loopback: boolean;
}

/** A name that can be asked for: letters, digits, hyphen and underscore, in lower case, without a trailing dot. */
export const isHostName = (text: string): boolean =>
  text.length <= NAME_MAX && text.split('.').every((label) => label.length <= LABEL_MAX && /^[a-z0-9_-]+$/.test(label));

export const isLoopback = (address: string): boolean =>
  isIpv4(address) ? address.startsWith('127.') : isIpv6(address) && canonical(address) === V6_LOOPBACK;

export function isSound(record: DnsRecord, trust: Trust): boolean {
  switch (record.type) {
    case 'A':
      return isUsableV4(record.address, trust);
    case 'AAAA':
      return isUsableV6(record.address, trust);
    case 'SRV':
      // "." says "not offered" (RFC 2782), whatever its port.
      return record.target === '.' || (isPort(record.port) && isHostName(record.target));
    default:
      return true;
  }
}

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port <= 65_535;

function isUsableV4(address: string, trust: Trust): boolean {
  if (!isIpv4(address)) return false;
  const first = Number(address.split('.')[0]);
  if (first === 127) return trust.loopback;
  // 0/8 is "this network", 224/4 multicast, 240/4 reserved with the broadcast address.
  return first !== 0 && first < 224;
}

const V6_LOOPBACK = '0:0:0:0:0:0:0:1';

function isUsableV6(address: string, trust: Trust): boolean {
  if (!isIpv6(address)) return false;
  const whole = canonical(address);
  if (whole === V6_LOOPBACK) return trust.loopback;
  // The unspecified address and IPv4 in IPv6 clothes, which would pass by the IPv4 rules.
  if (whole.startsWith('0:0:0:0:0:')) return false;
  // Link-local addresses say nothing without an interface; ff00::/8 is multicast.
  return !/^(fe[89ab].|ff..):/.test(whole);
}

/** All eight groups of an IPv6 literal, without leading zeros. */
function canonical(address: string): string {
  const [head, tail] = address.toLowerCase().split('::') as [string, string?];
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const zeros = new Array<number>(8 - left.length - right.length).fill(0);
  return [...left, ...zeros, ...right].map((group) => group.toString(16)).join(':');
}

const groupsOf = (text: string): readonly number[] =>
  text === ''
    ? []
    : text.split(':').flatMap((part) => (part.includes('.') ? pairOf(part) : [Number.parseInt(part, 16)]));

/** The dotted tail of an IPv6 literal is two groups. */
function pairOf(dotted: string): readonly [number, number] {
  const [a, b, c, d] = dotted.split('.').map(Number) as [number, number, number, number];
  return [a * 256 + b, c * 256 + d];
}
