/**
 * Owns a sound card that is nothing but its clock: what it records is asked for, what it plays is handed over. Tests put a room behind
 * it, the virtual board a browser, a headless phone nothing at all.
 */
import type { AudioDevice, AudioPeriod } from '../devices.ts';
import { AUDIO } from '../devices.ts';
import type { Clock } from '../ports.ts';

export interface SoundCardEnds {
  /** What the microphone hears in the next period; null = silence. */
  readonly record: () => Int16Array | null;
  readonly play: (samples: Int16Array) => void;
}

export interface SimSoundCard extends AudioDevice {
  /** Pulls the plug, or puts it back. */
  plug(state: 'in' | 'out'): void;
}

/** Periods that are made up for after a hold-up; a longer one is left out. */
const CATCH_UP = 5;

export function createSoundCard(clock: Clock, { record, play }: SoundCardEnds): SimSoundCard {
  const listeners: Parameters<AudioDevice['onHealth']>[0][] = [];
  let plugged = true;
  let running: { readonly period: AudioPeriod; due: number; cancel: () => void } | null = null;

  function tick(): void {
    const run = running;
    if (run === null) return;
    const behind = Math.floor((clock.now() - run.due) / AUDIO.periodMs) - CATCH_UP;
    if (behind > 0) run.due += behind * AUDIO.periodMs;
    while (running === run && run.due <= clock.now()) {
      run.due += AUDIO.periodMs;
      const captured = plugged ? record() : null;
      const played = run.period(captured ?? new Int16Array(AUDIO.periodSamples));
      if (plugged && running === run) play(played);
    }
    if (running === run) run.cancel = clock.after(run.due - clock.now(), tick);
  }

  return {
    start(period) {
      running?.cancel();
      running = { period, due: clock.now() + AUDIO.periodMs, cancel: clock.after(AUDIO.periodMs, tick) };
    },
    stop() {
      running?.cancel();
      running = null;
    },
    onHealth: (listener) => void listeners.push(listener),
    plug(state) {
      if (plugged === (state === 'in')) return;
      plugged = state === 'in';
      for (const listener of listeners)
        listener(plugged ? 'back' : 'lost', plugged ? 'the sound card is back' : 'the sound card was unplugged');
    },
  };
}
