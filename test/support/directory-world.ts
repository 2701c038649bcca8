/** Owns the world of a directory under test: a zone of two servers, and where the phone places them. */
import { targetText } from '../../firmware/kernel/target.ts';
import type { Directory, DirectoryOptions } from '../../firmware/servers/directory.ts';
import { createDirectory } from '../../firmware/servers/directory.ts';
import type { DnsRecord } from '../../firmware/vocabulary.ts';
import { a, FIRST, NameWorld, srv } from './name-world.ts';

export const UDP = '_sip._udp.example.test';
export const TCP = '_sip._tcp.example.test';

export function worldOf(
  records: readonly DnsRecord[],
  options: Partial<DirectoryOptions> = {},
  seed = 1,
): NameWorld<Directory> {
  const directory = createDirectory({
    transport: 1,
    dnsQueryType: 1,
    nameServers: [FIRST],
    hosts: {},
    stored: null,
    ...options,
  });
  const world = new NameWorld(directory, seed);
  world.records.push(...records);
  return world;
}

const settingOf = (text: string): { readonly name: string; readonly port: number } => {
  const [name = '', port = '0'] = text.split('/');
  return { name, port: Number(port) };
};

/** `name/port`, port 0 where none is given. */
export const want = (world: NameWorld<Directory>, ...servers: readonly string[]): NameWorld<Directory> =>
  world.carryOut(world.machine.want(servers.map(settingOf), world.context));

/** The targets in order; else the state. */
export function place(world: NameWorld<Directory>, server = 'example.test'): string {
  const located = world.machine.locate(settingOf(server));
  if (located.state === 'failed') return `failed: ${located.cause}`;
  if (located.state === 'pending') return 'pending';
  const targets = located.targets.map(targetText).join(' ');
  return located.stale ? `${targets}, stale` : targets;
}

export const setOf = (world: NameWorld<Directory>): string => {
  const located = world.machine.locate(settingOf('example.test'));
  return located.state === 'ready' ? located.set : located.state;
};

/** Two servers by priority, the first with two addresses. */
export const ZONE = [
  srv(UDP, '20 0 5064 second.example.test'),
  srv(UDP, '10 0 5062 first.example.test'),
  a('first.example.test', '192.0.2.11'),
  a('first.example.test', '192.0.2.12'),
  a('second.example.test', '192.0.2.21'),
];
export const PLACES = 'udp:192.0.2.11:5062 udp:192.0.2.12:5062 udp:192.0.2.21:5064';
