/**
 * Owns the emulated phone as something to use: the lab behind it, a panel here that shows the board from outside, and the way from
 * here into the namespace that all of it lives in.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { connect, createServer } from 'node:net';
import type { PhoneModel } from '../../firmware/config/settings.ts';
import { serveControl } from '../lab/control.ts';
import { namespace } from './inside.ts';
import { openMirror } from './mirror.ts';
import { hasOwnNetwork } from './network.ts';
import type { EmulatedPhone } from './phone.ts';
import { startEmulatedPhone } from './phone.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** `disconnect`: who started this process in its namespace is gone. */
const ENDS = [...SIGNALS, 'disconnect'] as const;

export interface QemuOptions {
  /** One line for a program instead of text for a person. */
  readonly json: boolean;
  readonly model: PhoneModel;
  /** Further lines of the phone's configuration. */
  readonly config: readonly string[];
  /** Further arguments of `holdfast run` in the guest. */
  readonly arg: readonly string[];
}

/** What a person or a program needs to know, by name: ports of the loopback. */
interface Ports {
  readonly http: number;
  readonly control: number;
}

/** Returns never: the process ends with it. */
export async function runQemu(options: QemuOptions): Promise<void> {
  if (hasOwnNetwork() && process.send !== undefined) return runInside(options);
  const { before, env } = namespace();
  if (before.length === 0) return runUntilSignal(options, (ports) => ports);
  return runThere(before, env);
}

/** The sockets that people reach are made here and handed over: the namespace of what accepts on them does not matter. */
async function runThere(before: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const [program = '', ...args] = [...before, process.execPath, ...process.argv.slice(1)];
  const child = spawn(program, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  });
  for (const name of ['http', 'control']) {
    const server = await listening();
    child.send({ name, port: (server.address() as AddressInfo).port }, server, () => server.close());
  }
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exit(code ?? 1);
}

async function listening(): Promise<Server> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function runInside(options: QemuOptions): Promise<void> {
  const outside: Partial<Record<keyof Ports, { readonly port: number; readonly server: Server }>> = {};
  process.on('message', ({ name, port }: { name: keyof Ports; port: number }, server) => {
    outside[name] = { port, server: server as Server };
  });
  await runUntilSignal(options, (inside) => {
    process.channel?.unref();
    for (const name of ['http', 'control'] as const)
      outside[name]?.server.on('connection', (from) => {
        const to = connect(inside[name], '127.0.0.1');
        from.pipe(to).pipe(from);
        from.on('error', () => to.destroy());
        to.on('error', () => from.destroy());
      });
    return { http: outside.http?.port ?? 0, control: outside.control?.port ?? 0 };
  });
}

async function runUntilSignal(options: QemuOptions, reach: (inside: Ports) => Ports): Promise<void> {
  const signalled = Promise.race(ENDS.map((end) => once(process, end)));
  let phone: EmulatedPhone;
  try {
    phone = await startEmulatedPhone({
      model: options.model,
      lab: { extraConfig: ['failover probe period: 5', ...options.config] },
      phoneArgs: options.arg,
    });
  } catch (error) {
    process.stderr.write(`npm run qemu: ${(error as Error).message}\n`);
    process.exit(1);
  }
  let code = 0;
  try {
    const mirror = await openMirror(phone);
    const control = await serveControl(phone.lab, { host: '127.0.0.1', port: 0 });
    tell(phone, options, reach({ http: mirror.port, control: Number(control.address.split(':').pop()) }));
    code = await Promise.race([signalled.then(() => 0), ended(phone).then(() => 1)]);
    await mirror.close();
    await control.close();
  } finally {
    await phone.stop();
  }
  process.exit(code);
}

async function ended({ machine }: EmulatedPhone): Promise<void> {
  while (machine.over() === null) await new Promise((resolve) => setTimeout(resolve, 500));
  process.stderr.write(`npm run qemu: ${machine.over()}\n${machine.console().slice(-2000)}\n`);
}

function tell({ lab, network }: EmulatedPhone, { json }: QemuOptions, { http, control }: Ports): void {
  const at = { http: `127.0.0.1:${http}`, control: `127.0.0.1:${control}` };
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...at, network: network.kind, ...lab.info() })}\n`);
    return;
  }
  process.stdout.write(`
  The phone boots on an emulated Raspberry Pi 3: about half a minute.

    Front panel   http://${at.http}/panel     lamps and screen as the chips have them, keys as contacts
    Lab           holdfast lab fault primary kill --control ${at.control}
    Network       ${network.kind === 'tap' ? 'a tap in a namespace of its own' : 'QEMU user network: nobody can call this phone'}

  Ctrl-C ends everything.
`);
}
