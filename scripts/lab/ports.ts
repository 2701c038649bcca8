/** Owns finding ports that are free for UDP and TCP alike. */
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Server } from 'node:net';
import { createServer } from 'node:net';

const TRIES = 100;

/** All are held until the last is found, so that none is found twice; then they are free again. */
export async function freePorts(address: string, count: number): Promise<readonly number[]> {
  const held: { readonly udp: Socket; readonly tcp: Server }[] = [];
  try {
    for (let tries = 0; held.length < count; tries += 1) {
      if (tries === TRIES) throw new Error(`no ${count} free ports at ${address}`);
      const pair = await hold(address);
      if (pair !== null) held.push(pair);
    }
    return held.map(({ udp }) => udp.address().port);
  } finally {
    await Promise.all(held.map(({ udp, tcp }) => Promise.all([closed(udp), closed(tcp)])));
  }
}

/** One port for both, null where TCP has taken what UDP was given. */
async function hold(address: string): Promise<{ readonly udp: Socket; readonly tcp: Server } | null> {
  const udp = createSocket('udp4');
  udp.bind(0, address);
  await once(udp, 'listening');
  const tcp = createServer();
  tcp.listen(udp.address().port, address);
  try {
    await once(tcp, 'listening');
    return { udp, tcp };
  } catch {
    await closed(udp);
    return null;
  }
}

const closed = (socket: { close(done: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => void socket.close(() => resolve()));
