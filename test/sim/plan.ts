/** Owns random worlds: from a seed, a configuration, the servers that it names, and a storm of faults that ends in calm. */
import type {
  LineSettings,
  PhoneSettings,
  Profile,
  ServerPair,
  ServerSetting,
  TransportChoice,
} from '../../firmware/config/settings.ts';
import type { Random } from '../../firmware/kernel/random.ts';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import type { Transport } from '../../firmware/kernel/target.ts';
import { lineSettings, phoneSettings } from '../support/settings.ts';
import type { PeerOptions } from './sip-peer.ts';
import { Location, SipPeer } from './sip-peer.ts';
import { SipRelay } from './sip-relay.ts';
import { Zone } from './zone.ts';

/** One configured server and what stands behind its name. */
export interface Site {
  readonly setting: ServerSetting;
  readonly peers: readonly SipPeer[];
}

export interface Plan {
  readonly seed: number;
  readonly settings: PhoneSettings;
  readonly zone: Zone;
  readonly sites: readonly Site[];
  readonly relays: readonly SipRelay[];
  readonly weather: { readonly delayMs: number; readonly cut: number };
  /** When the storm ends, ms. */
  readonly calmAt: number;
  /** The longest Retry-After that a storm brings, s. */
  readonly longestRetryAfterS: number;
  readonly text: string;
}

const USERS = ['2001', '2002', '2003', '2004', '2005', '2006', '2007', '2008', '2009'];
const PASSWORDS = Object.fromEntries(USERS.map((user) => [user, `secret-${user}`]));

export const pick = <T>(random: Random, items: readonly [T, ...T[]]): T =>
  items[random.below(items.length)] ?? items[0];
export const chance = (random: Random, p: number): boolean => random.next() < p;

/** Hands out addresses, so that no two servers share one. */
class Addresses {
  #last = 0;

  next(): string {
    this.#last += 1;
    return `192.0.2.${this.#last}`;
  }
}

interface Ground {
  readonly random: Random;
  readonly transport: TransportChoice;
  readonly zone: Zone;
  readonly addresses: Addresses;
  readonly peer: (options: PeerOptions) => SipPeer;
}

/** What of a world is not left to its seed. */
export interface Forced {
  readonly profile?: Profile;
  readonly transport?: TransportChoice;
}

/** `peer`: who stands where a registrar is; alone it registers, and no more. */
export function planWorld(
  seed: number,
  forced: Forced,
  peer: (options: PeerOptions) => SipPeer = (options) => new SipPeer(options),
): Plan {
  const random = createRandom(seedFrom(seed), 99);
  // Of their own, so that a world keeps its servers whatever carries its requests.
  const wires = createRandom(seedFrom(seed), 101);
  const drawn = pick(wires, [1, 1, 1, 2, 2, 4, 0] as const);
  const ground = {
    ...{ random, zone: new Zone(), addresses: new Addresses(), peer },
    transport: forced.transport ?? drawn,
  };
  const profile = forced.profile ?? pick(random, ['modern', 'modern', 'modern', 'modern', 'r2.0', 'r2.1'] as const);
  const count = pick(random, [1, 1, 1, 2, 2, 3, 4, 9] as const);
  const pairs = chance(random, 0.3) ? 2 : 1;
  const couples = Array.from({ length: pairs }, (_, index) => couple(ground, index));
  const relays = relaysFor(ground, couples.flat());
  const lines = USERS.slice(0, count).map((user, index) =>
    lineOf(user, index + 1, couples[index % pairs] ?? [], relays, random),
  );
  const settings = phoneSettings({
    lines,
    transport: ground.transport,
    streamKeepAliveS: pick(wires, [0, 0, 30] as const),
    dnsQueryType: pick(random, [1, 1, 1, 2] as const),
    timers: timersOf(profile, random),
    failover: {
      profile,
      probePeriodS: pick(random, [15, 15, 15, 15, 5, 30, 60, 0] as const),
      hedgeLimitMs: pick(random, [2000, 2000, 700, 300, 4000] as const),
      jitterS: pick(random, [1, 0, 10] as const),
    },
  });
  return {
    seed,
    settings,
    zone: ground.zone,
    sites: couples.flat(),
    relays: relays.map(({ relay }) => relay),
    weather: { delayMs: pick(random, [0.5, 5, 30, 80] as const), cut: pick(wires, [0, 0.3] as const) },
    calmAt: 60_000 * (5 + random.below(30)),
    longestRetryAfterS: chance(random, 0.1) ? 4000 : 400,
    text: `${profile}, ${TRANSPORT_TEXT[ground.transport]}, ${count} lines, ${couples.flat().map(siteText).join(', ')}, ${relays.length} outbound proxies`,
  };
}

const TRANSPORT_TEXT = { 0: 'UDP and TCP', 1: 'UDP', 2: 'TCP', 4: 'TLS' } as const;
/** Where the servers of a world listen, and what its zone calls that. */
const LISTENS: Readonly<Record<TransportChoice, readonly Transport[]>> = {
  0: ['udp', 'tcp'],
  1: ['udp', 'tcp'],
  2: ['tcp'],
  4: ['tls'],
};
const SERVICE = { 0: '_sip._udp', 1: '_sip._udp', 2: '_sip._tcp', 4: '_sips._tcp' } as const;
const usualPort = (transport: TransportChoice): number => (transport === 4 ? 5061 : 5060);

const siteText = ({ setting, peers }: Site): string => `${setting.name}:${setting.port} (${peers.length})`;

function timersOf(profile: Profile, random: Random): Partial<PhoneSettings['timers']> {
  const transactionMs = pick(random, [null, null, 4000, 8000] as const);
  const timeoutRetryS = profile === 'modern' ? null : pick(random, [null, null, 30, 300] as const);
  return {
    transactionMs,
    registrationTimeoutRetryS: timeoutRetryS,
    registrationRetryS: pick(random, [null, 60] as const),
  };
}

/** A primary, and mostly a backup; some share one location service. */
function couple(ground: Ground, index: number): readonly Site[] {
  const { random } = ground;
  const shared = chance(random, 0.4);
  const rules = registrarRules(random);
  const primary = site(ground, `p${index}.example.test`, rules);
  if (chance(random, 0.1)) return [primary];
  return [primary, site(ground, `b${index}.example.test`, shared ? rules : registrarRules(random))];
}

function site(ground: Ground, name: string, rules: RegistrarRules): Site {
  const { random, zone, transport } = ground;
  const form = pick(random, ['address', 'address-0', 'name', 'name-0', 'srv', 'srv'] as const);
  const listens = LISTENS[transport];
  const make = (port: number, certificate: string | null = name): SipPeer => {
    const address = ground.addresses.next();
    const certified = { certificate: certificate ?? address };
    return ground.peer({ ...rules, ...certified, address, port, listens, passwords: PASSWORDS });
  };
  if (form === 'address' || form === 'address-0') {
    const peer = make(form === 'address' ? 5070 : usualPort(transport), null);
    return { setting: { name: peer.address, port: form === 'address' ? 5070 : 0 }, peers: [peer] };
  }
  const ttl = pick(random, [30, 60, 300] as const);
  if (form === 'srv') {
    const peers = Array.from({ length: 1 + random.below(3) }, () => make(5060 + random.below(20)));
    for (const [index, peer] of peers.entries()) {
      const target = `n${index}.${name}`;
      const weight = random.below(3) * 10;
      zone.srv(`${SERVICE[transport]}.${name}`, target, peer.port, 10 * (1 + random.below(2)), { weight, ttl });
      zone.a(target, peer.address, ttl);
    }
    return { setting: { name, port: 0 }, peers };
  }
  const port = form === 'name' ? 5080 : 0;
  const peers = Array.from({ length: 1 + random.below(2) }, () => make(port === 0 ? usualPort(transport) : port));
  for (const peer of peers) zone.a(name, peer.address, ttl);
  return { setting: { name, port }, peers };
}

type RegistrarRules = Pick<PeerOptions, 'location' | 'challenge' | 'maxExpiresS' | 'minExpiresS'>;

/** How registrars of one location service grant bindings; who shares the service shares the rules. */
const registrarRules = (random: Random): RegistrarRules => ({
  location: new Location(),
  challenge: chance(random, 0.8),
  maxExpiresS: pick(random, [60, 300, 600, 3600] as const),
  ...(chance(random, 0.15) ? { minExpiresS: 60 } : {}),
});

interface PlacedRelay {
  readonly relay: SipRelay;
  readonly setting: ServerSetting;
}

function relaysFor(ground: Ground, sites: readonly Site[]): readonly PlacedRelay[] {
  const { random, transport } = ground;
  const count = pick(random, [0, 0, 0, 0, 1, 1, 2] as const);
  const behind = Object.fromEntries(sites.map(({ setting, peers }) => [setting.name, peers]));
  const whenDead = pick(random, [null, 503, 408] as const);
  return Array.from({ length: count }, () => {
    const address = ground.addresses.next();
    const door = { address, port: usualPort(transport), listens: LISTENS[transport], certificate: address };
    const relay = new SipRelay({ ...door, behind, whenDead });
    return { relay, setting: { name: relay.address, port: 0 } };
  });
}

function lineOf(
  user: string,
  line: number,
  sites: readonly Site[],
  relays: readonly PlacedRelay[],
  random: Random,
): LineSettings {
  const registrar: ServerPair = { primary: sites[0]?.setting ?? null, backup: sites[1]?.setting ?? null };
  const outboundProxy: ServerPair = { primary: relays[0]?.setting ?? null, backup: relays[1]?.setting ?? null };
  return lineSettings({
    line,
    userName: user,
    authName: user,
    password: `secret-${user}`,
    registrar,
    outboundProxy,
    registrationPeriodS: pick(random, [3600, 3600, 600, 120] as const),
  });
}
