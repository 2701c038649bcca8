/** Owns the storm of a random world: which faults strike when, how long, and the calm that follows. */
import type { Random } from '../../firmware/kernel/random.ts';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import type { Plan } from './plan.ts';
import { chance, pick } from './plan.ts';
import type { PeerFault, SipNode } from './sip-peer.ts';
import { SipPeer } from './sip-peer.ts';
import type { World } from './world.ts';
import type { ZoneFault } from './zone.ts';

/** A fault that begins at once and tells how it ends. */
type Fault = (world: World, random: Random) => { readonly text: string; readonly end: () => void };

const PEER_FAULTS: readonly [PeerFault, ...PeerFault[]] = [
  'silent',
  'silent',
  'mute',
  'killed',
  'killed',
  'unreachable',
  'frozen',
];
const ZONE_FAULTS: readonly [ZoneFault, ...ZoneFault[]] = [
  'silent',
  'servfail',
  'truncated',
  'forged',
  'malformed',
  'no-edns',
];
const CODES: readonly [number, ...number[]] = [503, 503, 500, 408, 480, 403, 404, 600];

const strike: (node: SipNode) => Fault = (node) => (world, random) => {
  const fault = pick(random, PEER_FAULTS);
  node.fault = fault;
  if (fault === 'killed') world.kill(node);
  return { text: `${node.address} ${fault}`, end: () => world.thaw(node) };
};

const slow: (node: SipNode) => Fault = (node) => (_world, random) => {
  node.delayMs = pick(random, [300, 1200, 3000, 6000, 20_000] as const);
  return {
    text: `${node.address} takes ${node.delayMs} ms`,
    end: () => {
      node.delayMs = 0;
    },
  };
};

const refuse: (peer: SipPeer, longestS: number) => Fault = (peer, longestS) => (_world, random) => {
  const status = pick(random, CODES);
  peer.status = status;
  peer.statusFor = chance(random, 0.5) ? 'REGISTER' : null;
  peer.retryAfterS = chance(random, 0.4) ? pick(random, [1, 20, 120, longestS]) : null;
  return {
    text: `${peer.address} answers ${status} to ${peer.statusFor ?? 'all'}, Retry-After ${peer.retryAfterS ?? 'none'}`,
    end: () => {
      peer.status = null;
      peer.retryAfterS = null;
    },
  };
};

const forget: (peer: SipPeer) => Fault = (peer) => (world, random) => {
  if (chance(random, 0.5)) {
    peer.restart(world.now);
    world.streams.hangUp(peer);
    return { text: `${peer.address} restarts`, end: () => undefined };
  }
  peer.staleNonces = true;
  return {
    text: `${peer.address} gives nonces for one request`,
    end: () => {
      peer.staleNonces = false;
    },
  };
};

/** What goes wrong on connections alone. */
const hangUp: (node: SipNode) => Fault = (node) => (world, random) => {
  node.hangsUp = pick(random, ['never', 'at once', 'after an answer'] as const);
  node.answersPings = chance(random, 0.5);
  world.streams.hangUp(node);
  return {
    text: `${node.address} hangs up: ${node.hangsUp}`,
    end: () => {
      node.hangsUp = 'never';
      node.answersPings = true;
    },
  };
};

const breakDns: Fault = (world, random) => {
  world.zone.fault = pick(random, ZONE_FAULTS);
  return {
    text: `DNS ${world.zone.fault}`,
    end: () => {
      world.zone.fault = 'none';
    },
  };
};

/** A record set disappears and comes back. */
const emptyDns: Fault = (world, random) => {
  const [first, ...rest] = world.zone.records;
  if (first === undefined) return { text: 'an empty zone', end: () => undefined };
  const record = pick(random, [first, ...rest]);
  const type = record.type === 'SRV' ? 'SRV' : 'A';
  const gone = world.zone.remove(type, record.name);
  return {
    text: `DNS loses ${type} ${record.name}`,
    end: () => {
      world.zone.records.push(...gone);
    },
  };
};

const unplug: Fault = (world) => {
  world.setLink('down');
  return { text: 'link down', end: () => world.setLink('up') };
};

const unroute: Fault = (world) => {
  world.net.routed = false;
  return {
    text: 'no route',
    end: () => {
      world.net.routed = true;
    },
  };
};

const rain: Fault = (world, random) => {
  const before = world.net.weather;
  world.net.weather = { ...before, loss: random.between(0, 0.3), duplicate: 0.1, reorder: 0.2 };
  return {
    text: `${Math.round(100 * world.net.weather.loss)} % loss`,
    end: () => {
      world.net.weather = before;
    },
  };
};

const cut: (node: SipNode) => Fault = (node) => (world) => {
  world.net.cut.add(node.address);
  return { text: `${node.address} is cut off`, end: () => world.net.cut.delete(node.address) };
};

function faultsOf(world: World, longestS: number): readonly [Fault, ...Fault[]] {
  const faults: [Fault, ...Fault[]] = [rain, unplug, unroute, breakDns, emptyDns];
  for (const node of world.peers) {
    faults.push(strike(node), strike(node), slow(node), cut(node));
    if (world.settings.transport !== 1) faults.push(hangUp(node), hangUp(node));
    if (node instanceof SipPeer)
      faults.push(strike(node), refuse(node, longestS), refuse(node, longestS), forget(node));
  }
  return faults;
}

/** Lets faults strike until the plan's calm, several at a time; then everything is well. Told by `tell` as they come. */
export function unleash(world: World, plan: Plan, tell: (text: string) => void): void {
  const random = createRandom(seedFrom(plan.seed), 100);
  const faults = faultsOf(world, plan.longestRetryAfterS);
  const running = new Map<Fault, () => void>();
  const end = (fault: Fault): void => {
    const undo = running.get(fault);
    running.delete(fault);
    undo?.();
  };
  for (let at = 0; ; ) {
    at += 1000 * random.between(0.5, pick(random, [10, 60, 300] as const));
    if (at >= plan.calmAt) break;
    const fault = pick(random, faults);
    const lasts = 1000 * random.between(1, pick(random, [5, 60, 600] as const));
    world.at(at, () => {
      if (running.has(fault)) return;
      const { text, end: undo } = fault(world, random);
      running.set(fault, undo);
      tell(`${(world.now / 1000).toFixed(1)} ${text} for ${Math.round(lasts / 1000)} s`);
      world.at(lasts, () => end(fault));
    });
  }
  world.at(plan.calmAt, () => {
    for (const fault of [...running.keys()]) end(fault);
    for (const node of world.peers) if (node.fault !== 'none') world.thaw(node);
    tell(`${(world.now / 1000).toFixed(1)} calm`);
  });
}
