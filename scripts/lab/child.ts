/** Owns one process of the lab: started, asked, frozen, killed; and that none of them outlives the lab. */
import type { ChildProcess } from 'node:child_process';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ask, Bindings, FromServer, SeenRequest, Start, ToServer } from './protocol.ts';

/** How long a server may take to do what it is told, ms: a hang guard. */
const PATIENCE_MS = 60_000;

export interface Child {
  readonly pid: number;
  /** Asks the server something and waits until it is done. */
  ask(ask: Ask): Promise<Bindings | null>;
  /** SIGSTOP; resolves when the process stands still. */
  freeze(): Promise<void>;
  /** SIGCONT. */
  thaw(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Resolves when the process is gone, whoever ended it. */
  readonly gone: Promise<void>;
}

interface Waiting {
  readonly resolve: (value: Bindings | null) => void;
  readonly reject: (error: Error) => void;
}

/** Resolves when the server would answer a packet; a server that does not come up is not left behind. */
export async function startChild(start: Start, onSeen: (request: SeenRequest) => void): Promise<Child> {
  const name = `${start.kind} server at ${start.address}:${start.port}`;
  const forked = fork(join(packageRoot(), 'scripts', 'holdfast.mjs'), ['lab-server', start.kind], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const waiting = new Map<number, Waiting>();
  const gone = new Promise<void>((resolve) => forked.once('exit', () => resolve()));
  const listening = new Promise<void>((resolve, reject) => {
    forked.on('message', (message: FromServer) => {
      if (message.kind === 'listening') resolve();
      else if (message.kind === 'failed') reject(new Error(`${name}: ${message.error}`));
      else if (message.kind === 'done') waiting.get(message.seq)?.resolve(message.value);
      else onSeen(message.request);
    });
    // A channel that breaks while something is sent: the exit tells the rest.
    forked.on('error', reject);
    forked.once('exit', (code, signal) => {
      const error = new Error(`${name} ended (${signal ?? code})`);
      reject(error);
      for (const { reject: fail } of waiting.values()) fail(error);
    });
  });
  forked.send(start satisfies ToServer);
  try {
    await within(listening, `${name} did not start`);
  } catch (error) {
    forked.kill('SIGKILL');
    await gone;
    throw error;
  }
  return running(forked, name, waiting, gone);
}

function running(forked: ChildProcess, name: string, waiting: Map<number, Waiting>, gone: Promise<void>): Child {
  const pid = forked.pid ?? 0;
  let seq = 0;
  let guard: ChildProcess | null = null;
  const dismiss = async (): Promise<void> => {
    const dismissed = guard;
    guard = null;
    if (dismissed?.pid === undefined || dismissed.exitCode !== null || dismissed.signalCode !== null) return;
    dismissed.stdin?.end('dismissed\n');
    await once(dismissed, 'exit');
  };
  return {
    pid,
    gone,
    async ask(ask) {
      if (!forked.connected) throw new Error(`${name} is gone`);
      seq += 1;
      const mine = seq;
      const done = new Promise<Bindings | null>((resolve, reject) => waiting.set(mine, { resolve, reject }));
      forked.send({ kind: 'ask', seq: mine, ask } satisfies ToServer);
      return within(done, `${name} does not answer`).finally(() => waiting.delete(mine));
    },
    async freeze() {
      guard ??= guardOf(pid);
      forked.kill('SIGSTOP');
      await stopped(pid);
    },
    async thaw() {
      forked.kill('SIGCONT');
      await dismiss();
    },
    async kill() {
      forked.kill('SIGKILL');
      await gone;
      await dismiss();
    },
  };
}

/** A process that stands still does not notice that its parent is gone: a shell waits in its place, and ends both. */
function guardOf(pid: number): ChildProcess {
  const script = `trap '' INT; read -r word || kill -KILL ${pid}`;
  const guard = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'] });
  // Where there is no shell, or somebody ended it, the lab goes on without a guard.
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  return guard;
}

/** A signal is delivered some time after it was sent. Where there is no /proc, the signal sent has to do. */
async function stopped(pid: number): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const state = stateOf(pid);
    if (state === null || state === 'T') return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`process ${pid} does not stand still`);
}

/** The state letter of proc(5), null where it cannot be read. */
function stateOf(pid: number): string | null {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? null;
  } catch {
    return null;
  }
}

function within<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(what)), PATIENCE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The folder of package.json, from the sources as from the bundle. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
