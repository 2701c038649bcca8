/**
 * Owns whose packets are heard (conformance J8): the address of the session description first; where nothing comes from it, the one
 * source that sends two valid packets in a row, as behind a NAT (RFC 4961). Once locked, nobody else is heard until the next description.
 */
import type { Endpoint } from '../kernel/target.ts';
import type { RtpPacket } from './rtp.ts';
import { ahead } from './rtp.ts';

export interface SourceLock {
  /** Whether a valid packet from there is to be heard. */
  accepts(from: Endpoint, packet: Pick<RtpPacket, 'ssrc' | 'sequence'>): boolean;
  /** Whether a control packet from there is to be believed: it comes from the host that is heard. */
  believes(from: Endpoint): boolean;
  /** Where our packets go: to whoever is heard, until then to the description's address. */
  readonly to: Endpoint;
}

/** Strangers that are remembered while they show their second packet. */
const CANDIDATES_MAX = 8;
/** Two packets are in a row where no more than so many were lost between them. */
const ROW = 5;

interface Candidate {
  readonly from: Endpoint;
  readonly ssrc: number;
  readonly sequence: number;
}

export function createSourceLock(described: Endpoint): SourceLock {
  let locked: { readonly from: Endpoint; readonly ssrc: number } | null = null;
  let candidates: readonly Candidate[] = [];

  /** The second valid packet in a row of one source. */
  function isSecond(from: Endpoint, { ssrc, sequence }: Pick<RtpPacket, 'ssrc' | 'sequence'>): boolean {
    const known = candidates.find((other) => same(other.from, from) && other.ssrc === ssrc);
    const step = known === undefined ? 0 : ahead(sequence, known.sequence, 16);
    const others = candidates.filter((other) => other !== known);
    // A flood of strangers does not push out whom the description names.
    const kept = others.filter((other, index) => index < CANDIDATES_MAX || same(other.from, described));
    candidates = [{ from, ssrc, sequence }, ...kept];
    return step > 0 && step <= ROW;
  }

  return {
    get to() {
      return locked?.from ?? described;
    },
    believes: ({ address }) => address === (locked?.from ?? described).address,
    accepts(from, packet) {
      const isDescribed = same(from, described);
      if (locked !== null && same(locked.from, from) && locked.ssrc === packet.ssrc) return true;
      // The far side may begin anew with another source; what the description says outranks who was merely first.
      if (locked !== null && !same(locked.from, from) && !isDescribed) return false;
      if (!isSecond(from, packet)) return false;
      locked = { from, ssrc: packet.ssrc };
      candidates = [];
      return true;
    },
  };
}

const same = (a: Endpoint, b: Endpoint): boolean => a.address === b.address && a.port === b.port;
