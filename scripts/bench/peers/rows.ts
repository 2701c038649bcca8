/** Owns the rows of the comparison: what is broken, from which packet to which packet is counted. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent } from './agents.ts';
import { calls, hangUp, waitingMessages } from './calls.ts';
import type { Cell } from './cells.ts';
import { answered, asked, LONG_S, SHORT_S, seconds, USUAL, USUAL_ZONE } from './cells.ts';
import { alias, truncated, weights } from './names.ts';
import type { PrimaryState, Stage } from './stage.ts';

const IDLE_MS = 5000;
/** What takes less than a second is measured so many times and its median told: on a busy machine a single start is chance. */
const TIMES = 5;
const QUICK_S = 1;
/** The probes of an agent that has any are under way. */
const WARM_MS = 17_000;

const START_FAULTS: readonly PrimaryState[] = ['killed', 'silent', '503', '500'];

/** Parts of the table that can be measured alone; an agent that only asks OPTIONS is measured on the first two. */
export const PARTS = ['start', 'weights', 'names', 'idle', 'renewal', 'calls', 'hang-up', 'mwi'] as const;
export type Part = (typeof PARTS)[number];

export async function measure(stage: Stage, agent: Agent, parts: readonly Part[]): Promise<readonly Cell[]> {
  const { method } = agent;
  const possible = method === 'REGISTER' ? parts : parts.filter((part) => part === 'start' || part === 'weights');
  const measured: Readonly<Record<Part, () => Promise<readonly Cell[]>>> = {
    start: async () => [...(method === 'REGISTER' ? await whole(stage) : []), ...(await starts(stage, method))],
    weights: () => weights(stage, method),
    names: async () => [await truncated(stage), await alias(stage)],
    idle: async () => [await idle(stage)],
    renewal: () => renewals(stage),
    calls: () => calls(stage, agent),
    'hang-up': () => hangUp(stage, agent),
    mwi: async () => [await waitingMessages(stage)],
  };
  const cells: Cell[] = [];
  for (const part of possible) {
    await stage.dns(USUAL_ZONE);
    await stage.servers(part === 'renewal' || part === 'mwi' ? SHORT_S : LONG_S);
    cells.push(...(await measured[part]()));
  }
  return cells;
}

async function starts(stage: Stage, method: string): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (const fault of START_FAULTS) cells.push(await start(stage, fault, method));
  return cells;
}

const renewals = async (stage: Stage): Promise<readonly Cell[]> => [
  ...(await renewal(stage, 'killed')),
  ...(await renewal(stage, 'silent')),
  await dnsDead(stage),
];

async function whole(stage: Stage): Promise<readonly Cell[]> {
  const began = stage.start(USUAL);
  const bound = await stage.first(began, answered('primary', 'REGISTER'));
  await sleep(IDLE_MS);
  const memory: Cell = { row: 'resident memory, registered and idle', value: stage.residentMiB(), unit: 'MiB' };
  await stage.stop();
  return [seconds('cold start to REGISTERED', began, bound), memory];
}

async function start(stage: Stage, fault: PrimaryState, method: string): Promise<Cell> {
  await stage.primary(fault);
  const cells: Cell[] = [];
  do cells.push(await startOnce(stage, fault, method));
  while (cells.length < TIMES && cells.every(({ value }) => value !== null && value < QUICK_S));
  await stage.primary('whole');
  const sorted = cells.toSorted(
    (a, b) => (a.value ?? Number.POSITIVE_INFINITY) - (b.value ?? Number.POSITIVE_INFINITY),
  );
  return sorted[Math.floor(sorted.length / 2)] as Cell;
}

async function startOnce(stage: Stage, fault: PrimaryState, method: string): Promise<Cell> {
  const began = stage.start(USUAL);
  const first = await stage.first(began, asked('primary', method));
  const bound = await stage.first(began, answered('backup', method));
  await stage.stop();
  return seconds(`start, primary ${fault}: first request to the backup's 200`, first?.at ?? began, bound);
}

async function idle(stage: Stage): Promise<Cell> {
  const began = stage.start(USUAL);
  await stage.first(began, answered('primary', 'REGISTER'));
  await sleep(WARM_MS);
  const broken = Date.now();
  await stage.primary('killed');
  const bound = await stage.first(broken, answered('backup', 'REGISTER'));
  await stage.stop();
  await stage.primary('whole');
  return seconds('idle, primary killed: on the backup (bindings of an hour)', broken, bound);
}

async function renewal(stage: Stage, fault: PrimaryState): Promise<readonly Cell[]> {
  const began = stage.start({ ...USUAL, expiresS: SHORT_S, probes: false });
  await stage.first(began, answered('primary', 'REGISTER'));
  const broken = Date.now();
  await stage.primary(fault);
  const first = await stage.first(broken, asked('primary', 'REGISTER'));
  const bound = await stage.first(broken, answered('backup', 'REGISTER'));
  const cells = [seconds(`renewal, primary ${fault}: request to the backup's 200`, first?.at ?? broken, bound)];
  if (fault === 'killed') {
    const mended = Date.now();
    await stage.primary('whole');
    const home = bound === null ? null : await stage.first(mended, answered('primary', 'REGISTER'));
    cells.push(seconds(`way home, bindings of ${SHORT_S} s and no probes`, mended, home));
  }
  await stage.stop();
  await stage.primary('whole');
  return cells;
}

/** The records outlive their TTL (5 s) and a binding: what is renewed then, is renewed without DNS. */
async function dnsDead(stage: Stage): Promise<Cell> {
  const began = stage.start({ ...USUAL, expiresS: SHORT_S, probes: false });
  await stage.first(began, answered('primary', 'REGISTER'));
  const broken = Date.now();
  await stage.dns(null);
  const past = broken + 1.5 * SHORT_S * 1000;
  const renewed = await stage.first(past, answered('primary', 'REGISTER'));
  await stage.stop();
  await stage.dns(USUAL_ZONE);
  return { ...seconds('DNS dead, TTL over: renewals go on', broken, renewed), unit: 'holds' };
}
