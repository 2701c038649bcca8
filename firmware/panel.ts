/** Owns the panel between keys and calls: its state, what it asks of the phone, and effects for what has changed on screen, lamps and sound. */
import type { LampName, LampState } from '../hal/devices.ts';
import type { Result } from './kernel/result.ts';
import type { Millis } from './kernel/time.ts';
import { readLists, withGiven, writeLists } from './lists/lists.ts';
import { readVolumes } from './lists/volumes.ts';
import type { Appearance } from './ui/appearances.ts';
import { nextUi, screen } from './ui/screen.ts';
import { softkeysOf } from './ui/softkeys.ts';
import type { UiCommand, UiInput, UiSnapshot } from './ui/state.ts';
import { focusOf, initialUi } from './ui/state.ts';
import { stepUi } from './ui/ui.ts';
import { lamps, sound } from './ui/views.ts';
import type { DirectoryName, Effect, Stored } from './vocabulary.ts';

export interface Panel {
  /** What was kept of the last run. */
  load(stored: Stored): void;
  /** The names that the configuration server gives. */
  directory(names: readonly DirectoryName[]): void;
  /** `run` carries a command out at once and tells what came of it. */
  take(input: UiInput, view: UiSnapshot, run: (command: UiCommand) => Result<unknown, string>): void;
  /** Effects for what differs from what was shown; a frame or a lamp that stays the same costs nothing. */
  draw(view: UiSnapshot): readonly Effect[];
  /** What the six softkeys say, as they were drawn last. */
  softkeys(): readonly string[];
  /** The call that keys are meant for. */
  call(): Appearance | null;
  /** When the panel does or shows something by time alone, ms since start; null = never. */
  next(): Millis | null;
}

export function createPanel(): Panel {
  let ui = initialUi;
  let shown = '';
  let lit: Readonly<Partial<Record<LampName, LampState>>> = {};
  let heard = '';
  let kept = ui;
  let next: Millis | null = null;
  let labels: readonly string[] = [];

  function drawn(view: UiSnapshot): readonly Effect[] {
    const frame = screen(ui, view);
    const text = frame.rows.join('\n');
    if (text === shown) return [];
    shown = text;
    return [
      { kind: 'show', frame },
      { kind: 'event', event: { event: 'screen', lines: frame.rows } },
    ];
  }

  function lightened(view: UiSnapshot): readonly Effect[] {
    const wanted = lamps(ui, view);
    const changed = (Object.keys(wanted) as LampName[]).filter((name) => lit[name] !== wanted[name]);
    lit = wanted;
    return changed.flatMap((name): readonly Effect[] => [
      { kind: 'light', lamp: name, state: wanted[name] },
      { kind: 'event', event: { event: 'lamp', name, state: wanted[name] } },
    ]);
  }

  function sounded(view: UiSnapshot): readonly Effect[] {
    const wanted = sound(ui, view);
    const text = JSON.stringify(wanted);
    if (text === heard) return [];
    heard = text;
    return [{ kind: 'sound', sound: wanted }];
  }

  function remembered(): readonly Effect[] {
    const effects: Effect[] = [];
    if (ui.lists !== kept.lists) effects.push({ kind: 'store', key: 'lists', value: writeLists(ui.lists) });
    if (ui.volumes !== kept.volumes) effects.push({ kind: 'store', key: 'volumes', value: ui.volumes });
    kept = ui;
    return effects;
  }

  return {
    load(stored) {
      ui = { ...ui, lists: readLists(stored.lists), volumes: readVolumes(stored.volumes) };
      kept = ui;
    },
    directory(names) {
      const unwritten = ui.lists !== kept.lists;
      ui = { ...ui, lists: withGiven(ui.lists, names), scroll: ui.page === 'directory' ? 0 : ui.scroll };
      if (!unwritten) kept = ui;
    },
    take(first, view, run) {
      const inputs = [first];
      for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
        const turn = stepUi(ui, input, view);
        ui = turn.ui;
        for (const command of turn.commands) inputs.push(...outcome(command, run(command)));
      }
    },
    draw(view) {
      const effects = [...drawn(view), ...lightened(view), ...sounded(view), ...remembered()];
      next = nextUi(ui, view);
      labels = softkeysOf(ui, view).map(({ label }) => label);
      return effects;
    },
    softkeys: () => labels,
    call: () => focusOf(ui),
    next: () => next,
  };
}

function outcome(command: UiCommand, result: Result<unknown, string>): readonly UiInput[] {
  if (!result.ok) return [{ kind: 'refused', command, error: result.error }];
  if (command.verb !== 'dial') return [];
  const { call } = result.value as { readonly call: string };
  return [{ kind: 'placed', call, line: command.line, number: command.target }];
}
