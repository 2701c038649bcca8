/**
 * Owns the choice of codecs as the form of the original has it, ten places and the length of a packet, beside what files say of it
 * (web-forms; original-phone 1.6).
 */
import { BASIC_CODECS, codecSettings, SPOKEN, USUAL_CODECS } from './codecs.ts';
import { PTIME_BASIC_MS, PTIME_MS } from './defaults.ts';
import type { CallSettings, CodecName } from './settings.ts';

type Wanted = Pick<CallSettings, 'codecs' | 'ptimeMs'>;

/** What files say: `sip customized codec` and `sip use basic codecs`. */
export interface CodecValues {
  readonly list: string;
  readonly basic: string;
}

export const CODEC_PLACES = 10;
export const NO_CODEC = '-1';
export const BASIC_SET = '-3';

/** What each number of the form stands for: payload types, and two of its own. */
export const CODEC_CHOICES: Readonly<Record<string, readonly CodecName[]>> = {
  [NO_CODEC]: [],
  [BASIC_SET]: BASIC_CODECS,
  ...Object.fromEntries(Object.entries(SPOKEN).map(([number, codec]) => [number, [codec]])),
};

const numberOf = (codec: CodecName): string =>
  Object.keys(SPOKEN).find((number) => SPOKEN[number] === codec) ?? NO_CODEC;

const isSame = (one: Wanted, other: Wanted): boolean =>
  one.ptimeMs === other.ptimeMs && one.codecs.join() === other.codecs.join();

const BASIC: Wanted = { codecs: BASIC_CODECS, ptimeMs: PTIME_BASIC_MS };
const USUAL: Wanted = { codecs: USUAL_CODECS, ptimeMs: PTIME_MS };

/** What is in force as the form shows it: as many numbers as there are places, and the length of a packet, ms. */
export function codecChoice({ list, basic }: CodecValues): {
  readonly places: readonly string[];
  readonly ptimeMs: number;
} {
  const { codecs, ptimeMs } = codecSettings(list, basic === '1');
  const chosen = isSame({ codecs, ptimeMs }, BASIC) ? [BASIC_SET] : codecs.map(numberOf);
  return { places: Array.from({ length: CODEC_PLACES }, (_place, at) => chosen[at] ?? NO_CODEC), ptimeMs };
}

/** What files would say of these places; null = no more and no less than they do. No codec at all is no choice: the usual ones stay. */
export function codecValues(held: CodecValues, places: readonly string[], ptimeMs: number): CodecValues | null {
  const codecs = [...new Set(places.flatMap((number) => CODEC_CHOICES[number] ?? []))];
  const wanted = codecs.length === 0 ? USUAL : { codecs, ptimeMs };
  if (isSame(wanted, codecSettings(held.list, held.basic === '1'))) return null;
  if (isSame(wanted, USUAL)) return { list: '', basic: '0' };
  if (isSame(wanted, BASIC)) return { list: '', basic: '1' };
  return { list: wanted.codecs.map((codec) => `payload=${numberOf(codec)};ptime=${ptimeMs}`).join(','), basic: '0' };
}
