/**
 * Owns what is heard where a packet is missing: the last pitch cycle again, fading, and a smooth way back (the idea of ITU-T G.711
 * Appendix I; design: worth more than any delay).
 */
import { PERIOD_SAMPLES, RATE_HZ } from './format.ts';

export interface Concealment {
  /** Sound that came; what follows a gap is joined on without a click. */
  heard(samples: Int16Array): Int16Array;
  /** One period that did not come. */
  missing(): Int16Array;
}

/** Voices from 60 to 400 Hz. */
const LAG_MIN = RATE_HZ / 400;
const LAG_MAX = Math.ceil(RATE_HZ / 60);
/** What is compared to find the pitch, samples. */
const WINDOW = RATE_HZ / 50;
const HISTORY = LAG_MAX + WINDOW;
/** Full for the first period, silent after so many. */
const FADE_PERIODS = 6;
/** From what was made up to what came, samples. */
const JOIN = RATE_HZ / 200;

export function createConcealment(): Concealment {
  const history = new Int16Array(HISTORY);
  /** The cycle that is repeated; null = nothing is missing. */
  let cycle: Int16Array | null = null;
  let at = 0;
  let gone = 0;

  function remember(samples: Int16Array): void {
    const kept = samples.subarray(Math.max(0, samples.length - HISTORY));
    history.copyWithin(0, kept.length);
    history.set(kept, HISTORY - kept.length);
  }

  function repeated(length: number): Int16Array {
    const from = cycle ?? history.slice(HISTORY - lagOf(history));
    cycle = from;
    const out = Int16Array.from(
      { length },
      (_none, index) => (from[(at + index) % from.length] as number) * gain(index),
    );
    at = (at + length) % from.length;
    return out;
  }

  const gain = (index: number): number => {
    const periods = gone + index / PERIOD_SAMPLES;
    return periods <= 1 ? 1 : Math.max(0, 1 - (periods - 1) / (FADE_PERIODS - 1));
  };

  return {
    heard(samples) {
      if (cycle === null) {
        remember(samples);
        return samples;
      }
      const joined = Int16Array.from(samples);
      const tail = repeated(Math.min(JOIN, samples.length));
      for (const [index, old] of tail.entries()) {
        const share = index / tail.length;
        joined[index] = old * (1 - share) + (joined[index] as number) * share;
      }
      cycle = null;
      gone = 0;
      at = 0;
      remember(joined);
      return joined;
    },
    missing() {
      const out = repeated(PERIOD_SAMPLES);
      gone += 1;
      return out;
    },
  };
}

/** The distance at which the end of the sound is most like itself; every second sample is enough to tell. */
function lagOf(history: Int16Array): number {
  const start = HISTORY - WINDOW;
  let best = LAG_MIN;
  let bestLikeness = Number.NEGATIVE_INFINITY;
  for (let lag = LAG_MIN; lag <= LAG_MAX; lag += 1) {
    let product = 0;
    let energy = 1;
    for (let index = start; index < HISTORY; index += 2) {
      const before = history[index - lag] as number;
      product += before * (history[index] as number);
      energy += before * before;
    }
    const likeness = product / Math.sqrt(energy);
    if (likeness > bestLikeness) [best, bestLikeness] = [lag, likeness];
  }
  return best;
}
