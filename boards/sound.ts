/** Owns how a board gets its sound: which card is under the media worker, the start of that thread, and the way between it and a page. */
import type { MessagePort } from 'node:worker_threads';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MediaBirth } from '../firmware/media/messages.ts';
import type { DeskAudio } from '../firmware/web/panel/audio.ts';
import type { FromPage } from '../hal/audio/page.ts';

/** `none`: a clock without ears and mouth. */
export type SoundCardChoice =
  | { readonly kind: 'none' }
  | { readonly kind: 'alsa'; readonly name: string }
  | { readonly kind: 'page'; readonly port: MessagePort };

export interface SoundParts {
  readonly newWorker: (birth: MediaBirth) => Worker;
  /** Null where the card is no page's. */
  readonly audio: DeskAudio | null;
}

/** Beside the bundle lies its own worker under the same name as the one that the sources begin with. */
const WORKER = new URL('./media-worker.mjs', import.meta.url);

const start = (card: SoundCardChoice, birth: MediaBirth): Worker =>
  new Worker(WORKER, {
    workerData: { birth, card },
    execArgv: [],
    transferList: card.kind === 'page' ? [card.port] : [],
  });

/** `page`: a browser's microphone and speaker. */
export function soundOf(card: Exclude<SoundCardChoice, { kind: 'page' }> | { readonly kind: 'page' }): SoundParts {
  if (card.kind !== 'page') return { newWorker: (birth) => start(card, birth), audio: null };
  const listeners = new Set<(samples: Int16Array) => void>();
  let port: MessagePort | null = null;
  const post = (message: FromPage): void => port?.postMessage(message);
  const tellListening = (): void => post(listeners.size > 0 ? 'listening' : 'away');
  return {
    // Each worker has its own way to the page; the one of the worker before is gone with it.
    newWorker(birth) {
      const { port1, port2 } = new MessageChannel();
      port?.close();
      port = port1;
      port1.on('message', (samples: Int16Array) => {
        for (const listener of listeners) listener(samples);
      });
      port1.unref();
      tellListening();
      return start({ kind: 'page', port: port2 }, birth);
    },
    audio: {
      say: (samples) => post(samples),
      listen(listener) {
        listeners.add(listener);
        tellListening();
        return () => {
          listeners.delete(listener);
          tellListening();
        };
      },
    },
  };
}
