/** Owns how many connections the pages bear: of all, and of one peer, so that whoever holds all that he may leaves room for the owner. */
import type { Server, Socket } from 'node:net';

const CONNECTIONS_MAX = 64;
/** A browser opens six. */
const PER_PEER_MAX = 16;

export function limitConnections(server: Pick<Server, 'maxConnections' | 'on'>): void {
  const open = new Map<string, number>();
  server.maxConnections = CONNECTIONS_MAX;
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? '';
    const held = open.get(peer) ?? 0;
    if (held >= PER_PEER_MAX) return void socket.destroy();
    open.set(peer, held + 1);
    socket.once('close', () => {
      const left = (open.get(peer) ?? 1) - 1;
      if (left > 0) open.set(peer, left);
      else open.delete(peer);
    });
  });
}
