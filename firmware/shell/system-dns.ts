/** Owns what the system knows of names: its name servers (by Node's dns) and its hosts file. */
import { Resolver } from 'node:dns';
import { isIP, isIPv6 } from 'node:net';
import type { Endpoint } from '../kernel/target.ts';
import type { HostsTable } from '../vocabulary.ts';
import { readWholeText } from './files.ts';
import { interfacesNow } from './interfaces.ts';

const DNS_PORT = 53;
/** Characters read of a hosts file: our choice, some ten thousand names. */
const HOSTS_MAX = 1_048_576;

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:53`; null where it is none of them. */
export function parseEndpoint(text: string, defaultPort: number): Endpoint | null {
  const match = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? /^([^:]+)(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? text;
  const port = Number(match?.[2] ?? defaultPort);
  return isIP(address) === 0 || port > 65_535 ? null : { address: shortest(address), port };
}

/** As a socket tells it, so that an answer's source can be compared; a zone ("%eth0") stands as it is. */
const shortest = (address: string): string =>
  isIPv6(address) && !address.includes('%') ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;

/** As they are now: each new resolver of Node reads them anew. */
export const systemNameServers = (servers: readonly string[] = new Resolver().getServers()): readonly Endpoint[] =>
  servers.map((text) => parseEndpoint(text, DNS_PORT)).filter((server) => server !== null);

/** How soon a change is noticed, ms: a lease is renewed, a cable is plugged in, less often than this. */
const LOOK_MS = 5000;

/**
 * Tells each time that the system's name servers have become others; returns how to stop. It reads and compares: a watcher of the file
 * would miss what is written before its own first look.
 */
export function watchNameServers(
  changed: (servers: readonly Endpoint[]) => void,
  { everyMs = LOOK_MS, read = systemNameServers, canRead = (): boolean => interfacesNow() !== null } = {},
): () => void {
  let known = JSON.stringify(read());
  const look = (): void => {
    // Without a descriptor to read it with the file counts as missing, and names the machine itself.
    if (!canRead()) return;
    const servers = read();
    const text = JSON.stringify(servers);
    if (text === known) return;
    known = text;
    changed(servers);
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * The addresses to listen on, one a family: `0.0.0.0` stands for every address, those of IPv6 too where the machine has one that
 * reaches further than its own link (RFC 7984 3.1).
 */
export function bindsOf(bind: string, interfaces = interfacesNow() ?? {}): readonly [string, ...string[]] {
  if (bind === '::') return ['::', '0.0.0.0'];
  const addresses = Object.values(interfaces).flatMap((held) => held ?? []);
  const hasIpv6 = addresses.some(
    ({ family, internal, address }) => family === 'IPv6' && !internal && !/^fe[89ab]/i.test(address),
  );
  return bind === '0.0.0.0' && hasIpv6 ? ['0.0.0.0', '::'] : [bind];
}

/** What can be sent to from there. */
export const familiesOf = (binds: readonly string[]): readonly ('A' | 'AAAA')[] =>
  binds.map((bind) => (isIPv6(bind) ? 'AAAA' : 'A'));

/** Lines of `address name name ...`; later lines add addresses. */
export function parseHosts(text: string): HostsTable {
  const table = new Map<string, readonly string[]>();
  for (const line of text.slice(0, HOSTS_MAX).split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase().replace(/\.$/, '');
      table.set(key, [...new Set([...(table.get(key) ?? []), address])]);
    }
  }
  return Object.fromEntries(table);
}

/** Without a hosts file there is none to obey. */
export async function readHosts(path = '/etc/hosts'): Promise<HostsTable> {
  try {
    return parseHosts(await readWholeText(path));
  } catch {
    return {};
  }
}
