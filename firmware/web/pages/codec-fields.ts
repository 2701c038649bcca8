/** Owns the fields of the codecs, ten places and the length of a packet, which are two parameters in files (web-forms; original-phone 1.6). */
import type { CodecValues } from '../../config/codec-choice.ts';
import {
  BASIC_SET,
  CODEC_CHOICES,
  CODEC_PLACES,
  codecChoice,
  codecValues,
  NO_CODEC,
} from '../../config/codec-choice.ts';
import { isTaken, PTIMES } from '../../config/codecs.ts';
import type { Shown } from '../../config/form-changes.ts';
import { shownValue } from '../../config/form-changes.ts';
import type { EffectiveSettings } from '../../config/layers.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';

type InForce = EffectiveSettings['effective'];

const LIST = 'sip customized codec';
const BASIC = 'sip use basic codecs';
const PTIME = 'ptime';
const PLACES = Array.from({ length: CODEC_PLACES }, (_place, at) => `codec${at + 1}`);

const WORDS: Readonly<Record<string, string>> = {
  ...{ [NO_CODEC]: 'none', [BASIC_SET]: 'basic set (PCMA, PCMU)' },
  ...{ '0': 'PCMU (G.711 u-law)', '8': 'PCMA (G.711 A-law)', '9': 'G.722' },
};

const valuesIn = (effective: InForce): CodecValues => ({
  list: shownValue(effective, LIST, null).value,
  basic: shownValue(effective, BASIC, null).value,
});

/** The value that decides: a list goes before the basic set. */
export const codecOrigin = (effective: InForce): Shown => {
  const list = shownValue(effective, LIST, null);
  return list.value === '' ? shownValue(effective, BASIC, null) : list;
};

export function codecFields(effective: InForce, off: boolean, origin: string): Markup {
  const { places, ptimeMs } = codecChoice(valuesIn(effective));
  const fields = [
    ...PLACES.map((name, at) => [name, `Codec ${at + 1}`, places[at] ?? NO_CODEC, WORDS] as const),
    [PTIME, 'Packet Length (ms)', String(ptimeMs), Object.fromEntries(PTIMES.map((ms) => [ms, '']))] as const,
  ];
  const disabled = off ? markup` disabled` : markup``;
  return markup`${fields.map(
    ([name, label, value, words]) =>
      markup`<div class="field"><label for="${name}">${label}</label>
<select id="${name}" name="${name}" aria-describedby="${name}-note"${disabled}>${Object.entries(words).map(
        ([choice, said]) =>
          markup`<option value="${choice}"${choice === value ? markup` selected` : ''}>${said === '' ? choice : `${choice}: ${said}`}</option>`,
      )}</select>
<p id="${name}-note" class="note">${origin}</p></div>`,
  )}`;
}

/** What a posted form says of the codecs: parameters and their values, codecs that are not spoken here, and what cannot be. */
export function codecsPosted(
  effective: InForce,
  posted: ReadonlyMap<string, string>,
): {
  readonly values: ReadonlyMap<string, string>;
  readonly refused: readonly string[];
  readonly wrong: readonly string[];
} {
  const held = valuesIn(effective);
  const shown = codecChoice(held);
  const wanted = PLACES.map((name, at) => [name, (posted.get(name) ?? shown.places[at] ?? NO_CODEC).trim()] as const);
  const ptimeMs = Number(posted.get(PTIME) ?? shown.ptimeMs);
  const refused = wanted.flatMap(([name, number]) =>
    CODEC_CHOICES[number] === undefined ? [`"${name}": codec ${number.slice(0, 20)} is not spoken here`] : [],
  );
  if (!isTaken(ptimeMs))
    return { values: new Map(), refused, wrong: [`"${PTIME}": expected one of ${PTIMES.join(', ')}`] };
  const values = codecValues(
    held,
    wanted.map(([, number]) => number),
    ptimeMs,
  );
  return {
    values: new Map(
      values === null
        ? []
        : [
            [LIST, values.list],
            [BASIC, values.basic],
          ],
    ),
    refused,
    wrong: [],
  };
}
