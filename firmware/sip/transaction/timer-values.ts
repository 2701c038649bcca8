/** Owns the values of the transaction timers by letter (RFC 3261 17, Table 4; RFC 6026 8.1; RFC 6665 4.1.2.4). */
import type { TransactionContext } from './context.ts';

/** Milliseconds by letter; D, I, J, K are zero on a reliable transport. */
export interface Letters {
  readonly A: number;
  readonly B: number;
  readonly D: number;
  readonly E: number;
  readonly F: number;
  readonly G: number;
  readonly H: number;
  readonly I: number;
  readonly J: number;
  readonly K: number;
  readonly L: number;
  readonly M: number;
  readonly N: number;
}

/** RFC 3261 Table 4: Timer D is at least 32 s on an unreliable transport, whatever T1 is. */
const TIMER_D_MIN_MS = 32_000;

export function lettersOf({ timers: { t1, t4 }, reliable }: TransactionContext): Letters {
  const long = 64 * t1;
  return {
    A: t1,
    B: long,
    D: reliable ? 0 : Math.max(TIMER_D_MIN_MS, long),
    E: t1,
    F: long,
    G: t1,
    H: long,
    I: reliable ? 0 : t4,
    J: reliable ? 0 : long,
    K: reliable ? 0 : t4,
    L: long,
    M: long,
    N: long,
  };
}
