/** Owns all that is heard and said in one period: desk, calls, conference and tones. Pure: it is told the time, and gives packets back. */
import type { DeskSound } from '../../hal/devices.ts';
import type { SoundSettings } from '../config/settings.ts';
import type { Endpoint } from '../kernel/target.ts';
import type { Millis } from '../kernel/time.ts';
import type { KeySent, MediaCounts, MediaLeg } from '../media-vocabulary.ts';
import { PERIOD_SAMPLES } from './format.ts';
import type { Leaving, Leg, Means } from './leg.ts';
import { createLeg } from './leg.ts';
import { add, gainOf, limited, newMix, withoutSelf } from './mixer.ts';
import { ringOf, TONE_SETS, toneOf } from './tone-sets.ts';
import type { Tone } from './tones.ts';
import { createTone, keyTone } from './tones.ts';

export interface Period {
  readonly played: Int16Array;
  readonly leaving: readonly Leaving[];
}

export interface Engine {
  /** All calls that have sound; who is not in it has ended. */
  plan(legs: readonly MediaLeg[], now: Millis): readonly Leaving[];
  sound(sound: DeskSound): void;
  settings(settings: SoundSettings): void;
  press(key: KeySent): void;
  /** A packet came in on the RTP or the RTCP port of a call. */
  packet(call: string, port: 'rtp' | 'rtcp', octets: Uint8Array, from: Endpoint, now: Millis): void;
  /** One period of the sound card. */
  period(captured: Int16Array, now: Millis): Period;
  counts(now: Millis): readonly MediaCounts[];
  /** Nothing is to be heard or said: the sound card may rest. */
  readonly idle: boolean;
}

const QUIET: DeskSound = { path: 'off', tone: null, ring: 'off', microphone: 'muted', volume: 0 };
const SILENCE = new Int16Array(PERIOD_SAMPLES);
/** A key of the far side is heard at least as long as its packets last; how long it will is not known at its begin. */
const HEARD_KEY_MS = 120;
/** Keys that sound at once: whoever sends thousands is heard no more than a few. */
const KEYS_MAX = 4;

export function createEngine(means: Means): Engine {
  const legs = new Map<string, Leg>();
  let sound = QUIET;
  let settings: Pick<SoundSettings, 'toneSet' | 'ringTone'> = { toneSet: 'us', ringTone: 0 };
  let tone: Tone | null = null;
  let ring: Tone | null = null;
  let keys: Tone[] = [];

  function hear(key: string, ms: number): void {
    if (keys.length < KEYS_MAX) keys.push(createTone(keyTone(key, ms)));
  }

  function restart(): void {
    const set = TONE_SETS.find((name) => name === settings.toneSet) ?? 'us';
    tone = sound.tone === null ? null : createTone(toneOf(set, sound.tone));
    const spec = sound.ring === 'on' ? ringOf(sound.ringTone ?? settings.ringTone, sound.cadence ?? null) : null;
    ring = spec === null ? null : createTone(spec);
  }

  /** What is heard at the desk. */
  function ear(heard: readonly Int16Array[]): Int16Array {
    const mix = newMix();
    if (sound.path !== 'off') {
      for (const samples of heard) add(mix, samples);
      tone?.addTo(mix);
      keys = keys.filter((key) => key.addTo(mix));
    }
    ring?.addTo(mix);
    const gain = gainOf(sound.volume);
    return limited(mix.map((value) => value * gain));
  }

  return {
    plan(next, now) {
      const gone = [...legs.keys()].filter((call) => next.every((leg) => leg.call !== call));
      const leaving = gone.flatMap((call) => legs.get(call)?.close(now) ?? []);
      for (const call of gone) legs.delete(call);
      for (const leg of next) {
        const known = legs.get(leg.call) ?? createLeg(leg, means, now);
        known.plan(leg, now);
        legs.set(leg.call, known);
      }
      return leaving;
    },
    sound(next) {
      const before = sound;
      sound = next;
      if (next.tone !== before.tone || next.ring !== before.ring || !isSameRing(next, before)) restart();
      if (next.path === 'off') keys = [];
    },
    settings(next) {
      settings = next;
      restart();
    },
    press(key) {
      legs.get(key.call)?.press(key);
      hear(key.key, key.ms);
    },
    packet(call, port, octets, from, now) {
      const leg = legs.get(call);
      if (port === 'rtcp') return leg?.rtcp(octets, from, now);
      for (const { key, edge } of leg?.rtp(octets, from, now) ?? [])
        if (edge === 'begin' && leg?.mixed !== 'apart') hear(key, HEARD_KEY_MS);
    },
    period(captured, now) {
      const said = sound.path === 'off' || sound.microphone === 'muted' ? SILENCE : captured;
      const heard = [...legs].map(([call, leg]) => ({ call, leg, says: leg.pull(now) }));
      const conference = heard.filter(({ leg }) => leg.mixed === 'conference');
      const others = withoutSelf([{ id: '', says: said }, ...conference.map(({ call, says }) => ({ id: call, says }))]);
      const forLeg = (call: string, { mixed }: Leg): Int16Array =>
        mixed === 'apart' ? SILENCE : mixed === 'desk' ? said : (others.get(call) ?? SILENCE);
      const leaving = heard.flatMap(({ call, leg }) => leg.push(forLeg(call, leg), now));
      const atDesk = heard.filter(({ leg }) => leg.mixed !== 'apart').map(({ says }) => says);
      return { played: ear(atDesk), leaving };
    },
    counts: (now) => [...legs.values()].map((leg) => leg.counts(now)),
    get idle() {
      return legs.size === 0 && tone === null && ring === null && keys.length === 0;
    },
  };
}

const isSameRing = (a: DeskSound, b: DeskSound): boolean =>
  a.ringTone === b.ringTone && a.cadence?.join() === b.cadence?.join();
