/** Owns a run of fuzzers: one seed, one input, one verdict; what was found is told with the command that repeats it. */
import type { Chance } from './chance.ts';
import { createChance } from './chance.ts';
import { checkBody } from './targets/bodies.ts';
import { checkConfig } from './targets/config.ts';
import { checkDns } from './targets/dns.ts';
import { checkMessage } from './targets/messages.ts';
import { checkPhone } from './targets/phone.ts';
import { checkSound } from './targets/sound.ts';
import { checkStream } from './targets/streams.ts';
import { checkXmlApi } from './targets/xml-api.ts';

/** Makes one input, holds it against every rule, throws where one is broken; says what became of it in a word or two. */
type Check = (chance: Chance) => string;

export const CHECKS = {
  messages: checkMessage,
  streams: checkStream,
  dns: checkDns,
  config: checkConfig,
  phone: checkPhone,
  bodies: checkBody,
  sound: checkSound,
  xml: checkXmlApi,
} as const satisfies Readonly<Record<string, Check>>;

export type TargetName = keyof typeof CHECKS;

export const TARGETS = Object.keys(CHECKS) as readonly TargetName[];

/** Of a hundred inputs without a target: a whole phone costs as much as a hundred messages. */
const SHARES: Readonly<Record<TargetName, number>> = {
  ...{ messages: 37, streams: 18, dns: 16, config: 13, phone: 2, bodies: 10, sound: 2, xml: 2 },
};

export const sharesOf = (inputs: number): readonly (readonly [TargetName, number])[] =>
  TARGETS.map((target) => [target, Math.ceil((inputs * SHARES[target]) / 100)]);

/** Ten times what the slowest input is expected to take, ms: a guard against a hang, not a measurement. */
const HANG_MS = 2000;

export interface Fuzzed {
  readonly target: TargetName;
  readonly inputs: number;
  /** How often each outcome came. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** What broke a rule, with the command that repeats it. */
  readonly found: readonly string[];
}

/** More than this says nothing new. */
const FOUND_MAX = 10;

/** Runs the inputs of the seeds from `from` on. */
export function fuzz(target: TargetName, from: number, inputs: number): Fuzzed {
  const outcomes = new Map<string, number>();
  const found: string[] = [];
  let seed = from;
  for (; seed < from + inputs && found.length < FOUND_MAX; seed += 1) {
    const { outcome, took } = timed(target, seed, found);
    // What is slow is slow again; a machine that was busy with something else is not.
    const again = took > HANG_MS ? Math.min(took, timed(target, seed, found).took) : took;
    if (again > HANG_MS) found.push(told(target, seed, `took ${Math.round(again)} ms twice, more than ${HANG_MS} ms`));
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return { target, inputs: seed - from, outcomes, found };
}

function timed(target: TargetName, seed: number, found: string[]): { readonly outcome: string; readonly took: number } {
  const start = busyMs();
  const outcome = outcomeOf(target, seed, found);
  return { outcome, took: busyMs() - start };
}

/** Of this process, not of the wall: a machine that stands still has not found a hang. */
function busyMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function outcomeOf(target: TargetName, seed: number, found: string[]): string {
  try {
    return CHECKS[target](createChance(seed, TARGETS.indexOf(target)));
  } catch (error) {
    found.push(told(target, seed, error instanceof Error ? (error.stack ?? error.message) : String(error)));
    return 'found';
  }
}

const told = (target: TargetName, seed: number, what: string): string =>
  `${target}, seed ${seed}: ${what}\nagain: npm run fuzz -- --target ${target} --from ${seed} --inputs 1`;

/** `messages: 45000 inputs (read 30000, refused 15000)`. */
export const summaryOf = ({ target, inputs, outcomes }: Fuzzed): string =>
  `${target}: ${inputs} inputs (${[...outcomes]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')})`;
