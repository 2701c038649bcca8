/** Owns the type of a board's data, and what a board offers to a test rig from outside. Types only. */
import type { HookState, KeyName, LampName, LampState } from '../hal/devices.ts';

/** Wiring facts: addresses, pins and polarity stand here and nowhere else. Lines are numbers of the chip `lineChips`. */
export interface BoardData {
  readonly name: string;
  /** Number of the bus under /dev/i2c-. */
  readonly i2cBus: number;
  /** Labels of the chip under /sys/class/gpio: each kind of Raspberry Pi has its own. */
  readonly lineChips: readonly string[];
  readonly lamps: { readonly address: number; readonly outputs: Readonly<Record<LampName, number>> };
  readonly keys: readonly { readonly key: KeyName; readonly address: number; readonly pin: number }[];
  readonly hook: {
    readonly line: number;
    readonly closedLevel: 'low' | 'high';
    readonly closedMeans: HookState;
    /** Whether the kernel tells the edges of this line. */
    readonly edges: 'where-told' | 'polled';
  };
  readonly amplifier: { readonly line: number; readonly activeLevel: 'low' | 'high' };
  readonly ringer: { readonly line: number; readonly activeLevel: 'low' | 'high' };
  readonly clock: { readonly address: number };
  readonly identity: { readonly address: number };
  /** The colour screen of the 57i class, in cells of 8 by 16 pixels. */
  readonly framebuffer: { readonly path: string; readonly columns: number; readonly rows: number };
  /** The small screen of the 53i class. */
  readonly oled: {
    readonly address: number;
    readonly columns: number;
    readonly rows: number;
    readonly linePages: readonly number[];
    readonly memory: { readonly pages: number; readonly columns: number };
    readonly columnOffset: number;
    readonly setup: readonly number[];
  };
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
