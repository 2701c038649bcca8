/** Owns the step between 8 and 16 kHz: one half-band filter both ways, so that narrow codecs meet the phone's one rate. */
import { saturate } from './pcm.ts';

/** Distance of the farthest tap from the middle, samples of 16 kHz. */
const REACH = 23;
/** Taps at odd distances; at even ones a half-band filter is zero, but for the middle, which is a half. */
const TAPS: Float64Array = Float64Array.from({ length: (REACH + 1) / 2 }, (_none, index) => {
  const distance = 2 * index + 1;
  const ideal = Math.sin((Math.PI * distance) / 2) / (Math.PI * distance);
  // Hamming's window over the whole reach.
  return ideal * (0.54 + 0.46 * Math.cos((Math.PI * distance) / (REACH + 1)));
});

/** Turns blocks of one rate into blocks of the other, without a seam between them. */
export type Resampler = (samples: Int16Array) => Int16Array;

/** 8 kHz to 16 kHz; 1.5 ms late. */
export function createDoubler(): Resampler {
  const reach = TAPS.length;
  let history = new Float64Array(2 * reach);
  return (samples) => {
    const input = joined(history, samples);
    history = input.slice(input.length - 2 * reach);
    const out = new Int16Array(2 * samples.length);
    for (let at = 0; at < samples.length; at += 1) {
      const middle = at + reach;
      let sum = 0;
      for (let tap = 0; tap < reach; tap += 1)
        sum += (TAPS[tap] as number) * ((input[middle - tap] as number) + (input[middle + 1 + tap] as number));
      out[2 * at] = input[middle] as number;
      out[2 * at + 1] = saturate(Math.round(2 * sum));
    }
    return out;
  };
}

/** 16 kHz to 8 kHz; what lies above 4 kHz is taken out, not folded down. */
export function createHalver(): Resampler {
  let history = new Float64Array(2 * REACH);
  return (samples) => {
    const input = joined(history, samples);
    history = input.slice(input.length - 2 * REACH);
    const out = new Int16Array(samples.length >> 1);
    for (let at = 0; at < out.length; at += 1) {
      const middle = 2 * at + REACH;
      let sum = 0.5 * (input[middle] as number);
      for (let tap = 0; tap < TAPS.length; tap += 1) {
        const distance = 2 * tap + 1;
        sum += (TAPS[tap] as number) * ((input[middle - distance] as number) + (input[middle + distance] as number));
      }
      out[at] = saturate(Math.round(sum));
    }
    return out;
  };
}

function joined(history: Float64Array, samples: Int16Array): Float64Array {
  const all = new Float64Array(history.length + samples.length);
  all.set(history);
  all.set(samples, history.length);
  return all;
}
