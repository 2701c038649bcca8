/** Owns the addresses that the phone itself has spoken to: who comes from there is no stranger. */

/** Remembered at once; a caller's contact is one, too. */
const PEERS_MAX = 64;

export interface Peers {
  note(address: string): void;
  has(address: string): boolean;
}

export function createPeers(): Peers {
  /** The latest last. */
  const known = new Set<string>();
  return {
    note(address) {
      known.delete(address);
      known.add(address);
      const [oldest] = known;
      if (known.size > PEERS_MAX && oldest !== undefined) known.delete(oldest);
    },
    has: (address) => known.has(address),
  };
}
