/**
 * Owns reading what DHCP said: from the lease that the system keeps, which is the text of systemd-networkd with the vendor's option and
 * the private ones, or the packet itself as dhcpcd keeps it, which has them all; and from a packet (RFC 2131 2, RFC 2132).
 */
import { isIpv4 } from '../kernel/target.ts';
import type { DhcpOptions } from './sources.ts';

/** Where the options begin, and what stands before them (RFC 2131 3). */
const OPTIONS_AT = 240;
const COOKIE = 'c\u0082Sc';
const VENDOR_OPTION = 43;
const SIP_OPTION = 120;
/** Says that options go on in the fields of the two names, each of which is from there to there (RFC 2132 9.3). */
const OVERLOAD_OPTION = 52;
const SERVER_NAME = [44, 108] as const;
const FILE_NAME = [108, 236] as const;
/** A lease is short: our choice. */
export const LEASE_MAX_OCTETS = 65_536;

/** An octet a character; what is no lease holds no options. */
export function leaseOptions(octets: string): DhcpOptions {
  const read = octets.slice(0, LEASE_MAX_OCTETS);
  const packet = packetOptions(read);
  return packet.size > 0 ? packet : textOptions(read);
}

/** Which client holds which address: four octets, and type with identifier (RFC 2132 9.14). */
export interface Held {
  readonly address: string;
  readonly clientId: string;
}

/** Null = not a text of systemd-networkd, or without one of them. */
export function heldBy(octets: string): Held | null {
  const [, address = ''] = /^ADDRESS=([\d.]{7,15})$/m.exec(octets.slice(0, LEASE_MAX_OCTETS)) ?? [];
  const [, clientId = ''] = /^CLIENTID=((?:[0-9a-f]{2}){2,255})$/im.exec(octets.slice(0, LEASE_MAX_OCTETS)) ?? [];
  return isIpv4(address) && clientId !== '' ? { address: octetsOf(address), clientId: unhex(clientId) } : null;
}

const unhex = (digits: string): string =>
  digits.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));

const octetsOf = (address: string): string =>
  isIpv4(address) ? String.fromCharCode(...address.split('.').map(Number)) : '';

/** `VENDOR_SPECIFIC=` and `OPTION_n=`, in hexadecimal; `SIP=`, the addresses of SIP servers (systemd keeps no names of them). */
function textOptions(text: string): DhcpOptions {
  const found = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [, servers] = /^SIP=([\d. ]+)$/.exec(line.trim()) ?? [];
    if (servers !== undefined) found.set(SIP_OPTION, `\u0001${servers.split(' ').map(octetsOf).join('')}`);
    const [, name = '', hex = ''] = /^(VENDOR_SPECIFIC|OPTION_\d{1,3})=((?:[0-9a-f]{2})+)$/i.exec(line.trim()) ?? [];
    if (name === '') continue;
    const number = name === 'VENDOR_SPECIFIC' ? VENDOR_OPTION : Number(name.slice('OPTION_'.length));
    found.set(number, unhex(hex));
  }
  return found;
}

/** The options of a packet; none where it is no packet of DHCP. Those in the fields of the names come last (RFC 3396 5). */
export function packetOptions(octets: string): DhcpOptions {
  const found = new Map<number, string>();
  if (octets.slice(OPTIONS_AT - COOKIE.length, OPTIONS_AT) !== COOKIE) return found;
  addOptions(found, octets.slice(OPTIONS_AT));
  const overload = found.get(OVERLOAD_OPTION)?.charCodeAt(0) ?? 0;
  if ((overload & 1) !== 0) addOptions(found, octets.slice(...FILE_NAME));
  if ((overload & 2) !== 0) addOptions(found, octets.slice(...SERVER_NAME));
  return found;
}

/** Code, length, octets; a code that stands again goes on where it ended. */
function addOptions(found: Map<number, string>, octets: string): void {
  for (let at = 0; at < octets.length; ) {
    const code = octets.charCodeAt(at);
    if (code === 255) return;
    if (code === 0) {
      at += 1;
      continue;
    }
    const length = octets.charCodeAt(at + 1);
    if (Number.isNaN(length) || at + 2 + length > octets.length) return;
    found.set(code, `${found.get(code) ?? ''}${octets.slice(at + 2, at + 2 + length)}`);
    at += 2 + length;
  }
}
