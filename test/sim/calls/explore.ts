/** Owns one run of a random world with calls: storm and bustle, calm, and rounds of calls after which nobody may ring or be off-hook. */
import assert from 'node:assert/strict';
import type { Random } from '../../../firmware/kernel/random.ts';
import { createRandom, seedFrom } from '../../../firmware/kernel/random.ts';
import type { MediaLeg } from '../../../firmware/media-vocabulary.ts';
import type { Command } from '../../../firmware/vocabulary.ts';
import { attemptsEndOnce, primaryIsFirst } from '../checkers/attempts.ts';
import { challengesStayHome, earlierCopiesAreQuiet, nowhereForbidden, secretsStay } from '../checkers/wire.ts';
import type { Explored } from '../explore.ts';
import { exploredIn, flagsOf, worldFailed } from '../explore.ts';
import type { Forced } from '../plan.ts';
import { chance, pick } from '../plan.ts';
import { unleash } from '../storm.ts';
import type { Checker } from '../world.ts';
import { World } from '../world.ts';
import { callsEndOnce, losersAreLetGo, nothingAfterHangUp, nothingSentWithoutLink } from './checkers.ts';
import type { CallPlan } from './plan.ts';
import { planCalls } from './plan.ts';

/** Longer than a call that nobody ends takes to be over everywhere: ring timer, answers repeated, a transfer told of, ms. */
const OVER_MS = 240_000;
const ROUNDS = 12;
const DEEDS_A_ROUND = 7;
const SOON_MS = 40_000;

interface Play {
  readonly world: World;
  readonly plan: CallPlan;
  readonly random: Random;
}

/** Names and last states of the calls that are not over. */
function calls({ world }: Play): readonly (readonly [string, string])[] {
  const last = new Map(world.eventsOf('call').map(({ id, state }) => [id, state]));
  return [...last].filter(([, state]) => state !== 'ended');
}

const order = ({ world }: Play, command: Command): void => world.input({ kind: 'command', id: 'x', command });

/** What the person does next; what cannot be done just now is refused, and harms nobody. */
function atTheDesk(play: Play): void {
  const { random, plan } = play;
  const ids = calls(play).map(([id]) => id);
  const call = ids.length === 0 ? null : pick(random, ids as [string, ...string[]]);
  const line = pick(random, plan.settings.lines.map(({ line: number }) => number) as [number, ...number[]]);
  const dial: Command = { verb: 'dial', target: String(200 + random.below(10)), line };
  // Somebody thinks better of it at once: answers and hang-up cross.
  if (chance(random, 0.15)) return withdrawn(play, dial);
  if (call === null) return order(play, dial);
  const others: readonly [Command, ...Command[]] = [
    ...([dial, { verb: 'answer', call: null }, { verb: 'answer', call }, { verb: 'hangup', call }] as const),
    ...([
      { verb: 'hangup', call },
      { verb: 'hold', call },
      { verb: 'hold', call },
      { verb: 'resume', call },
    ] as const),
    ...([
      { verb: 'transfer', call, target: '205' },
      { verb: 'transfer', call, target: null },
    ] as const),
    ...([
      { verb: 'conference', call },
      { verb: 'dnd', state: chance(random, 0.2) ? 'on' : 'off' },
    ] as const),
    { verb: 'forward', when: 'all', to: chance(random, 0.1) ? '207' : null },
    { verb: 'dtmf', call, keys: '5' },
  ];
  order(play, pick(random, others));
}

function withdrawn(play: Play, dial: Command): void {
  const { world, random } = play;
  order(play, dial);
  world.at(pick(random, [0, 1, 10, 100, 400] as const) * random.next(), () =>
    order(play, { verb: 'hangup', call: null }),
  );
}

/** What somebody at a server does next. */
function farAway({ plan, random }: Play): void {
  const exchange = pick(random, plan.exchanges as [CallPlan['exchanges'][number], ...CallPlan['exchanges']]);
  const user = pick(random, plan.settings.lines.map(({ userName }) => userName) as [string, ...string[]]);
  const talking = exchange.legs.filter(({ state }) => state === 'talking');
  if (talking.length === 0 || chance(random, 0.2)) return exchange.call(user, 1000 * random.between(0.2, 30));
  const leg = pick(random, talking as [(typeof talking)[number], ...typeof talking]);
  const deed = pick(random, ['hangs up', 'hands over', 'hands over', 'changes'] as const);
  if (deed === 'hangs up') exchange.hangUp(leg);
  else if (deed === 'changes') exchange.change(leg);
  else exchange.refer(leg, '206');
}

const deed = (play: Play): void => (chance(play.random, 0.6) ? atTheDesk(play) : farAway(play));

/** Everybody at the desk hangs up, and everything that is set back is. */
function leave(play: Play): void {
  order(play, { verb: 'dnd', state: 'off' });
  order(play, { verb: 'forward', when: 'all', to: null });
  for (const [id] of calls(play)) order(play, { verb: 'hangup', call: id });
}

/** After hang-up nobody rings or is off-hook, here or there, and nothing sounds. */
function judge(play: Play, legs: readonly MediaLeg[]): void {
  assert.deepEqual(calls(play), [], 'calls that nobody has ended');
  const left = play.plan.exchanges.flatMap((one) =>
    one.live().map((leg) => `${leg.state} at ${one.address} ${leg.callId}`),
  );
  assert.deepEqual(left, [], 'far sides that nobody has let go');
  assert.deepEqual(legs, [], 'sound that nobody hears');
}

/** Runs the world of a seed; throws with the command that repeats it. */
export function exploreCalls(seed: number, forced: Forced = {}): Explored {
  let made: World | null = null;
  const plan = planCalls(seed, forced, () => made as World);
  const weather: string[] = [];
  let legs: readonly MediaLeg[] = [];
  const ear: Checker = () => ({
    effect(effect) {
      if (effect.kind === 'media') ({ legs } = effect);
    },
  });
  const world = new World({
    ...{
      settings: plan.settings,
      peers: [...plan.exchanges, ...plan.relays],
      zone: plan.zone,
      seed,
      weather: plan.weather,
      panel: plan.panel,
    },
    checkers: [
      ...[ear, callsEndOnce, nothingAfterHangUp, losersAreLetGo, attemptsEndOnce, primaryIsFirst, challengesStayHome],
      ...[earlierCopiesAreQuiet, nowhereForbidden, nothingSentWithoutLink, secretsStay],
    ],
  });
  made = world;
  const play: Play = { world, plan, random: createRandom(seedFrom(seed), 106) };
  try {
    world.start();
    unleash(world, plan, (text) => weather.push(text));
    for (let at = 0; at < plan.calmAt; at += 1000 * play.random.between(0.1, 20)) world.at(at, () => deed(play));
    world.run(plan.calmAt);
    leave(play);
    world.run(OVER_MS);
    // Whoever could not be told in the storm is no debt of the phone's.
    for (const exchange of plan.exchanges) exchange.forget();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let one = 0; one < DEEDS_A_ROUND; one += 1) {
        deed(play);
        world.run(1000 * play.random.between(0.001, 4));
      }
      leave(play);
      // Who calls just now rings and gives up, or is refused.
      world.run(SOON_MS);
      leave(play);
      world.run(SOON_MS);
      judge(play, legs);
    }
  } catch (error) {
    throw worldFailed({ world, plan, weather, flags: `${flagsOf(forced)} --worlds calls` }, error);
  }
  return exploredIn(world, plan);
}
