/** Owns the sound card that is a browser's: a clock of our own, what a page records on one side, and what it plays on the other. */
import type { MessagePort } from 'node:worker_threads';
import type { AudioDevice } from '../devices.ts';
import { AUDIO } from '../devices.ts';
import type { Clock } from '../ports.ts';
import { createSoundCard } from '../sim/sound-card.ts';

/** What comes over the port: samples that were recorded, or whether anybody listens. */
export type FromPage = Int16Array | 'listening' | 'away';

/** Recorded sound that is held before it is used, and at most, samples: pages send in pieces of 40 ms. */
const HELD = AUDIO.rateHz * 0.08;
const HELD_MAX = AUDIO.rateHz * 0.4;

export function openPage(port: MessagePort, clock: Clock): AudioDevice {
  let recorded: Int16Array = new Int16Array(0);
  let filling = true;
  let listening = false;
  port.on('message', (message: FromPage) => {
    if (typeof message === 'string') listening = message === 'listening';
    else recorded = joined(recorded, message).slice(-HELD_MAX);
  });
  return createSoundCard(clock, {
    record() {
      if (filling) filling = recorded.length < HELD;
      else filling = recorded.length < AUDIO.periodSamples;
      if (filling) return null;
      const samples = recorded.slice(0, AUDIO.periodSamples);
      recorded = recorded.slice(AUDIO.periodSamples);
      return samples;
    },
    play(samples) {
      if (listening) port.postMessage(samples);
    },
  });
}

function joined(first: Int16Array, second: Int16Array): Int16Array {
  const all = new Int16Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
