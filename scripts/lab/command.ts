/** Owns `holdfast lab`: the lab as a tool, its control over HTTP on loopback, and the faults by command (interfaces 2). */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import type { FaultResult, Lab } from './lab.ts';
import { startLab } from './lab.ts';

const USAGE = `holdfast lab [--json] [--control H:P] [--base-port N]
holdfast lab fault TARGET KIND [ARG] --control H:P`;

export async function runLab(args: readonly string[]): Promise<number> {
  const options = { json: { type: 'boolean' }, control: { type: 'string' }, 'base-port': { type: 'string' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const control = hostPort(values.control ?? '127.0.0.1:0');
    if (control === null) return usage('--control HOST:PORT');
    if (positionals[0] === 'fault')
      return values.control === undefined
        ? usage('--control HOST:PORT is needed')
        : await orderFault(positionals.slice(1), control);
    if (positionals.length > 0) return usage(`unknown word "${positionals[0] ?? ''}"`);
    const basePort = values['base-port'] === undefined ? undefined : Number(values['base-port']);
    if (basePort !== undefined && !(Number.isInteger(basePort) && basePort > 0 && basePort < 65_533))
      return usage('--base-port N: 1 to 65532');
    return await runUntilSignal(basePort, control);
  } catch (error) {
    return usage((error as Error).message.split('\n', 1)[0] ?? 'bad arguments');
  }
}

interface At {
  readonly host: string;
  readonly port: number;
}

function hostPort(text: string): At | null {
  const match = /^(.+):(\d{1,5})$/.exec(text);
  return match === null ? null : { host: match[1] ?? '', port: Number(match[2]) };
}

function usage(message: string): number {
  process.stderr.write(`holdfast lab: ${message}\n${USAGE}\n`);
  return 2;
}

async function runUntilSignal(basePort: number | undefined, control: At): Promise<number> {
  const lab = await startLab(basePort === undefined ? {} : { basePort });
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const server = await serveControl(lab, control);
  lab.info().control = `${control.host}:${server.port}`;
  process.stdout.write(`${JSON.stringify(lab.info())}\n`);
  await stopped;
  server.close();
  await lab.stop();
  return 0;
}

/** `POST /fault` {target, kind, arg?}, `GET /info`, `GET /requests`. */
async function serveControl(lab: Lab, at: At): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((incoming, outgoing) => {
    const answer = (body: unknown): void => {
      outgoing.setHeader('Content-Type', 'application/json');
      outgoing.end(JSON.stringify(body));
    };
    if (incoming.method === 'GET' && incoming.url === '/info') return answer(lab.info());
    if (incoming.method === 'GET' && incoming.url === '/requests') return answer(lab.requests());
    if (incoming.method !== 'POST' || incoming.url !== '/fault') {
      outgoing.statusCode = 404;
      return answer({ ok: false, error: 'POST /fault, GET /info, GET /requests' });
    }
    let text = '';
    incoming.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.length > 4096) incoming.destroy();
    });
    incoming.on('end', () => {
      void order(lab, text).then(answer);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function order(lab: Lab, text: string): Promise<FaultResult> {
  try {
    const { target, kind, arg } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return await lab.fault(String(target), String(kind), arg === undefined ? undefined : String(arg));
  } catch (error) {
    return { ok: false, error: (error as Error).message };
  }
}

async function orderFault([target, kind, arg]: readonly string[], at: At): Promise<number> {
  if (target === undefined || kind === undefined) return usage('fault TARGET KIND [ARG]');
  const body = JSON.stringify({ target, kind, ...(arg === undefined ? {} : { arg }) });
  const result = await new Promise<FaultResult>((resolve) => {
    const call = request(
      { host: at.host, port: at.port, path: '/fault', method: 'POST', headers: { 'Content-Type': 'application/json' } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve(JSON.parse(text) as FaultResult));
      },
    );
    call.on('error', (error) => resolve({ ok: false, error: `no lab at ${at.host}:${at.port} (${error.message})` }));
    call.end(body);
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return result.ok ? 0 : 1;
}

/** One server of the lab, in a process of its own. */
export async function runLabServer([kind]: readonly string[]): Promise<number> {
  if (kind === 'dns') (await import('./dns-server.ts')).serveDns();
  else (await import('./registrar.ts')).serveRegistrar();
  return new Promise(() => undefined);
}
