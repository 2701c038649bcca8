/** Owns what tcpdump sees of the phone's wire: each SIP message with its method, each connection begun, to the millisecond. */
import { createInterface } from 'node:readline';
import type { Running } from './process.ts';
import { runIn } from './process.ts';

export interface Seen {
  /** Ms since 1970. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  /** Of a response, that of its CSeq. `connect 5061` for the first packet of a TCP connection, `ARP` for a question by ARP. */
  readonly method: string;
  /** Null = no response. */
  readonly status: number | null;
  /** Empty where the packet has none. */
  readonly callId: string;
}

type Packet = Pick<Seen, 'at' | 'from' | 'to'>;

export interface Wire {
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

const PACKET = /^(\d+\.\d+) IP6? ([\d.a-f:]+)\.\d+ > ([\d.a-f:]+)\.(\d+): (.*)/;
const ARP = /^(\d+\.\d+) ARP, Request who-has (\S+) tell (\d+\.\d+\.\d+\.\d+)/;
const SIP = /SIP: (?:SIP\/2\.0 (\d+)|([A-Z]+) )/;
/** In a stream, the method stands right behind the octets of TCP's header, and one of those may be a capital letter. */
const METHODS = 'ACK|BYE|CANCEL|INFO|INVITE|MESSAGE|NOTIFY|OPTIONS|PRACK|PUBLISH|REFER|REGISTER|SUBSCRIBE|UPDATE';
const FIRST = new RegExp(`SIP/2\\.0 (\\d{3}) |(${METHODS}) sips?:\\S+ SIP/2\\.0`);
const CALL_ID = /^(?:Call-ID|i):\s*(\S+)/i;
const CSEQ = /^CSeq:\s*\d+\s+([A-Z]+)/i;

/** Octets kept of a packet, and KiB for all that wait to be read: with the usual ones eight packets fill the buffer, and a burst ends the capture. */
const PACKET_MAX = 16_384;
const BUFFER_KIB = 32_768;

/** A request is complete with its first line; a response says its method further down. */
export function watchWire(): Wire {
  const seen: Seen[] = [];
  let answer: (Packet & { readonly status: number; callId: string }) | null = null;
  /** The message whose header fields follow. */
  let current: { callId: string } | null = null;
  const running: Running = runIn('phone', 'tcpdump', [
    ...['-l', '-n', '-tt', '-A', '-s', String(PACKET_MAX), '-B', String(BUFFER_KIB), '--immediate-mode', '-i', 'eth0'],
    'port 5060 or port 5061 or tcp port 53 or arp',
  ]);
  /** The packet of a connection whose octets follow: tcpdump reads SIP in datagrams alone. */
  let carried: Packet | null = null;
  const push = (one: Seen): { callId: string } => {
    seen.push(one);
    return one;
  };
  const readPacket = (line: string): boolean => {
    const [, at, from = '', to = '', port = '', rest = ''] = PACKET.exec(line) ?? [];
    if (at === undefined) return false;
    const packet = { at: Number(at) * 1000, from, to };
    carried = rest.startsWith('Flags [') ? packet : null;
    current = null;
    if (rest.startsWith('Flags [S]')) push({ ...packet, method: `connect ${port}`, status: null, callId: '' });
    else readFirst(packet, SIP.exec(rest));
    return true;
  };
  const readFirst = (packet: Packet, found: RegExpExecArray | null): void => {
    const [, status, method] = found ?? [];
    if (found === null) return;
    answer = status === undefined ? null : { ...packet, status: Number(status), callId: '' };
    current = answer ?? push({ ...packet, method: method ?? '', status: null, callId: '' });
  };
  const read = (line: string): void => {
    if (readPacket(line)) return;
    const [, at, whom = '', from = ''] = ARP.exec(line) ?? [];
    if (at !== undefined)
      push({ at: Number(at) * 1000, from, to: whom.replace(/,$/, ''), method: 'ARP', status: null, callId: '' });
    if (carried !== null) readFirst(carried, FIRST.exec(line));
    const [, callId] = CALL_ID.exec(line) ?? [];
    if (callId !== undefined && current !== null) current.callId = callId;
    const [, said] = CSEQ.exec(line) ?? [];
    if (said === undefined || answer === null) return;
    current = push({ ...answer, method: said });
    answer = null;
  };
  if (running.child.stdout !== null) createInterface({ input: running.child.stdout }).on('line', read);
  return { seen, close: () => running.kill() };
}

/** A request to that address. */
export const asked =
  (address: string, method = 'REGISTER') =>
  ({ to, status, method: said }: Seen): boolean =>
    to === address && said === method && status === null;

/** A response of that address. */
export const answered =
  (address: string, method = 'REGISTER', code = 200) =>
  ({ from, status, method: said }: Seen): boolean =>
    from === address && said === method && status === code;
