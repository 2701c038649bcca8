/** Owns the front panel of every board: the drivers over the board's wires, and the rig that presses keys and decodes what was sent. */

import type { Health } from '../hal/bus/health.ts';
import { createI2cQueue } from '../hal/bus/queue.ts';
import type { Display, HookState, KeyName, LampName, LampState, SoundSwitch } from '../hal/devices.ts';
import { LAMP_NAMES } from '../hal/devices.ts';
import { writeLearnedHook } from '../hal/drivers/at24c32.ts';
import { createEnableLine } from '../hal/drivers/enable-line.ts';
import { CELL, createFramebufferCells } from '../hal/drivers/framebuffer.ts';
import { createHookSwitch } from '../hal/drivers/hook-switch.ts';
import { createKeys } from '../hal/drivers/keys-pca9552.ts';
import { createLamps } from '../hal/drivers/lamps-pca9552.ts';
import { createOled } from '../hal/drivers/ssd1306.ts';
import { createTextDisplay } from '../hal/drivers/text-display.ts';
import type { I2cBus, InputLine, OutputLine, PixelMemory, Scheduler } from '../hal/ports.ts';
import { SimFramebuffer } from '../hal/sim/framebuffer.ts';
import { SimI2c } from '../hal/sim/i2c.ts';
import { SimPca9552 } from '../hal/sim/pca9552.ts';
import { createShadowedBus } from '../hal/sim/shadow.ts';
import { SimSsd1306 } from '../hal/sim/ssd1306.ts';
import type { BoardData, HilRig } from './board.ts';
import type { Panel } from './compose.ts';
import { createFinger } from './finger.ts';
import { withSelfTest } from './self-test.ts';
import { createTrouble, watchHeldKeys } from './trouble.ts';

/** What lies under the drivers; null = there is nothing but the simulation. */
export interface Wires {
  readonly bus: I2cBus | null;
  readonly hook: InputLine | null;
  readonly amplifier: OutputLine | null;
  readonly ringer: OutputLine | null;
  readonly pixels: PixelMemory | null;
  readonly scheduler: Scheduler;
}

export function createFrontPanel(data: BoardData, model: '57i' | '53i', wires: Wires): Panel {
  const { scheduler } = wires;
  const trouble = createTrouble();
  const onHealth: TellHealth = (part, health) => trouble.tell(part, health === 'lost' ? 'silent' : null);
  const listeners = new Set<() => void>();
  let seq = 0;
  const changed = (): void => {
    seq += 1;
    for (const listener of listeners) listener();
  };
  const shadow = new SimI2c();
  shadow.onWrite(changed);
  const lampChip = new SimPca9552();
  const keyChips = new Map(data.keys.map(({ address }) => [address, new SimPca9552()]));
  for (const [address, chip] of [...keyChips, [data.lamps.address, lampChip] as const]) shadow.chips.set(address, chip);
  const bus = createI2cQueue(createShadowedBus(wires.bus, shadow), scheduler);
  const screen =
    model === '57i'
      ? createScreen(data, wires, changed)
      : createSmallScreen(data, { scheduler, onHealth, bus, shadow });
  const hook = createHook(data, wires);
  const keypad = createKeys({
    bus,
    keys: data.keys,
    scheduler,
    onHealth: (health, address) => onHealth(`keys at 0x${address.toString(16)}`, health),
  });
  watchHeldKeys(keypad, scheduler, trouble.tell);
  const lamps = createLamps({ bus, ...data.lamps, scheduler, onHealth: (health) => onHealth('lamps', health) });
  const amplifier = createEnableLine(wires.amplifier ?? NO_LINE, data.amplifier.activeLevel);
  const ringer = createEnableLine(wires.ringer ?? NO_LINE, data.ringer.activeLevel);
  const sound: SoundSwitch = {
    set({ path, ring, volume }) {
      const rings = ring === 'on' && volume > 0;
      ringer.set(rings ? 'on' : 'off');
      amplifier.set(path === 'speaker' || rings ? 'on' : 'off');
      changed();
    },
  };
  const devices = withSelfTest({
    ...{ devices: { keypad, hook: hook.driver, lamps, display: screen.display }, scheduler },
    first: hook.driver.first,
    turnHook: turnHook(data, bus, scheduler),
  });
  const started = performance.now();
  const at = (): number => Math.round(performance.now() - started);
  const contact = (key: KeyName, closed: boolean): void => {
    const wired = data.keys.find((candidate) => candidate.key === key);
    if (wired !== undefined) keyChips.get(wired.address)?.pull(wired.pin, closed);
  };
  const rig: HilRig = {
    key: createFinger(contact, scheduler, at),
    hook(state) {
      hook.lift(state);
      changed();
      return at();
    },
    panel: () => ({
      seq,
      lcd: screen.seen(),
      lamps: lampStates(lampChip, data),
      hook: hook.state(),
      amplifier: amplifier.state === 'on',
      ringer: ringer.state === 'on',
    }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    devices: { ...devices, sound },
    rig,
    onTrouble: trouble.listen,
    readings: keypad.readings,
    stop() {
      keypad.stop();
      hook.driver.stop();
      amplifier.set('off');
      ringer.set('off');
    },
  };
}

type TellHealth = (part: string, health: Health) => void;

/** The handset's switch was learned to be the other way round: kept in the EEPROM, with the board. */
function turnHook({ hook, identity }: BoardData, bus: I2cBus, scheduler: Scheduler): () => Promise<string> {
  let { closedMeans } = hook;
  return () => {
    closedMeans = closedMeans === 'on' ? 'off' : 'on';
    return new Promise((resolve) =>
      writeLearnedHook({ bus, address: identity.address, scheduler }, closedMeans, (ok) =>
        resolve(ok ? 'Kept in the EEPROM.' : 'Not kept: no EEPROM.'),
      ),
    );
  };
}

const NO_LINE: OutputLine = { write: () => true };

interface Screen {
  readonly display: Display;
  readonly seen: () => readonly string[];
}

function createScreen({ framebuffer }: BoardData, { pixels }: Wires, changed: () => void): Screen {
  const { columns, rows } = framebuffer;
  const shadow = new SimFramebuffer(columns * CELL.width, rows * CELL.height, 16);
  const cells = createFramebufferCells({ memory: shadow, columns, rows });
  const real = pixels === null ? null : createFramebufferCells({ memory: pixels, columns, rows });
  const display = createTextDisplay({
    columns,
    rows,
    writeCells(row, column, text) {
      cells.writeCells(row, column, text);
      real?.writeCells(row, column, text);
      changed();
    },
  });
  return { display, seen: () => shadow.lines(columns, rows) };
}

function createSmallScreen(
  { oled }: BoardData,
  {
    scheduler,
    onHealth,
    bus,
    shadow,
  }: {
    readonly scheduler: Scheduler;
    readonly onHealth: TellHealth;
    readonly bus: I2cBus;
    readonly shadow: SimI2c;
  },
): Screen {
  const chip = new SimSsd1306(oled.memory);
  shadow.chips.set(oled.address, chip);
  const display = createOled({ bus, ...oled, scheduler, onHealth: (health) => onHealth('screen', health) });
  const seen = (): readonly string[] => oled.linePages.map((page) => chip.line(page, oled.columnOffset, oled.columns));
  return { display, seen };
}

/** The rig's finger and the real switch: the handset is lifted when either says so. */
function createHook({ hook }: BoardData, { hook: line, scheduler }: Wires) {
  let rig: HookState = 'on';
  const closedLevel = hook.closedLevel === 'high';
  const liftedLevel = hook.closedMeans === 'off' ? closedLevel : !closedLevel;
  const read = (): boolean | null => (rig === 'off' ? liftedLevel : line === null ? !liftedLevel : line.read());
  const wakes: (() => void)[] = [];
  const told = line?.onEdge ?? null;
  const onEdge: InputLine['onEdge'] =
    told === null
      ? null
      : (wake) => {
          wakes.push(wake);
          told(wake);
        };
  const driver = createHookSwitch({ ...hook, line: { read, onEdge }, scheduler });
  return {
    driver,
    lift: (state: HookState): void => {
      rig = state;
      for (const wake of wakes) wake();
    },
    state: (): HookState => (read() === liftedLevel ? 'off' : 'on'),
  };
}

function lampStates(chip: SimPca9552, { lamps }: BoardData): Readonly<Record<LampName, LampState>> {
  return Object.fromEntries(LAMP_NAMES.map((lamp) => [lamp, chip.lamp(lamps.outputs[lamp])])) as Record<
    LampName,
    LampState
  >;
}
