/** Owns joining a running phone to its configuration server: when DHCP names another one, who resolves its name, and what restarting means here. */
import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Endpoint } from '../firmware/kernel/target.ts';
import { endpointText } from '../firmware/kernel/target.ts';
import { SIP_SERVERS } from '../firmware/provisioning/sip-servers.ts';
import type { RunArgs } from '../firmware/shell/args.ts';
import { createClock } from '../firmware/shell/clock.ts';
import type { Leases } from '../firmware/shell/provisioning/leases.ts';
import type { Provisioner } from '../firmware/shell/provisioning/provisioner.ts';
import { startProvisioner } from '../firmware/shell/provisioning/provisioner.ts';
import type { RunningPhone } from '../firmware/shell/run.ts';
import type { SettingsStore } from '../firmware/shell/settings-store.ts';
import { readTlsFiles } from '../firmware/shell/tls-files.ts';

interface Parts {
  readonly args: RunArgs;
  readonly store: SettingsStore;
  readonly leases: Leases;
  readonly phone: RunningPhone;
  readonly version: string;
  readonly restart: () => void;
}

export function provision({ args, store, leases, phone, version, restart }: Parts): Provisioner {
  const clock = createClock();
  const provisioner = startProvisioner({
    ...{ store, version, restart },
    stateDir: args.state,
    device: { model: args.model, mac: args.mac },
    now: () => performance.now(),
    wallMs: clock.wallMs,
    chance: Math.random,
    leases: leases.read,
    lookup: lookupBy(args.dns),
    authorities: async (tls) => (await readTlsFiles(tls, args.config, args.state)).files.authorities,
    tell: phone.tell,
    directory: (names) => void phone.input({ kind: 'directory', names }),
  });
  phone.events.subscribe(({ event }) => provisioner.event(event));
  const unwatch = leases.watch((now, before) => {
    if (now.get(SIP_SERVERS) !== before.get(SIP_SERVERS)) void store.reload();
    provisioner.leaseChanged();
  });
  void phone.ended.then(unwatch);
  void phone.ended.then(provisioner.stop);
  return provisioner;
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
