/**
 * Owns a registrar over TCP or TLS that does wrong on order: what it does with each connection is a function that can be exchanged
 * while it runs. Honest, it says 200 to everything, with the Contact that was sent.
 */
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { TLSSocketOptions } from 'node:tls';
import { TLSSocket } from 'node:tls';
import type { Certified } from '../../scripts/lab/certificates.ts';

/** What is done with one connection. */
export type Conduct = (socket: Socket) => void;

export interface FalseServer {
  readonly port: number;
  /** From now on, for new connections; those that there are end. */
  become(conduct: Conduct): void;
  /** Connections taken since the last `become`. */
  taken(): number;
  close(): Promise<void>;
}

export async function startFalseServer(conduct: Conduct): Promise<FalseServer> {
  const sockets = new Set<Socket>();
  let now = conduct;
  let taken = 0;
  const server: Server = createServer((socket) => {
    taken += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    now(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endAll = (): void => {
    // Not resetAndDestroy(): what is reset while it shuts down is never closed, and Node 20 spins at its exit.
    for (const socket of sockets) socket.destroy();
  };
  const at = server.address();
  return {
    port: typeof at === 'object' && at !== null ? at.port : 0,
    become(next) {
      now = next;
      taken = 0;
      endAll();
    },
    taken: () => taken,
    async close() {
      endAll();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The server's side of TLS on `socket`, and what is done with what it carries. */
export const overTls =
  (certified: Certified, conduct: (secured: TLSSocket) => void, options: TLSSocketOptions = {}) =>
  (socket: Duplex): void => {
    const { certificate: cert, key } = certified;
    const secured = new TLSSocket(socket as Socket, { isServer: true, cert, key, ...options });
    secured.on('error', () => undefined);
    secured.on('close', () => socket.destroy());
    conduct(secured);
  };

/** `answer` is given each whole request; requests of the phone have no body. */
export const answering =
  (answer: (request: string, stream: Duplex) => void) =>
  (stream: Duplex): void => {
    let pending = '';
    stream.on('data', (octets: Buffer) => {
      pending = `${pending}${octets.toString('latin1')}`.replace(/^(?:\r\n)+/, '');
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        const request = pending.slice(0, end + 4);
        pending = pending.slice(end + 4);
        if (/^[A-Z]+ sips?:/.test(request)) answer(request, stream);
      }
    });
  };

/** 200 to `request`, with the Contact that was sent. */
export function answerTo(request: string): string {
  const kept = request.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq|Contact):/.test(line));
  return ['SIP/2.0 200 OK', ...kept, 'Expires: 30', 'Content-Length: 0', '', ''].join('\r\n');
}

export const honest = answering((request, stream) => void stream.write(answerTo(request)));

/** `conduct` behind a sieve: what it says goes no further after so many octets (`stopAfter`), or drips octet by octet. */
export function throughSieve(
  conduct: (stream: Duplex) => void,
  { stopAfter, dripMs }: { readonly stopAfter?: number; readonly dripMs?: number },
): Conduct {
  return (socket) => {
    let left = stopAfter ?? Number.POSITIVE_INFINITY;
    const inner = new Duplex({
      read: () => undefined,
      write(octets: Buffer, _encoding, done) {
        const part = octets.subarray(0, left);
        left -= part.length;
        void says(socket, part, dripMs).then(() => done());
      },
    });
    inner.on('error', () => undefined);
    socket.on('data', (octets) => inner.push(octets));
    socket.on('end', () => inner.push(null));
    socket.on('close', () => inner.destroy());
    socket.setNoDelay(true);
    conduct(inner);
  };
}

async function says(socket: Socket, octets: Buffer, dripMs: number | undefined): Promise<void> {
  if (dripMs === undefined) return void socket.write(octets);
  for (const octet of octets) {
    socket.write(Buffer.from([octet]));
    await pause(dripMs);
  }
}
