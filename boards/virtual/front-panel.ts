/** Owns the virtual front panel: the real drivers over simulated chips, and the rig that presses keys and sees lamps from outside. */
import { KEY_NAMES, LAMP_NAMES } from '../../hal/devices.ts';
import type { HookState, KeyName, LampName, LampState } from '../../hal/devices.ts';
import { createHookSwitch } from '../../hal/drivers/hook-switch.ts';
import { createKeys } from '../../hal/drivers/keys-pca9552.ts';
import { createLamps } from '../../hal/drivers/lamps-pca9552.ts';
import { createTextDisplay } from '../../hal/drivers/text-display.ts';
import type { Scheduler } from '../../hal/ports.ts';
import { SimDisplay } from '../../hal/sim/display.ts';
import { SimI2c, SimPca9552 } from '../../hal/sim/pca9552.ts';
import type { HilRig, PanelView } from '../board.ts';
import type { Panel } from '../compose.ts';

/** Chip addresses as on the desk board: lamps, then three chips of keys. */
const LAMPS_AT = 0x60;
const KEYS_AT = [0x61, 0x62, 0x63] as const;
const PINS = 16;
/** Cells of the one fixed font. */
const SIZES = { '57i': { columns: 60, rows: 20 }, '53i': { columns: 16, rows: 3 } } as const;

const realScheduler: Scheduler = {
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

const wiring = KEY_NAMES.map((key, index) => ({ key, address: KEYS_AT[Math.floor(index / PINS)] ?? KEYS_AT[0], pin: index % PINS }));
const outputs = Object.fromEntries(LAMP_NAMES.map((lamp, index) => [lamp, index])) as Readonly<Record<LampName, number>>;

export function createFrontPanel(model: '57i' | '53i', scheduler: Scheduler = realScheduler): Panel {
  const bus = new SimI2c();
  for (const address of [LAMPS_AT, ...KEYS_AT]) bus.chips.set(address, new SimPca9552());
  const screen = new SimDisplay(SIZES[model].columns, SIZES[model].rows);
  const listeners = new Set<() => void>();
  let seq = 0;
  let hook: HookState = 'on';
  const changed = (): void => {
    seq += 1;
    for (const listener of listeners) listener();
  };
  bus.onWrite(changed);
  screen.onWrite(changed);
  const keypad = createKeys({ bus, keys: wiring, scheduler });
  const hookSwitch = createHookSwitch({ closed: () => hook === 'on', closedMeans: 'on', scheduler });
  const lamps = createLamps({ bus, address: LAMPS_AT, outputs, scheduler });
  const started = performance.now();
  const at = (): number => Math.round(performance.now() - started);

  function contact(key: KeyName, closed: boolean): void {
    const wired = wiring.find((candidate) => candidate.key === key);
    if (wired !== undefined) bus.chips.get(wired.address)?.pull(wired.pin, closed);
  }

  const rig: HilRig = {
    async key(key, action, ms) {
      if (action !== 'up') contact(key, true);
      if (action === 'press') await new Promise<void>((resolve) => void scheduler.after(ms, resolve));
      if (action !== 'down') contact(key, false);
      return at();
    },
    hook(state) {
      hook = state;
      changed();
      return at();
    },
    panel: (): PanelView => ({ seq, lcd: screen.lines(), lamps: lampStates(bus), hook, amplifier: false, ringer: false }),
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
  return Object.fromEntries(LAMP_NAMES.map((lamp) => [lamp, chip?.lamp(outputs[lamp]) ?? 'off'])) as Record<LampName, LampState>;
}
