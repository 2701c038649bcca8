/** Owns keys that repeat while they are held: a person who scrolls or turns the sound up holds the key down. */
import type { KeyEdge, KeyName, Keypad } from '../devices.ts';
import type { Scheduler } from '../ports.ts';

/** Rates: our choice, those of a computer's keyboard, a little slower. */
export const REPEAT = {
  afterMs: 500,
  everyMs: 150,
  /** The longest list has 200 rows; a key on which something lies stops then. */
  most: 200,
} as const;
/** `left` erases while a number is keyed. Keys that begin or end something never repeat. */
const REPEATING: readonly KeyName[] = ['up', 'down', 'left', 'volume-up', 'volume-down'];

/** The same keys; one that repeats is told down again and again until it comes up. */
export function withRepeat(keypad: Keypad, scheduler: Scheduler): Keypad {
  const listeners: ((edge: KeyEdge) => void)[] = [];
  const held = new Map<KeyName, () => void>();

  function tell(edge: KeyEdge): void {
    for (const listener of listeners) listener(edge);
  }

  function again(key: KeyName, ms: number, left: number): void {
    if (left === 0) return;
    held.set(
      key,
      scheduler.after(ms, () => {
        again(key, REPEAT.everyMs, left - 1);
        tell({ key, edge: 'down' });
      }),
    );
  }

  keypad.onKey((edge) => {
    const { key } = edge;
    held.get(key)?.();
    held.delete(key);
    if (edge.edge === 'down' && REPEATING.includes(key)) again(key, REPEAT.afterMs, REPEAT.most);
    tell(edge);
  });
  return { onKey: (listener) => void listeners.push(listener) };
}
