/** Owns random worlds with lamps: those of registrations, whose servers keep presence too, and a phone with keys that watch numbers there. */
import type { KeySetting } from '../../../firmware/config/key-settings.ts';
import type { LineSettings, PhoneSettings } from '../../../firmware/config/settings.ts';
import type { Random } from '../../../firmware/kernel/random.ts';
import { createRandom, seedFrom } from '../../../firmware/kernel/random.ts';
import type { State } from '../notifier.ts';
import type { Forced, Plan } from '../plan.ts';
import { chance, pick, planWorld } from '../plan.ts';
import type { PeerOptions } from '../sip-peer.ts';
import { watchKey } from '../watch-desk.ts';
import type { World } from '../world.ts';
import { LampPeer } from './lamp-peer.ts';

export interface LampPlan extends Plan {
  readonly peers: readonly LampPeer[];
  /** Numbers that keys watch. */
  readonly numbers: readonly string[];
  /** Lamps and labels are drawn, which takes its time. */
  readonly panel: boolean;
}

const NUMBERS = 10;

/** `world`: the one that is made of the plan. */
export function planLamps(seed: number, forced: Forced, world: () => World): LampPlan {
  const random = createRandom(seedFrom(seed), 102);
  const peers: LampPeer[] = [];
  // Servers of one name tell of the same numbers.
  const books = new Map<string, Map<string, State>>();
  const grantsS = pick(random, [120, 600, 3600] as const);
  const asks = chance(random, 0.4);
  const plan = planWorld(seed, forced, (options: PeerOptions) => {
    const peer = new LampPeer(options, world);
    const name = options.certificate ?? '';
    const book = books.get(name) ?? peer.states;
    books.set(name, book);
    Object.assign(peer, { states: book, grantsS, asksPassword: asks });
    if (chance(random, 0.3)) peer.notifies = 'before';
    peers.push(peer);
    return peer;
  });
  const count = pick(random, [1, 2, 3, 6, 10] as const);
  const numbers = Array.from({ length: NUMBERS }, (_number, at) => String(3001 + at)).slice(0, count);
  const lines = plan.settings.lines.map((line) => lineOf(line, random));
  const keys = numbers.map((number, at) => keyOf(number, at, lines, random));
  const settings: PhoneSettings = { ...plan.settings, lines, keys };
  const panel = chance(random, 0.3);
  return {
    ...plan,
    settings,
    peers,
    numbers,
    panel,
    text: `${plan.text}, ${count} keys, granted ${grantsS} s`,
  };
}

/** What registers at a server asks it for lamps as well, by the same outbound proxies. */
const lineOf = (line: LineSettings, random: Random): LineSettings => ({
  ...line,
  proxy: line.registrar,
  explicitMwi: chance(random, 0.3),
  sharedNumber: chance(random, 0.2) ? `29${line.line}` : null,
});

const keyOf = (number: string, at: number, lines: readonly LineSettings[], random: Random): KeySetting =>
  watchKey(number, at + 1, pick(random, [1, 1, ...lines.map(({ line }) => line)] as const));
