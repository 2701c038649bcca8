/** Owns the lab: DNS, a primary and a backup registrar, each a process, faults to order, and a configuration that fits them. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWhole } from '../../firmware/shell/files.ts';
import type { Authority, Certified } from './certificates.ts';
import { createAuthority } from './certificates.ts';
import { startChild } from './child.ts';
import { configText } from './config.ts';
import type { FaultKind } from './faults.ts';
import { calleeMode, dnsMode, readOrder, registrarMode } from './faults.ts';
import { freePorts } from './ports.ts';
import type { Account, Bindings, Presence, RegistrarName, SeenRequest, ServerName } from './protocol.ts';
import { HALE, HEALTHY, HONEST, readCallHeader } from './protocol.ts';
import type { FaultResult, LabServer } from './server.ts';
import { createServer } from './server.ts';

export type LabTransport = 'udp' | 'tcp' | 'tls';

export interface LabOptions {
  readonly address?: string;
  /** Where phones reach `address`, if they see it by another one; DNS answers it. */
  readonly advertised?: string;
  /** First of five ports in a row; any free ones by default. */
  readonly basePort?: number;
  /** What the phone's configuration chooses; the servers serve all of them. */
  readonly transport?: LabTransport;
  readonly accounts?: number;
  readonly ttlS?: number;
  readonly minExpiresS?: number;
  /** How long a nonce is good. */
  readonly nonceLifeS?: number;
  /** Further lines of the phone's configuration. */
  readonly extraConfig?: readonly string[];
}

interface ServerInfo {
  readonly name: string;
  readonly target: string;
  /** Of the process that serves now: another one after kill and clear. */
  readonly pid: number;
}

export interface LabInfo {
  readonly dns: string;
  readonly primary: ServerInfo;
  readonly backup: ServerInfo;
  readonly callee: { readonly uri: string };
  readonly domain: string;
  readonly accounts: readonly Account[];
  readonly config: string;
  /** PEM file of who vouches for the servers over TLS. */
  readonly authority: string;
}

export interface Seen extends SeenRequest {
  readonly server: RegistrarName;
  /** Unix time, ms. */
  readonly at: number;
}

export interface Lab {
  info(): LabInfo;
  /** Returns when the fault is in force. */
  fault(target: string, kind: string, arg?: string): Promise<FaultResult>;
  /** The requests that the registrars saw and answered, the oldest first, the last 10,000. */
  requests(): readonly Seen[];
  onRequest(listener: (seen: Seen) => void): void;
  bindings(server: RegistrarName): Promise<Bindings>;
  /** What a number does from now on, told by both servers; one that starts anew is told as well. */
  present(resource: string, presence: Presence): Promise<void>;
  /** Package and resource of the subscriptions in force at a server; none where it is dead. */
  watched(server: RegistrarName): Promise<readonly string[]>;
  /** The echo calls a user through this server, for two minutes at most; `header`: what its INVITE says besides, as `NAME: VALUE`. */
  call(server: string, user: string, header?: string): Promise<FaultResult>;
  /** Ends every process and removes the configuration. */
  stop(): Promise<void>;
}

/** The words that have `holdfast run` find a lab on the loopback. */
export function placeAt(lab: Lab, state: string): readonly string[] {
  const { config, dns } = lab.info();
  return ['--config', config, '--dns', dns, '--bind', '127.0.0.1', '--state', state];
}

const DOMAIN = 'lab.test';
const SEEN_KEPT = 10_000;
/** DNS, and for each server one port of UDP and TCP, and one of TLS. */
const PORTS = 5;
const CHOICES: Readonly<Record<LabTransport, readonly string[]>> = {
  udp: [],
  tcp: ['sip transport protocol: 2'],
  tls: ['sip transport protocol: 4', 'sips trusted certificates: lab-authority.pem'],
};

const from = (first: number): readonly number[] => Array.from({ length: PORTS }, (_port, n) => first + n);

type Servers = Readonly<Record<ServerName, LabServer>>;

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { address = '127.0.0.1', basePort, transport = 'udp' } = options;
  const advertised = options.advertised ?? address;
  const ports = basePort === undefined ? await freePorts(address, PORTS) : from(basePort);
  const [dns = 0, primary = 0, backup = 0, primaryTls = 0, backupTls = 0] = ports;
  const tlsPorts = { primary: primaryTls, backup: backupTls };
  const accounts = Array.from({ length: options.accounts ?? 3 }, (_account, index) => accountOf(2001 + index));
  const seen: Seen[] = [];
  const listeners: ((seen: Seen) => void)[] = [];
  const presences = new Map<string, Presence>();
  const vouching = createAuthority('Holdfast lab');
  const places = { ports: { dns, primary, backup }, tlsPorts, vouching };
  const servers = serversOf(places, { ...options, address, advertised }, accounts, (item) => {
    seen.push(item);
    if (seen.length > SEEN_KEPT) seen.shift();
    for (const listener of listeners) listener(item);
  });
  const callee = calleeOf(servers);
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-lab-'));
  const config = join(folder, 'phone.cfg');
  const authority = join(folder, 'lab-authority.pem');
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await writeWhole(authority, vouching.certificate);
    const extra = [...CHOICES[transport], ...(options.extraConfig ?? [])];
    await writeWhole(config, configText(DOMAIN, accounts, extra));
    await Promise.all(Object.values(servers).map((server) => server.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  const infoOf = (server: RegistrarName, port: number): ServerInfo => ({
    name: `${server}.${DOMAIN}`,
    target: `${transport}:${advertised}:${transport === 'tls' ? tlsPorts[server] : port}`,
    pid: servers[server].pid(),
  });
  return {
    info: () => ({
      dns: `${address}:${dns}`,
      primary: infoOf('primary', primary),
      backup: infoOf('backup', backup),
      callee: { uri: `sip:echo@primary.${DOMAIN}` },
      domain: DOMAIN,
      accounts,
      config,
      authority,
    }),
    async fault(target, kind, arg) {
      const order = readOrder(target, kind, arg);
      if (!order.ok) return order;
      const { target: at, kind: what, argument } = order.value;
      if (at === 'callee') return callee(what, argument);
      const done = await servers[at].fault(what, argument);
      if (at !== 'dns' && what === 'clear')
        for (const [resource, presence] of presences) await servers[at].ask({ kind: 'present', resource, presence });
      return done;
    },
    requests: () => seen,
    onRequest: (listener) => void listeners.push(listener),
    bindings: (server) => servers[server].bindings(),
    async present(resource, presence) {
      presences.set(resource, presence);
      for (const server of ['primary', 'backup'] as const)
        await servers[server].ask({ kind: 'present', resource, presence });
    },
    watched: async (server) => (await servers[server].ask({ kind: 'watched' }))?.['watched'] ?? [],
    async call(server, user, said) {
      const header = said === undefined ? null : readCallHeader(said);
      if ((server !== 'primary' && server !== 'backup') || (said !== undefined && header === null))
        return { ok: false, error: 'call primary|backup NUMBER ["NAME: VALUE"]' };
      const answer = await servers[server].ask({ kind: 'call', user, header });
      if (answer === null) return { ok: false, error: `${server} does not serve: clear it first` };
      return answer['called']?.length ? { ok: true } : { ok: false, error: `${user} is not registered at ${server}` };
    },
    stop,
  };
}

/** Users, their names at login and passwords are three different things, so that a mix-up shows. */
const accountOf = (number: number): Account => ({
  user: String(number),
  auth: `desk-${number}`,
  password: randomBytes(12).toString('base64url'),
});

/** Both registrars know the callee: what befalls it, befalls it behind both. */
function calleeOf({ primary, backup }: Servers): (kind: FaultKind, argument: number) => Promise<FaultResult> {
  let mode = HALE;
  return async (kind, argument) => {
    mode = calleeMode(mode, kind, argument);
    const told = await Promise.all([primary, backup].map((server) => server.stand({ kind: 'callee', mode })));
    return told.find(({ ok }) => !ok) ?? { ok: true };
  };
}

interface Places {
  readonly ports: Readonly<Record<ServerName, number>>;
  readonly tlsPorts: Readonly<Record<RegistrarName, number>>;
  readonly vouching: Authority;
}

function serversOf(
  { ports, tlsPorts, vouching }: Places,
  options: LabOptions & { readonly address: string; readonly advertised: string },
  accounts: readonly Account[],
  note: (seen: Seen) => void,
): Servers {
  const { address, ttlS = 30, minExpiresS = 0, nonceLifeS = 300 } = options;
  const named = (server: RegistrarName): Certified => vouching.issue({ dns: [`${server}.${DOMAIN}`] });
  const certificates = { primary: named('primary'), backup: named('backup') };
  const registrar = (server: RegistrarName): LabServer =>
    createServer(
      server,
      { healthy: HEALTHY, with: registrarMode, tell: (child, mode) => child.ask({ kind: 'mode', mode }) },
      () =>
        startChild(
          {
            kind: 'registrar',
            address,
            port: ports[server],
            tlsPort: tlsPorts[server],
            tls: certificates[server],
            realm: `${server}.${DOMAIN}`,
            accounts,
            minExpiresS,
            nonceLifeS,
          },
          (request) => note({ ...request, server, at: Date.now() }),
        ),
    );
  const zone = { domain: DOMAIN, address: options.advertised, ttlS, ports, tlsPorts };
  return {
    primary: registrar('primary'),
    backup: registrar('backup'),
    dns: createServer(
      'dns',
      { healthy: HONEST, with: dnsMode, tell: (child, mode) => child.ask({ kind: 'mode', mode }) },
      () => startChild({ kind: 'dns', address, port: ports.dns, zone }, () => undefined),
    ),
  };
}
