/** Owns one run of a random world with lamps: storm, numbers that call and servers that end what they granted, calm, and what must hold then. */
import assert from 'node:assert/strict';
import type { Random } from '../../../firmware/kernel/random.ts';
import { createRandom, seedFrom } from '../../../firmware/kernel/random.ts';
import type { SubscriptionStatus } from '../../../firmware/status.ts';
import { attemptsEndOnce, primaryIsFirst, probeRates } from '../checkers/attempts.ts';
import {
  challengesStayHome,
  earlierCopiesAreQuiet,
  nowhereForbidden,
  secretsStay,
  silentWithoutLink,
  streamsRepeatNothing,
} from '../checkers/wire.ts';
import type { Explored } from '../explore.ts';
import { exploredIn, flagsOf, worldFailed } from '../explore.ts';
import type { State } from '../notifier.ts';
import type { Forced } from '../plan.ts';
import { chance, pick } from '../plan.ts';
import { unleash } from '../storm.ts';
import { World } from '../world.ts';
import { answersTravel } from './answers.ts';
import {
  lampsTellTheTruth,
  subscribesAreNumbered,
  subscribesArePaced,
  watchersOf,
  keyOf as watchKeyOf,
} from './checkers.ts';
import { movedInTime } from './moving.ts';
import type { LampPlan } from './plan.ts';
import { planLamps } from './plan.ts';

const STATES: readonly [State, ...State[]] = ['idle', 'ringing', 'busy', 'held'];
/** Ends after which a subscription may be asked for again (RFC 6665 4.1.3). */
const ENDS = ['', 'reason=deactivated', 'reason=timeout', 'reason=probation;retry-after=20', 'reason=giveup'] as const;
/** Longer than any wait, grant and renewal that a storm may leave behind, ms: each is an hour at most, and one follows the other. */
const SETTLE_MS = 3 * 3_800_000;
const LOOK_MS = 60_000;
/** Changes that are watched when all is well, and how soon each is to be seen, ms. */
const CHANGES = 12;
const SEEN_MS = 2000;
/** Timer F of a NOTIFY, and more: over streams nobody is told on a connection that is gone, ms. */
const GIVEN_UP_MS = 36_000;
/** Well within the transactions that a phone keeps: a flood is answered 503, and says nothing of a dialog. */
const TOLD_AT_ONCE = 500;

/** Until the calm, numbers begin and end calls, and servers end subscriptions by themselves. */
function bustle(world: World, plan: LampPlan): void {
  const random = createRandom(seedFrom(plan.seed), 103);
  const deeds = (): void => {
    if (chance(random, 0.9)) return shuffle(plan, random);
    const peer = pick(random, plan.peers as [LampPlan['peers'][number], ...LampPlan['peers']]);
    const [subscriber] = peer.subscribers;
    if (subscriber !== undefined && peer.fault === 'none') peer.end(subscriber, pick(random, ENDS));
  };
  for (let at = 0; at < plan.calmAt; at += 1000 * random.between(0.1, 30)) world.at(at, deeds);
}

/** One number does something else, at one server or, where several tell of it, at all that share its book. */
function shuffle({ peers, numbers }: LampPlan, random: Random): void {
  const number = pick(random, numbers as [string, ...string[]]);
  const peer = pick(random, peers as [LampPlan['peers'][number], ...LampPlan['peers']]);
  peer.states.set(number, pick(random, STATES));
  for (const other of peers) if (other.states === peer.states) other.tell(number);
}

/**
 * Home, and known there: what a server has forgotten is asked for anew when it is due, no sooner. So is what it cannot tell of: the
 * originals open a connection that has broken when a request of theirs is due (rules 4, "noticed while idle").
 */
function settled(world: World, plan: LampPlan): boolean {
  const lines = plan.settings.lines.every(({ line }) => world.registeredOn('primary', line));
  const watched = watchersOf(plan.peers, world.now);
  const isKnown = (status: SubscriptionStatus): boolean =>
    (watched.get(watchKeyOf(status)) ?? []).some((at) => status.target?.endsWith(`:${at}`));
  const subscriptions = world.status().subscriptions;
  return lines && subscriptions.every((status) => isHome(status) && isKnown(status) && canTell(world, status));
}

/** Over streams a server tells on the connection that the phone has to it. */
function canTell(world: World, { target }: SubscriptionStatus): boolean {
  const peer = world.peerAt(target ?? '');
  return world.settings.transport < 2 || (peer !== undefined && world.streams.flowTo(peer) !== undefined);
}

const isHome = ({ state, server }: SubscriptionStatus): boolean => state === 'active' && server === 'primary';

/** Every lamp says what its number does at the server that serves it, and nobody is asked twice. */
function judge(world: World, plan: LampPlan): void {
  for (const status of world.status().subscriptions) {
    assert.ok(isHome(status), `${status.kind} ${status.resource} is not home: ${JSON.stringify(status)}`);
    if (status.kind !== 'blf') continue;
    const name = plan.settings.lines.find(({ line }) => line === status.line)?.proxy.primary?.name;
    const peer = plan.peers.find(({ certificate }) => certificate === name) ?? assert.fail('nobody serves it');
    assert.equal(status.presence, peer.states.get(status.resource) ?? 'idle', `${status.resource} is shown wrongly`);
  }
}

/** Who is told something of a dialog that the phone has given up learns so, by 481 or by silence: from then on each is watched once. */
function judgeWatchers(world: World, plan: LampPlan): void {
  const all = plan.peers.flatMap((peer) => peer.subscribers.map((subscriber) => () => peer.notify(subscriber, {})));
  for (let at = 0; at < all.length; at += TOLD_AT_ONCE) {
    for (const tell of all.slice(at, at + TOLD_AT_ONCE)) tell();
    world.run(GIVEN_UP_MS);
  }
  for (const [key, watchers] of watchersOf(plan.peers, world.now))
    assert.equal(watchers.length, 1, `${key} is watched ${watchers.length} times, at ${watchers.join(' and ')}`);
}

/** Runs the world of a seed; throws with the command that repeats it. */
export function exploreLamps(seed: number, forced: Forced = {}): Explored {
  let made: World | null = null;
  const plan = planLamps(seed, forced, () => made as World);
  const weather: string[] = [];
  const random = createRandom(seedFrom(seed), 104);
  const world = new World({
    ...{ settings: plan.settings, peers: [...plan.peers, ...plan.relays], zone: plan.zone },
    ...{ seed, weather: plan.weather, panel: plan.panel },
    checkers: [
      ...[answersTravel(plan.peers), lampsTellTheTruth(plan.peers), subscribesArePaced, subscribesAreNumbered],
      ...[movedInTime, attemptsEndOnce, primaryIsFirst, probeRates, challengesStayHome, earlierCopiesAreQuiet],
      ...[nowhereForbidden, streamsRepeatNothing, silentWithoutLink, secretsStay],
    ],
  });
  made = world;
  for (const peer of plan.peers) peer.attach(world);
  try {
    world.start();
    unleash(world, plan, (text) => weather.push(text));
    bustle(world, plan);
    world.run(plan.calmAt + LOOK_MS);
    while (!settled(world, plan) && world.now < plan.calmAt + SETTLE_MS) world.run(LOOK_MS);
    for (let change = 0; change < CHANGES; change += 1) {
      for (let one = 0; one < 3; one += 1) shuffle(plan, random);
      world.run(SEEN_MS);
      judge(world, plan);
    }
    judgeWatchers(world, plan);
  } catch (error) {
    throw worldFailed({ world, plan, weather, flags: `${flagsOf(forced)} --worlds lamps` }, error);
  }
  return exploredIn(world, plan);
}
