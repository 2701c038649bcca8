/** Owns the composition of the media worker: which sound card is under it. Runs in a thread of its own. */
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import type { MediaBirth } from '../firmware/media/messages.ts';
import { runMediaWorker } from '../firmware/shell/media/worker.ts';
import { openAlsa } from '../hal/audio/alsa.ts';
import { openPage } from '../hal/audio/page.ts';
import type { AudioDevice } from '../hal/devices.ts';
import type { Clock } from '../hal/ports.ts';
import { createSoundCard } from '../hal/sim/sound-card.ts';
import { realScheduler } from './scheduler.ts';
import type { SoundCardChoice } from './sound.ts';

const { birth, card } = workerData as { readonly birth: MediaBirth; readonly card: SoundCardChoice };
const clock: Clock = { ...realScheduler, now: () => performance.now() };

if (parentPort === null) throw new Error('the media worker is no program: main starts it');
await runMediaWorker(parentPort, birth, open(card));

function open(choice: SoundCardChoice): AudioDevice {
  switch (choice.kind) {
    case 'none':
      return createSoundCard(clock, { record: () => null, play: () => undefined });
    case 'alsa':
      return openAlsa(choice.name, clock);
    case 'page':
      return openPage(choice.port, clock);
  }
}
