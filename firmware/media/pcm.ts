/** Owns linear sound of 16-bit mono samples: the width of a sample, and how loud it is, as a whole or at one frequency. */

/** A sample of 16 bits; what is louder is cut. */
export const saturate = (value: number): number => Math.min(32_767, Math.max(-32_768, value));

/** Quieter than any sound that a phone carries: what digital silence is said to measure. */
export const SILENCE_DBOV = -100;

/** Mean power in dBov: 0 is a square wave at full scale, a full-scale sine is -3 (RFC 6464 counts likewise). */
export function levelOf(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return SILENCE_DBOV;
  return 10 * Math.log10(sum / samples.length / 32_768 ** 2);
}

/** Level of one frequency alone, in dBov: the power of the one bin of a discrete Fourier transform (Goertzel). */
export function levelAt(samples: Int16Array, hz: number, rateHz: number): number {
  const step = 2 * Math.cos((2 * Math.PI * hz) / rateHz);
  let before = 0;
  let last = 0;
  for (const sample of samples) [before, last] = [last, sample + step * last - before];
  const power = (2 * (last * last + before * before - step * last * before)) / samples.length ** 2;
  return power <= 0 ? SILENCE_DBOV : 10 * Math.log10(power / 32_768 ** 2);
}
