/** Owns the phone under test: `holdfast run` as a process of its own, its events on one clock with the scenario, its panel by HTTP. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../lab/child.ts';

export interface PhoneEventSeen {
  /** ms since the scenario began. */
  readonly at: number;
  readonly fields: Readonly<Record<string, unknown>> & { readonly event: string };
}

export interface PhonePlace {
  readonly args: readonly string[];
  readonly panel: boolean;
  /** Where the recording goes. */
  readonly record: string;
}

export interface PanelSeen {
  readonly lcd: readonly string[];
  readonly lamps: Readonly<Record<string, string>>;
}

export interface TestedPhone {
  /** Since when its clock runs, ms since the scenario began. */
  startedAt(): number;
  /** Null while it runs: the exit code, or the signal that ended it. */
  ended(): string | null;
  control(line: string): void;
  press(key: string): Promise<void>;
  hook(state: 'on' | 'off'): Promise<void>;
  panel(): Promise<PanelSeen>;
  stop(how: 'clean' | 'unclean'): Promise<void>;
  /** The recording as far as it was written. */
  recording(): Promise<string>;
}

/** A phone that does not end by itself is ended, ms. */
const STOP_PATIENCE_MS = 10_000;
const COMPLAINT_LENGTH = 400;

/** `now` is the scenario's clock; `tell` hears of every event, and of the end as `null`. */
export function startTested(
  place: PhonePlace,
  now: () => number,
  tell: (event: PhoneEventSeen | null) => void,
): TestedPhone {
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
  const hil = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> => {
    if (http === null) throw new Error('the phone has not told where its panel is');
    return callJson(http, method, path, body);
  };
  return {
    startedAt: () => (Number.isFinite(offset) ? offset : now()),
    ended: () => over,
    control: (line) => void child.stdin.write(`${line}\n`),
    press: async (key) => void (await hil('POST', '/hil/v1/keys', { key, action: 'press', ms: 80 })),
    hook: async (state) => void (await hil('POST', '/hil/v1/hook', { state })),
    panel: async () => (await hil('GET', '/hil/v1/panel')) as PanelSeen,
    stop: (how) => stop(child, how, gone),
    recording: () => readFile(place.record, 'utf8').catch(() => ''),
  };
}

const argsOf = ({ args, panel, record }: PhonePlace): readonly string[] => [
  ...args,
  ...['--control', 'stdio', '--record', record],
  ...(panel ? ['--board', 'virtual', '--hil', '--http', '127.0.0.1:0'] : []),
];

async function stop(child: ChildProcess, how: 'clean' | 'unclean', gone: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(how === 'clean' ? 'SIGTERM' : 'SIGKILL');
  const guard = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
  await gone.finally(() => clearTimeout(guard));
}

async function callJson(at: string, method: string, path: string, body: unknown): Promise<unknown> {
  const call = request(`http://${at}${path}`, { method, headers: { 'Content-Type': 'application/json' } });
  call.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(call, 'response')) as [AsyncIterable<Buffer> & { readonly statusCode: number }];
  let text = '';
  for await (const chunk of response) text += chunk.toString();
  if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${text.trim().slice(0, 200)}`);
  return JSON.parse(text) as unknown;
}
