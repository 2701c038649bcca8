/** Owns an XML application beside a phone at the desk: what the phone asks it for, and what it answers, by address. */
import type { PhoneSettings } from '../../firmware/config/settings.ts';
import type { Effect, Fetched } from '../../firmware/vocabulary.ts';
import type { KeyDesk } from './key-desk.ts';
import { keyDesk } from './key-desk.ts';

type Asked = Extract<Effect, { kind: 'fetch' }>;

export interface XmlDesk extends KeyDesk {
  readonly asked: readonly Asked[];
  /** Ids that the phone gave up. */
  readonly dropped: readonly number[];
}

/** Answers come 20 ms after the question; of an address without one nothing comes. */
export function xmlDesk(settings: PhoneSettings, pages: (url: string) => Fetched | string | null): XmlDesk {
  const asked: Asked[] = [];
  const dropped: number[] = [];
  const desk = keyDesk(settings, {}, (effect) => {
    if (effect.kind === 'fetch-done') dropped.push(effect.id);
    if (effect.kind !== 'fetch') return;
    asked.push(effect);
    const page = pages(effect.url);
    if (page === null) return;
    const answer = typeof page === 'string' ? { document: page, refresh: null } : page;
    desk.world.at(20, () => desk.world.input({ kind: 'fetched', id: effect.id, answer }));
  });
  return { ...desk, asked, dropped };
}
