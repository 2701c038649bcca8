/** Owns the phone's time: monotonic ms since start for all that is protocol, and the time of day for the screen alone. */
import { performance } from 'node:perf_hooks';

export interface Clock {
  /** ms since start; never falls. */
  now(): number;
  /** Unix time in ms; null = the clock of this machine is not set. */
  wallMs(): number | null;
  /** True once after each time that the time of day was set: a Pi has no battery, its clock comes from the network. */
  wallMoved(): boolean;
}

interface Sources {
  readonly monotonic: () => number;
  readonly wall: () => number;
}

/** A clock that shows an earlier day was never set. */
const EARLIEST_WALL_MS = Date.UTC(2025, 0, 1);
/** Slower drift than this is not worth a new screen. */
const WALL_TOLERANCE_MS = 500;

export function createClock(
  { monotonic, wall }: Sources = { monotonic: () => performance.now(), wall: () => Date.now() },
): Clock {
  const started = monotonic();
  const now = (): number => monotonic() - started;
  let offset = wall() - now();
  return {
    now,
    wallMs() {
      const at = wall();
      return at < EARLIEST_WALL_MS ? null : at;
    },
    wallMoved() {
      const fresh = wall() - now();
      if (Math.abs(fresh - offset) < WALL_TOLERANCE_MS) return false;
      offset = fresh;
      return true;
    },
  };
}
