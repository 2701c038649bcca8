/** Owns what a board is: names and sizes as data; wiring facts live in the board's own file and nowhere else. */
import type { PhoneModel } from '../firmware/config/settings.ts';
import type { HookState, KeyName, LampName, LampState } from '../hal/devices.ts';

export interface Board {
  readonly name: 'virtual' | 'headless' | 'desk-v1' | 'qemu';
  readonly models: readonly PhoneModel[];
  /** Whether it has keys, lamps and a display. */
  readonly panel: boolean;
}

/** What a test rig sees and does from outside (interfaces 5): raw contacts in, what the drivers really sent out. */
export interface HilRig {
  /** Resolves after the release with the time of it, ms since the rig started. */
  key(key: KeyName, action: 'press' | 'down' | 'up', ms: number): Promise<number>;
  hook(state: HookState): number;
  panel(): PanelView;
  onChange(listener: () => void): () => void;
}

export interface PanelView {
  /** Counts every change. */
  readonly seq: number;
  readonly lcd: readonly string[];
  readonly lamps: Readonly<Record<LampName, LampState>>;
  readonly hook: HookState;
  readonly amplifier: boolean;
  readonly ringer: boolean;
}
