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
}

type Packet = Pick<Seen, 'at' | 'from' | 'to'>;

export interface Wire {
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

const PACKET = /^(\d+\.\d+) IP (\d+\.\d+\.\d+\.\d+)\.\d+ > (\d+\.\d+\.\d+\.\d+)\.(\d+): (.*)/;
const ARP = /^(\d+\.\d+) ARP, Request who-has (\S+) tell (\d+\.\d+\.\d+\.\d+)/;
const SIP = /SIP: (?:SIP\/2\.0 (\d+)|([A-Z]+) )/;
const FIRST = /SIP\/2\.0 (\d{3}) |([A-Z]+) sips?:\S+ SIP\/2\.0/;
const CSEQ = /^CSeq:\s*\d+\s+([A-Z]+)/i;

/** A request is complete with its first line; a response says its method further down. */
export function watchWire(): Wire {
  const seen: Seen[] = [];
  let answer: (Packet & { readonly status: number }) | null = null;
  const running: Running = runIn('phone', 'tcpdump', [
    ...['-l', '-n', '-tt', '-A', '-s', '0', '--immediate-mode', '-i', 'eth0'],
    'port 5060 or port 5061 or tcp port 53 or arp',
  ]);
  /** The packet of a connection whose octets follow: tcpdump reads SIP in datagrams alone. */
  let carried: Packet | null = null;
  const readPacket = (line: string): boolean => {
    const [, at, from = '', to = '', port = '', rest = ''] = PACKET.exec(line) ?? [];
    if (at === undefined) return false;
    const packet = { at: Number(at) * 1000, from, to };
    carried = rest.startsWith('Flags [') ? packet : null;
    if (rest.startsWith('Flags [S]')) seen.push({ ...packet, method: `connect ${port}`, status: null });
    else readFirst(packet, SIP.exec(rest));
    return true;
  };
  const readFirst = (packet: Packet, found: RegExpExecArray | null): void => {
    const [, status, method] = found ?? [];
    if (found !== null) answer = status === undefined ? null : { ...packet, status: Number(status) };
    if (method !== undefined) seen.push({ ...packet, method, status: null });
  };
  const read = (line: string): void => {
    if (readPacket(line)) return;
    const [, at, whom = '', from = ''] = ARP.exec(line) ?? [];
    if (at !== undefined)
      seen.push({ at: Number(at) * 1000, from, to: whom.replace(/,$/, ''), method: 'ARP', status: null });
    if (carried !== null) readFirst(carried, FIRST.exec(line));
    const [, said] = CSEQ.exec(line) ?? [];
    if (said === undefined || answer === null) return;
    seen.push({ ...answer, method: said });
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
