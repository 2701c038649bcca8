/** A provisioner on a disk of its own, the configuration server that it asks, and a wait for its rounds. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { PhoneSettings } from '../../../../../firmware/config/settings.ts';
import type { PhoneEvent } from '../../../../../firmware/events.ts';
import { CHECK_SYNC_GAP_MS } from '../../../../../firmware/provisioning/rounds.ts';
import type { Provisioner, ProvisionerOptions } from '../../../../../firmware/shell/provisioning/provisioner.ts';
import { startProvisioner } from '../../../../../firmware/shell/provisioning/provisioner.ts';
import { createSettingsStore } from '../../../../../firmware/shell/settings-store.ts';
import { folders } from '../../../../support/folder.ts';

export const HERE = '127.0.0.1';
const PATIENCE_MS = 60_000;
export const DEVICE = { model: '57i', mac: '00085D000001' } as const;
export const folder = folders();
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

export async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds(); await pause(5))
    assert.ok(performance.now() < end, `${what}: not within ${PATIENCE_MS} ms`);
}

export type Files = Record<string, string | number>;

/** A configuration server: text by name, a number is a status. */
export async function server(
  files: Files,
): Promise<{ readonly port: number; readonly asked: string[]; readonly close: () => void }> {
  const asked: string[] = [];
  const http: Server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    asked.push(name);
    const found = files[name] ?? 404;
    if (typeof found === 'number') response.writeHead(found).end();
    else response.end(found);
  });
  await new Promise<void>((resolve) => http.listen(0, HERE, resolve));
  const close = (): void => {
    http.closeAllConnections();
    http.close();
  };
  cleanUps.push(close);
  return { port: (http.address() as AddressInfo).port, asked, close };
}

export interface Rig {
  readonly provisioner: Provisioner;
  readonly applied: PhoneSettings[];
  readonly told: PhoneEvent[];
  /** Names of each directory that the phone was given. */
  readonly directories: string[][];
  readonly state: string;
  readonly restarts: () => number;
  /** Waits for one more round. */
  round(): Promise<string>;
  /** A server asks for a round, long after the last. */
  checkSync(reboot?: boolean): Promise<string>;
  /** DHCP says something new. */
  leaseChanged(): Promise<string>;
}

export async function rig(
  port: number,
  more: Partial<ProvisionerOptions> & { readonly state?: string; readonly card?: string } = {},
): Promise<Rig> {
  const place = await folder();
  const state = more.state ?? join(place, 'state');
  await mkdir(state, { recursive: true });
  const card = join(place, 'card.cfg');
  await writeFile(card, `download protocol: http\nhttp server: ${HERE}\nhttp port: ${port}\n${more.card ?? ''}`);
  const applied: PhoneSettings[] = [];
  const told: PhoneEvent[] = [];
  const directories: string[][] = [];
  let now = 0;
  let restarts = 0;
  let rounds = 0;
  const store = createSettingsStore({ config: [card], stateDir: state, device: DEVICE }, ({ settings }) =>
    applied.push(settings),
  );
  const provisioner = startProvisioner({
    ...{ store, stateDir: state, device: DEVICE, version: '0.1.0' },
    ...{ now: () => now, wallMs: () => null, chance: () => 0 },
    leases: () => Promise.resolve(new Map()),
    lookup: (host) => Promise.resolve([host]),
    authorities: () => Promise.resolve(null),
    tell: (event) => told.push(event),
    directory: (names) => directories.push(names.map(({ name }) => name)),
    restart: () => {
      restarts += 1;
    },
    ...more,
  });
  cleanUps.push(provisioner.stop);
  const outcomes = (): readonly string[] =>
    told.flatMap((event) => (event.event === 'provisioning' ? [event.outcome] : []));
  const round = async (): Promise<string> => {
    await until('a round', () => outcomes().length > rounds);
    rounds += 1;
    return outcomes()[rounds - 1] ?? '';
  };
  return {
    ...{ provisioner, applied, told, directories, state, round, restarts: () => restarts },
    checkSync(reboot) {
      now += CHECK_SYNC_GAP_MS + 1;
      provisioner.event({ event: 'check-sync', reboot: reboot ?? null });
      return round();
    },
    leaseChanged() {
      provisioner.leaseChanged();
      return round();
    },
  };
}

export const kept = (at: Rig): Promise<string> => readFile(join(at.state, 'server.cfg'), 'utf8');
export const problems = (at: Rig): readonly string[] =>
  at.told.flatMap((event) => (event.event === 'problem' ? [event.message] : []));
