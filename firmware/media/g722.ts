/**
 * Owns ITU-T G.722 at 64 kbit/s: two bands of adaptive differences, split and joined by a quadrature mirror filter. The arithmetic is
 * that of the recommendation's 16-bit blocks (named where they stand), so that every octet is the one that other phones make.
 */
import { saturate } from './pcm.ts';

export interface G722Encoder {
  /** Two samples of 16 kHz an octet; the number of samples is even. */
  encode(samples: Int16Array): Uint8Array;
}

export interface G722Decoder {
  decode(octets: Uint8Array): Int16Array;
}

/** Half of the 24 taps of the transmit and the receive filter; the other half is their mirror (Table 11). */
const QMF = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11] as const;
const TAPS = 24;

/** Decision levels of the 6-bit quantizer and the codes on either side of zero (QUANTL). */
const LOW_LEVELS = [
  0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339,
  1458, 1612, 1765, 1980, 2195, 2557, 2919,
] as const;
/** Magnitude that each step of the 6-bit quantizer stands for, from the smallest (INVQBL). */
const LOW_6 = [
  136, 432, 728, 1040, 1360, 1688, 2032, 2400, 2776, 3168, 3576, 4008, 4464, 4944, 5456, 6000, 6576, 7192, 7856, 8576,
  9360, 10_232, 11_192, 12_280, 13_512, 14_984, 16_704, 19_008, 21_904, 24_808,
] as const;
/** The same for the four bits that steer the predictor (INVQAL), and what each does to the step size (LOGSCL). */
const LOW_4 = [0, 1200, 2584, 4240, 6288, 8968, 12_896, 20_456] as const;
const LOW_STEP = [-60, -30, 58, 172, 334, 538, 1198, 3042] as const;
/** Two-bit quantizer of the upper band: one decision level, two magnitudes, two changes of the step size. */
const HIGH_LEVEL = 564;
const HIGH_2 = [1616, 7408] as const;
const HIGH_STEP = [-214, 798] as const;
/** 2048 · 2^(n/32): the fraction of a logarithm to base 2 (SCALEL, SCALEH). */
const POWERS = [
  2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025,
  3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
] as const;

/** What tells the two bands apart. */
const LOW = { logLimit: 18_432, shift: 8, firstStep: 32 } as const;
const HIGH = { logLimit: 22_528, shift: 10, firstStep: 8 } as const;
type Band = typeof LOW | typeof HIGH;

export function createG722Encoder(): G722Encoder {
  const history = new Int32Array(TAPS);
  const low = createPredictor(LOW);
  const high = createPredictor(HIGH);

  function pair(first: number, second: number): number {
    history.copyWithin(0, 2);
    history[22] = first;
    history[23] = second;
    const { even, odd } = filtered(history);
    const lowCode = quantizeLow(saturate(((even + odd) >> 14) - low.estimate()), low.step());
    const highCode = quantizeHigh(saturate(((odd - even) >> 14) - high.estimate()), high.step());
    adaptLow(low, lowCode);
    adaptHigh(high, highCode);
    return (highCode << 6) | lowCode;
  }

  return {
    encode: (samples) =>
      Uint8Array.from({ length: samples.length >> 1 }, (_none, index) =>
        pair(samples[2 * index] as number, samples[2 * index + 1] as number),
      ),
  };
}

export function createG722Decoder(): G722Decoder {
  const history = new Int32Array(TAPS);
  const low = createPredictor(LOW);
  const high = createPredictor(HIGH);

  function octet(code: number, out: Int16Array, at: number): void {
    const lowBand = limited(low.estimate() + ((low.step() * low6(code & 0x3f)) >> 15));
    const expected = high.estimate();
    const highBand = limited(expected + adaptHigh(high, code >> 6));
    adaptLow(low, code & 0x3f);
    history.copyWithin(0, 2);
    history[22] = lowBand + highBand;
    history[23] = lowBand - highBand;
    const { even, odd } = filtered(history);
    out[at] = saturate(odd >> 11);
    out[at + 1] = saturate(even >> 11);
  }

  return {
    decode(octets) {
      const out = new Int16Array(octets.length * 2);
      for (const [index, code] of octets.entries()) octet(code, out, 2 * index);
      return out;
    },
  };
}

/** The two phases of the filter: even samples meet the taps forwards, odd ones backwards. */
function filtered(history: Int32Array): { readonly even: number; readonly odd: number } {
  let even = 0;
  let odd = 0;
  for (let tap = 0; tap < 12; tap += 1) {
    even += (history[2 * tap] as number) * (QMF[tap] as number);
    odd += (history[2 * tap + 1] as number) * (QMF[11 - tap] as number);
  }
  return { even, odd };
}

/** LIMIT: 15 bits in each band. */
const limited = (value: number): number => Math.min(16_383, Math.max(-16_384, value));
/** Magnitudes of negative values count from -1. */
const magnitudeOf = (value: number): number => (value < 0 ? ~value : value);

/** Positive codes run down from 61, negative ones from 63 and 62, then from 31 (Table 17). */
function quantizeLow(difference: number, step: number): number {
  const magnitude = magnitudeOf(difference);
  let level = 1;
  while (level < LOW_LEVELS.length && magnitude >= ((LOW_LEVELS[level] as number) * step) >> 12) level += 1;
  if (difference >= 0) return 62 - level;
  return level <= 2 ? 64 - level : 34 - level;
}

const quantizeHigh = (difference: number, step: number): number => {
  const isLarge = magnitudeOf(difference) >= (HIGH_LEVEL * step) >> 12;
  return (difference < 0 ? 0 : 2) + (isLarge ? 0 : 1);
};

/** The four lowest codes are never sent: whoever receives one takes the smallest negative step (INVQBL). */
function low6(code: number): number {
  if (code >= 62) return -(LOW_6[63 - code] as number);
  if (code >= 32) return LOW_6[61 - code] as number;
  return code < 4 ? -(LOW_6[0] as number) : -(LOW_6[33 - code] as number);
}

function adaptLow(band: Predictor, code: number): number {
  const four = code >> 2;
  // 1 to 7 are negative and run down, 8 to 14 positive and run down; 0 and 15 are the smallest.
  const size = four === 0 || four === 15 ? 0 : four < 8 ? 8 - four : 15 - four;
  const magnitude = LOW_4[size] as number;
  return band.adapt((band.step() * (four < 8 ? -magnitude : magnitude)) >> 15, LOW_STEP[size] as number);
}

function adaptHigh(band: Predictor, code: number): number {
  const size = code & 1 ? 0 : 1;
  const magnitude = HIGH_2[size] as number;
  return band.adapt((band.step() * (code < 2 ? -magnitude : magnitude)) >> 15, HIGH_STEP[size] as number);
}

interface Predictor {
  /** What the next sample of the band is taken to be (PREDIC). */
  estimate(): number;
  /** The quantizer's step (DETL, DETH). */
  step(): number;
  /** Takes in the difference that both sides know, gives it back. */
  adapt(difference: number, logChange: number): number;
}

/** Two poles, six zeros and a logarithmic step size: block 3 and block 4 of either band. */
function createPredictor({ logLimit, shift, firstStep }: Band): Predictor {
  let log = 0;
  let step: number = firstStep;
  let estimate = 0;
  let fromZeros = 0;
  let poles: readonly [number, number] = [0, 0];
  let rebuilt: readonly [number, number] = [0, 0];
  let partial: readonly [number, number] = [0, 0];
  const zeros = new Int32Array(6);
  const differences = new Int32Array(6);

  function adaptZeros(difference: number): void {
    const gain = difference === 0 ? 0 : 128;
    for (let index = 0; index < 6; index += 1) {
      const same = (differences[index] as number) < 0 === difference < 0;
      zeros[index] = saturate((same ? gain : -gain) + (((zeros[index] as number) * 32_640) >> 15));
    }
    differences.copyWithin(1, 0, 5);
    differences[0] = difference;
  }

  function sumOfZeros(): number {
    let sum = 0;
    for (let index = 0; index < 6; index += 1) {
      sum += ((zeros[index] as number) * saturate(2 * (differences[index] as number))) >> 15;
    }
    return saturate(sum);
  }

  return {
    estimate: () => estimate,
    step: () => step,
    adapt(difference, logChange) {
      log = Math.min(Math.max(((log * 127) >> 7) + logChange, 0), logLimit);
      step = stepOf(log, shift);
      const now = saturate(fromZeros + difference);
      poles = adaptedPoles(poles, now, partial);
      rebuilt = [saturate(estimate + difference), rebuilt[0]];
      partial = [now, partial[0]];
      adaptZeros(difference);
      const [first, second] = poles;
      const fromPoles = saturate(
        ((first * saturate(2 * rebuilt[0])) >> 15) + ((second * saturate(2 * rebuilt[1])) >> 15),
      );
      fromZeros = sumOfZeros();
      estimate = saturate(fromPoles + fromZeros);
      return difference;
    },
  };
}

function stepOf(log: number, shift: number): number {
  const power = POWERS[(log >> 6) & 31] as number;
  const right = shift - (log >> 11);
  return (right < 0 ? power << -right : power >> right) << 2;
}

/** UPPOL2, then UPPOL1: the second pole bounds the first, so that the filter stays stable. */
function adaptedPoles(
  [first, second]: readonly [number, number],
  now: number,
  [before, beforeThat]: readonly [number, number],
): readonly [number, number] {
  const sameAsLast = now < 0 === before < 0;
  const sameAsSecond = now < 0 === beforeThat < 0;
  const four = saturate(4 * first);
  const pull = (sameAsLast ? Math.min(-four, 32_767) : four) >> 7;
  const newSecond = clamp((sameAsSecond ? 128 : -128) + pull + ((second * 32_512) >> 15), 12_288);
  const newFirst = saturate((sameAsLast ? 192 : -192) + ((first * 32_640) >> 15));
  return [clamp(newFirst, saturate(15_360 - newSecond)), newSecond];
}

const clamp = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit);
