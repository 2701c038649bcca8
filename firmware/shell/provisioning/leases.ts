/**
 * Owns what DHCP says to this phone: read from the leases that the system keeps, and where these hold a part alone, asked of the servers
 * once for each time that the system took or renewed the lease. Looked at again and again, so that a network that comes late counts.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { PhoneModel } from '../../config/settings.ts';
import { vendorClass } from '../../config/vendor-class.ts';
import { heldBy, leaseOptions } from '../../provisioning/dhcp-lease.ts';
import { WANTED_OPTIONS } from '../../provisioning/dhcp-request.ts';
import type { DhcpOptions } from '../../provisioning/sources.ts';
import type { Interfaces } from '../interfaces.ts';
import { interfacesNow } from '../interfaces.ts';
import { askServers } from './dhcp.ts';

export interface Leases {
  /** What was found at the last look; the first one looks. */
  read(): Promise<DhcpOptions>;
  /** Tells each time that an option that the phone acts on has become another one; returns how to stop, which ends what is being asked too. */
  watch(changed: (now: DhcpOptions, before: DhcpOptions) => void): () => void;
}

export interface LeasePlace {
  readonly model: PhoneModel;
  readonly folders?: readonly string[];
  readonly ask?: typeof askServers;
  readonly interfaces?: typeof interfacesNow;
  readonly now?: () => number;
  readonly everyMs?: number;
}

/** Where systemd-networkd and dhcpcd keep what DHCP said. */
const FOLDERS = ['/run/systemd/netif/leases', '/var/lib/dhcpcd'];
/** As for name servers: how soon a change is noticed, ms. */
const LOOK_MS = 5000;
/** Servers are not asked again before this, ms: our choice. */
const GAP_MS = 30_000;

/** What servers said of the lease in a file. */
interface Asked {
  /** The file as it was; empty = nobody answered, and they are asked again. */
  readonly lease: string;
  readonly address: string;
  readonly at: number;
  readonly options: DhcpOptions;
}

const NOTHING: DhcpOptions = new Map();

export function createLeases(place: LeasePlace): Leases {
  const { model, folders = FOLDERS, ask = askServers, interfaces = interfacesNow } = place;
  const { now = () => performance.now(), everyMs = LOOK_MS } = place;
  const stopping = new AbortController();
  const asked = new Map<string, Asked>();
  let known: Promise<DhcpOptions> | null = null;

  /** Null = there is no lease, or the system does not say whose it is. */
  async function look(): Promise<DhcpOptions | null> {
    const links = interfaces();
    if (links === null) return null;
    const leases = await leasesIn(folders, links);
    if (leases.length === 0) return null;
    const found = new Map<number, string>();
    for (const lease of leases)
      for (const options of [await answered(lease), leaseOptions(lease.octets)])
        for (const [number, value] of options) if (!found.has(number)) found.set(number, value);
    return found;
  }

  async function answered({ path, octets, link }: Lease): Promise<DhcpOptions> {
    const held = heldBy(octets);
    if (held === null || link === null) return NOTHING;
    // The system writes the file anew when it has renewed the lease.
    const lease = `${await changedAt(path)} ${octets}`;
    const last = asked.get(path);
    const before = last?.address === held.address ? last : null;
    if (before !== null && (before.lease === lease || now() - before.at < GAP_MS)) return before.options;
    const words = { ...held, mac: link.mac, hostname: ownName(), vendorClass: vendorClass(model) };
    const answer = await ask(words, stopping.signal);
    // A server that is silent has taken nothing back.
    const options = answer ?? before?.options ?? NOTHING;
    asked.set(path, { lease: answer === null ? '' : lease, address: held.address, at: now(), options });
    return options;
  }

  const read = (): Promise<DhcpOptions> => (known ??= look().then((found) => found ?? NOTHING));
  return {
    read,
    watch(changed) {
      let isLooking = false;
      const timer = setInterval(() => {
        if (isLooking) return;
        isLooking = true;
        void lookAgain().finally(() => {
          isLooking = false;
        });
      }, everyMs);
      timer.unref();
      async function lookAgain(): Promise<void> {
        const before = await read();
        // A cable that is pulled takes nothing back: the phone goes on with the servers that it has.
        const after = (await look()) ?? before;
        known = Promise.resolve(after);
        if (!stopping.signal.aborted && textOf(after) !== textOf(before)) changed(after, before);
      }
      return () => {
        clearInterval(timer);
        stopping.abort();
      };
    },
  };
}

const textOf = (options: DhcpOptions): string => JSON.stringify(WANTED_OPTIONS.map((number) => options.get(number)));

interface Lease {
  readonly path: string;
  readonly octets: string;
  /** The interface that has the address; null = none has it any more, or the file does not say which it is. */
  readonly link: Link | null;
}

/** The plug's before those of a wireless network, which Linux names "wl" and more. */
async function leasesIn(folders: readonly string[], interfaces: Interfaces): Promise<readonly Lease[]> {
  const leases: (Lease & { readonly isWireless: boolean })[] = [];
  for (const folder of folders)
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      // One that is being written.
      if (name.startsWith('.')) continue;
      const path = join(folder, name);
      const octets = await readFile(path, 'latin1').catch(() => '');
      const link = linkOf(heldBy(octets)?.address ?? '', interfaces);
      leases.push({ path, octets, link, isWireless: (link?.name ?? name).startsWith('wl') });
    }
  return leases.sort((a, b) => Number(a.isWireless) - Number(b.isWireless));
}

interface Link {
  readonly name: string;
  /** Six octets. */
  readonly mac: string;
}

/** `address`: four octets. */
function linkOf(address: string, interfaces: Interfaces): Link | null {
  const dotted = Buffer.from(address, 'latin1').join('.');
  for (const [name, held = []] of Object.entries(interfaces))
    for (const { address: own, mac } of held)
      if (own === dotted) return { name, mac: Buffer.from(mac.replaceAll(':', ''), 'hex').toString('latin1') };
  return null;
}

const changedAt = async (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/** As the system's own client says it. */
const ownName = (): string => hostname().split('.')[0] ?? '';
