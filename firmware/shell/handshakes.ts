/**
 * Owns whose TLS handshakes are begun: a stranger opens a connection in no time and need never say more, while each handshake takes
 * memory and a place. Strangers have few places; a server that the phone speaks to finds one at any time (conformance L13).
 */
import type { Socket } from 'node:net';

/** Unfinished ones at once, of all and of one address. */
const HANDSHAKES_MAX = 32;
const HANDSHAKES_PER_ADDRESS_MAX = 8;

export interface Handshakes {
  /** False: the connection was refused, for it is one too many. */
  begin(socket: Socket): boolean;
  /** The handshake on this connection is over. */
  done(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): void;
}

export function createHandshakes(isPeer: (address: string) => boolean): Handshakes {
  /** The address of each, oldest first. */
  const unfinished = new Map<Socket, string>();

  function drop(socket: Socket): void {
    unfinished.delete(socket);
    socket.destroy();
  }

  return {
    begin(socket) {
      const from = socket.remoteAddress ?? '';
      const addresses = [...unfinished.values()];
      const isFull = addresses.length >= HANDSHAKES_MAX;
      const same = addresses.filter((address) => address === from).length;
      if (same >= HANDSHAKES_PER_ADDRESS_MAX || (isFull && !isPeer(from))) {
        socket.destroy();
        return false;
      }
      const stranger = [...unfinished].find(([, address]) => !isPeer(address));
      if (isFull && stranger !== undefined) drop(stranger[0]);
      unfinished.set(socket, from);
      socket.once('close', () => unfinished.delete(socket));
      return true;
    },
    done({ remoteAddress, remotePort }) {
      // TLS has a socket of its own above the one that was taken.
      for (const socket of unfinished.keys())
        if (socket.remoteAddress === remoteAddress && socket.remotePort === remotePort) unfinished.delete(socket);
    },
  };
}
