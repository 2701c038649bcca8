/** Owns sounds that the phone makes itself: sums of sines in a cadence, as a stream of periods. */
import { RATE_HZ } from './format.ts';

/** One piece of a cadence; no frequencies = silence. */
export interface Beat {
  readonly ms: number;
  readonly hz: readonly number[];
}

export interface ToneSpec {
  readonly beats: readonly Beat[];
  /** `forever`: from the first beat again, or from the one named by `from`. */
  readonly repeat: 'once' | 'forever';
  /** The beats before this one are heard once: a stutter that becomes a dial tone. */
  readonly from?: number;
  /** Of each frequency, dBov. */
  readonly dbov: number;
}

export interface Tone {
  /** Adds the next samples; false = it has ended. */
  addTo(mix: Float64Array): boolean;
}

/** Rise and fall of each beat: without them it clicks. */
const EDGE_SAMPLES = RATE_HZ / 250;

export function createTone({ beats, repeat, from = 0, dbov }: ToneSpec): Tone {
  const peak = 32_768 * Math.SQRT2 * 10 ** (dbov / 20);
  let beat = 0;
  let at = 0;
  return {
    addTo(mix) {
      for (let index = 0; index < mix.length; index += 1) {
        const now = beats[beat];
        if (now === undefined) return false;
        const length = Math.round((now.ms * RATE_HZ) / 1000);
        // A beat that repeats itself goes on where it ends: it has no edges.
        const isEndless = repeat === 'forever' && beat === from && from === beats.length - 1;
        const edge = isEndless ? 1 : Math.min(1, at / EDGE_SAMPLES, (length - at) / EDGE_SAMPLES);
        let sum = 0;
        for (const hz of now.hz) sum += Math.sin((2 * Math.PI * hz * at) / RATE_HZ);
        mix[index] = (mix[index] as number) + peak * edge * sum;
        at += 1;
        if (at < length) continue;
        at = 0;
        beat += 1;
        if (beat === beats.length && repeat === 'forever') beat = from;
      }
      return true;
    },
  };
}

const ROWS = [697, 770, 852, 941] as const;
const COLUMNS = [1209, 1336, 1477, 1633] as const;
const PAD = ['123A', '456B', '789C', '*0#D'] as const;

/** ITU-T Q.23: each key is two frequencies. */
export function keyTone(key: string, ms: number): ToneSpec {
  const row = PAD.findIndex((keys) => keys.includes(key));
  const hz = row < 0 ? [] : [ROWS[row] as number, COLUMNS[(PAD[row] as string).indexOf(key)] as number];
  return { beats: [{ ms, hz }], repeat: 'once', dbov: KEY_DBOV };
}

/** ITU-T Q.24 asks for -5 to -10 dBm0 a frequency; 0 dBm0 is 6.2 dB below full scale in G.711. */
const KEY_DBOV = -14;
