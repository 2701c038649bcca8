/** Owns the virtual front panel: the real drivers over simulated chips, and the rig that presses keys and sees lamps from outside. */

import type { HookState, KeyName, LampName, LampState } from '../../hal/devices.ts';
import { LAMP_NAMES } from '../../hal/devices.ts';
import { createHookSwitch } from '../../hal/drivers/hook-switch.ts';
import { createKeys } from '../../hal/drivers/keys-pca9552.ts';
import { createLamps } from '../../hal/drivers/lamps-pca9552.ts';
import { createTextDisplay } from '../../hal/drivers/text-display.ts';
import type { Scheduler } from '../../hal/ports.ts';
import { SimDisplay } from '../../hal/sim/display.ts';
import { SimI2c, SimPca9552 } from '../../hal/sim/pca9552.ts';
import type { HilRig, PanelView } from '../board.ts';
import type { Panel } from '../compose.ts';
import { KEY_WIRING, KEYS_AT, LAMP_WIRING, LAMPS_AT, SCREENS } from './board.ts';

const realScheduler: Scheduler = {
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

export function createFrontPanel(model: '57i' | '53i', scheduler: Scheduler = realScheduler): Panel {
  const bus = new SimI2c();
  for (const address of [LAMPS_AT, ...KEYS_AT]) bus.chips.set(address, new SimPca9552());
  const screen = new SimDisplay(SCREENS[model].columns, SCREENS[model].rows);
  const listeners = new Set<() => void>();
  let seq = 0;
  let hook: HookState = 'on';
  const changed = (): void => {
    seq += 1;
    for (const listener of listeners) listener();
  };
  bus.onWrite(changed);
  screen.onWrite(changed);
  const keypad = createKeys({ bus, keys: KEY_WIRING, scheduler });
  const hookSwitch = createHookSwitch({ closed: () => hook === 'on', closedMeans: 'on', scheduler });
  const lamps = createLamps({ bus, address: LAMPS_AT, outputs: LAMP_WIRING, scheduler });
  const started = performance.now();
  const at = (): number => Math.round(performance.now() - started);

  function contact(key: KeyName, closed: boolean): void {
    const wired = KEY_WIRING.find((candidate) => candidate.key === key);
    if (wired !== undefined) bus.chips.get(wired.address)?.pull(wired.pin, closed);
  }

  const held = new Map<KeyName, Promise<void>>();
  const rig: HilRig = {
    async key(key, action, ms) {
      if (action !== 'up') {
        contact(key, true);
        held.set(key, holdFor(action === 'press' ? ms : HELD_MS, scheduler));
      }
      if (action !== 'down') {
        await held.get(key);
        contact(key, false);
      }
      return at();
    },
    hook(state) {
      hook = state;
      changed();
      return at();
    },
    panel: (): PanelView => ({
      seq,
      lcd: screen.lines(),
      lamps: lampStates(bus),
      hook,
      amplifier: false,
      ringer: false,
    }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    devices: { keypad, hook: hookSwitch, lamps, display: createTextDisplay(screen) },
    rig,
    stop() {
      keypad.stop();
      hookSwitch.stop();
    },
  };
}

function lampStates(bus: SimI2c): Readonly<Record<LampName, LampState>> {
  const chip = bus.chips.get(LAMPS_AT);
  return Object.fromEntries(LAMP_NAMES.map((lamp) => [lamp, chip?.lamp(LAMP_WIRING[lamp]) ?? 'off'])) as Record<
    LampName,
    LampState
  >;
}

/** A contact is held at least so long, ms: shorter than de-bouncing it would be no press. */
const HELD_MS = 80;
const TICK_MS = 10;

/** Many short waits and not a long one: on a machine that stalls, the driver's polls come between them all the same. */
async function holdFor(ms: number, scheduler: Scheduler): Promise<void> {
  for (let passed = 0; passed < ms; passed += TICK_MS)
    await new Promise<void>((resolve) => void scheduler.after(TICK_MS, resolve));
}
