/** Owns the rows of the comparison: what is broken, from which packet to which packet is counted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ADDRESSES } from '../../../test/interop/support/network.ts';
import type { Seen } from '../../../test/interop/support/wire.ts';
import type { Agent } from './agents.ts';
import type { PrimaryState, Stage } from './stage.ts';

/** One cell of the table. */
export interface Cell {
  /** What was measured. */
  readonly row: string;
  /** Null = not within the limit. */
  readonly value: number | null;
  /** `holds`: that it happened is all that counts. */
  readonly unit: 's' | 'MiB' | 'holds';
}

const SHORT_S = 20;
const LONG_S = 3600;
const IDLE_MS = 5000;
/** The probes of an agent that has any are under way. */
const WARM_MS = 17_000;

const answered =
  (server: 'primary' | 'backup', method: string) =>
  ({ from, status, method: said }: Seen): boolean =>
    from === ADDRESSES[server] && said === method && status === 200;
const asked =
  (server: 'primary' | 'backup', method: string) =>
  ({ to, status, method: said }: Seen): boolean =>
    to === ADDRESSES[server] && said === method && status === null;

const seconds = (row: string, from: number, until: Seen | null): Cell => ({
  row,
  value: until === null ? null : Math.max(until.at - from, 0) / 1000,
  unit: 's',
});

const START_FAULTS: readonly PrimaryState[] = ['killed', 'silent', '503', '500'];

export async function measure(stage: Stage, agent: Agent): Promise<readonly Cell[]> {
  const { method } = agent;
  await stage.dns(true);
  await stage.servers(LONG_S);
  const cells: Cell[] = [];
  if (method === 'REGISTER') cells.push(...(await whole(stage)));
  for (const fault of START_FAULTS) cells.push(await start(stage, fault, method));
  if (method !== 'REGISTER') return cells;
  cells.push(await idle(stage));
  await stage.servers(SHORT_S);
  cells.push(...(await renewal(stage, 'killed')), ...(await renewal(stage, 'silent')), await dnsDead(stage));
  return cells;
}

async function whole(stage: Stage): Promise<readonly Cell[]> {
  const began = stage.start({ expiresS: LONG_S, probes: true });
  const bound = await stage.first(began, answered('primary', 'REGISTER'));
  await sleep(IDLE_MS);
  const memory: Cell = { row: 'resident memory, registered and idle', value: stage.residentMiB(), unit: 'MiB' };
  await stage.stop();
  return [seconds('cold start to REGISTERED', began, bound), memory];
}

async function start(stage: Stage, fault: PrimaryState, method: string): Promise<Cell> {
  await stage.primary(fault);
  const began = stage.start({ expiresS: LONG_S, probes: true });
  const first = await stage.first(began, asked('primary', method));
  const bound = await stage.first(began, answered('backup', method));
  await stage.stop();
  await stage.primary('whole');
  return seconds(`start, primary ${fault}: first request to the backup's 200`, first?.at ?? began, bound);
}

async function idle(stage: Stage): Promise<Cell> {
  const began = stage.start({ expiresS: LONG_S, probes: true });
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
  const began = stage.start({ expiresS: SHORT_S, probes: false });
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
  const began = stage.start({ expiresS: SHORT_S, probes: false });
  await stage.first(began, answered('primary', 'REGISTER'));
  const broken = Date.now();
  await stage.dns(false);
  const past = broken + 1.5 * SHORT_S * 1000;
  const renewed = await stage.first(past, answered('primary', 'REGISTER'));
  await stage.stop();
  await stage.dns(true);
  return { ...seconds('DNS dead, TTL over: renewals go on', broken, renewed), unit: 'holds' };
}
