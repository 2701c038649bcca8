/** Owns how a board gets its sound: which card is under the media worker, and the file that the worker begins with. */
import { Worker } from 'node:worker_threads';
import type { MediaBirth } from '../firmware/media/messages.ts';

/** `none`: a clock without ears and mouth. */
export type SoundCardChoice = { readonly kind: 'none' };

/** Beside the bundle lies its own worker under the same name as the one that the sources begin with. */
const WORKER = new URL('./media-worker.mjs', import.meta.url);

export const newMediaWorker =
  (card: SoundCardChoice) =>
  (birth: MediaBirth): Worker =>
    new Worker(WORKER, { workerData: { birth, card }, execArgv: [] });
