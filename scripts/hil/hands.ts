/**
 * Owns the hands and eyes of a second Pi on a phone's wires (docs/hil.md): it carries the phone's own chips, wired pin to pin. An output
 * that is "on" closes a key's contact to ground, and a pin that is low is a lamp that is lit.
 */

import type { BoardData } from '../../boards/board.ts';
import type { HookState, KeyName, LampName, LampState } from '../../hal/devices.ts';
import { LAMP_NAMES } from '../../hal/devices.ts';
import { AUTO_INCREMENT, INPUT0, LS0, SELECT } from '../../hal/drivers/pca9552.ts';
import type { I2cBus, OutputLine, Scheduler } from '../../hal/ports.ts';

/** A lamp is watched for two turns of the slow rate and a little, so often, ms. */
const WATCHED_MS = 2200;
const LOOK_MS = 20;
/** The fast rate changes 17 times while it is watched, the slow one 4 times. */
const FAST_FROM = 10;
const SLOW_FROM = 2;
const PINS = 16;

export interface WiresOptions {
  readonly data: BoardData;
  /** Of the second Pi, in a queue. */
  readonly bus: I2cBus;
  /** Drives the phone's handset line. */
  readonly hook: OutputLine;
  readonly scheduler: Scheduler;
}

export interface Hands {
  contact(key: KeyName, closed: boolean): void;
  hook(state: HookState): void;
  lamps(): Readonly<Record<LampName, LampState>>;
  stop(): void;
}

export function createHands({ data, bus, hook, scheduler }: WiresOptions): Hands {
  const closed = new Set<KeyName>();
  const levels: boolean[][] = Array.from({ length: PINS }, () => []);
  let open = true;

  /** All selectors of a chip, as the contacts are. */
  function press(address: number): void {
    const pins = data.keys.filter((key) => key.address === address && closed.has(key.key)).map(({ pin }) => pin);
    const selectors = Array.from({ length: PINS / 4 }, (_register, register) =>
      [0, 1, 2, 3].reduce(
        (octet, at) => octet | ((pins.includes(4 * register + at) ? SELECT.on : SELECT.off) << (2 * at)),
        0,
      ),
    );
    bus.transfer({ address, write: Uint8Array.of(AUTO_INCREMENT | LS0, ...selectors), readLength: 0 }, () => undefined);
  }

  function look(): void {
    if (!open) return;
    const inputs = { address: data.lamps.address, write: Uint8Array.of(AUTO_INCREMENT | INPUT0), readLength: 2 };
    bus.transfer(inputs, (answer) => {
      if (answer.ok) {
        const word = (answer.octets[0] ?? 0xff) | ((answer.octets[1] ?? 0xff) << 8);
        for (const [pin, seen] of levels.entries()) {
          seen.push((word & (1 << pin)) === 0);
          if (seen.length > WATCHED_MS / LOOK_MS) seen.shift();
        }
      }
      scheduler.after(LOOK_MS, look);
    });
  }

  const wanted = (state: HookState): boolean =>
    (state === data.hook.closedMeans) === (data.hook.closedLevel === 'high');
  const addresses = new Set(data.keys.map((key) => key.address));
  for (const address of addresses) press(address);
  hook.write(wanted('on'));
  look();
  return {
    contact(key, isClosed) {
      if (isClosed) closed.add(key);
      else closed.delete(key);
      const wired = data.keys.find((candidate) => candidate.key === key);
      if (wired !== undefined) press(wired.address);
    },
    hook: (state) => void hook.write(wanted(state)),
    lamps: () =>
      Object.fromEntries(LAMP_NAMES.map((lamp) => [lamp, stateOf(levels[data.lamps.outputs[lamp]] ?? [])])) as Record<
        LampName,
        LampState
      >,
    stop() {
      open = false;
      closed.clear();
      hook.write(wanted('on'));
      for (const address of addresses) press(address);
    },
  };
}

/** By how often the level changed while it was watched. */
function stateOf(seen: readonly boolean[]): LampState {
  const changes = seen.filter((lit, index) => index > 0 && lit !== seen[index - 1]).length;
  if (changes >= FAST_FROM) return 'fast-flash';
  if (changes >= SLOW_FROM) return 'slow-flash';
  return seen.at(-1) === true ? 'on' : 'off';
}
