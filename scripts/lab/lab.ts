/** Owns the lab: DNS, a primary and a backup registrar, each a process, faults to order, and a configuration that fits them. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWhole } from '../../firmware/shell/files.ts';
import type { Child } from './child.ts';
import { startChild } from './child.ts';
import type { Account, DnsMode, FaultKind, LabTarget, RegistrarMode, SeenRequest } from './protocol.ts';
import { FAULT_KINDS, HEALTHY } from './protocol.ts';

export interface LabOptions {
  readonly address?: string;
  /** First of three ports in a row; any free ones by default. */
  readonly basePort?: number;
  readonly accounts?: number;
  readonly ttlS?: number;
  readonly minExpiresS?: number;
  /** Further lines of the phone's configuration. */
  readonly extraConfig?: readonly string[];
}

export interface LabInfo {
  readonly dns: string;
  control: string | null;
  readonly primary: { readonly name: string; readonly target: string; readonly pid: number };
  readonly backup: { readonly name: string; readonly target: string; readonly pid: number };
  readonly callee: { readonly uri: string };
  readonly domain: string;
  readonly accounts: readonly Account[];
  readonly config: string;
}

export interface Seen extends SeenRequest {
  readonly server: 'primary' | 'backup';
  /** Unix time, ms. */
  readonly at: number;
}

export interface FaultResult {
  readonly ok: boolean;
  readonly error?: string;
}

export interface Lab {
  info(): LabInfo;
  /** Returns when the fault is in force. */
  fault(target: string, kind: string, arg?: string): Promise<FaultResult>;
  /** Every request that the registrars saw. */
  requests(): readonly Seen[];
  onRequest(listener: (seen: Seen) => void): void;
  bindings(server: 'primary' | 'backup'): Promise<Readonly<Record<string, readonly string[]>>>;
  stop(): Promise<void>;
}

const DOMAIN = 'lab.test';
const REGISTRAR_FAULTS: ReadonlySet<string> = new Set([
  'kill',
  'freeze',
  'silent',
  '500',
  '503',
  '503-retry',
  'slow',
  'clear',
]);
const DNS_FAULTS: ReadonlySet<string> = new Set([
  'kill',
  'freeze',
  'silent',
  'truncate',
  'servfail',
  'nxdomain',
  'landing-page',
  'srv-gone',
  'clear',
]);

interface Place {
  child: Child | null;
  pid: number;
  frozen: boolean;
  readonly start: () => Promise<Child>;
}

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const address = options.address ?? '127.0.0.1';
  const ports =
    options.basePort === undefined
      ? await freePorts(address, 3)
      : [options.basePort, options.basePort + 1, options.basePort + 2];
  const [dnsPort = 0, primaryPort = 0, backupPort = 0] = ports;
  const accounts: readonly Account[] = Array.from({ length: options.accounts ?? 3 }, (_account, index) => {
    const user = String(2001 + index);
    return { user, auth: user, password: randomBytes(12).toString('base64url') };
  });
  const seen: Seen[] = [];
  const listeners: ((seen: Seen) => void)[] = [];
  const note =
    (server: 'primary' | 'backup') =>
    (request: SeenRequest): void => {
      const item: Seen = { ...request, server, at: Date.now() };
      seen.push(item);
      for (const listener of listeners) listener(item);
    };
  const registrar = (server: 'primary' | 'backup', port: number) => (): Promise<Child> =>
    startChild(
      {
        kind: 'registrar',
        address,
        port,
        realm: `${server}.${DOMAIN}`,
        accounts,
        minExpiresS: options.minExpiresS ?? 0,
      },
      note(server),
    );
  const zone = {
    domain: DOMAIN,
    address,
    ttlS: options.ttlS ?? 30,
    ports: { primary: primaryPort, backup: backupPort },
  };
  const places: Readonly<Record<'primary' | 'backup' | 'dns', Place>> = {
    primary: place(registrar('primary', primaryPort)),
    backup: place(registrar('backup', backupPort)),
    dns: place(() => startChild({ kind: 'dns', address, port: dnsPort, zone }, () => undefined)),
  };
  await Promise.all(Object.values(places).map(begin));
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-lab-'));
  const config = join(folder, 'phone.cfg');
  await writeWhole(config, configText(accounts, options.extraConfig ?? []));
  const info: LabInfo = {
    dns: `${address}:${dnsPort}`,
    control: null,
    get primary() {
      return { name: `primary.${DOMAIN}`, target: `udp:${address}:${primaryPort}`, pid: places.primary.pid };
    },
    get backup() {
      return { name: `backup.${DOMAIN}`, target: `udp:${address}:${backupPort}`, pid: places.backup.pid };
    },
    callee: { uri: `sip:echo@primary.${DOMAIN}` },
    domain: DOMAIN,
    accounts,
    config,
  };
  return {
    info: () => info,
    fault: (target, kind, arg) =>
      applyFault(places, target, kind, arg).catch((error: Error) => ({ ok: false, error: error.message })),
    requests: () => seen,
    onRequest: (listener) => void listeners.push(listener),
    async bindings(server) {
      const { child } = places[server];
      return child === null
        ? {}
        : ((await child.ask({ kind: 'bindings' })) as Readonly<Record<string, readonly string[]>>);
    },
    async stop() {
      await Promise.all(Object.values(places).map(({ child }) => child?.kill()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const place = (start: () => Promise<Child>): Place => ({ child: null, pid: 0, frozen: false, start });

async function begin(at: Place): Promise<void> {
  at.child = await at.start();
  at.pid = at.child.pid;
}

async function applyFault(
  places: Readonly<Record<'primary' | 'backup' | 'dns', Place>>,
  target: string,
  kind: string,
  arg: string | undefined,
): Promise<FaultResult> {
  const refusal = refuse(target, kind, arg);
  if (refusal !== null) return { ok: false, error: refusal };
  const at = places[target as 'primary' | 'backup' | 'dns'];
  switch (kind as FaultKind) {
    case 'kill':
      await at.child?.kill();
      at.child = null;
      return { ok: true };
    case 'freeze':
      if (at.child === null) return { ok: false, error: `${target} is killed` };
      at.child.signal('SIGSTOP');
      at.frozen = true;
      return { ok: true };
    case 'clear':
      return clear(at, target as LabTarget);
    default:
      if (at.child === null || at.frozen)
        return { ok: false, error: `${target} is ${at.child === null ? 'killed' : 'frozen'}: clear it first` };
      await at.child.ask({ kind: 'mode', mode: target === 'dns' ? kind : registrarMode(kind as FaultKind, arg) });
      return { ok: true };
  }
}

function refuse(target: string, kind: string, arg: string | undefined): string | null {
  if (target === 'callee') return 'the callee answers calls, which come with a later release';
  if (target !== 'primary' && target !== 'backup' && target !== 'dns')
    return `target "${target.slice(0, 40)}": primary, backup, dns or callee`;
  if (!(FAULT_KINDS as readonly string[]).includes(kind))
    return `fault "${kind.slice(0, 40)}": one of ${FAULT_KINDS.join(', ')}`;
  if (!(target === 'dns' ? DNS_FAULTS : REGISTRAR_FAULTS).has(kind)) return `${kind} is no fault of ${target}`;
  if ((kind === '503-retry' || kind === 'slow') && !/^\d{1,6}$/.test(arg ?? ''))
    return `${kind} needs a number of ${kind === 'slow' ? 'milliseconds' : 'seconds'}`;
  return null;
}

function registrarMode(kind: FaultKind, arg: string | undefined): RegistrarMode {
  switch (kind) {
    case 'silent':
      return { ...HEALTHY, silent: true };
    case '500':
      return { ...HEALTHY, status: 500 };
    case '503':
      return { ...HEALTHY, status: 503 };
    case '503-retry':
      return { ...HEALTHY, status: 503, retryAfterS: Number(arg) };
    case 'slow':
      return { ...HEALTHY, delayMs: Number(arg) };
    default:
      return HEALTHY;
  }
}

/** Undoes all: a killed server starts anew on its port with nothing remembered, a frozen one goes on. */
async function clear(at: Place, target: LabTarget): Promise<FaultResult> {
  if (at.child === null) {
    await begin(at);
    return { ok: true };
  }
  if (at.frozen) at.child.signal('SIGCONT');
  at.frozen = false;
  await at.child.ask({ kind: 'mode', mode: target === 'dns' ? ('none' satisfies DnsMode) : HEALTHY });
  return { ok: true };
}

/** A configuration in the original's syntax: both servers by name and port 0, so that SRV decides. */
function configText(accounts: readonly Account[], extra: readonly string[]): string {
  const servers = ['registrar', 'proxy'].flatMap((role) => [
    `sip ${role} ip: primary.${DOMAIN}`,
    `sip ${role} port: 0`,
    `sip backup ${role} ip: backup.${DOMAIN}`,
    `sip backup ${role} port: 0`,
  ]);
  const names = ['Reception', 'Workshop', 'Office'];
  const lines = accounts.flatMap(({ user, auth, password }, index) => [
    `sip line${index + 1} user name: ${user}`,
    `sip line${index + 1} auth name: ${auth}`,
    `sip line${index + 1} password: "${password}"`,
    `sip line${index + 1} screen name: ${names[index] ?? `Phone ${index + 1}`}`,
  ]);
  return `# Written by the lab: ready for "holdfast run --config".\n${[...servers, ...lines, 'sip local port: 0', ...extra].join('\n')}\n`;
}

async function freePorts(address: string, count: number): Promise<readonly number[]> {
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = createSocket('udp4');
      await new Promise<void>((resolve) => socket.bind(0, address, resolve));
      return socket;
    }),
  );
  const ports = sockets.map((socket) => socket.address().port);
  for (const socket of sockets) socket.close();
  return ports;
}
