/** Owns the codecs that the configuration wants: their order, and how much sound is in a packet (original-phone 1.6; RFC 3551 6). */
import { PTIME_BASIC_MS, PTIME_MAX_MS, PTIME_MIN_MS, PTIME_MS, PTIME_STEP_MS } from './defaults.ts';
import type { Parameter } from './parameter.ts';
import { FLAG, rows, shape } from './parameter.ts';
import type { CallSettings, CodecName } from './settings.ts';

/** Static payload types of those that this phone speaks; 18, G.729, is not among them. */
export const SPOKEN: Readonly<Record<string, CodecName>> = { '0': 'PCMU', '8': 'PCMA', '9': 'G722' };
export const USUAL_CODECS: readonly CodecName[] = ['G722', 'PCMU', 'PCMA'];
export const BASIC_CODECS: readonly CodecName[] = ['PCMA', 'PCMU'];

const LIST = shape(
  /^payload=[^;,]+(;\s*[a-z]+=[^;,]+)*(,\s*payload=[^;,]+(;\s*[a-z]+=[^;,]+)*)*$/i,
  'payload=8;ptime=20;silsupp=off,…',
);

export const CODEC_PARAMETERS: readonly Parameter[] = rows(
  'original-phone 1.6',
  { scope: 'global', set: null, active: true },
  [
    [
      'sip use basic codecs',
      FLAG,
      '0',
      '',
      '1 = G.711 alone, A-law first, 30 ms in a packet; a list of codecs goes before',
    ],
    [
      'sip customized codec',
      LIST,
      '',
      '',
      'Codecs in the order of preference: payload 0 PCMU, 8 PCMA, 9 G.722; the first ptime holds for all, silsupp for none',
    ],
  ],
);

interface Listed {
  readonly payload: string;
  readonly ptimeMs: number | null;
}

const listed = (list: string): readonly Listed[] =>
  list.split(',').flatMap((entry) => {
    const fields = new Map(entry.split(';').map((field) => field.trim().toLowerCase().split('=') as [string, string]));
    const payload = fields.get('payload')?.trim();
    const ptimeMs = Number(fields.get('ptime'));
    return payload === undefined ? [] : [{ payload, ptimeMs: Number.isInteger(ptimeMs) ? ptimeMs : null }];
  });

/** How much sound may be in a packet, ms. */
export const PTIMES: readonly number[] = Array.from(
  { length: (PTIME_MAX_MS - PTIME_MIN_MS) / PTIME_STEP_MS + 1 },
  (_step, at) => PTIME_MIN_MS + at * PTIME_STEP_MS,
);

export const isTaken = (ptimeMs: number | null): ptimeMs is number => ptimeMs !== null && PTIMES.includes(ptimeMs);

/** What is offered, and taken. A list without any codec of this phone is no list: whoever may not speak at all cannot call for help. */
export function codecSettings(list: string, basic: boolean): Pick<CallSettings, 'codecs' | 'ptimeMs'> {
  const wanted = listed(list).filter(({ payload }) => SPOKEN[payload] !== undefined);
  const codecs = [...new Set(wanted.map(({ payload }) => SPOKEN[payload] as CodecName))];
  if (codecs.length > 0) return { codecs, ptimeMs: wanted.map(({ ptimeMs }) => ptimeMs).find(isTaken) ?? PTIME_MS };
  return basic ? { codecs: BASIC_CODECS, ptimeMs: PTIME_BASIC_MS } : { codecs: USUAL_CODECS, ptimeMs: PTIME_MS };
}

type Named = ReadonlyMap<string, { readonly value: string }>;
const NAME = 'sip customized codec';

/**
 * What a list asks for and does not get: its parameter, and why, for lint. One codec among others is no trap: every generator names
 * G.729, and calls go well without it.
 */
export function codecTraps(named: Named): readonly (readonly [parameter: string, code: string, message: string])[] {
  const all = listed(named.get(NAME)?.value ?? '');
  const unknown = all.filter(({ payload }) => SPOKEN[payload] === undefined).map(({ payload }) => payload);
  if (all.length > 0 && unknown.length === all.length)
    return [[NAME, 'codec-not-spoken', `payload ${unknown.join(', ')} is not spoken here: the list is not used`]];
  const range = `${PTIME_MIN_MS}, ${PTIME_MIN_MS + PTIME_STEP_MS} … ${PTIME_MAX_MS} ms`;
  return all.flatMap(({ ptimeMs }) =>
    ptimeMs === null || isTaken(ptimeMs)
      ? []
      : [[NAME, 'ptime-not-taken', `ptime ${ptimeMs} is not taken: ${range} are`] as const],
  );
}
