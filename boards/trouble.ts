/** Owns what is known of a board's parts that do not do their work: chips that are silent, keys that do not come up. */
import type { BoardTrouble } from '../firmware/vocabulary.ts';
import type { KeyName, Keypad } from '../hal/devices.ts';
import type { Scheduler } from '../hal/ports.ts';

export type TellTrouble = (part: string, trouble: BoardTrouble | null) => void;

export interface Troubles {
  readonly tell: TellTrouble;
  /** What is in trouble already is told at once: chips may be lost before anybody listens. */
  readonly listen: (listener: TellTrouble) => void;
}

export function createTrouble(): Troubles {
  const known = new Map<string, BoardTrouble>();
  const listeners: TellTrouble[] = [];
  return {
    tell(part, trouble) {
      if ((known.get(part) ?? null) === trouble) return;
      if (trouble === null) known.delete(part);
      else known.set(part, trouble);
      for (const listener of listeners) listener(part, trouble);
    },
    listen(listener) {
      listeners.push(listener);
      for (const [part, trouble] of known) listener(part, trouble);
    },
  };
}

/** Nobody holds a key so long: something lies on it, or it is broken, ms. */
const HELD_MS = 30_000;

export function watchHeldKeys(keypad: Keypad, scheduler: Scheduler, tell: TellTrouble): void {
  const held = new Map<KeyName, () => void>();
  keypad.onKey(({ key, edge }) => {
    held.get(key)?.();
    held.delete(key);
    if (edge === 'up') return tell(`key ${key}`, null);
    held.set(
      key,
      scheduler.after(HELD_MS, () => tell(`key ${key}`, 'held')),
    );
  });
}
