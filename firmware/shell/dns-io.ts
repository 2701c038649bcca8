/** Owns sending DNS queries: a fresh socket and port for each, UDP or TCP, every datagram handed up with its true source (RFC 5452, 7766). */
import { createSocket, type Socket } from 'node:dgram';
import { connect, isIPv6, type Socket as TcpSocket } from 'node:net';
import type { Effect, Input } from '../vocabulary.ts';
import { decodeMessage, encodeQuery } from './dns-wire.ts';
import { failureOf } from './errno.ts';

type Query = Extract<Effect, { kind: 'dns-query' }>;

export interface DnsIo {
  query(effect: Query): void;
  done(id: number): void;
  close(): void;
}

const TCP_MESSAGE_MAX = 65_537;

export function createDnsIo(input: (input: Extract<Input, { kind: 'dns-answer' | 'dns-error' }>) => void): DnsIo {
  const open = new Map<number, () => void>();

  function overUdp(effect: Query): void {
    const { id, server } = effect;
    const socket: Socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    open.set(id, () => socket.close());
    socket.on('error', (error) => failed(id, error));
    socket.on('message', (octets, from) => {
      if (open.has(id)) input({ kind: 'dns-answer', id, from: { address: from.address, port: from.port }, transport: 'udp', message: decodeMessage(octets) });
    });
    // Connected, so that a refusal is noticed at once; the port is the system's random choice.
    socket.connect(server.port, server.address, (...[error]: [Error?]) => {
      if (error != null) failed(id, error);
      else if (open.has(id)) socket.send(encodeQuery(effect.transactionId, effect.question, effect.edns));
    });
  }

  function overTcp(effect: Query): void {
    const { id, server } = effect;
    const socket: TcpSocket = connect(server.port, server.address);
    open.set(id, () => socket.destroy());
    const chunks: Buffer[] = [];
    socket.on('error', (error) => failed(id, error));
    socket.on('connect', () => {
      const query = encodeQuery(effect.transactionId, effect.question, effect.edns);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const all = Buffer.concat(chunks);
      if (all.length < 2 || all.length < 2 + all.readUInt16BE(0)) {
        if (all.length > TCP_MESSAGE_MAX) failed(id, null);
        return;
      }
      if (open.has(id)) input({ kind: 'dns-answer', id, from: server, transport: 'tcp', message: decodeMessage(all.subarray(2, 2 + all.readUInt16BE(0))) });
    });
    socket.on('close', () => {
      if (open.has(id)) failed(id, null);
    });
  }

  function failed(id: number, error: unknown): void {
    if (!open.has(id)) return;
    release(id);
    input({ kind: 'dns-error', id, cause: error === null ? 'reset' : failureOf(error) });
  }

  function release(id: number): void {
    const close = open.get(id);
    open.delete(id);
    close?.();
  }

  return {
    query: (effect) => (effect.transport === 'udp' ? overUdp(effect) : overTcp(effect)),
    done: release,
    close() {
      for (const id of [...open.keys()]) release(id);
    },
  };
}
