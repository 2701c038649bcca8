/** Owns the simulated network between phone and servers: delay, loss, duplication, reordering, partition, and a link that goes down. */
import type { Random } from '../../firmware/kernel/random.ts';
import type { Endpoint, Target } from '../../firmware/kernel/target.ts';
import type { SipRequest, SipResponse } from '../../firmware/sip/message/message.ts';
import type { Input } from '../../firmware/vocabulary.ts';
import type { Reaction } from './peer-front.ts';
import type { SipNode } from './sip-peer.ts';

export interface Weather {
  /** One-way delay, ms; each packet takes 90-110 % of it. */
  readonly delayMs: number;
  /** Chance that a packet is lost, that it comes twice, that it takes up to ten times as long. */
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  /** Chance that the octets of a connection arrive in parts. */
  readonly cut: number;
}

/** What those who carry packets need of their world. */
export interface CarrierHost {
  now(): number;
  readonly net: Net;
  /** The phone's address towards this one, null = it has none of that family. */
  readonly localAddress: (to: Endpoint) => string | null;
  readonly at: (ms: number, run: () => void) => void;
  readonly input: (input: Input) => void;
  readonly nodeAt: (target: Target) => SipNode | undefined;
  /** A request of the phone has arrived whole at its server. */
  readonly arrive: (node: SipNode, flow: string, request: SipRequest) => Reaction;
  /** A response is about to be told to the phone; `from` is the text of its target. */
  readonly seen: (from: string, response: SipResponse, data: string) => void;
  /** The phone has answered a request on this connection. */
  readonly replied: (flow: string, data: string) => void;
}

export const FAIR: Weather = { delayMs: 1, loss: 0, duplicate: 0, reorder: 0, cut: 0 };

/** The phone's address where it has one of IPv6. */
const LOCAL_IPV6 = '2001:db8::100';

/** What the phone sends from; null = it has no address of that family. */
export function addressTowards(to: Endpoint, families: readonly ('A' | 'AAAA')[], ipv4: string): string | null {
  if (to.address.includes(':')) return families.includes('AAAA') ? LOCAL_IPV6 : null;
  return families.includes('A') ? ipv4 : null;
}

export class Net {
  weather: Weather;
  /** The cable: `down` is told to the phone by a link event. */
  link: 'up' | 'down' = 'up';
  /** False: nobody tells the phone, but its sends find no network. */
  routed = true;
  /** Addresses that nothing reaches and nothing comes from. */
  readonly cut = new Set<string>();
  readonly #random: Random;

  constructor(random: Random, weather: Weather) {
    this.#random = random;
    this.weather = weather;
  }

  get usable(): boolean {
    return this.link === 'up' && this.routed;
  }

  /** A network in which waiting times can be foretold. */
  get calm(): boolean {
    const { loss, duplicate, reorder } = this.weather;
    return this.usable && loss + duplicate + reorder === 0;
  }

  reaches(address: string): boolean {
    return this.usable && !this.cut.has(address);
  }

  /** Whether this packet is lost on its way. */
  loses(): boolean {
    const { loss } = this.weather;
    return loss > 0 && this.#random.next() < loss;
  }

  cuts(): boolean {
    const { cut } = this.weather;
    return cut > 0 && this.#random.next() < cut;
  }

  delay(): number {
    const { delayMs, reorder } = this.weather;
    const usual = delayMs * this.#random.between(0.9, 1.1);
    return reorder > 0 && this.#random.next() < reorder ? usual * this.#random.between(1, 10) : usual;
  }

  /** After how many ms each copy of a packet arrives; none = it is lost. */
  copies(address: string): readonly number[] {
    if (!this.reaches(address) || this.loses()) return [];
    const { duplicate } = this.weather;
    const twice = duplicate > 0 && this.#random.next() < duplicate;
    return twice ? [this.delay(), this.delay()] : [this.delay()];
  }
}
