/** Owns the lab's DNS server: a process that answers for the lab's zone over UDP and TCP, late or wrongly to order. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { decode, encode } from 'dns-packet';
import type { DnsMode, DnsStart } from './protocol.ts';
import { HONEST } from './protocol.ts';
import type { Server } from './serve.ts';
import { serve } from './serve.ts';
import { answer } from './zone.ts';

type Answering = (query: Buffer, over: 'udp' | 'tcp', send: (octets: Buffer) => void) => void;

/** A connection that asks nothing is closed after this, ms (RFC 7766 6.2.3: a few seconds). */
const IDLE_MS = 10_000;
const LENGTH_OCTETS = 2;

/** Serves until its parent is gone. */
export function serveDns(): void {
  serve(async (start) => {
    if (start.kind !== 'dns') throw new Error(`a DNS server was told to be a ${start.kind}`);
    return listen(start);
  });
}

async function listen({ address, port, zone }: DnsStart): Promise<Server> {
  let mode: DnsMode = HONEST;
  const answering: Answering = (query, over, send) => {
    const octets = reply(query, (packet) => answer(packet, zone, mode.fault, over));
    if (octets === null) return;
    if (mode.delayMs === 0) send(octets);
    else setTimeout(() => mode.fault !== 'silent' && send(octets), mode.delayMs);
  };
  const udp = createSocket('udp4');
  udp.on('message', (query, from) => answering(query, 'udp', (octets) => udp.send(octets, from.port, from.address)));
  udp.bind(port, address);
  await once(udp, 'listening');
  const tcp = createServer((socket) => converse(socket, answering));
  tcp.listen(port, address);
  await once(tcp, 'listening');
  return {
    take(ask) {
      if (ask.kind === 'mode') mode = ask.mode as DnsMode;
      return null;
    },
  };
}

/** Queries in a stream, each behind its length (RFC 1035 4.2.2), cut anywhere. */
function converse(socket: Socket, answering: Answering): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= LENGTH_OCTETS && rest.length >= LENGTH_OCTETS + rest.readUInt16BE(0)) {
      const end = LENGTH_OCTETS + rest.readUInt16BE(0);
      const query = rest.subarray(LENGTH_OCTETS, end);
      rest = rest.subarray(end);
      answering(query, 'tcp', (octets) => {
        const length = Buffer.alloc(LENGTH_OCTETS);
        length.writeUInt16BE(octets.length);
        socket.write(Buffer.concat([length, octets]));
      });
    }
  });
}

/** What cannot be read is not answered. */
function reply(
  query: Buffer,
  answerOf: (packet: ReturnType<typeof decode>) => Parameters<typeof encode>[0] | null,
): Buffer | null {
  let packet: ReturnType<typeof decode>;
  try {
    packet = decode(query);
  } catch {
    return null;
  }
  const answered = answerOf(packet);
  return answered === null ? null : encode(answered);
}
