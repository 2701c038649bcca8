/** Owns the simulated network between phone and servers: delay, loss, duplication, reordering, partition, and a link that goes down. */
import type { Random } from '../../firmware/kernel/random.ts';

export interface Weather {
  /** One-way delay, ms; each packet takes 90-110 % of it. */
  readonly delayMs: number;
  /** Chance that a packet is lost, that it comes twice, that it takes up to ten times as long. */
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
}

export const FAIR: Weather = { delayMs: 1, loss: 0, duplicate: 0, reorder: 0 };

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

  delay(): number {
    const { delayMs, reorder } = this.weather;
    const usual = delayMs * this.#random.between(0.9, 1.1);
    return reorder > 0 && this.#random.next() < reorder ? usual * this.#random.between(1, 10) : usual;
  }

  /** After how many ms each copy of a packet arrives; none = it is lost. */
  copies(address: string): readonly number[] {
    if (!this.usable || this.cut.has(address)) return [];
    const { loss, duplicate } = this.weather;
    if (loss > 0 && this.#random.next() < loss) return [];
    const twice = duplicate > 0 && this.#random.next() < duplicate;
    return twice ? [this.delay(), this.delay()] : [this.delay()];
  }
}
