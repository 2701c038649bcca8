/** Owns the phone under test: `holdfast run` as a process of its own, its events on one clock with the scenario, its panel by HTTP. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../lab/child.ts';
import type { HilPanel } from './hil-client.ts';
import { hilClient } from './hil-client.ts';

export interface PhoneEventSeen {
  /** ms since the scenario began. */
  readonly at: number;
  readonly fields: Readonly<Record<string, unknown>> & { readonly event: string };
}

export interface PhonePlace {
  /** Arguments of `holdfast run`: configuration, name servers, address, state. */
  readonly args: readonly string[];
  /** What the scenario sets above all files. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly panel: boolean;
  /** Where the recording goes. */
  readonly record: string;
}

/** A phone under test, wherever it runs. */
export interface TestedPhone extends HilPanel {
  /** Since when its clock runs, ms since the scenario began. */
  startedAt(): number;
  /** Null while it runs: the exit code, or the signal that ended it. */
  ended(): string | null;
  control(line: string): void;
  /** `leave`: the scenario is over; a phone that was there before stays. */
  stop(how: 'clean' | 'unclean' | 'leave'): Promise<void>;
  /** The recording as far as it was written. */
  recording(): Promise<string>;
}

/** A phone that does not end by itself is ended, ms. */
const STOP_PATIENCE_MS = 10_000;
const COMPLAINT_LENGTH = 400;

/** How a rig starts a phone. `now` is the scenario's clock; `tell` hears of every event, and of the end as `null`. */
export type StartPhone = (
  place: PhonePlace,
  now: () => number,
  tell: (event: PhoneEventSeen | null) => void,
) => Promise<TestedPhone>;

/** A process of its own. */
export const startTested: StartPhone = async (place, now, tell) => {
  const child = spawn(process.execPath, [join(packageRoot(), 'scripts', 'holdfast.mjs'), 'run', ...argsOf(place)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, HOLDFAST_LOG: 'silent' },
  });
  let offset = Number.POSITIVE_INFINITY;
  let http: string | null = null;
  let complaint = '';
  let over: string | null = null;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const fields = JSON.parse(line) as { readonly event: string; readonly t: number; readonly http?: string };
    // What came quickest shows how the clocks stand to one another.
    offset = Math.min(offset, now() - fields.t);
    if (fields.event === 'ready') http = fields.http ?? null;
    tell({ at: fields.t + offset, fields });
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(-COMPLAINT_LENGTH);
  });
  child.stdin.on('error', () => undefined);
  const gone = new Promise<void>((resolve) =>
    child.once('close', (code, signal) => {
      over = `${signal ?? `exit ${code}`}${complaint === '' ? '' : `: ${complaint.trim()}`}`;
      tell(null);
      resolve();
    }),
  );
  return {
    ...hilClient(() => (http === null ? null : { http, token: null })),
    startedAt: () => (Number.isFinite(offset) ? offset : now()),
    ended: () => over,
    control: (line) => void child.stdin.write(`${line}\n`),
    stop: (how) => stop(child, how, gone),
    recording: () => readFile(place.record, 'utf8').catch(() => ''),
  };
};

const argsOf = ({ args, panel, record }: PhonePlace): readonly string[] => [
  ...args,
  ...['--control', 'stdio', '--record', record],
  ...(panel ? ['--board', 'virtual', '--hil', '--http', '127.0.0.1:0'] : []),
];

async function stop(child: ChildProcess, how: 'clean' | 'unclean' | 'leave', gone: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(how === 'unclean' ? 'SIGKILL' : 'SIGTERM');
  const guard = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
  await gone.finally(() => clearTimeout(guard));
}
