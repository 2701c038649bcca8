/** Owns the keys on PCA9552 inputs: polled, de-bounced, every key on a pin of its own, so that any number may be down at once. */
import type { Health } from '../bus/health.ts';
import { createHealth } from '../bus/health.ts';
import type { KeyName, Keypad } from '../devices.ts';
import type { I2cBus, Scheduler } from '../ports.ts';
import { createContacts } from './contacts.ts';
import { ALL_OFF, AUTO_INCREMENT, INPUT0, LS0 } from './pca9552.ts';

const INPUTS = { write: Uint8Array.of(AUTO_INCREMENT | INPUT0), readLength: 2 };
const RELEASE = { write: Uint8Array.of(AUTO_INCREMENT | LS0, ...ALL_OFF), readLength: 0 };

export interface KeysOptions {
  readonly bus: I2cBus;
  /** Chips by address; each key has a chip and a pin, closed = low. */
  readonly keys: readonly { readonly key: KeyName; readonly address: number; readonly pin: number }[];
  readonly scheduler: Scheduler;
  readonly onHealth?: (health: Health, address: number) => void;
}

export interface PolledKeypad extends Keypad {
  /** How often the keys have been read; with several chips, the one that was read least. */
  readings(): number;
  stop(): void;
}

/** One chip's silence stops its own keys only: they stay as they were. */
export function createKeys({ bus, keys, scheduler, onHealth }: KeysOptions): PolledKeypad {
  const contacts = createContacts();
  const counts = new Map(keys.map(({ address }) => [address, 0]));
  let stopped = false;

  function poll(address: number): void {
    const wired = keys.filter((key) => key.address === address);
    const health = createHealth(scheduler, (state) => onHealth?.(state, address));
    const ask = (transfer: typeof INPUTS, then: (octets: Uint8Array) => void): void => {
      if (stopped) return;
      bus.transfer({ address, ...transfer }, (answer) => {
        if (!answer.ok) return health.failed(start);
        health.answered();
        then(answer.octets);
      });
    };
    // A chip that lost its supply, or kept it over our restart, may drive its pins.
    const start = (): void => ask(RELEASE, read);
    const read = (): void =>
      ask(INPUTS, (octets) => {
        const levels = (octets[0] ?? 0xff) | ((octets[1] ?? 0xff) << 8);
        for (const { key, pin } of wired) contacts.read(key, (levels & (1 << pin)) === 0);
        counts.set(address, (counts.get(address) ?? 0) + 1);
        scheduler.after(contacts.interval(), read);
      });
    start();
  }

  for (const address of counts.keys()) poll(address);
  return {
    onKey: contacts.onKey,
    readings: () => Math.min(...counts.values()),
    stop() {
      stopped = true;
    },
  };
}
