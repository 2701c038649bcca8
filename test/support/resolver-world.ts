/** Owns the world of a resolver under test: one name, one address, and what is known of it. */
import type { Resolver, ResolverOptions } from '../../firmware/dns/resolver.ts';
import { createResolver } from '../../firmware/dns/resolver.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { DnsQuestion } from '../../firmware/vocabulary.ts';
import { a, FIRST, NameWorld, SECOND } from './name-world.ts';

export type ResolverWorld = NameWorld<Resolver>;

export const PBX: DnsQuestion = { name: 'pbx.example.test', type: 'A' };
export const ADDRESS = '192.0.2.10';

export function resolverWorld(options: Partial<ResolverOptions> = {}): ResolverWorld {
  const trust = () => ({ loopback: false });
  const world = new NameWorld(createResolver({ nameServers: [FIRST], stored: [], trust, ...options }));
  world.records.push(a(PBX.name, ADDRESS));
  return world;
}

export const twoServers = (): ResolverWorld => resolverWorld({ nameServers: [FIRST, SECOND] });

export const want = (world: ResolverWorld, question = PBX): ResolverWorld =>
  world.carryOut(world.machine.want(question, world.context));

/** The addresses known of the question, with `stale` where they are; else the state. */
export function known(world: ResolverWorld, question = PBX): string {
  const answer = world.machine.known(question, millis(world.now));
  if (answer.state === 'failed') return `failed: ${answer.cause}`;
  if (answer.state === 'negative') return answer.stale ? `${answer.what}, stale` : answer.what;
  if (answer.state === 'unknown') return 'unknown';
  const addresses = answer.records.map((record) => (record.type === 'A' ? record.address : record.type)).join(' ');
  return answer.stale ? `${addresses}, stale` : addresses;
}
