/** Owns a phone under measurement: `holdfast run` as a process of its own, its events, its memory. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runtimeFlags } from '../image/runtime-flags.ts';
import { packageRoot } from '../lab/child.ts';
import type { Lab } from '../lab/lab.ts';

export interface TimedEvent extends Readonly<Record<string, unknown>> {
  readonly event: string;
  readonly t: number;
  /** When it was read here, ms. */
  readonly at: number;
}

export interface MeasuredPhone {
  /** When the process was started, ms. */
  readonly startedAt: number;
  readonly events: readonly TimedEvent[];
  /** Waits for an event that fits; a hang guard ends the wait. */
  until(fits: (event: TimedEvent) => boolean): Promise<TimedEvent>;
  command(line: string): void;
  /** Resident memory, MiB. */
  residentMiB(): number;
  readonly pid: number;
  stop(): Promise<void>;
}

const PATIENCE_MS = 120_000;

export async function startMeasured(lab: Lab, extra: readonly string[] = []): Promise<MeasuredPhone> {
  const state = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const { config, dns } = lab.info();
  const args = [
    'run',
    '--config',
    config,
    '--dns',
    dns,
    '--bind',
    '127.0.0.1',
    '--state',
    state,
    '--control',
    'stdio',
    ...extra,
  ];
  const startedAt = performance.now();
  const child: ChildProcess = spawn(
    process.execPath,
    [...runtimeFlags(), join(packageRoot(), 'scripts', 'holdfast.mjs'), ...args],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, HOLDFAST_LOG: 'silent' },
    },
  );
  const events: TimedEvent[] = [];
  const waiting: (() => void)[] = [];
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', (line) => {
      events.push({ ...(JSON.parse(line) as { event: string; t: number }), at: performance.now() });
      for (const wake of waiting.splice(0)) wake();
    });
  return {
    startedAt,
    events,
    async until(fits) {
      const end = performance.now() + PATIENCE_MS;
      for (;;) {
        const found = events.find(fits);
        if (found !== undefined) return found;
        if (performance.now() > end) throw new Error(`nothing fits; the last event: ${JSON.stringify(events.at(-1))}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 1000);
          waiting.push(() => {
            clearTimeout(timer);
            resolve();
          });
        });
      }
    },
    pid: child.pid ?? 0,
    command: (line) => void child.stdin?.write(`${line}\n`),
    residentMiB: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024,
    async stop() {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.stdin?.end();
      await gone;
      await rm(state, { recursive: true, force: true });
    },
  };
}
