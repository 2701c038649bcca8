/** Owns slowing down those who guess a login: some failures are free, then nothing is looked at for a while (interfaces 4). */

export interface Throttle {
  /** Seconds until this peer may try again, 0 = now. */
  waitS(peer: string): number;
  failed(peer: string): void;
}

const FREE_FAILURES = 10;
const FORGET_MS = 60_000;
/** Peers remembered; the oldest is forgotten first. */
const PEERS_MAX = 256;

export function createThrottle(now: () => number): Throttle {
  const peers = new Map<string, { count: number; readonly until: number }>();
  const current = (peer: string): { count: number; readonly until: number } | undefined => {
    const entry = peers.get(peer);
    if (entry === undefined || entry.until > now()) return entry;
    peers.delete(peer);
    return undefined;
  };
  return {
    waitS(peer) {
      const entry = current(peer);
      return entry === undefined || entry.count < FREE_FAILURES ? 0 : Math.ceil((entry.until - now()) / 1000);
    },
    failed(peer) {
      const entry = current(peer);
      if (entry !== undefined) {
        entry.count += 1;
        return;
      }
      const [oldest] = peers.keys();
      if (peers.size >= PEERS_MAX && oldest !== undefined) peers.delete(oldest);
      peers.set(peer, { count: 1, until: now() + FORGET_MS });
    },
  };
}
