/** Owns a phone with a panel between two proxies: keys and handset in, screen, lamps and tones out, for scenarios at the desk. */
import type { PhoneSettings } from '../../firmware/config/settings.ts';
import type { KeySent } from '../../firmware/media-vocabulary.ts';
import type { Effect, Stored } from '../../firmware/vocabulary.ts';
import type { DeskSound, HookState, KeyName, LampName, LampState } from '../../hal/devices.ts';
import { phoneSettings } from '../support/settings.ts';
import { LINE } from './call-desk.ts';
import { CallPeer } from './call-peer.ts';
import { World } from './world.ts';

export interface KeyDesk {
  readonly world: World;
  readonly primary: CallPeer;
  readonly backup: CallPeer;
  /** Keys by name, one after the other. */
  press(...keys: readonly KeyName[]): void;
  /** The digits of a number. */
  key(number: string): void;
  /** The softkey that says so. */
  soft(label: string): void;
  hook(state: HookState): void;
  run(ms: number): void;
  /** The rows of the screen that are not blank. */
  screen(): readonly string[];
  shows(text: string | RegExp): boolean;
  lamp(name: LampName): LampState;
  sound(): DeskSound;
  /** Keys that the far side was to hear. */
  readonly keysSent: readonly KeySent[];
  /** Methods sent, without registrations and probes. */
  sent(): readonly string[];
}

/** `hears`: whoever else looks on. */
export function keyDesk(
  settings: PhoneSettings = phoneSettings({ lines: [LINE] }),
  stored: Stored = {},
  hears: (effect: Effect) => void = () => undefined,
): KeyDesk {
  const primary = new CallPeer({ address: '192.0.2.1' });
  const backup = new CallPeer({ address: '192.0.2.2' });
  let sound: DeskSound = { path: 'off', tone: null, ring: 'off', microphone: 'open', volume: 5 };
  const keysSent: KeySent[] = [];
  const ear = {
    effect: (effect: Effect): void => {
      if (effect.kind === 'sound') ({ sound } = effect);
      hears(effect);
      if (effect.kind === 'send-key') keysSent.push(effect.key);
    },
  };
  const world = new World({ settings, peers: [primary, backup], panel: true, stored, checkers: [() => ear] });
  primary.attach(world);
  backup.attach(world);
  world.start().run(10);
  const press: KeyDesk['press'] = (...keys) => {
    for (const key of keys) world.press(key);
  };
  const screen = (): readonly string[] => world.lcd.map((row) => row.trimEnd()).filter((row) => row !== '');
  return {
    ...{ world, primary, backup, press, screen, keysSent },
    key: (number) => press(...([...number] as KeyName[])),
    soft(label) {
      const keys = (world.lcd.at(-1) ?? '').match(/.{10}/g) ?? [];
      const at = keys.findIndex((text) => text.trim() === label);
      if (at === -1) throw new Error(`no softkey says ${label}: ${keys.join('|')}`);
      press(`softkey${at + 1}` as KeyName);
    },
    hook: (state) => world.hook(state),
    run: (ms) => void world.run(ms),
    shows: (text) => screen().some((row) => (typeof text === 'string' ? row.includes(text) : text.test(row))),
    lamp: (name) =>
      world
        .eventsOf('lamp')
        .filter((event) => event.name === name)
        .at(-1)?.state ?? 'off',
    sound: () => sound,
    sent: () =>
      world
        .sent()
        .map(({ message }) => message.method)
        .filter((method) => method !== 'REGISTER' && method !== 'OPTIONS'),
  };
}
