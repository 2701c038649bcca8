/** Owns what the system knows of names: its name servers (by Node's dns) and its hosts file. */
import { getServers } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Endpoint } from '../kernel/target.ts';
import type { HostsTable } from '../vocabulary.ts';

const DNS_PORT = 53;

/** `192.0.2.1`, `192.0.2.1:5353`, `[2001:db8::1]:53`; null where it is neither. */
export function parseEndpoint(text: string, defaultPort: number): Endpoint | null {
  const match = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? /^([^:]+)(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? text;
  const port = match?.[2] === undefined ? defaultPort : Number(match[2]);
  return isIP(address) === 0 || port > 65_535 ? null : { address, port };
}

export const systemNameServers = (): readonly Endpoint[] =>
  getServers().flatMap((text) => {
    const server = parseEndpoint(text, DNS_PORT);
    return server === null ? [] : [server];
  });

/** Lines of `address name name ...`; later lines add addresses. */
export function parseHosts(text: string): HostsTable {
  const table: Record<string, string[]> = {};
  for (const line of text.slice(0, 1_048_576).split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address === undefined || isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      table[key] = [...(table[key] ?? []), address];
    }
  }
  return table;
}

export async function readHosts(path = '/etc/hosts'): Promise<HostsTable> {
  try {
    return parseHosts(await readFile(path, 'utf8'));
  } catch {
    return {};
  }
}
