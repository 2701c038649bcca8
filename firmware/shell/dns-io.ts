/** Owns sending DNS queries: a fresh socket and port for each, UDP or TCP, every message handed up with its true source (RFC 1035 4.2, 5452 9.2, 7766 8). */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { Effect, Input } from '../vocabulary.ts';
import { decodeMessage, encodeQuery, encodeStreamQuery } from './dns-wire.ts';
import { failureOf } from './errno.ts';

type Query = Extract<Effect, { kind: 'dns-query' }>;
type DnsInput = Extract<Input, { kind: 'dns-answer' | 'dns-error' }>;

export interface DnsIo {
  query(effect: Query): void;
  /** The query is over: nothing is told of it any more. */
  done(id: number): void;
  close(): void;
}

/** Octets of the length in front of a message on a stream. */
const LENGTH_OCTETS = 2;

export function createDnsIo(input: (input: DnsInput) => void): DnsIo {
  /** How to close each open query; nothing, until its socket is there. */
  const open = new Map<number, () => void>();

  function overUdp(effect: Query): void {
    const { id, server } = effect;
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    open.set(id, () => socket.close());
    socket.on('error', (error) => failed(id, error));
    socket.on('message', (octets, { address, port }) => {
      answered(effect, { address, port }, octets);
    });
    // Connected, so that a refusal is noticed at once; the port is the system's random choice.
    socket.connect(server.port, server.address);
    socket.on('connect', () => socket.send(encodeQuery(effect)));
  }

  function overTcp(effect: Query): void {
    const { id, server } = effect;
    const socket = connect(server.port, server.address);
    open.set(id, () => socket.destroy());
    socket.on('error', (error) => failed(id, error));
    socket.on('connect', () => socket.write(encodeStreamQuery(effect)));
    socket.on(
      'data',
      messageReader((octets) => answered(effect, server, octets)),
    );
    // An end before the answer.
    socket.on('close', () => failed(id, RESET));
  }

  function answered(effect: Query, from: Query['server'], octets: Buffer): void {
    const { id, transport } = effect;
    if (!open.has(id)) return;
    const message = decodeMessage(octets);
    if (message === 'malformed' && transport === 'udp' && !answers(effect, octets)) return;
    input({ kind: 'dns-answer', id, from, transport, message });
  }

  function failed(id: number, error: unknown): void {
    if (!open.has(id)) return;
    done(id);
    input({ kind: 'dns-error', id, cause: failureOf(error) });
  }

  function done(id: number): void {
    const close = open.get(id);
    open.delete(id);
    close?.();
  }

  return {
    query(effect) {
      open.set(effect.id, () => undefined);
      try {
        if (effect.transport === 'udp') overUdp(effect);
        else overTcp(effect);
      } catch (error) {
        // Told later, as every answer is: nothing turns round inside a step.
        setImmediate(() => failed(effect.id, error));
      }
    },
    done,
    close() {
      for (const id of [...open.keys()]) done(id);
    },
  };
}

/** What cannot be read and is no answer with our number, anybody may have sent: it must not cost the query (RFC 5452 9.1, A20). */
const answers = ({ transactionId }: Query, octets: Buffer): boolean =>
  octets.length >= 3 && octets.readUInt16BE(0) === transactionId && ((octets[2] ?? 0) & QR) !== 0;

/** RFC 1035 4.1.1: set in a response. */
const QR = 0x80;
const RESET = { code: 'ECONNRESET' };

/** Gives each whole message of a stream; what waits for its rest is bounded by the length field. */
function messageReader(message: (octets: Buffer) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let waiting = 0;
  let needed = LENGTH_OCTETS;
  return (chunk) => {
    chunks.push(chunk);
    waiting += chunk.length;
    while (waiting >= needed) {
      const all = Buffer.concat(chunks);
      const end = LENGTH_OCTETS + all.readUInt16BE(0);
      const whole = all.length >= end;
      if (whole) message(all.subarray(LENGTH_OCTETS, end));
      const rest = whole ? all.subarray(end) : all;
      chunks = [rest];
      waiting = rest.length;
      needed = whole ? LENGTH_OCTETS : end;
    }
  };
}
