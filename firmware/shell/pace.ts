/**
 * Owns how fast connections are read (conformance L13). Of one, and of all that others opened together, no more than so many octets a
 * second: TCP itself then holds the senders back. Of all no more than so many in one go: then the timers, the keys and the other
 * servers have their turn.
 */
import type { Socket } from 'node:net';
import { STREAM_OCTETS_A_SECOND } from '../config/defaults.ts';

const SECOND_MS = 1000;
/** A hundred requests; beyond what was read before this was reached, the rest waits for the next turn. */
const TURN_OCTETS = 32_768;

/** For each connection a function that is told how many octets came of it. `byOthers`: the phone did not open it. */
export type Pace = (socket: Socket, byOthers: boolean) => (octets: number) => void;

export function createPace(): Pace {
  const reading = new Set<Socket>();
  const guests = createSecond();
  let inTurn = 0;
  let turnEnds = false;
  let waiting: Socket[] = [];

  function nextTurn(): void {
    inTurn = 0;
    turnEnds = false;
    const before = waiting;
    waiting = [];
    for (const socket of before) socket.resume();
  }

  function count(octets: number): void {
    inTurn += octets;
    if (!turnEnds) setImmediate(nextTurn);
    turnEnds = true;
    if (inTurn < TURN_OCTETS || waiting.length > 0) return;
    waiting = [...reading].filter((socket) => !socket.isPaused());
    for (const socket of waiting) socket.pause();
  }

  return (socket, byOthers) => {
    const own = createSecond();
    reading.add(socket);
    socket.once('close', () => reading.delete(socket));
    return (octets) => {
      const waitMs = Math.max(own(octets), byOthers ? guests(octets) : 0);
      if (waitMs > 0 && !socket.isPaused()) {
        socket.pause();
        setTimeout(() => socket.resume(), waitMs).unref();
      }
      count(octets);
    };
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
