/** Owns one direction of a simulated connection: octets in order, sent again where the path is broken, given up after a quarter of an hour. */
import type { Random } from '../../firmware/kernel/random.ts';
import type { Net } from './net.ts';

export interface PipeOptions {
  readonly net: Net;
  readonly random: Random;
  readonly at: (ms: number, run: () => void) => void;
  /** Whether a packet would get through now. */
  readonly passes: () => boolean;
  readonly deliver: (data: string) => void;
  /** Nobody has taken a packet for too long. */
  readonly lost: () => void;
}

interface Piece {
  readonly data: string;
  /** Called before the last of its octets are delivered. */
  readonly whole: () => void;
}

/** A packet follows the one before it after this, ms. */
const PACKET_GAP_MS = 1;
/** As Linux: the first repeat after this, ms, then twice as long each time up to the most; so many in all. */
const REPEAT_MS = 200;
const REPEAT_MAX_MS = 120_000;
const REPEATS = 15;

export class StreamPipe {
  readonly #options: PipeOptions;
  #waiting: readonly Piece[] = [];
  #isBusy = false;
  #isStopped = false;

  constructor(options: PipeOptions) {
    this.#options = options;
  }

  push(data: string, whole: () => void): void {
    if (this.#isStopped || data === '') return;
    this.#waiting = [...this.#waiting, { data, whole }];
    if (!this.#isBusy) this.#send(0);
  }

  stop(): void {
    this.#isStopped = true;
  }

  #send(repeats: number): void {
    if (this.#isStopped) return;
    this.#isBusy = true;
    const { at, passes, net, lost } = this.#options;
    if (passes()) return at(net.delay(), () => this.#arrive());
    if (repeats === REPEATS) return lost();
    return at(Math.min(REPEAT_MAX_MS, REPEAT_MS * 2 ** repeats), () => this.#send(repeats + 1));
  }

  /** All that waits comes at once, or a part of it. */
  #arrive(): void {
    if (this.#isStopped) return;
    const { net, random } = this.#options;
    const all = this.#waiting.reduce((sum, { data }) => sum + data.length, 0);
    let room = net.cuts() ? 1 + random.below(all) : all;
    let text = '';
    const whole: (() => void)[] = [];
    const left: Piece[] = [];
    for (const piece of this.#waiting) {
      const taken = Math.min(room, piece.data.length);
      room -= taken;
      text += piece.data.slice(0, taken);
      if (taken === piece.data.length) whole.push(piece.whole);
      else left.push({ ...piece, data: piece.data.slice(taken) });
    }
    this.#waiting = left;
    for (const told of whole) told();
    this.#options.deliver(text);
    if (left.length > 0)
      // The rest of what was cut is close behind.
      return this.#options.at(PACKET_GAP_MS, () => (this.#options.passes() ? this.#arrive() : this.#send(0)));
    this.#isBusy = false;
    if (this.#waiting.length > 0) this.#send(0);
  }
}
