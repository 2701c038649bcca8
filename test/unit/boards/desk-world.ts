/** Owns a whole phone on its board in virtual time: the pure core among servers, the real drivers, and chips that can be broken. */
import { DESK_V1 } from '../../../boards/desk-v1/board.ts';
import { createFrontPanel } from '../../../boards/front-panel.ts';
import type { Effect } from '../../../firmware/vocabulary.ts';
import type { KeyName, LampName, LampState } from '../../../hal/devices.ts';
import { SimFramebuffer } from '../../../hal/sim/framebuffer.ts';
import { SimI2c } from '../../../hal/sim/i2c.ts';
import { SimLine } from '../../../hal/sim/lines.ts';
import { SimPca9552 } from '../../../hal/sim/pca9552.ts';
import { CallPeer } from '../../sim/call-peer.ts';
import { World } from '../../sim/world.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import { VirtualScheduler } from '../../support/virtual-scheduler.ts';

/** An octet on a bus of 100 kHz, ms. */
const OCTET_MS = 0.09;
/** The two virtual clocks are kept so near to one another, ms. */
const STRIDE_MS = 2;

export interface DeskWorld {
  readonly world: World;
  readonly bus: SimI2c;
  readonly hookLine: SimLine;
  readonly primary: CallPeer;
  /** A raw contact. */
  contact(key: KeyName, closed: boolean): void;
  press(...keys: readonly KeyName[]): void;
  run(ms: number): void;
  /** What stands on the glass, blank rows left out. */
  screen(): readonly string[];
  shows(text: string): boolean;
  lamp(name: LampName): LampState;
  readonly lampChip: SimPca9552;
  /** Edges of keys and hook as they reached the phone. */
  readonly inputs: readonly string[];
}

export function deskWorld(): DeskWorld {
  const scheduler = new VirtualScheduler();
  const bus = new SimI2c({ scheduler, octetMs: OCTET_MS });
  const lampChip = new SimPca9552();
  const keyChips = new Map(DESK_V1.keys.map(({ address }) => [address, new SimPca9552()]));
  for (const [address, chip] of [...keyChips, [DESK_V1.lamps.address, lampChip] as const]) bus.chips.set(address, chip);
  const { columns, rows } = DESK_V1.framebuffer;
  const glass = new SimFramebuffer(8 * columns, 16 * rows, 16);
  const hookLine = new SimLine(false);
  const panel = createFrontPanel(DESK_V1, '57i', {
    ...{ bus, hook: hookLine, pixels: glass, scheduler },
    ...{ amplifier: new SimLine(false), ringer: new SimLine(false) },
  });
  const { devices } = panel;
  const toBoard = (effect: Effect): void => {
    if (effect.kind === 'show') devices.display?.show(effect.frame);
    if (effect.kind === 'light') devices.lamps?.set(effect.lamp, effect.state);
    if (effect.kind === 'self-test') devices.selfTest?.begin();
    if (effect.kind === 'sound') devices.sound?.set(effect.sound);
  };
  const primary = new CallPeer({ address: '192.0.2.1' });
  const backup = new CallPeer({ address: '192.0.2.2' });
  const proxy = { primary: server('192.0.2.1', 5060), backup: server('192.0.2.2', 5060) };
  const settings = phoneSettings({ lines: [lineSettings({ proxy })] });
  const world = new World({
    ...{ settings, peers: [primary, backup], panel: true, checkers: [() => ({ effect: toBoard })] },
  });
  for (const peer of [primary, backup]) peer.attach(world);
  const inputs: string[] = [];
  devices.keypad?.onKey(({ key, edge }) => {
    inputs.push(`${key} ${edge}`);
    world.input({ kind: 'key', key, edge });
  });
  devices.hook?.onHook((state) => {
    inputs.push(`hook ${state}`);
    world.input({ kind: 'hook', state });
  });
  panel.onTrouble((part, trouble) => world.input({ kind: 'board', part, trouble }));
  world.start();
  const run = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += STRIDE_MS) {
      world.run(STRIDE_MS);
      scheduler.pass(STRIDE_MS);
    }
  };
  const contact = (key: KeyName, closed: boolean): void => {
    const wired = DESK_V1.keys.find((candidate) => candidate.key === key);
    if (wired !== undefined) keyChips.get(wired.address)?.pull(wired.pin, closed);
  };
  const screen = (): readonly string[] =>
    glass
      .lines(columns, rows)
      .map((row) => row.trimEnd())
      .filter((row) => row !== '');
  run(300);
  return {
    ...{ world, bus, hookLine, primary, contact, run, screen, lampChip, inputs },
    press(...keys) {
      for (const key of keys)
        for (const closed of [true, false]) {
          contact(key, closed);
          run(80);
        }
    },
    shows: (text) => screen().some((row) => row.includes(text)),
    lamp: (name) => lampChip.lamp(DESK_V1.lamps.outputs[name]),
  };
}
