/** Owns how many connections the pages bear, and that a peer who holds many of them leaves places to others. */
import type { Server, Socket } from 'node:net';

const CONNECTIONS_MAX = 64;
/** Places that are kept for those who hold few; a browser opens six. */
const KEPT_FREE = 16;
const MANY = 16;

export function limitConnections(server: Pick<Server, 'maxConnections' | 'on'>): void {
  const open = new Map<string, number>();
  let all = 0;
  server.maxConnections = CONNECTIONS_MAX;
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? '';
    const held = open.get(peer) ?? 0;
    if (held >= MANY && all >= CONNECTIONS_MAX - KEPT_FREE) return void socket.destroy();
    open.set(peer, held + 1);
    all += 1;
    socket.once('close', () => {
      all -= 1;
      const left = (open.get(peer) ?? 1) - 1;
      if (left > 0) open.set(peer, left);
      else open.delete(peer);
    });
  });
}
