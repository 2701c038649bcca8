/** Owns the ear and the voice of a test rig: a tone into any sound card's microphone, and how loud its earpiece is at one frequency. */
import type { AudioDevice } from '../../hal/devices.ts';
import { PERIOD_MS, PERIOD_SAMPLES, RATE_HZ } from './format.ts';
import { add, limited } from './mixer.ts';
import { levelAt } from './pcm.ts';
import type { Tone } from './tones.ts';
import { createTone } from './tones.ts';

export interface Level {
  readonly hz: number;
  /** A sine at full scale is 0. */
  readonly dbfs: number;
  /** What was measured: the last sound played, ms; less than usual right after the start. */
  readonly windowMs: number;
}

export interface Probe {
  readonly device: AudioDevice;
  tone(hz: number, ms: number): void;
  level(hz: number): Level;
  /** A tone is still to be said. */
  readonly busy: boolean;
}

const WINDOW_PERIODS = 25;
/** As loud as a loud voice. */
const TONE_DBOV = -13;
/** A full-scale sine is -3 dBov. */
const SINE_DB = 10 * Math.log10(2);
const FLOOR_DBFS = -120;

export function createProbe(device: AudioDevice): Probe {
  const heard: Int16Array[] = [];
  let tone: Tone | null = null;
  return {
    device: {
      ...device,
      start: (period) =>
        device.start((captured) => {
          const played = period(said(captured));
          heard.push(played);
          if (heard.length > WINDOW_PERIODS) heard.shift();
          return played;
        }),
      stop() {
        device.stop();
        // Nothing is played any more, and that is what is heard.
        heard.length = 0;
      },
    },
    tone(hz, ms) {
      tone = createTone({ beats: [{ ms, hz: [hz] }], repeat: 'once', dbov: TONE_DBOV });
    },
    level(hz) {
      const window = new Int16Array(heard.length * PERIOD_SAMPLES);
      for (const [index, samples] of heard.entries()) window.set(samples, index * PERIOD_SAMPLES);
      const dbfs = window.length === 0 ? FLOOR_DBFS : levelAt(window, hz, RATE_HZ) + SINE_DB;
      return { hz, dbfs: Math.max(FLOOR_DBFS, Math.round(dbfs * 10) / 10), windowMs: heard.length * PERIOD_MS };
    },
    get busy() {
      return tone !== null;
    },
  };

  function said(captured: Int16Array): Int16Array {
    if (tone === null) return captured;
    const mix = new Float64Array(PERIOD_SAMPLES);
    add(mix, captured);
    if (!tone.addTo(mix)) tone = null;
    return limited(mix);
  }
}
