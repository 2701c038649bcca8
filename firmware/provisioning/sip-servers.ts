/** Owns the SIP servers that DHCP names (option 120, RFC 3361): what they are, and when the phone uses them. Pure. */
import type { EffectiveSettings, Layer } from '../config/layers.ts';
import { NO_HOST, readValue } from '../config/values.ts';
import type { DhcpOptions } from './sources.ts';

/** The option's number. */
export const SIP_SERVERS = 120;
const NAMES = 0;
const ADDRESSES = 1;
const LABEL_MAX = 63;
/** Our choice: two servers are used, and a lease of hostile octets costs little. */
const NAMES_MAX = 16;
const POINTERS_MAX = 16;
/** Two bits that make a length a pointer (RFC 1035 4.1.4). */
const POINTER = 0xc0;
/** Roles that a file or a page may give a server; a port of 0 leads to SRV, as for every name. */
const ROLES = ['proxy', 'registrar'] as const;

/**
 * Names or addresses in the order of preference (RFC 3361 3): names as labels, compressed or not (RFC 1035 3.1, 4.1.4), addresses of
 * four octets. What is broken off or is no host counts as nothing.
 */
export function sipServers(octets: string): readonly string[] {
  const encoding = octets.charCodeAt(0);
  const hosts = encoding === NAMES ? namesOf(octets, 1) : encoding === ADDRESSES ? addressesOf(octets, 1) : [];
  return hosts.filter((host) => {
    const read = readValue({ type: 'host' }, host);
    return read.ok && read.value !== NO_HOST && read.value !== '';
  });
}

function namesOf(octets: string, from: number): readonly string[] {
  // As dnsmasq does, a pointer counts from the first name; the RFC does not say where from.
  const all = octets.slice(from);
  const names: string[] = [];
  for (let at = 0; at < all.length && names.length < NAMES_MAX; ) {
    const read = nameAt(all, at, POINTERS_MAX);
    if (read === null) break;
    names.push(read.labels.join('.'));
    at = read.next;
  }
  return names;
}

/** Null = broken off, or a pointer that leads not back: then what follows makes no sense either. */
function nameAt(
  octets: string,
  start: number,
  pointers: number,
): { readonly labels: readonly string[]; readonly next: number } | null {
  const labels: string[] = [];
  for (let at = start; at < octets.length; ) {
    const length = octets.charCodeAt(at);
    if (length === 0) return { labels, next: at + 1 };
    if (length >= POINTER) {
      const to = (length - POINTER) * 256 + octets.charCodeAt(at + 1);
      const rest = to < start && pointers > 0 ? nameAt(octets, to, pointers - 1) : null;
      return rest === null ? null : { labels: [...labels, ...rest.labels], next: at + 2 };
    }
    if (length > LABEL_MAX || at + 1 + length > octets.length) return null;
    labels.push(octets.slice(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return null;
}

const addressesOf = (octets: string, from: number): readonly string[] =>
  Array.from({ length: Math.floor((octets.length - from) / 4) }, (_address, index) =>
    [...octets.slice(from + index * 4, from + index * 4 + 4)].map((octet) => octet.charCodeAt(0)).join('.'),
  );

/** A layer beneath all files: the first server is the primary, the second the backup. Null = DHCP names none. */
export function sipServerLayer(dhcp: DhcpOptions): Layer | null {
  const [primary, backup] = sipServers(dhcp.get(SIP_SERVERS) ?? '');
  if (primary === undefined) return null;
  const entries = ROLES.flatMap((role) => [
    { name: `sip ${role} ip`, value: primary },
    ...(backup === undefined ? [] : [{ name: `sip backup ${role} ip`, value: backup }]),
  ]);
  return {
    from: `DHCP option ${SIP_SERVERS}`,
    kind: 'server',
    entries: entries.map((entry, index) => ({ ...entry, line: index + 1, locked: false, reset: false })),
  };
}

/** A phone that anybody has told of a server, for all lines or for one, goes by that alone. */
export const namesServers = ({ effective }: Pick<EffectiveSettings, 'effective'>): boolean =>
  [...effective].some(
    ([name, { value, from }]) =>
      from !== 'default' &&
      value !== NO_HOST &&
      value !== '' &&
      /^sip (line\d )?(backup )?(proxy|registrar) ip$/.test(name),
  );
