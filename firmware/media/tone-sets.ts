/**
 * Owns which tones each country's phones make (`tone set`): frequencies and cadences of the supplement to ITU-T E.180 (various tones used
 * in national networks). "trying" is our own: it says that a server is being looked for, and is like no tone of a network.
 */
import type { DeskTone } from '../../hal/devices.ts';
import type { Beat, ToneSpec } from './tones.ts';

export const TONE_SETS = ['us', 'europe', 'uk', 'france', 'germany', 'italy', 'australia', 'mexico', 'brazil'] as const;
export type ToneSet = (typeof TONE_SETS)[number];

/** A beat as it is written: ms on, of which frequencies; nothing = a pause. */
const beat = (ms: number, ...hz: readonly number[]): Beat => ({ ms, hz });
/** Each frequency, dBov: about -13 dBm0 where two sound at once (E.180 7.2 to 7.4). */
const DBOV = -19;
const ever = (...beats: readonly Beat[]): ToneSpec => ({ beats, repeat: 'forever', dbov: DBOV });

type Country = Readonly<Record<Exclude<DeskTone, 'trying' | 'intercom'> | 'stutter', ToneSpec>>;

/** Three short pieces, then the dial tone: messages wait. */
const stutter = (...hz: readonly number[]): ToneSpec => ({
  beats: [...[1, 2, 3].flatMap(() => [beat(100, ...hz), beat(100)]), beat(1000, ...hz)],
  repeat: 'forever',
  from: 6,
  dbov: DBOV,
});

const EUROPE: Country = {
  dial: ever(beat(1000, 425)),
  'second-dial': ever(beat(1000, 400)),
  'ring-back': ever(beat(1000, 425), beat(4000)),
  busy: ever(beat(500, 425), beat(500)),
  reorder: ever(beat(250, 425), beat(250)),
  'call-waiting': ever(beat(200, 425), beat(200), beat(200, 425), beat(9000)),
  stutter: stutter(425),
};

const SETS: Readonly<Record<ToneSet, Country>> = {
  us: {
    dial: ever(beat(1000, 350, 440)),
    'second-dial': ever(beat(1000, 350, 440)),
    'ring-back': ever(beat(2000, 440, 480), beat(4000)),
    busy: ever(beat(500, 480, 620), beat(500)),
    reorder: ever(beat(250, 480, 620), beat(250)),
    'call-waiting': ever(beat(300, 440), beat(9700)),
    stutter: stutter(350, 440),
  },
  europe: EUROPE,
  uk: {
    dial: ever(beat(1000, 350, 440)),
    'second-dial': ever(beat(1000, 350, 440)),
    'ring-back': ever(beat(400, 400, 450), beat(200), beat(400, 400, 450), beat(2000)),
    busy: ever(beat(375, 400), beat(375)),
    reorder: ever(beat(400, 400), beat(350), beat(225, 400), beat(525)),
    'call-waiting': ever(beat(100, 400), beat(3000)),
    stutter: stutter(350, 440),
  },
  france: {
    ...EUROPE,
    dial: ever(beat(1000, 440)),
    'second-dial': ever(beat(1000, 330, 440)),
    'ring-back': ever(beat(1500, 440), beat(3500)),
    busy: ever(beat(500, 440), beat(500)),
    reorder: ever(beat(250, 440), beat(250)),
    'call-waiting': ever(beat(300, 440), beat(10_000)),
    stutter: stutter(440),
  },
  germany: {
    ...EUROPE,
    busy: ever(beat(480, 425), beat(480)),
    reorder: ever(beat(240, 425), beat(240)),
    'call-waiting': ever(beat(200, 425), beat(200), beat(200, 425), beat(5000)),
  },
  italy: {
    ...EUROPE,
    dial: ever(beat(200, 425), beat(200), beat(600, 425), beat(1000)),
    'second-dial': ever(beat(1000, 425)),
    reorder: ever(beat(200, 425), beat(200)),
    'call-waiting': ever(beat(400, 425), beat(100), beat(250, 425), beat(100), beat(150, 425), beat(9000)),
  },
  australia: {
    dial: ever(beat(1000, 413, 438)),
    'second-dial': ever(beat(1000, 413, 438)),
    'ring-back': ever(beat(400, 413, 438), beat(200), beat(400, 413, 438), beat(2000)),
    busy: ever(beat(375, 425), beat(375)),
    reorder: ever(beat(2500, 425), beat(500)),
    'call-waiting': ever(beat(200, 425), beat(200), beat(200, 425), beat(4400)),
    stutter: stutter(413, 438),
  },
  mexico: {
    ...EUROPE,
    busy: ever(beat(250, 425), beat(250)),
    'call-waiting': ever(beat(200, 425), beat(600), beat(200, 425), beat(9000)),
  },
  brazil: {
    ...EUROPE,
    busy: ever(beat(250, 425), beat(250)),
    reorder: ever(beat(250, 425), beat(250), beat(750, 425), beat(250)),
    'call-waiting': ever(beat(50, 425), beat(1000)),
  },
};

const TRYING: ToneSpec = { beats: [beat(60, 660), beat(140), beat(60, 660), beat(1740)], repeat: 'forever', dbov: -26 };

/** Somebody can hear the room now: the room is told, once. */
const INTERCOM: ToneSpec = { beats: [beat(150, 880), beat(80), beat(150, 1175)], repeat: 'once', dbov: -22 };

export function toneOf(set: ToneSet, tone: DeskTone | 'stutter'): ToneSpec {
  if (tone === 'trying') return TRYING;
  return tone === 'intercom' ? INTERCOM : SETS[set][tone];
}

interface Chord {
  readonly low: number;
  readonly high: number;
  /** Of one of its two frequencies. */
  readonly ms: number;
}

/** Two frequencies in turn, so that it is found in a room (`ring tone` 1 to 5). */
const warble = ({ low, high, ms }: Chord, forMs: number): readonly Beat[] =>
  Array.from({ length: Math.max(1, Math.round(forMs / (2 * ms))) }, () => [beat(ms, low), beat(ms, high)]).flat();

const CHORDS: readonly Chord[] = [
  { low: 440, high: 554, ms: 40 },
  { low: 523, high: 659, ms: 50 },
  { low: 660, high: 880, ms: 60 },
  { low: 784, high: 988, ms: 35 },
  { low: 350, high: 440, ms: 80 },
];

/** The rhythm of a bell: ring and pause, ms. */
const USUAL = [2000, 4000] as const;

/** `ring tone` 0 to 4; null = silent. `cadence`: ring and pause in turn, ms, -1 at the end = once; null = as always. */
export function ringOf(ring: number, cadence: readonly number[] | null = null): ToneSpec | null {
  const chord = CHORDS[ring];
  if (chord === undefined) return null;
  const lengths = cadence ?? USUAL;
  const beats = lengths
    .filter((ms) => ms > 0)
    .flatMap((ms, index) => (index % 2 === 0 ? warble(chord, ms) : [beat(ms)]));
  return { beats, repeat: lengths.includes(-1) ? 'once' : 'forever', dbov: -16 };
}
