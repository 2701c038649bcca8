/** Owns a phone with keys that watch numbers, between two servers that keep presence, for scenarios of lamps. */

import assert from 'node:assert/strict';
import type { KeySetting } from '../../firmware/config/key-settings.ts';
import type { LineSettings, PhoneSettings } from '../../firmware/config/settings.ts';
import { parseMessage } from '../../firmware/sip/message/parse.ts';
import { lineSettings, phoneSettings } from '../support/settings.ts';
import type { Subscriber } from './notifier.ts';
import { Notifier } from './notifier.ts';
import { PAIR } from './rung.ts';
import type { Checker } from './world.ts';
import { World } from './world.ts';
import type { Zone } from './zone.ts';

export interface WatchDesk {
  readonly world: World;
  readonly primary: Notifier;
  readonly backup: Notifier;
  /** Lamp of a softkey, as it was lit last. */
  lamp(name?: string): string;
  /** Where a watched number is in force. */
  on(resource?: string): string;
  /** SUBSCRIBE requests so far, as `server expires` without retransmissions and challenge answers. */
  asked(): readonly string[];
}

export const watchKey = (value: string, number = 1, line = 1): KeySetting => ({
  ...{ name: `topsoftkey${number}`, type: 'blf', label: '', value, line },
});

export const LINE: LineSettings = lineSettings({ registrar: PAIR, proxy: PAIR });

export function watchDesk(
  over: Partial<Omit<PhoneSettings, 'timers' | 'failover'>> &
    Pick<Parameters<typeof phoneSettings>[0] & object, 'timers' | 'failover'> = {},
  options: {
    readonly seed?: number;
    readonly checkers?: readonly Checker[];
    readonly panel?: boolean;
    readonly unclean?: boolean;
    readonly zone?: Zone;
  } = {},
): WatchDesk {
  const settings = phoneSettings({ lines: [LINE], keys: [watchKey('2002')], ...over });
  let world: World | null = null;
  const there = (): World => world as World;
  const primary = new Notifier('192.0.2.1', there);
  const backup = new Notifier('192.0.2.2', there);
  backup.states = primary.states;
  world = new World({ settings, peers: [primary, backup], panel: true, ...options });
  for (const peer of [primary, backup]) peer.attach(world);
  world.start();
  const here = world;
  return {
    ...{ world, primary, backup },
    lamp: (name = 'softkey1') => here.eventsOf('lamp').findLast((event) => event.name === name)?.state ?? 'off',
    on(resource = '2002') {
      const found = here.status().subscriptions.find((each) => each.resource === resource);
      return found === undefined ? 'nothing' : `${found.state} ${found.server ?? 'nowhere'}`;
    },
    asked() {
      const seen = new Set<string>();
      return here.sent('SUBSCRIBE').flatMap(({ message, flow }) => {
        const key = message.headers.find(({ name }) => name === 'Via')?.value ?? '';
        if (seen.has(key)) return [];
        seen.add(key);
        const expires = message.headers.find(({ name }) => name === 'Expires')?.value;
        const fresh = !/;tag=/.test(message.headers.find(({ name }) => name === 'To')?.value ?? '');
        return [`${flow.includes('192.0.2.1:') ? 'primary' : 'backup'} ${fresh ? 'fresh' : 'refresh'} ${expires}`];
      });
    },
  };
}

/** The status of the phone's last answer. */
export const answered = ({ world }: WatchDesk): number => {
  const parsed = parseMessage(world.replies.at(-1)?.data ?? '');
  return parsed.ok && parsed.value.kind === 'response' ? parsed.value.status : assert.fail('no answer');
};

export const subscriber = ({ primary }: WatchDesk): Subscriber =>
  primary.subscribers.at(-1) ?? assert.fail('nobody has subscribed');
