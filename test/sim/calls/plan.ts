/** Owns random worlds with calls: those of registrations, with people behind each server and lines that call through their registrars, by the same outbound proxies. */
import { createRandom, seedFrom } from '../../../firmware/kernel/random.ts';
import type { Forced, Plan } from '../plan.ts';
import { chance, planWorld } from '../plan.ts';
import type { PeerOptions } from '../sip-peer.ts';
import type { World } from '../world.ts';
import { Exchange } from './exchange.ts';

export interface CallPlan extends Plan {
  readonly exchanges: readonly Exchange[];
  /** Screen, lamps and tones are drawn, which takes its time. */
  readonly panel: boolean;
}

/** `world`: the one that is made of the plan. Calls go by UDP: what streams do to them is told by scenarios. */
export function planCalls(seed: number, forced: Forced, world: () => World): CallPlan {
  const random = createRandom(seedFrom(seed), 105);
  const exchanges: Exchange[] = [];
  const plan = planWorld(seed, { ...forced, transport: 1 }, (options: PeerOptions) => {
    const exchange = new Exchange(options, world, random);
    exchanges.push(exchange);
    return exchange;
  });
  for (const exchange of exchanges) exchange.ways = plan.relays;
  const lines = plan.settings.lines.map((line) => ({ ...line, proxy: line.registrar }));
  return { ...plan, settings: { ...plan.settings, lines }, exchanges, panel: chance(random, 0.3) };
}
