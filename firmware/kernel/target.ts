/** Owns the words for where a packet goes: an endpoint, and the target of a request (transport, address, port, TLS name). */

export type Transport = 'udp' | 'tcp' | 'tls';

/** An IP address without brackets, and a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What the walk of a request visits. `tlsName` is the configured name that a certificate must show (RFC 5922), else null. */
export interface Target extends Endpoint {
  readonly transport: Transport;
  readonly tlsName: string | null;
}

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
export const endpointText = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** `udp:192.0.2.1:5060`, as events and the status page show it; equal text = equal target of one phone. */
export const targetText = (target: Target): string => `${target.transport}:${endpointText(target)}`;

/** Identity of a target: a certificate shown for one configured name says nothing of another (RFC 5922 7.3). */
export const targetKey = (target: Target): string =>
  target.tlsName === null ? targetText(target) : `${targetText(target)} as ${target.tlsName.toLowerCase()}`;

/** Streams carry octets in order: nothing is retransmitted on them (RFC 3261 17, 18). */
export const isStream = ({ transport }: Pick<Target, 'transport'>): boolean => transport !== 'udp';

/** An IPv4 literal in dotted form with four octets. */
export function isIpv4(text: string): boolean {
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255);
}

/** An IPv6 literal without brackets (RFC 4291 2.2), zone identifiers excluded. */
export function isIpv6(text: string): boolean {
  if (!text.includes(':') || text.length > 45) return false;
  const halves = text.split('::');
  const counts = halves.map((half, index) => groupsIn(half, { last: index === halves.length - 1 }));
  const groups = counts.reduce<number>((sum, count) => sum + count, 0);
  if (halves.length > 2 || Number.isNaN(groups)) return false;
  return halves.length === 2 ? groups < 8 : groups === 8;
}

/** Groups of 16 bits in a part without `::`; a dotted IPv4 tail counts two; NaN where it is malformed. */
function groupsIn(half: string, { last }: { readonly last: boolean }): number {
  if (half === '') return 0;
  const parts = half.split(':');
  const tail = half.slice(half.lastIndexOf(':') + 1);
  const dotted = last && tail.includes('.');
  if (dotted && !isIpv4(tail)) return Number.NaN;
  const words = dotted ? parts.slice(0, -1) : parts;
  return words.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word)) ? words.length + (dotted ? 2 : 0) : Number.NaN;
}

/** One spelling of an address however it was written, for comparing: eight groups of IPv6 in full; other text in lower case. */
export function plainAddress(text: string): string {
  if (!isIpv6(text)) return text.toLowerCase();
  const [head = '', tail] = text.split('::');
  const before = wordsOf(head);
  const after = tail === undefined ? [] : wordsOf(tail);
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].join(':');
}

const wordsOf = (half: string): readonly string[] =>
  half === ''
    ? []
    : half.split(':').flatMap((word) => {
        if (!word.includes('.')) return [Number.parseInt(word, 16).toString(16)];
        const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number);
        return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
      });
