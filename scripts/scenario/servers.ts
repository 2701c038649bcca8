/** Owns how a fault comes about: our lab is ordered, a command of the user's is run, or a person is asked to do it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Interface } from 'node:readline';
import { createInterface } from 'node:readline';
import type { Lab } from '../lab/lab.ts';
import type { Presence } from '../lab/protocol.ts';
import type { FaultResult } from '../lab/server.ts';
import type { ServerName } from './steps.ts';

/** Undefined where it is done; otherwise why not. */
export type Done = Promise<string | undefined>;

export interface Servers {
  /** `kind` may be `clear`. Returns when it is in force. */
  order(target: string, kind: string, arg: string | null): Done;
  /** A watched number does this from now on, and whoever watches it is told. */
  present(resource: string, presence: Presence): Done;
  /** Somebody calls a user who is registered there; `header`: what the call says besides, as `NAME: VALUE`. */
  call(user: string, through: ServerName, header: string | null): Done;
  /** Times count from here: `order` where a machine obeys, `done` where a person says that it is done. */
  readonly from: 'order' | 'done';
}

/** Why a lab did not do what it was told; undefined where it did. */
export const reasonIn = ({ ok, error = 'refused' }: FaultResult): string | undefined => (ok ? undefined : error);

export const labServers = (lab: Lab): Servers => ({
  from: 'order',
  async order(target, kind, arg) {
    return reasonIn(await lab.fault(target, kind, arg ?? undefined));
  },
  async present(resource, presence) {
    await lab.present(resource, presence);
    return undefined;
  },
  call: async (user, through, header) => reasonIn(await lab.call(through, user, header ?? undefined)),
});

export const commandServers = (command: string): Servers => ({
  from: 'order',
  order: (target, kind, arg) => runShell(command, [target, kind, ...(arg === null ? [] : [arg])]),
  present: (resource, presence) => runShell(command, ['present', resource, presence]),
  call: (user, through, header) => runShell(command, ['call', through, user, ...(header === null ? [] : [header])]),
});

export const personServers = (person: Person): Servers => ({
  from: 'done',
  order: (target, kind, arg) =>
    person.ask(
      kind === 'clear' ? `bring the ${target} back` : `now, at the ${target}: ${kind}${arg === null ? '' : ` ${arg}`}`,
    ),
  present: (resource, presence) => person.ask(`now let ${resource} be ${presence}`),
  call: (user, through, header) =>
    person.ask(`now call ${user} through the ${through}${header === null ? '' : `, with ${header}`}`),
});

const OUTPUT_LENGTH = 400;

/** A command of the user's with further arguments; what it prints is only told where it fails. */
export async function runShell(command: string, args: readonly string[]): Done {
  const child = spawn('/bin/sh', ['-c', `${command} "$@"`, 'sh', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = `${output}${chunk.toString()}`.slice(-OUTPUT_LENGTH);
    });
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return code === 0 ? undefined : `${command}: ${signal ?? `exit ${code}`} ${output.trim()}`.trim();
  } catch (error) {
    return `${command}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Whoever sits at the terminal. */
export interface Person {
  ask(text: string): Done;
  close(): void;
}

export function personAt(input: NodeJS.ReadableStream, print: (text: string) => void): Person {
  let lines: Interface | null = null;
  let closed = false;
  const said: string[] = [];
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const go of waiting.splice(0)) go();
  };
  const listen = (): void => {
    lines ??= createInterface({ input })
      .on('line', (line) => {
        said.push(line);
        wake();
      })
      .on('close', () => {
        closed = true;
        wake();
      });
  };
  return {
    async ask(text) {
      listen();
      print(`  >>>  ${text}  [Enter when done] `);
      while (said.length === 0 && !closed) await new Promise<void>((resolve) => waiting.push(resolve));
      if (said.shift() !== undefined) return undefined;
      return `nobody answers: ${text} (give --fault-command, or run it at a terminal)`;
    },
    close: () => lines?.close(),
  };
}
