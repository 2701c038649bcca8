/** Owns softkeys that do one thing when they are let go and another when they are held: only while the phone is idle, and shows that. */
import type { KeyName } from '../../hal/devices.ts';
import { KEY_HELD_MS } from '../config/defaults.ts';
import { millis } from '../kernel/time.ts';
import type { Softkey } from './programmed-keys.ts';
import { keyStateOf } from './programmed-keys.ts';
import { softkeysOf } from './softkeys.ts';
import type { Turn } from './state.ts';
import { change } from './state.ts';

/** The softkey that a key stands for on the idle screen. */
function idleKey({ ui, view }: Turn, key: KeyName): Softkey | null {
  const [, number] = /^softkey(\d)$/.exec(key) ?? [];
  if (number === undefined || ui.page !== 'idle' || keyStateOf(ui) !== 'idle') return null;
  return softkeysOf(ui, view)[Number(number) - 1] ?? null;
}

/** Null = it acts as soon as it is pressed. */
export const pressedLong = (turn: Turn, key: KeyName): Turn | null =>
  idleKey(turn, key)?.held === undefined
    ? null
    : change(turn, { pressed: { key, until: millis(turn.view.now + KEY_HELD_MS) } });

/** Let go in time it does what it says; what has come in between has made it another key. */
export function letGo(turn: Turn, key: KeyName): Turn {
  if (turn.ui.pressed?.key !== key) return turn;
  const free = change(turn, { pressed: null });
  return idleKey(free, key)?.act(free) ?? free;
}

/** Null = none was held long enough. */
export function heldLong(turn: Turn): Turn | null {
  const { pressed } = turn.ui;
  if (pressed === null || pressed.until > turn.view.now) return null;
  const free = change(turn, { pressed: null });
  return idleKey(free, pressed.key)?.held?.(free) ?? free;
}
