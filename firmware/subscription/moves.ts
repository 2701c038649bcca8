/** Owns when the subscriptions of a line move to another proxy: what a fleet does at one instant is spread (rules 4). */
import type { FailoverSettings } from '../config/settings.ts';
import type { Millis } from '../kernel/time.ts';
import { after, soonest } from '../kernel/time.ts';

/** 0 = home; null = away from a dead one. */
type MoveRank = 0 | null;

interface Due {
  readonly line: number;
  readonly rank: MoveRank;
}

export interface Moves {
  /** The line is to move: at once where that is spread already, else within the jitter; what was set stands. True = at once. */
  set(line: number, rank: MoveRank, failover: FailoverSettings, now: Millis): boolean;
  /** It is to leave a dead proxy, and waits for its turn. */
  leaves(line: number): boolean;
  /** It has moved. */
  done(line: number): void;
  /** The next that is due is taken; null = none. */
  take(now: Millis): Due | null;
  next(): Millis | null;
}

/** `turn`: how long until the phone's turn, ms (kernel/turn.ts). */
export function createMoves(turn: (windowMs: number, now: Millis) => number): Moves {
  const waiting = new Map<number, Due & { readonly at: Millis }>();
  return {
    set(line, rank, { jitterS, probePeriodS }, now) {
      // The probes of a fleet spread a failover over their period; a jitter that is longer spreads it over itself, as with registrations.
      const ofFleet = jitterS > probePeriodS;
      if (rank === null && !ofFleet) return true;
      if (waiting.get(line)?.rank === rank) return false;
      const windowMs = jitterS * 1000;
      // The phone's registration has this turn, what it watches the next: in no second do the servers see both.
      const at = after(now, turn(windowMs, now) + (ofFleet ? windowMs : 0));
      waiting.set(line, { line, rank, at });
      return false;
    },
    leaves: (line) => waiting.get(line)?.rank === null,
    done: (line) => void waiting.delete(line),
    take(now) {
      const due = [...waiting.values()].find(({ at }) => at <= now) ?? null;
      if (due !== null) waiting.delete(due.line);
      return due;
    },
    next: () => [...waiting.values()].map(({ at }) => at).reduce<Millis | null>(soonest, null),
  };
}
