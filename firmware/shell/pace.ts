/**
 * Owns how fast connections are read (conformance L13). Of one, and of all that others opened together, no more than so many octets a
 * second, and nothing of one that leaves our answers unread: TCP itself then holds the senders back. They take turns, a piece each, so
 * that the timers, the keys and the other servers have theirs between two pieces.
 */
import type { Socket } from 'node:net';
import { STREAM_OCTETS_A_SECOND } from '../config/defaults.ts';

const SECOND_MS = 1000;
/** A dozen requests: the first of a kind, not compiled yet, take a millisecond each. */
const PIECE_OCTETS = 4096;

/** Octets go to `take` in pieces. `byOthers`: the phone did not open the connection. */
export type Pace = (socket: Socket, byOthers: boolean, take: (octets: Buffer) => void) => void;

export function createPace(): Pace {
  const guests = createSecond();
  /** Who has something to be read, who has waited longest first. */
  const waiting = new Set<() => void>();

  function queue(read: () => void): void {
    if (waiting.size === 0) setImmediate(nextTurn);
    waiting.add(read);
  }

  function nextTurn(): void {
    const [read] = waiting;
    if (read === undefined) return;
    waiting.delete(read);
    if (waiting.size > 0) setImmediate(nextTurn);
    read();
  }

  return (socket, byOthers, take) => {
    const own = createSecond();
    let held = false;

    function hold(until: (resume: () => void) => void): void {
      held = true;
      until(() => {
        held = false;
        queue(read);
      });
    }

    function read(): void {
      if (held) return;
      if (socket.writableNeedDrain) return hold((resume) => socket.once('drain', resume));
      // Where nothing is left, this asks for more, or finds the end.
      const octets: Buffer | null = socket.read(Math.min(PIECE_OCTETS, socket.readableLength) || undefined);
      if (octets === null) return;
      const waitMs = Math.max(own(octets.length), byOthers ? guests(octets.length) : 0);
      if (waitMs > 0) hold((resume) => setTimeout(resume, waitMs).unref());
      else queue(read);
      take(octets);
    }

    socket.on('readable', () => queue(read));
  };
}

/** Counts octets; what is left of this second where it has had its share of them, ms, else 0. */
function createSecond(): (octets: number) => number {
  let read = 0;
  let began = Number.NEGATIVE_INFINITY;
  return (octets) => {
    const now = performance.now();
    if (now - began >= SECOND_MS) {
      began = now;
      read = 0;
    }
    read += octets;
    return read < STREAM_OCTETS_A_SECOND ? 0 : SECOND_MS - (now - began);
  };
}
