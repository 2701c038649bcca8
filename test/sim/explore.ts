/** Owns one run of a random world: storm, calm, checkers after every step, and what is said when one of them objects. */
import assert from 'node:assert/strict';
import { CHECKERS } from './checkers/all.ts';
import { oneBindingRefreshed } from './checkers/service.ts';
import type { Forced, Plan } from './plan.ts';
import { planWorld } from './plan.ts';
import { unleash } from './storm.ts';
import { World } from './world.ts';

/** The longest waits that a storm may leave behind: back-off, retry after a rejection, its Retry-After, the next renewal. */
function settleMs({ longestRetryAfterS, settings: { failover } }: Plan): number {
  const homeByRenewal = failover.profile !== 'modern' || failover.probePeriodS === 0;
  return homeByRenewal || longestRetryAfterS > 1800 ? 3_800_000 : 2_000_000;
}
/** What was under way when the storm ended has ended after this, ms. */
const CALMING_MS = 60_000;
/** How long the calm is watched once all lines are home, ms: longer than any Retry-After or blacklist counts. */
const WATCH_MS = 700_000;

export interface Explored {
  readonly seed: number;
  readonly text: string;
  readonly attempts: number;
  readonly failovers: number;
  readonly failbacks: number;
  /** Virtual seconds. */
  readonly seconds: number;
}

export class WorldFailed extends Error {
  override readonly name = 'WorldFailed';
}

interface Run {
  readonly world: World;
  readonly plan: Pick<Plan, 'seed' | 'text'>;
  /** What befell it. */
  readonly weather: readonly string[];
  readonly flags: string;
}

export const flagsOf = (forced: Forced): string =>
  Object.entries(forced)
    .map(([name, value]) => ` --${name} ${value}`)
    .join('');

/** What is said where a checker objects; with the command that repeats the run. */
export function worldFailed({ world, plan: { seed, text }, weather, flags }: Run, error: unknown): WorldFailed {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new WorldFailed(
    [
      `seed ${seed} at ${(world.now / 1000).toFixed(3)} s: ${what}`,
      text,
      ...weather,
      world.story(25),
      `again: npm run sim -- --seeds 1 --from ${seed}${flags}`,
    ].join('\n'),
  );
}

export const exploredIn = (world: World, { seed, text }: Pick<Plan, 'seed' | 'text'>): Explored => ({
  ...{ seed, text, seconds: world.now / 1000 },
  attempts: world.eventsOf('attempt-ended').length,
  failovers: world.eventsOf('failover').length,
  failbacks: world.eventsOf('failback').length,
});

/** Runs the world of a seed; throws with the command that repeats it. */
export function explore(seed: number, forced: Forced = {}): Explored {
  const plan = planWorld(seed, forced);
  const weather: string[] = [];
  let settledAt = Number.POSITIVE_INFINITY;
  const world = new World({
    settings: plan.settings,
    peers: [...plan.sites.flatMap(({ peers }) => peers), ...plan.relays],
    zone: plan.zone,
    seed,
    weather: plan.weather,
    checkers: [...CHECKERS, oneBindingRefreshed(() => settledAt)],
  });
  try {
    world.start();
    unleash(world, plan, (text) => weather.push(text));
    world.run(plan.calmAt + CALMING_MS);
    const abroad = (): number | undefined =>
      plan.settings.lines.map(({ line }) => line).find((line) => !world.registeredOn('primary', line));
    while (abroad() !== undefined && world.now < plan.calmAt + settleMs(plan)) world.run(CALMING_MS);
    settledAt = world.now;
    world.run(WATCH_MS);
    const line = abroad();
    assert.ok(line === undefined, `line ${line} is not home: ${JSON.stringify(world.registrar(line))}`);
  } catch (error) {
    throw worldFailed({ world, plan, weather, flags: flagsOf(forced) }, error);
  }
  return exploredIn(world, plan);
}
