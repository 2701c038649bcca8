/** Owns the keys on PCA9552 inputs: polled, de-bounced, every key on a pin of its own, so that any number may be down at once. */
import type { KeyName, Keypad } from '../devices.ts';
import type { I2cBus, Scheduler } from '../ports.ts';
import type { Contact } from './debounce.ts';
import { OPEN_CONTACT, readContact } from './debounce.ts';
import { AUTO_INCREMENT, INPUT0 } from './pca9552.ts';

/** Poll intervals: idle, and while a contact is closed or moving, ms (design/board). */
const IDLE_MS = 20;
const BUSY_MS = 10;
const PINS = 16;

export interface KeysOptions {
  readonly bus: I2cBus;
  /** Chips by address; each key has a chip and a pin, closed = low. */
  readonly keys: readonly { readonly key: KeyName; readonly address: number; readonly pin: number }[];
  readonly scheduler: Scheduler;
}

export interface PolledKeypad extends Keypad {
  stop(): void;
}

export function createKeys({ bus, keys, scheduler }: KeysOptions): PolledKeypad {
  const addresses = [...new Set(keys.map(({ address }) => address))];
  const contacts = new Map<KeyName, Contact>(keys.map(({ key }) => [key, OPEN_CONTACT]));
  const listeners: Parameters<Keypad['onKey']>[0][] = [];
  let interval = IDLE_MS;
  let callOff: () => void = () => undefined;

  function poll(): void {
    let busy = false;
    for (const address of addresses) {
      const levels = readLevels(bus, address);
      // A chip that does not answer says nothing: its keys stay as they were.
      if (levels === null) continue;
      for (const { key, pin } of keys.filter((wired) => wired.address === address))
        busy = step(key, (levels & (1 << pin)) === 0) || busy;
    }
    interval = busy ? BUSY_MS : IDLE_MS;
    callOff = scheduler.after(interval, poll);
  }

  function step(key: KeyName, closed: boolean): boolean {
    const before = contacts.get(key) ?? OPEN_CONTACT;
    const after = readContact(before, closed, interval);
    contacts.set(key, after);
    if (after.settled !== before.settled)
      for (const listener of listeners) listener({ key, edge: after.settled ? 'down' : 'up' });
    return after.raw || after.settled;
  }

  callOff = scheduler.after(interval, poll);
  return { onKey: (listener) => void listeners.push(listener), stop: () => callOff() };
}

/** All 16 pins of a chip, null where it does not answer. */
function readLevels(bus: I2cBus, address: number): number | null {
  try {
    const octets = bus.writeRead(address, Uint8Array.of(AUTO_INCREMENT | INPUT0), PINS / 8);
    return (octets[0] ?? 0xff) | ((octets[1] ?? 0xff) << 8);
  } catch {
    return null;
  }
}
