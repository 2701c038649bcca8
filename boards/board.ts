/** Owns what a board offers to a test rig from outside. Types only. */
import type { HookState, KeyName, LampName, LampState } from '../hal/devices.ts';

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
