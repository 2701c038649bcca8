/**
 * Owns a sound card behind two programs, one that plays and one that records, each with raw samples on its pipe. What is recorded is the
 * clock, because then sound keeps pace with the card; a recorder that has no clock of its own, or none at all, is led by ours.
 */
import type { AudioDevice } from '../devices.ts';
import { AUDIO } from '../devices.ts';
import type { Clock } from '../ports.ts';

/** A running program; all of it is told later, never within a call. */
export interface SoundProgram {
  onOctets(listener: (octets: Uint8Array) => void): void;
  /** Once: it ended, or could not be started; with one clear line. */
  onEnd(listener: (detail: string) => void): void;
  /** Little end first. Dropped where it does not keep up. */
  write(octets: Uint8Array): void;
  end(): void;
}

export interface PipesOptions {
  readonly clock: Clock;
  readonly player: () => SoundProgram;
  readonly recorder: () => SoundProgram;
}

/** How far the recorder may be ahead of our clock before it is held for one without a clock; and how long a late one is waited for, ms. */
const LEAD_MS = 30;
const PATIENCE_MS = 40;
/** Of the lead, given back at each period: clocks of cards differ by less than this allows for. */
const PULL = 0.005;
/** Recorded sound that waits at most, ms. */
const WAITING_MAX_MS = 60;
/** A program that ended is started again after this, ms, twice as long each time; one that lived for a while begins anew. */
const AGAIN_MS = 200;
const AGAIN_MAX_MS = 5000;
const LIVED_MS = 1000;
const OCTETS_PER_SAMPLE = 2;
const PERIOD_OCTETS = AUDIO.periodSamples * OCTETS_PER_SAMPLE;
const WAITING_MAX = WAITING_MAX_MS / AUDIO.periodMs;

export function createPipes({ clock, player, recorder }: PipesOptions): AudioDevice {
  const listeners: Parameters<AudioDevice['onHealth']>[0][] = [];
  const lost = new Set<string>();
  let stop: (() => void) | null = null;

  function tell(part: string, health: 'lost' | 'back', detail: string): void {
    if (lost.has(part) === (health === 'lost')) return;
    if (health === 'lost') lost.add(part);
    else lost.delete(part);
    for (const listener of listeners) listener(health, detail);
  }

  return {
    start(period) {
      stop?.();
      const play = supervised('player', player, { clock, tell, octets: () => undefined });
      const pace = createPace(clock, (samples) => play.write(toOctets(period(samples))));
      const record = supervised('recorder', recorder, { clock, tell, octets: pace.recorded });
      stop = () => {
        pace.stop();
        play.stop();
        record.stop();
      };
    },
    stop() {
      stop?.();
      stop = null;
    },
    onHealth: (listener) => void listeners.push(listener),
  };
}

interface Pace {
  readonly recorded: (octets: Uint8Array) => void;
  stop(): void;
}

function createPace(clock: Clock, period: (samples: Int16Array) => void): Pace {
  let waiting: Int16Array[] = [];
  let rest: Uint8Array = new Uint8Array(0);
  let due = clock.now() + AUDIO.periodMs;
  let stopped = false;
  /** Nothing is recorded: our clock leads, and there is nothing to be patient for. */
  let alone = false;
  let cancel = clock.after(PATIENCE_MS, late);

  function next(samples: Int16Array): void {
    const lead = due - clock.now();
    due = Math.max(due - Math.max(0, lead) * PULL, clock.now()) + AUDIO.periodMs;
    period(samples);
  }

  /** What was recorded is taken as soon as it is there, unless it is far ahead of time. */
  function take(): void {
    while (!stopped && due - clock.now() <= LEAD_MS) {
      const samples = waiting.shift();
      if (samples === undefined) break;
      next(samples);
    }
    if (stopped) return;
    cancel();
    const wait = waiting.length > 0 ? -LEAD_MS : alone ? 0 : PATIENCE_MS;
    cancel = clock.after(due + wait - clock.now(), late);
  }

  /** Nothing came in time: time goes on without it. */
  function late(): void {
    alone = waiting.length === 0;
    if (alone) next(new Int16Array(AUDIO.periodSamples));
    take();
  }

  return {
    recorded(octets) {
      const all = joined(rest, octets);
      const whole = all.length - (all.length % PERIOD_OCTETS);
      for (let at = 0; at < whole; at += PERIOD_OCTETS) waiting.push(toSamples(all.subarray(at, at + PERIOD_OCTETS)));
      rest = all.slice(whole);
      alone = false;
      take();
      waiting = waiting.slice(-WAITING_MAX);
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}

interface Supervision {
  readonly clock: Clock;
  readonly tell: (part: string, health: 'lost' | 'back', detail: string) => void;
  readonly octets: (octets: Uint8Array) => void;
}

/** A program that is started again whenever it ends. */
function supervised(
  part: string,
  start: () => SoundProgram,
  { clock, tell, octets }: Supervision,
): { write(octets: Uint8Array): void; stop(): void } {
  let program: SoundProgram | null = null;
  let waitMs = AGAIN_MS;
  let cancel: () => void = () => undefined;
  let stopped = false;

  function begin(): void {
    const fresh = start();
    program = fresh;
    cancel = clock.after(LIVED_MS, () => {
      waitMs = AGAIN_MS;
      tell(part, 'back', `the ${part} of the sound card works`);
    });
    fresh.onOctets((data) => {
      if (program === fresh) octets(data);
    });
    fresh.onEnd((detail) => {
      if (stopped || program !== fresh) return;
      program = null;
      cancel();
      tell(part, 'lost', `the ${part} of the sound card ended (${detail}); it is tried again`);
      cancel = clock.after(waitMs, begin);
      waitMs = Math.min(AGAIN_MAX_MS, 2 * waitMs);
    });
  }

  begin();
  return {
    write: (data) => program?.write(data),
    stop() {
      stopped = true;
      cancel();
      program?.end();
      program = null;
    },
  };
}

function toOctets(samples: Int16Array): Uint8Array {
  const octets = new Uint8Array(samples.length * OCTETS_PER_SAMPLE);
  const view = new DataView(octets.buffer);
  for (const [index, sample] of samples.entries()) view.setInt16(index * OCTETS_PER_SAMPLE, sample, true);
  return octets;
}

function toSamples(octets: Uint8Array): Int16Array {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  return Int16Array.from({ length: octets.length / OCTETS_PER_SAMPLE }, (_none, index) =>
    view.getInt16(index * OCTETS_PER_SAMPLE, true),
  );
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
