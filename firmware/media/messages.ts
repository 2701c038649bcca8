/** Owns what main and the media worker say to one another. Plain data: either side may be gone and begin anew. Types only. */
import type { DeskSound } from '../../hal/devices.ts';
import type { SoundSettings } from '../config/settings.ts';
import type { KeySent, MediaCounts, MediaLeg } from '../media-vocabulary.ts';
import type { Level } from './probe.ts';

/** What a worker is born with. */
export interface MediaBirth {
  /** Own addresses, one a family. */
  readonly binds: readonly string[];
  /** `base`: the first even ports from there on that are free; `again`: those of the worker before. */
  readonly ports: { readonly base: number; readonly count: number } | { readonly again: readonly number[] };
}

export type ToWorker =
  | { readonly kind: 'plan'; readonly legs: readonly MediaLeg[] }
  | { readonly kind: 'sound'; readonly sound: DeskSound }
  | { readonly kind: 'settings'; readonly settings: SoundSettings }
  | { readonly kind: 'key'; readonly key: KeySent }
  /** For a test rig: into the microphone, and how loud the earpiece is. */
  | { readonly kind: 'tone'; readonly hz: number; readonly ms: number }
  | { readonly kind: 'level'; readonly id: number; readonly hz: number }
  | { readonly kind: 'close' };

export type FromWorker =
  /** RTP ports that are held for calls. */
  | { readonly kind: 'ready'; readonly ports: readonly number[] }
  | { readonly kind: 'counts'; readonly counts: readonly MediaCounts[] }
  | { readonly kind: 'level'; readonly id: number; readonly level: Level }
  | { readonly kind: 'problem'; readonly message: string };
