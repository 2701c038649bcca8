/**
 * Owns reading what DHCP said from the lease that the system keeps: the text of systemd-networkd, which has the vendor's option and the
 * private ones, or the packet itself as dhcpcd keeps it, which has them all (RFC 2131 2, RFC 2132).
 */
import { isIpv4 } from '../kernel/target.ts';
import type { DhcpOptions } from './sources.ts';

/** Where the options begin, and what stands before them (RFC 2131 3). */
const OPTIONS_AT = 240;
const COOKIE = 'c\u0082Sc';
const VENDOR_OPTION = 43;
const SIP_OPTION = 120;
/** A lease is short: our choice. */
export const LEASE_MAX_OCTETS = 65_536;

/** An octet a character; what is no lease holds no options. */
export function leaseOptions(octets: string): DhcpOptions {
  const read = octets.slice(0, LEASE_MAX_OCTETS);
  return read.slice(OPTIONS_AT - COOKIE.length, OPTIONS_AT) === COOKIE ? packetOptions(read) : textOptions(read);
}

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
    found.set(
      number,
      hex.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16))),
    );
  }
  return found;
}

/** Code, length, octets; a code that stands again goes on where it ended (RFC 3396 5). */
function packetOptions(octets: string): DhcpOptions {
  const found = new Map<number, string>();
  for (let at = OPTIONS_AT; at < octets.length; ) {
    const code = octets.charCodeAt(at);
    if (code === 255) break;
    if (code === 0) {
      at += 1;
      continue;
    }
    const length = octets.charCodeAt(at + 1);
    if (Number.isNaN(length) || at + 2 + length > octets.length) break;
    found.set(code, `${found.get(code) ?? ''}${octets.slice(at + 2, at + 2 + length)}`);
    at += 2 + length;
  }
  return found;
}
