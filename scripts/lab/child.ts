/** Owns starting and stopping one server of the lab as a process of its own, so that kill and freeze are real. */
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FromServer, SeenRequest, ToServer } from './protocol.ts';

/** How long a server may take to do what it is told, ms: a hang guard. */
const PATIENCE_MS = 10_000;

export interface Child {
  readonly pid: number;
  /** Tells the server something and waits until it is in force. */
  ask(message: { readonly kind: 'mode'; readonly mode: unknown } | { readonly kind: 'bindings' }): Promise<unknown>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

export async function startChild(
  start: Extract<ToServer, { kind: 'registrar' | 'dns' }>,
  onSeen: (request: SeenRequest) => void,
): Promise<Child> {
  const child: ChildProcess = fork(join(packageRoot(), 'scripts', 'holdfast.mjs'), ['lab-server', start.kind], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const waiting = new Map<number, (value: unknown) => void>();
  let seq = 0;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const listening = new Promise<void>((resolve, reject) => {
    child.on('message', (message: FromServer) => {
      if (message.kind === 'listening') resolve();
      else if (message.kind === 'failed')
        reject(new Error(`${start.kind} server at ${start.address}:${start.port}: ${message.error}`));
      else if (message.kind === 'done') waiting.get(message.seq)?.(message.value);
      else onSeen(message.request);
    });
    child.once('exit', (code) => reject(new Error(`${start.kind} server ended with code ${code}`)));
  });
  child.send(start);
  await within(listening, `${start.kind} server did not start`);
  return {
    pid: child.pid ?? 0,
    ask(message) {
      seq += 1;
      const mine = seq;
      const answer = new Promise<unknown>((resolve) => waiting.set(mine, resolve)).finally(() => waiting.delete(mine));
      child.send({ ...message, seq: mine });
      return within(answer, `${start.kind} server does not answer`);
    },
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
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
