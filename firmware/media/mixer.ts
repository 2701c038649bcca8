/** Owns sums of sound: who hears whom, and a ceiling that bends instead of breaking. */
import { PERIOD_SAMPLES } from './format.ts';

export type Mix = Float64Array;

export const newMix = (): Mix => new Float64Array(PERIOD_SAMPLES);

export function add(mix: Mix, samples: Int16Array, gain = 1): void {
  for (const [index, sample] of samples.entries()) mix[index] = (mix[index] as number) + gain * sample;
}

/** Up to here sound is left as it is; above, it is bent towards full scale and never reaches it. */
const KNEE = 24_000;
const ROOM = 32_767 - KNEE;

export function limited(mix: Mix): Int16Array {
  return Int16Array.from(mix, (value) => {
    const over = Math.abs(value) - KNEE;
    if (over <= 0) return Math.round(value);
    return Math.round(Math.sign(value) * (KNEE + ROOM * Math.tanh(over / ROOM)));
  });
}

/** A party of a conference: what it says. */
export interface Party {
  readonly id: string;
  readonly says: Int16Array;
}

/** What each hears of all the others: the whole sum less its own part (N-1). */
export function withoutSelf(parties: readonly Party[]): ReadonlyMap<string, Int16Array> {
  const all = newMix();
  for (const { says } of parties) add(all, says);
  return new Map(
    parties.map(({ id, says }) => {
      const mix = Float64Array.from(all);
      add(mix, says, -1);
      return [id, limited(mix)];
    }),
  );
}

/** Steps of the volume keys to a factor: 3 dB each, the middle one leaves sound as it is, 0 is silent. */
const MIDDLE_STEP = 5;
export const gainOf = (volume: number): number => (volume <= 0 ? 0 : 10 ** ((3 * (volume - MIDDLE_STEP)) / 20));
