/** Owns joining a running phone to its configuration server: where leases lie, who resolves its name, and what restarting means here. */
import { lookup, Resolver } from 'node:dns/promises';
import { readdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Endpoint } from '../firmware/kernel/target.ts';
import { endpointText } from '../firmware/kernel/target.ts';
import { leaseOptions } from '../firmware/provisioning/dhcp-lease.ts';
import type { DhcpOptions } from '../firmware/provisioning/sources.ts';
import type { RunArgs } from '../firmware/shell/args.ts';
import { createClock } from '../firmware/shell/clock.ts';
import type { Provisioner } from '../firmware/shell/provisioning/provisioner.ts';
import { startProvisioner } from '../firmware/shell/provisioning/provisioner.ts';
import type { RunningPhone } from '../firmware/shell/run.ts';
import type { SettingsStore } from '../firmware/shell/settings-store.ts';
import { readTlsFiles } from '../firmware/shell/tls-files.ts';

/** Where systemd-networkd and dhcpcd keep what DHCP said. */
const LEASE_FOLDERS = ['/run/systemd/netif/leases', '/var/lib/dhcpcd'];

interface Parts {
  readonly args: RunArgs;
  readonly store: SettingsStore;
  readonly phone: RunningPhone;
  readonly version: string;
  readonly restart: () => void;
}

export function provision({ args, store, phone, version, restart }: Parts): Provisioner {
  const clock = createClock();
  const provisioner = startProvisioner({
    ...{ store, version, restart },
    stateDir: args.state,
    device: { model: args.model, mac: args.mac },
    now: () => performance.now(),
    wallMs: clock.wallMs,
    chance: Math.random,
    leases: () => readLeases(),
    lookup: lookupBy(args.dns),
    authorities: async (tls) => (await readTlsFiles(tls, args.config, args.state)).files.authorities,
    tell: phone.tell,
    directory: (names) => void phone.input({ kind: 'directory', names }),
  });
  phone.events.subscribe(({ event }) => provisioner.event(event));
  void phone.ended.then(provisioner.stop);
  return provisioner;
}

export async function readLeases(folders: readonly string[] = LEASE_FOLDERS): Promise<DhcpOptions> {
  const found = new Map<number, string>();
  for (const folder of folders)
    for (const name of await readdir(folder).catch(() => [])) {
      const octets = await readFile(join(folder, name), 'latin1').catch(() => '');
      for (const [number, value] of leaseOptions(octets)) found.set(number, value);
    }
  return found;
}

/** With `--dns` nobody else is asked; else as everything on this machine does. */
export function lookupBy(servers: readonly Endpoint[]): (host: string) => Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers.map(endpointText));
  return async (host) => {
    if (isIP(host) !== 0) return [host];
    if (servers.length === 0)
      return lookup(host, { all: true }).then(
        (found) => found.map(({ address }) => address),
        () => [],
      );
    const [four, six] = await Promise.all([
      resolver.resolve4(host).catch(() => []),
      resolver.resolve6(host).catch(() => []),
    ]);
    return [...four, ...six];
  };
}
