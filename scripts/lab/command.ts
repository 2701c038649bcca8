/** Owns `holdfast lab`: the lab as a tool that prints where it is, and its faults by command (interfaces 2). */
import { parseArgs } from 'node:util';
import type { At } from './control.ts';
import { orderCall, orderFault, orderPresence, readAddress, serveControl } from './control.ts';
import { startLab } from './lab.ts';
import { PRESENCES } from './protocol.ts';
import type { FaultResult } from './server.ts';

const USAGE = `holdfast lab [--json] [--control H:P] [--base-port N]
holdfast lab fault TARGET KIND [ARG] --control H:P
holdfast lab present NUMBER ${PRESENCES.join('|')} --control H:P
holdfast lab call primary|backup NUMBER ["NAME: VALUE"] --control H:P`;

const OPTIONS = { json: { type: 'boolean' }, control: { type: 'string' }, 'base-port': { type: 'string' } } as const;
/** The lab takes five ports in a row. */
const LAST_BASE_PORT = 65_531;

type Read =
  | { readonly kind: 'run'; readonly control: At; readonly basePort: number | undefined }
  | {
      readonly kind: 'fault';
      readonly control: At;
      readonly target: string;
      readonly fault: string;
      readonly arg?: string;
    }
  | { readonly kind: 'present'; readonly control: At; readonly resource: string; readonly presence: string }
  | {
      readonly kind: 'call';
      readonly control: At;
      readonly server: string;
      readonly user: string;
      readonly header?: string;
    }
  | { readonly kind: 'usage'; readonly error: string };

/** Where a tool writes: what was asked for, and what went wrong. */
export interface Output {
  print(text: string): void;
  complain(text: string): void;
}

const CONSOLE: Output = {
  print: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
};

export async function runLab(args: readonly string[], output: Output = CONSOLE): Promise<number> {
  const read = readArgs(args);
  switch (read.kind) {
    case 'run':
      return runUntilSignal(read.control, read.basePort, output).catch((error: Error) => {
        output.complain(`holdfast lab: ${error.message}\n`);
        return 2;
      });
    case 'fault': {
      const { control, target, fault: kind, arg } = read;
      return tell(output, await orderFault(control, { target, kind, ...(arg === undefined ? {} : { arg }) }));
    }
    case 'present':
      return tell(output, await orderPresence(read.control, read.resource, read.presence));
    case 'call':
      return tell(output, await orderCall(read.control, read.server, read.user, read.header));
    case 'usage':
      output.complain(`holdfast lab: ${read.error}\n${USAGE}\n`);
      return 2;
  }
}

function tell(output: Output, result: FaultResult): number {
  output.print(`${JSON.stringify(result)}\n`);
  return result.ok ? 0 : 1;
}

function readArgs(args: readonly string[]): Read {
  const usage = (error: string): Read => ({ kind: 'usage', error });
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
      strict: true,
    });
    const control = readAddress(values.control ?? '127.0.0.1:0');
    if (control === null) return usage('--control HOST:PORT, on the loopback');
    const [word] = positionals;
    if (word === undefined) {
      const basePort = values['base-port'] === undefined ? undefined : Number(values['base-port']);
      const fits = basePort === undefined || (Number.isInteger(basePort) && basePort > 0 && basePort <= LAST_BASE_PORT);
      return fits ? { kind: 'run', control, basePort } : usage(`--base-port N: 1 to ${LAST_BASE_PORT}`);
    }
    if (word !== 'fault' && word !== 'present' && word !== 'call') return usage(`unknown word "${word.slice(0, 40)}"`);
    if (values.control === undefined) return usage('--control HOST:PORT is needed');
    return readOrder(word, positionals.slice(1), control);
  } catch (error) {
    return usage((error as Error).message.split('\n', 1)[0] ?? 'bad arguments');
  }
}

function readOrder(word: 'fault' | 'present' | 'call', words: readonly string[], control: At): Read {
  const [first, second, arg, ...rest] = words;
  const known = first !== undefined && second !== undefined && rest.length === 0;
  if (word === 'call')
    return known
      ? { kind: 'call', control, server: first, user: second, ...(arg === undefined ? {} : { header: arg }) }
      : { kind: 'usage', error: 'call primary|backup NUMBER ["NAME: VALUE"]' };
  if (word === 'present')
    return known && arg === undefined
      ? { kind: 'present', control, resource: first, presence: second }
      : { kind: 'usage', error: 'present NUMBER STATE' };
  return known
    ? { kind: 'fault', control, target: first, fault: second, ...(arg === undefined ? {} : { arg }) }
    : { kind: 'usage', error: 'fault TARGET KIND [ARG]' };
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** A signal that comes while the lab starts ends it as soon as it has: nothing is left half started. */
async function runUntilSignal(control: At, basePort: number | undefined, output: Output): Promise<number> {
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    const lab = await startLab(basePort === undefined ? {} : { basePort });
    try {
      const { address, close } = await serveControl(lab, control);
      const { dns, ...info } = lab.info();
      output.print(`${JSON.stringify({ dns, control: address, ...info })}\n`);
      await stopped;
      await close();
    } finally {
      await lab.stop();
    }
    return 0;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

/** One server of the lab, in a process of its own. */
export async function runLabServer([kind]: readonly string[]): Promise<number> {
  if (kind === 'dns') (await import('./dns-server.ts')).serveDns();
  else if (kind === 'registrar') (await import('./registrar.ts')).serveRegistrar();
  else {
    process.stderr.write('holdfast lab-server registrar|dns: started by the lab alone\n');
    return 2;
  }
  return new Promise(() => undefined);
}
