/**
 * Owns the media worker as main has it: what sound should be like is sent to it whenever that changes, and all of it again to a worker
 * that had to be started anew. A worker that dies ends no call.
 */
import type { Worker } from 'node:worker_threads';
import type { DeskSound } from '../../../hal/devices.ts';
import type { SoundSettings } from '../../config/settings.ts';
import type { PhoneEvent } from '../../events.ts';
import type { FromWorker, MediaBirth, ToWorker } from '../../media/messages.ts';
import type { Level } from '../../media/probe.ts';
import type { MediaLeg } from '../../media-vocabulary.ts';
import type { Effect } from '../../vocabulary.ts';
import { openMediaSockets } from './sockets.ts';

export interface Media {
  /** RTP ports that are held for calls; empty where the worker cannot be had. */
  readonly ports: readonly number[];
  carry(effect: Extract<Effect, { kind: 'media' | 'sound' | 'send-key' }>): void;
  settings(settings: SoundSettings): void;
  /** Events of the phone that come from its sound: counts and trouble. */
  onEvent(listener: (event: PhoneEvent) => void): void;
  /** For a test rig. */
  tone(hz: number, ms: number): void;
  level(hz: number): Promise<Level>;
  close(): Promise<void>;
}

export interface MediaOptions {
  readonly newWorker: (birth: MediaBirth) => Worker;
  readonly binds: readonly string[];
  readonly portBase: number;
  readonly portCount: number;
  readonly settings: SoundSettings;
  /** What is heard at a desk without a panel; null = there is one, and it will say. */
  readonly sound: DeskSound | null;
}

/** A worker that has not begun by then is not waited for: calls go on without sound, ms. */
const BEGIN_LIMIT_MS = 10_000;
/** Before it is started again, ms; twice as long each time up to the most, and as short as ever after a good while. */
const AGAIN_MS = 100;
const AGAIN_MAX_MS = 10_000;
const GOOD_WHILE_MS = 60_000;
/** A level that is never told, ms. */
const LEVEL_LIMIT_MS = 2000;

export async function startMedia(options: MediaOptions): Promise<Media> {
  const listeners: ((event: PhoneEvent) => void)[] = [];
  const asked = new Map<number, (level: Level) => void>();
  let legs: readonly MediaLeg[] = [];
  let sound = options.sound;
  let settings = options.settings;
  let ports: readonly number[] = [];
  let worker: Worker | null = null;
  let waitMs = AGAIN_MS;
  let again: NodeJS.Timeout | null = null;
  let closing = false;
  let levels = 0;

  const tell = (event: PhoneEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const problem = (message: string): void => tell({ event: 'problem', file: '', line: 0, parameter: '', message });
  const post = (message: ToWorker): void => worker?.postMessage(message);

  function heard(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        ports = message.ports;
        return;
      case 'counts':
        for (const counts of message.counts) tell({ event: 'media', ...counts });
        return;
      case 'level':
        asked.get(message.id)?.(message.level);
        asked.delete(message.id);
        return;
      case 'problem':
        return problem(message.message);
    }
  }

  /** Resolves when it is ready, or has failed. */
  function begin(birth: MediaBirth): Promise<void> {
    const started = performance.now();
    const fresh = options.newWorker(birth);
    worker = fresh;
    post({ kind: 'settings', settings });
    if (sound !== null) post({ kind: 'sound', sound });
    post({ kind: 'plan', legs });
    return new Promise((resolve) => {
      const limit = setTimeout(resolve, BEGIN_LIMIT_MS);
      const settled = (): void => {
        clearTimeout(limit);
        resolve();
      };
      let cause = 'it ended by itself';
      fresh.on('message', (message: FromWorker) => {
        heard(message);
        if (message.kind === 'ready') settled();
      });
      fresh.on('error', (error) => {
        cause = error.message.split('\n', 1)[0] ?? 'error';
      });
      fresh.on('exit', () => {
        settled();
        if (worker !== fresh || closing) return;
        worker = null;
        if (performance.now() - started > GOOD_WHILE_MS) waitMs = AGAIN_MS;
        problem(`sound stopped (${cause}); it starts again in ${waitMs} ms, calls go on`);
        again = setTimeout(
          () => void begin(ports.length === 0 ? birth : { ...birth, ports: { again: ports } }),
          waitMs,
        );
        waitMs = Math.min(AGAIN_MAX_MS, 2 * waitMs);
      });
    });
  }

  // With a panel somebody may want to hear a tone at any time. Without one nothing sounds before the first call: the ports are held
  // for it, and the thread, an eighth of the phone's memory, is started then.
  const birth: MediaBirth = { binds: options.binds, ports: { base: options.portBase, count: options.portCount } };
  let held = sound === null ? null : await openMediaSockets(birth, () => undefined);
  if (held === null) await begin(birth);
  else ports = held.ports;

  function need(): void {
    if (held === null) return;
    held.close();
    held = null;
    void begin({ ...birth, ports: { again: ports } });
  }

  return {
    get ports() {
      return ports;
    },
    carry(effect) {
      if (effect.kind === 'media') legs = effect.legs;
      if (effect.kind === 'sound') sound = effect.sound;
      if (legs.length > 0) need();
      if (effect.kind === 'media') post({ kind: 'plan', legs });
      else if (effect.kind === 'sound') post({ kind: 'sound', sound: effect.sound });
      else post({ kind: 'key', key: effect.key });
    },
    settings(next) {
      settings = next;
      post({ kind: 'settings', settings });
    },
    onEvent: (listener) => void listeners.push(listener),
    tone(hz, ms) {
      need();
      post({ kind: 'tone', hz, ms });
    },
    level(hz) {
      need();
      levels += 1;
      const id = levels;
      return new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          asked.delete(id);
          reject(new Error('the sound does not answer'));
        }, LEVEL_LIMIT_MS);
        asked.set(id, (level) => {
          clearTimeout(limit);
          resolve(level);
        });
        post({ kind: 'level', id, hz });
      });
    },
    async close() {
      closing = true;
      held?.close();
      if (again !== null) clearTimeout(again);
      const last = worker;
      if (last === null) return;
      const gone = new Promise<void>((resolve) => last.once('exit', () => resolve()));
      post({ kind: 'close' });
      const guard = setTimeout(() => void last.terminate(), CLOSE_LIMIT_MS);
      await gone;
      clearTimeout(guard);
    },
  };
}

/** Whoever does not end by itself is ended, ms. */
const CLOSE_LIMIT_MS = 1000;
