/** Owns a process inside a namespace, with all its children: started, frozen, killed, never left behind. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { NodeName } from './network.ts';
import { namespaceOf } from './network.ts';

export interface Running {
  readonly child: ChildProcess;
  /** Standard error so far, cut at its beginning: what a person needs where it fails. */
  errors(): string;
  /** To the whole group; what is gone already is gone. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL' | 'SIGTERM' | 'SIGHUP'): void;
  kill(): Promise<void>;
}

const ERRORS_KEPT = 4000;

export function runIn(node: NodeName, command: string, args: readonly string[]): Running {
  const child = spawn('ip', ['netns', 'exec', namespaceOf(node), command, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-ERRORS_KEPT);
  });
  const signal: Running['signal'] = (name) => {
    try {
      process.kill(-(child.pid ?? 0), name);
    } catch {
      // The group is gone.
    }
  };
  return {
    child,
    errors: () => errors,
    signal,
    async kill() {
      const gone = child.exitCode !== null || child.signalCode !== null ? null : once(child, 'exit');
      signal('SIGCONT');
      signal('SIGKILL');
      await gone;
    },
  };
}

export async function until(what: string, holds: () => boolean, limitMs: number): Promise<number> {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > limitMs) throw new Error(`${what}: not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - start;
}

/** As `until`, where looking takes its time. */
export async function untilAsync(what: string, holds: () => Promise<boolean>, limitMs: number): Promise<void> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > limitMs) throw new Error(`${what}: not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
