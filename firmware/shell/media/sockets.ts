/** Owns the RTP and RTCP sockets: ports are held from the start, so that what an offer names is ours, and packets go to the call that has the port. */
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Endpoint } from '../../kernel/target.ts';
import type { MediaBirth } from '../../media/messages.ts';

export type Arrived = (port: number, from: 'rtp' | 'rtcp', octets: Uint8Array, source: Endpoint) => void;

export interface MediaSockets {
  /** RTP ports that are held. */
  readonly ports: readonly number[];
  /** The calls' ports: their RTCP is open too, and what comes to the others is dropped. */
  use(ports: readonly number[]): void;
  send(port: number, from: 'rtp' | 'rtcp', octets: Uint8Array, to: Endpoint): void;
  close(): void;
}

/** Where any port will do, one of these is the first that is tried. */
const ANY = { from: 16_384, below: 32_768 } as const;
const PORT_MAX = 65_534;
/** Ports in a row that may be taken before the search ends. */
const TRIES_MAX = 2000;

interface Pair {
  readonly rtp: readonly Socket[];
  /** Null while no call uses it. */
  rtcp: readonly Socket[] | null;
}

export async function openMediaSockets({ binds, ports }: MediaBirth, arrived: Arrived): Promise<MediaSockets> {
  const pairs = new Map<number, Pair>();

  async function hold(port: number): Promise<boolean> {
    const rtp = await Promise.all(binds.map((bind) => bound(bind, port)));
    const open = rtp.filter((socket) => socket !== null);
    if (open.length === binds.length) {
      for (const socket of open) listen(socket, port, 'rtp');
      pairs.set(port, { rtp: open, rtcp: null });
      return true;
    }
    for (const socket of open) socket.close();
    return false;
  }

  function listen(socket: Socket, port: number, kind: 'rtp' | 'rtcp'): void {
    socket.on('message', (octets, { address, port: from }) => {
      if (pairs.get(port)?.rtcp !== null) arrived(port, kind, octets, { address, port: from });
    });
  }

  async function openControl(port: number, pair: Pair): Promise<void> {
    pair.rtcp = [];
    const sockets = await Promise.all(binds.map((bind) => bound(bind, port + 1)));
    const open = sockets.filter((socket) => socket !== null);
    // The call has ended in the meantime, or reports must do without a port: sound does not need them.
    if (pair.rtcp === null) return closeAll(open);
    for (const socket of open) listen(socket, port, 'rtcp');
    pair.rtcp = open;
  }

  if ('again' in ports) for (const port of ports.again) await hold(port);
  else
    for (let port = evenFrom(ports.base), tries = 0; tries < TRIES_MAX; port += 2, tries += 1) {
      if (pairs.size === ports.count || port > PORT_MAX) break;
      await hold(port);
    }

  return {
    ports: [...pairs.keys()],
    use(used) {
      for (const [port, pair] of pairs) {
        if (used.includes(port)) {
          if (pair.rtcp === null) void openControl(port, pair);
          continue;
        }
        // The last report is still on its way out.
        for (const socket of pair.rtcp ?? []) setImmediate(() => socket.close());
        pair.rtcp = null;
      }
    },
    send(port, from, octets, to) {
      const sockets = pairs.get(port)?.[from] ?? [];
      const socket = sockets.find((candidate) => isIPv6(candidate.address().address) === isIPv6(to.address));
      // What cannot be sent is lost, like any packet.
      socket?.send(octets, to.port, to.address, () => undefined);
    },
    close() {
      for (const { rtp, rtcp } of pairs.values()) for (const socket of [...rtp, ...(rtcp ?? [])]) socket.close();
      pairs.clear();
    },
  };
}

const evenFrom = (base: number): number => {
  const first = base === 0 ? randomInt(ANY.from, ANY.below) : base;
  return first + (first & 1);
};

function closeAll(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.close();
}

/** Null = the port is taken, or this machine has no such address. */
const bound = (address: string, port: number): Promise<Socket | null> =>
  new Promise((resolve) => {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address) });
    socket.once('error', () => {
      socket.close();
      resolve(null);
    });
    socket.bind({ port, address, exclusive: true }, () => {
      socket.removeAllListeners('error');
      // A refused packet of ours comes back as an error: nobody listens there, and that is all.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
