/** Owns what tcpdump sees of the agent's SIP: each message with its method, to the millisecond. */
import { createInterface } from 'node:readline';
import type { Running } from '../../../test/interop/support/process.ts';
import { runIn } from '../../../test/interop/support/process.ts';

export interface Seen {
  /** Ms since 1970. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  /** Of a response, that of its CSeq. */
  readonly method: string;
  /** Null = a request. */
  readonly status: number | null;
}

export interface Wire {
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

const HEAD =
  /^(\d+\.\d+) IP (\d+\.\d+\.\d+\.\d+)\.\d+ > (\d+\.\d+\.\d+\.\d+)\.\d+: .*?SIP: (?:SIP\/2\.0 (\d+)|([A-Z]+) )/;
const CSEQ = /^CSeq:\s*\d+\s+([A-Z]+)/i;

/** A request is complete with its first line; a response says its method further down. */
export function watchWire(): Wire {
  const seen: Seen[] = [];
  let answer: Omit<Seen, 'method'> | null = null;
  const running: Running = runIn('phone', 'tcpdump', [
    ...['-l', '-n', '-tt', '-A', '-s', '0', '--immediate-mode', '-i', 'eth0', 'udp port 5060'],
  ]);
  if (running.child.stdout !== null)
    createInterface({ input: running.child.stdout }).on('line', (line) => {
      const [, at = '', from = '', to = '', status, method] = HEAD.exec(line) ?? [];
      if (method !== undefined) seen.push({ at: Number(at) * 1000, from, to, method, status: null });
      if (status !== undefined) answer = { at: Number(at) * 1000, from, to, status: Number(status) };
      const [, said] = CSEQ.exec(line) ?? [];
      if (said === undefined || answer === null) return;
      seen.push({ ...answer, method: said });
      answer = null;
    });
  return { seen, close: () => running.kill() };
}
