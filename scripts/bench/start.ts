/** Owns measuring the cold start and the memory of a headless phone against the lab. */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLab } from '../lab/lab.ts';
import { startMeasured } from './phone.ts';
import type { Row } from './row.ts';

const RUNS = 5;
const GOAL_MS = 250;
const GOAL_MIB = 55;
/** V8 gives the pages of its young generation back when nothing has run for some seconds; a phone idles for hours. */
const IDLE_MS = 15_000;

const median = (list: readonly number[]): number =>
  [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

function nodeStart(): number {
  const start = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - start;
}

export async function benchStart(): Promise<readonly Row[]> {
  const lab = await startLab({ accounts: 1 });
  const starts: number[] = [];
  const memory: number[] = [];
  try {
    for (let run = 0; run < RUNS; run += 1) {
      const phone = await startMeasured(lab);
      const registered = await phone.until(({ event, state }) => event === 'registration' && state === 'registered');
      starts.push(registered.at - phone.startedAt);
      if (run === 0) {
        await sleep(IDLE_MS);
        memory.push(phone.residentMiB());
      }
      await phone.stop();
    }
  } finally {
    await lab.stop();
  }
  const bare = median(Array.from({ length: RUNS }, nodeStart));
  return [
    { name: 'process start to REGISTERED', value: median(starts), unit: 'ms', against: GOAL_MS, beside: 'the goal' },
    {
      name: 'the same beside Node starting and ending alone',
      value: median(starts),
      unit: 'ms',
      against: bare,
      beside: 'Node',
    },
    {
      name: 'resident memory, registered and idle',
      value: median(memory),
      unit: 'MiB',
      against: GOAL_MIB,
      beside: 'the goal',
    },
  ];
}
