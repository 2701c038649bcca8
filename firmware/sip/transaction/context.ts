/** Owns what every SIP transaction machine is given besides its input: the time and the timer values (RFC 3261 17, Table 4). */
import type { Millis } from '../../kernel/time.ts';

export interface TimerValues {
  /** Round-trip estimate, ms (500). */
  readonly t1: number;
  /** Longest retransmission interval, ms (4000). */
  readonly t2: number;
  /** Longest life of a message in the network, ms (5000). */
  readonly t4: number;
}

export interface TransactionContext {
  readonly now: Millis;
  readonly timers: TimerValues;
  /** Whether the transport is reliable: then nothing is retransmitted and D, I, J, K are zero. */
  readonly reliable: boolean;
}
