/**
 * Owns the way from packets that come when they like to sound that is due every period: a fixed time line, on which a late packet is
 * concealed and never waited for; the line moves only where it is quiet or where sound is missing anyway (design: variant C).
 */
import type { Millis } from '../kernel/time.ts';
import type { Decode } from './codec.ts';
import { UNITS_PER_MS } from './codec.ts';
import { createNoise } from './comfort-noise.ts';
import type { Concealment } from './conceal.ts';
import { createConcealment } from './conceal.ts';
import type { DelayTarget } from './delay-target.ts';
import { createDelayTarget } from './delay-target.ts';
import { PERIOD_MS, PERIOD_SAMPLES } from './format.ts';
import { levelOf } from './pcm.ts';
import { ahead } from './rtp.ts';

export interface Playout {
  /** Sound that was made up, ms. */
  readonly concealedMs: number;
  /** What the wait for late packets adds, ms. */
  readonly delayMs: number;
  /** Packets that came after their time. */
  readonly late: number;
}

export interface JitterBuffer {
  put(timestamp: number, payload: Uint8Array, now: Millis): void;
  /** From `timestamp` on the far side says nothing: noise of this level (dBov) until it speaks again (RFC 3389). */
  quiet(dbov: number, timestamp: number): void;
  /** The next period. */
  pull(now: Millis): Int16Array;
  playout(now: Millis): Playout;
}

/** Packets held at most: over a second of the shortest. */
const HELD_MAX = 128;
const LATE_RUN = 8;
/** The line may be so far behind what is wanted before it is worth to cut sound, ms; and so far ahead before it waits. */
const DEAD_BAND_MS = 30;
const SHORT_MS = 5;
const QUIET_DBOV = -45;
/** A packet so far from the line belongs to another one, ms. */
const APART_MS = 2000;
/** After so many periods without anything the far side has stopped, and nothing is missing any more. */
const DRY_PERIODS = 50;
const UNITS_PER_PERIOD = PERIOD_MS * UNITS_PER_MS;
const SAMPLES_PER_MS = PERIOD_SAMPLES / PERIOD_MS;
const SAMPLES_PER_UNIT = PERIOD_SAMPLES / UNITS_PER_PERIOD;

export function createJitterBuffer(decode: Decode): JitterBuffer {
  const concealment: Concealment = createConcealment();
  const held = new Map<number, Uint8Array>();
  let delay: DelayTarget | null = null;
  /** Timestamp of what is played next; null = nothing is: the next packet begins a line. */
  let line: number | null = null;
  let ready: Int16Array = new Int16Array(0);
  let pause: { readonly from: number; readonly noise: ReturnType<typeof createNoise> } | null = null;
  /** Something of this line was heard. */
  let speaks = false;
  let lateRun = 0;
  let missed = 0;
  let concealedMs = 0;
  let late = 0;

  function begin(timestamp: number, now: Millis): DelayTarget {
    held.clear();
    lateRun = 0;
    missed = 0;
    delay ??= createDelayTarget(timestamp, now);
    delay.arrived(timestamp, now);
    const wait = delay.wanted() - Math.max(0, delay.latenessOf(timestamp, now));
    line = shifted(timestamp, -Math.max(0, Math.ceil(wait / PERIOD_MS)) * UNITS_PER_PERIOD);
    return delay;
  }

  /** Too late to be heard; after a run of those the line is not the sender's any more. */
  function tooLate(timestamp: number, now: Millis): boolean {
    late += 1;
    lateRun += 1;
    if (lateRun < LATE_RUN) return true;
    delay = null;
    begin(timestamp, now);
    return false;
  }

  /** The packet in which the line stands; what lies behind it is dropped. */
  function take(
    at: number,
  ): { readonly timestamp: number; readonly payload: Uint8Array; readonly skip: number } | null {
    for (const [timestamp, payload] of held) {
      const into = ahead(at, timestamp, 32);
      if (into >= payload.length) held.delete(timestamp);
      else if (into >= 0) {
        held.delete(timestamp);
        return { timestamp, payload, skip: into };
      }
    }
    return null;
  }

  function next(at: number, now: Millis): Int16Array {
    const found = take(at);
    if (found === null) return gap(at, now);
    line = shifted(at, found.payload.length - found.skip);
    if (pause !== null && ahead(found.timestamp, pause.from, 32) > 0) pause = null;
    missed = 0;
    speaks = true;
    return concealment.heard(decode(found.payload).subarray(found.skip * SAMPLES_PER_UNIT));
  }

  function gap(at: number, now: Millis): Int16Array {
    missed += 1;
    if (missed > DRY_PERIODS && held.size === 0) {
      line = null;
      speaks = false;
    }
    // Where sound is missing anyway the line may wait without being heard to.
    else if (!wants(now, 'longer')) line = shifted(at, UNITS_PER_PERIOD);
    if (pause !== null && ahead(at, pause.from, 32) >= 0) return pause.noise(PERIOD_SAMPLES);
    // Before the first packet is due nothing is missing.
    if (!speaks) return new Int16Array(PERIOD_SAMPLES);
    concealedMs += PERIOD_MS;
    return concealment.missing();
  }

  /** How long the quickest packet waits from its arrival to its sound, ms. */
  const waits = (now: Millis): number =>
    line === null || delay === null ? 0 : delay.latenessOf(line, now) + ready.length / SAMPLES_PER_MS;

  function wants(now: Millis, change: 'longer' | 'shorter'): boolean {
    if (line === null || delay === null) return false;
    const over = waits(now) - delay.wanted();
    return change === 'longer' ? over < -SHORT_MS : over > DEAD_BAND_MS;
  }

  return {
    put(timestamp, payload, now) {
      if (payload.length === 0 || held.size >= HELD_MAX) return;
      const apart = line === null ? 0 : ahead(timestamp, line, 32);
      if (line === null || delay === null || Math.abs(apart) > APART_MS * UNITS_PER_MS) begin(timestamp, now);
      else {
        delay.arrived(timestamp, now);
        if (apart + payload.length > 0) lateRun = 0;
        else if (tooLate(timestamp, now)) return;
      }
      held.set(timestamp, payload);
    },
    quiet(dbov, timestamp) {
      pause = { from: timestamp, noise: createNoise(dbov) };
    },
    pull(now) {
      while (line !== null && ready.length < PERIOD_SAMPLES) ready = joined(ready, next(line, now));
      if (line === null && ready.length < PERIOD_SAMPLES) ready = joined(ready, new Int16Array(PERIOD_SAMPLES));
      const out = ready.slice(0, PERIOD_SAMPLES);
      ready = ready.slice(PERIOD_SAMPLES);
      if (levelOf(out) < QUIET_DBOV) {
        // A quiet period more, or one less, is not heard.
        if (wants(now, 'shorter')) line = line === null ? null : shifted(line, UNITS_PER_PERIOD);
        else if (wants(now, 'longer') && line !== null && ready.length === 0) ready = new Int16Array(PERIOD_SAMPLES);
      }
      return out;
    },
    playout: (now) => ({
      ...{ concealedMs, late },
      delayMs: Math.max(0, Math.round(waits(now))),
    }),
  };
}

const shifted = (timestamp: number, units: number): number => (timestamp + units) >>> 0;

function joined(first: Int16Array, second: Int16Array): Int16Array {
  if (first.length === 0) return second;
  const all = new Int16Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
