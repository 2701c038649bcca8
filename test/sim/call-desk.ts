/** Owns a phone of one line between two proxies that ring callees, for scenarios of calls. */
import type { PhoneSettings } from '../../firmware/config/settings.ts';
import type { PhoneEvent } from '../../firmware/events.ts';
import type { MediaLeg } from '../../firmware/media-vocabulary.ts';
import type { SipRequest } from '../../firmware/sip/message/message.ts';
import type { Command, Effect } from '../../firmware/vocabulary.ts';
import { lineSettings, phoneSettings, server } from '../support/settings.ts';
import { CallPeer } from './call-peer.ts';
import { World } from './world.ts';

type CallEvent = Extract<PhoneEvent, { event: 'call' }>;

export interface Desk {
  readonly world: World;
  readonly primary: CallPeer;
  readonly backup: CallPeer;
  order(command: Command): void;
  dial(target?: string): void;
  hangUp(): void;
  /** States of all calls so far. */
  states(): readonly string[];
  /** Why the last call ended. */
  cause(): string | undefined;
  /** What is heard and said, as it was told last. */
  legs(): readonly MediaLeg[];
  /** Requests as `method address`, without registrations and probes. */
  sent(): readonly string[];
}

export const LINE = lineSettings({
  registrar: { primary: null, backup: null },
  proxy: { primary: server('192.0.2.1', 5060), backup: server('192.0.2.2', 5060) },
});

/** A phone of one line between two proxies, each with a callee behind it. */
export function desk(settings: PhoneSettings = phoneSettings({ lines: [LINE] }), panel = false): Desk {
  const peer = (address: string): CallPeer =>
    new CallPeer({ address, ...(settings.transport === 4 ? { listens: ['tls'], certificate: address } : {}) });
  const [primary, backup] = [peer('192.0.2.1'), peer('192.0.2.2')] as const;
  let legs: readonly MediaLeg[] = [];
  const ear = {
    effect: (effect: Effect): void => {
      if (effect.kind === 'media') ({ legs } = effect);
    },
  };
  const world = new World({ settings, peers: [primary, backup], panel, checkers: [() => ear] });
  primary.attach(world);
  backup.attach(world);
  world.start().run(10);
  const order: Desk['order'] = (command) => world.input({ kind: 'command', id: 'x', command });
  return {
    ...{ world, primary, backup, order },
    legs: () => legs,
    dial: (target = '200') => order({ verb: 'dial', target, line: null }),
    hangUp: () => order({ verb: 'hangup', call: null }),
    states: () => world.eventsOf('call').map(({ state }) => state),
    cause: () => world.eventsOf('call').at(-1)?.cause,
    sent: () =>
      world
        .sent()
        .filter(({ message }) => !['REGISTER', 'OPTIONS'].includes(message.method))
        .map(({ message, flow }) => `${message.method} ${flow.slice('udp:'.length, -':5060'.length)}`),
  };
}

export const invites = ({ world }: Desk): readonly SipRequest[] => world.sent('INVITE').map(({ message }) => message);

/** One call is answered. */
export function talking(): Desk {
  const all = desk();
  all.dial();
  all.world.run(600);
  return all;
}

/** What was told last of that call. */
export const lastOf = ({ world }: Desk, id: string): CallEvent | undefined =>
  world.eventsOf('call').findLast((event) => event.id === id);
