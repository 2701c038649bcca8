/** Owns what the panel shows now: the state of menus, and effects for what has changed on screen and lamps. */
import type { KeyEdge, LampName, LampState } from '../hal/devices.ts';
import type { Millis } from './kernel/time.ts';
import type { UiSnapshot } from './ui/ui.ts';
import { initialUi, lamps, nextRedraw, pressKey, screen } from './ui/ui.ts';
import type { Effect } from './vocabulary.ts';

export interface Panel {
  press(edge: KeyEdge, view: UiSnapshot): void;
  /** Effects for what differs from what was shown; a frame or a lamp that stays the same costs nothing. */
  draw(view: UiSnapshot): readonly Effect[];
  /** When time alone changes the screen, ms since start; null = never. */
  redrawAt(): Millis | null;
}

export function createPanel(): Panel {
  let ui = initialUi;
  let shown = '';
  let lit: Readonly<Partial<Record<LampName, LampState>>> = {};
  let redraw: Millis | null = null;

  return {
    press(edge, view) {
      ui = pressKey(ui, edge, view);
    },
    draw(view) {
      const effects: Effect[] = [];
      const frame = screen(ui, view);
      const text = frame.rows.join('\n');
      if (text !== shown)
        effects.push({ kind: 'show', frame }, { kind: 'event', event: { event: 'screen', lines: frame.rows } });
      shown = text;
      const next = lamps(ui, view);
      for (const name of Object.keys(next) as LampName[])
        if (lit[name] !== next[name])
          effects.push(
            { kind: 'light', lamp: name, state: next[name] },
            { kind: 'event', event: { event: 'lamp', name, state: next[name] } },
          );
      lit = next;
      redraw = nextRedraw(ui, view);
      return effects;
    },
    redrawAt: () => redraw,
  };
}
