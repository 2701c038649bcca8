/** Owns two desks with a network between them, under virtual time: engines over clocked sound cards, packets that are delayed or lost to order. */

import assert from 'node:assert/strict';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import type { Endpoint } from '../../firmware/kernel/target.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { Engine } from '../../firmware/media/engine.ts';
import { createEngine } from '../../firmware/media/engine.ts';
import { PERIOD_SAMPLES, RATE_HZ } from '../../firmware/media/format.ts';
import type { Leaving } from '../../firmware/media/leg.ts';
import { levelAt } from '../../firmware/media/pcm.ts';
import type { RtpPacket } from '../../firmware/media/rtp.ts';
import { parseRtp } from '../../firmware/media/rtp.ts';
import type { MediaLeg, MediaSession } from '../../firmware/media-vocabulary.ts';
import type { DeskSound } from '../../hal/devices.ts';
import { createSoundCard } from '../../hal/sim/sound-card.ts';
import { cipher } from './cipher.ts';
import { sine } from './sound.ts';
import { VirtualScheduler } from './virtual-scheduler.ts';

/** What happens to a packet on its way: null = lost, else it takes so long, ms. */
export type Fate = (packet: Leaving) => number | null;

export interface Desk {
  readonly engine: Engine;
  readonly at: Endpoint;
  /** Everything that left. */
  readonly sent: Leaving[];
  /** From now on; 0 = silence. */
  say(hz: number): void;
  /** Level of one frequency in the last of what was played, dBov. */
  hears(hz: number, ms?: number): number;
  /** Everything that was played, the last `ms` of it. */
  played(ms: number): Int16Array;
}

export const HANDSET: DeskSound = { path: 'handset', tone: null, ring: 'off', microphone: 'open', volume: 5 };

export class SoundWorld {
  readonly time = new VirtualScheduler();
  readonly #desks: Desk[] = [];
  fate: Fate = () => 0;
  /** Which of its calls a desk has with another. */
  callOf: (to: Desk, from: Desk) => string = () => 'C1';

  desk(address: string): Desk {
    const random = createRandom(seedFrom(this.#desks.length + 1));
    const engine = createEngine({ draw: () => random.below(2 ** 32), cipher });
    const played: Int16Array[] = [];
    let hz = 0;
    let said = 0;
    const desk: Desk = {
      engine,
      at: { address, port: 3000 },
      sent: [],
      say: (next) => {
        hz = next;
      },
      hears: (of, ms = 200) => levelAt(desk.played(ms), of, RATE_HZ),
      played(ms) {
        const periods = played.slice(-ms / 10);
        const all = new Int16Array(periods.length * PERIOD_SAMPLES);
        for (const [index, samples] of periods.entries()) all.set(samples, index * PERIOD_SAMPLES);
        return all;
      },
    };
    const card = createSoundCard(this.time, {
      record: () => {
        said += PERIOD_SAMPLES;
        return hz === 0 ? null : sine(hz, -13, PERIOD_SAMPLES, RATE_HZ, said);
      },
      play: (samples) => void played.push(samples),
    });
    engine.sound(HANDSET);
    card.start((captured) => {
      const { played: heard, leaving } = engine.period(captured, millis(this.time.now()));
      this.#carry(desk, leaving);
      return heard;
    });
    this.#desks.push(desk);
    return desk;
  }

  plan(desk: Desk, legs: readonly MediaLeg[]): void {
    this.#carry(desk, desk.engine.plan(legs, millis(this.time.now())));
  }

  #carry(from: Desk, leaving: readonly Leaving[]): void {
    for (const packet of leaving) {
      from.sent.push(packet);
      const ms = this.fate(packet);
      if (ms === null) continue;
      const offset = packet.from === 'rtp' ? 0 : 1;
      const to = this.#desks.find(({ at }) => at.address === packet.to.address);
      this.time.after(ms, () => {
        const source = { address: from.at.address, port: from.at.port + offset };
        if (to === undefined) return;
        to.engine.packet(this.callOf(to, from), packet.from, packet.octets, source, millis(this.time.now()));
      });
    }
  }
}

export const session = (remote: Endpoint, changes: Partial<MediaSession> = {}): MediaSession => ({
  ...{ remote, codec: 'PCMU', sends: 0, receives: 0, sendsEvents: 101, receivesEvents: 101 },
  ...{ direction: 'sendrecv', ptimeMs: 20, secured: null },
  ...changes,
});

export const leg = (remote: Endpoint, changes: Partial<MediaSession> = {}): MediaLeg => ({
  ...{ call: 'C1', port: 3000, mixed: 'desk' },
  session: session(remote, changes),
});

/** Two desks in one call. */
export function inCall(changes: Partial<MediaSession> = {}): {
  readonly world: SoundWorld;
  readonly a: Desk;
  readonly b: Desk;
} {
  const world = new SoundWorld();
  const a = world.desk('192.0.2.1');
  const b = world.desk('192.0.2.2');
  world.plan(a, [leg(b.at, changes)]);
  world.plan(b, [leg(a.at, changes)]);
  return { world, a, b };
}

/** A tone of the other desk arrives about as loud as it was said (-13 dBov); where nothing should come, nothing of it does. */
const HEARD = -16;
const SILENT = -60;
export const hears = (desk: Desk, hz: number): void =>
  assert.ok(desk.hears(hz) > HEARD, `${desk.hears(hz)} dBov at ${hz} Hz`);
export const hearsNo = (desk: Desk, hz: number): void =>
  assert.ok(desk.hears(hz) < SILENT, `${desk.hears(hz)} dBov at ${hz} Hz`);

export const packetsOf = (desk: Desk): readonly RtpPacket[] =>
  desk.sent.flatMap(({ from, octets }) => {
    const parsed = from === 'rtp' ? parseRtp(octets) : null;
    return parsed?.ok === true ? [parsed.value] : [];
  });
