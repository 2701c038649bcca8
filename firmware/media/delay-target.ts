/**
 * Owns how long packets should wait before they are played: a high quantile of how late they come, with a long memory, so that the delay
 * is close to the best fixed one without knowing the network (design: variant C).
 */
import type { Millis } from '../kernel/time.ts';
import { UNITS_PER_MS } from './codec.ts';
import { ahead } from './rtp.ts';

export interface DelayTarget {
  arrived(timestamp: number, now: Millis): void;
  /** How late `timestamp` is at `now`, beside the quickest packet of the last seconds, ms. */
  latenessOf(timestamp: number, now: Millis): number;
  /** How late a packet should be played, ms. */
  wanted(): number;
}

const QUANTILE = 0.99;
const FORGET = 0.9995;
const BIN_MS = 5;
const BINS = 80;
/** Packets are taken in periods: one that comes right after a look waits for the next. */
const GRID_MS = 10;
const LEAST_MS = 20;
/** Before there is anything to judge by, and how many packets that is. */
const FIRST_MS = 30;
const JUDGED_AFTER = 50;
/** The quickest packet is one of this or the last window: clocks drift. */
const WINDOW_MS = 5000;

export function createDelayTarget(timestamp: number, now: Millis): DelayTarget {
  const bins = new Float64Array(BINS);
  let seen = 0;
  /** Transit times are differences to the first packet's: small numbers, whatever the sender's clock began with. */
  const first = { timestamp, now };
  let quickest = { of: 0, before: 0, since: now };

  const transit = (at: number, when: Millis): number =>
    when - first.now - ahead(at, first.timestamp, 32) / UNITS_PER_MS;
  const base = (): number => Math.min(quickest.of, quickest.before);

  return {
    arrived(at, when) {
      const took = transit(at, when);
      if (when - quickest.since > WINDOW_MS) quickest = { of: took, before: quickest.of, since: when };
      else quickest = { ...quickest, of: Math.min(quickest.of, took) };
      const bin = Math.min(BINS - 1, Math.floor((took - base()) / BIN_MS));
      for (const [index, held] of bins.entries()) bins[index] = held * FORGET;
      bins[bin] = (bins[bin] as number) + 1;
      seen += 1;
    },
    latenessOf: (at, when) => transit(at, when) - base(),
    wanted() {
      if (seen < JUDGED_AFTER) return Math.max(FIRST_MS, GRID_MS + quantile(bins));
      return Math.max(LEAST_MS, GRID_MS + quantile(bins));
    },
  };
}

/** Upper edge of the bin below which nearly all lie, ms. */
function quantile(bins: Float64Array): number {
  const all = bins.reduce((sum, held) => sum + held, 0);
  let below = 0;
  for (const [index, held] of bins.entries()) {
    below += held;
    if (below >= QUANTILE * all) return (index + 1) * BIN_MS;
  }
  return BINS * BIN_MS;
}
