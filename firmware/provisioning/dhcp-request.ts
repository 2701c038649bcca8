/**
 * Owns asking for the options of a lease that the system holds and does not keep whole: a DHCPREQUEST as of a machine that starts anew
 * and remembers its address (RFC 2131 4.3.2, INIT-REBOOT), and what the answer says. Any server knows it, and it changes nothing but the
 * time that the lease is good for, which becomes longer. Why not otherwise: docs/decisions/0009. Pure; an octet a character.
 */
import { packetOptions } from './dhcp-lease.ts';
import type { DhcpOptions } from './sources.ts';

/** What the phone acts on: the configuration server by the vendor's option or by 66, 159, 160, and the SIP servers. */
export const WANTED_OPTIONS = [43, 66, 120, 159, 160] as const;

export interface Asker {
  /** Four octets: the address of the lease, and which client holds it (type and identifier, RFC 2132 9.14). */
  readonly address: string;
  readonly clientId: string;
  /** Six octets. */
  readonly mac: string;
  readonly hostname: string;
  readonly vendorClass: string;
  /** Four octets by which the answer is known. */
  readonly transaction: string;
}

const REQUEST = '\u0001';
const REPLY = '\u0002';
const ETHERNET = '\u0001\u0006';
const COOKIE = 'c\u0082Sc';
/** The answer shall be a broadcast: what is sent to the address alone is for the client that holds the lease. */
const BROADCAST = '\u0080\0';
const MESSAGE_TYPE = 53;
const DHCPREQUEST = '\u0003';
const DHCPACK = '\u0005';
/** Octets that an answer may have: what Ethernet carries. */
const SIZE_MAX = '\u0005\u00dc';
/** Some relays drop what is shorter (RFC 1542 2.1). */
const LENGTH_MIN = 300;

export function requestOf({ address, clientId, mac, hostname, vendorClass, transaction }: Asker): string {
  const head = [REQUEST, ETHERNET, '\0', transaction, '\0\0', BROADCAST, '\0'.repeat(16), mac.padEnd(16, '\0')];
  const options = [
    option(MESSAGE_TYPE, DHCPREQUEST),
    option(50, address),
    option(61, clientId),
    // As the system's own client says it: a server that keeps names by what was said last keeps ours.
    option(12, hostname),
    option(60, vendorClass),
    option(57, SIZE_MAX),
    option(55, String.fromCharCode(...WANTED_OPTIONS)),
  ];
  return `${head.join('')}${'\0'.repeat(192)}${COOKIE}${options.join('')}\u00ff`.padEnd(LENGTH_MIN, '\0');
}

const option = (code: number, octets: string): string =>
  octets === '' ? '' : `${String.fromCharCode(code, Math.min(octets.length, 255))}${octets.slice(0, 255)}`;

/** What the server that acknowledges this very address says; null = no answer to it. One that refuses may be a stranger to the lease. */
export function answerOf(octets: string, { address, mac, transaction }: Asker): DhcpOptions | null {
  const isOurs =
    octets.startsWith(`${REPLY}${ETHERNET}`) &&
    octets.slice(4, 8) === transaction &&
    octets.slice(16, 20) === address &&
    octets.slice(28, 34) === mac;
  const options = isOurs ? packetOptions(octets) : null;
  return options?.get(MESSAGE_TYPE) === DHCPACK ? options : null;
}
