/** Owns the hardware-in-loop rig `qemu`: a finger on the emulated contacts, and a view of lamps, lines and screen from outside the guest. */
import type { HilRig, PanelView } from '../../boards/board.ts';
import type { KeyName, LampName, LampState } from '../../hal/devices.ts';
import { LAMP_NAMES } from '../../hal/devices.ts';
import type { Wires } from './wires.ts';

export interface OutsideRig extends HilRig {
  /** Looks now, and tells what is seen. */
  look(): Promise<PanelView>;
  stop(): void;
}

/** Between two looks at everything, ms. */
const LOOK_MS = 100;
/** A contact stands at least so long, ms. */
const HELD_MS = 100;
/** And until the drivers have read it so often: de-bounced. An emulated processor on a busy machine may be late by seconds. */
const READINGS = 6;
const ASK_MS = 50;
/** A guest that tells nothing: nobody looks at the contacts then, ms. */
const PATIENCE_MS = 60_000;

/** How often the guest's drivers have read the keys; null = it does not say. */
export type Readings = () => Promise<number | null>;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function createOutsideRig(wires: Wires, readings: Readings = () => Promise.resolve(null)): OutsideRig {
  const started = performance.now();
  const at = (): number => Math.round(performance.now() - started);
  const listeners = new Set<() => void>();
  let stopped = false;
  let view: PanelView | null = null;
  /** One finger: a press begins when the one before it has ended. */
  let finger: Promise<unknown> = Promise.resolve();

  async function look(): Promise<PanelView> {
    const seen = await see(wires);
    if (view === null || JSON.stringify(seen) !== JSON.stringify({ ...view, seq: undefined })) {
      view = { seq: (view?.seq ?? 0) + 1, ...seen };
      for (const listener of listeners) listener();
    }
    return view;
  }
  async function watch(): Promise<void> {
    while (!stopped) {
      // A machine that ended is told by whoever runs it.
      await look().catch(() => wait(10 * LOOK_MS));
      await wait(LOOK_MS);
    }
  }
  void watch();

  async function moved(key: KeyName, closed: boolean, ms: number): Promise<void> {
    await wires.contact(key, closed);
    const until = performance.now() + PATIENCE_MS;
    const first = await readings();
    await wait(ms);
    for (let now = first; first !== null && performance.now() < until; now = await readings()) {
      if (now !== null && now >= first + READINGS) return;
      await wait(ASK_MS);
    }
  }

  async function press(key: KeyName, action: 'press' | 'down' | 'up', ms: number): Promise<number> {
    if (action !== 'up') await moved(key, true, action === 'press' ? Math.max(ms, HELD_MS) : HELD_MS);
    if (action === 'down') return at();
    const released = at();
    await moved(key, false, HELD_MS);
    return released;
  }

  return {
    key(key, action, ms) {
      const pressed = finger.then(() => press(key, action, ms));
      finger = pressed.catch(() => undefined);
      return pressed;
    },
    hook(state) {
      // Whoever runs the machine tells that it ended.
      void wires.lift(state).catch(() => undefined);
      return at();
    },
    panel: () => view ?? DARK,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    look,
    stop() {
      stopped = true;
    },
  };
}

async function see(wires: Wires): Promise<Omit<PanelView, 'seq'>> {
  const lamps: [LampName, LampState][] = [];
  for (const lamp of LAMP_NAMES) lamps.push([lamp, await wires.lamp(lamp)]);
  const levels = await wires.levels();
  return {
    lcd: await wires.screen(),
    lamps: Object.fromEntries(lamps) as Record<LampName, LampState>,
    ...levels,
  };
}

const DARK: PanelView = {
  seq: 0,
  lcd: [],
  lamps: Object.fromEntries(LAMP_NAMES.map((lamp) => [lamp, 'off'])) as Record<LampName, LampState>,
  hook: 'on',
  amplifier: false,
  ringer: false,
};
