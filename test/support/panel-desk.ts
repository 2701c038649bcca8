/** Owns a panel without a phone behind it: keys and news of calls in; commands, screen, lamps and tones out. */
import { millis } from '../../firmware/kernel/time.ts';
import type { CallEvent } from '../../firmware/ui/appearances.ts';
import { screen } from '../../firmware/ui/screen.ts';
import type { UiCommand, UiInput, UiSnapshot, UiState } from '../../firmware/ui/state.ts';
import { initialUi } from '../../firmware/ui/state.ts';
import { stepUi } from '../../firmware/ui/ui.ts';
import { lamps, sound } from '../../firmware/ui/views.ts';
import type { DeskSound, Frame, HookState, KeyName, LampName, LampState } from '../../hal/devices.ts';
import { snapshot } from './snapshot.ts';

export class PanelDesk {
  ui: UiState = initialUi;
  /** Everything asked for so far, as `verb call`. */
  readonly asked: string[] = [];
  #view: UiSnapshot;

  constructor(view: UiSnapshot = snapshot()) {
    this.#view = view;
  }

  take(input: UiInput): this {
    const { ui, commands } = stepUi(this.ui, input, this.#view);
    this.ui = ui;
    this.asked.push(...commands.map(commandText));
    return this;
  }

  press(...keys: readonly KeyName[]): this {
    for (const key of keys) this.take({ kind: 'key', key, edge: 'down' }).take({ kind: 'key', key, edge: 'up' });
    return this;
  }

  hook(state: HookState): this {
    return this.take({ kind: 'hook', state });
  }

  /** News of a call of line 1; `in` = it came in. */
  call(id: string, direction: 'in' | 'out', state: CallEvent['state'], over: Partial<CallEvent> = {}): this {
    return this.take({ kind: 'call', event: { event: 'call', id, line: 1, direction, state, peer: '200', ...over } });
  }

  pass(ms: number): this {
    this.#view = { ...this.#view, now: millis(this.#view.now + ms) };
    return this.take({ kind: 'timer' });
  }

  frame(): Frame {
    return screen(this.ui, this.#view);
  }

  /** The rows that are not blank, without rules. */
  rows(): readonly string[] {
    return this.frame()
      .rows.map((row) => row.trimEnd())
      .filter((row) => row !== '' && !/^-+$/.test(row));
  }

  lamp(name: LampName): LampState {
    return lamps(this.ui, this.#view)[name];
  }

  sound(): DeskSound {
    return sound(this.ui, this.#view);
  }
}

function commandText(command: UiCommand): string {
  switch (command.verb) {
    case 'dial':
      return `dial ${command.target}${command.intercom ? ' intercom' : ''}`;
    case 'dnd':
      return `dnd ${command.state}`;
    case 'forward':
      return `forward ${command.when} ${command.to ?? 'off'}`;
    case 'keep-key':
      return `keep ${command.wish.name} ${command.wish.value} ${command.wish.label} ${command.wish.line}`;
    case 'xml-get':
      return `get ${command.uri}`;
    case 'xml-stop':
    case 'restart':
    case 'self-test':
      return command.verb;
    default:
      return `${command.verb} ${command.call}`;
  }
}
