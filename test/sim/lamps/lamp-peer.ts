/** Owns a notifier for random worlds: what it tells it tells until it is answered, and who does not answer is told no more (RFC 6665 4.2.2). */
import type { Notice, Subscriber } from '../notifier.ts';
import { Notifier } from '../notifier.ts';
import type { PeerOptions } from '../sip-peer.ts';
import type { World } from '../world.ts';

/** A NOTIFY is repeated after so long, then after twice that, at most so long, and given up (RFC 3261 17.1.2.2), ms. */
const T1_MS = 500;
const T2_MS = 4000;
const TIMER_F_MS = 32_000;

export class LampPeer extends Notifier {
  /** Every NOTIFY that was ever begun, by its branch. */
  readonly notices = new Map<string, Notice>();
  readonly #open = new Map<string, number>();
  readonly #world: () => World;

  constructor(options: PeerOptions, world: () => World) {
    super(options, world);
    this.#world = world;
  }

  /** Forgets who watches what as well. */
  override restart(now: number): void {
    super.restart(now);
    this.subscribers.splice(0);
    this.#open.clear();
  }

  protected override deliver(notice: Notice): void {
    this.notices.set(notice.branch, notice);
    this.#open.set(notice.branch, this.#world().now);
    this.#send(notice, T1_MS);
  }

  #send(notice: Notice, waitMs: number): void {
    const begun = this.#open.get(notice.branch);
    if (begun === undefined) return;
    if (this.#world().now - begun >= TIMER_F_MS) return this.answered(notice.branch, 408);
    this.push(notice.data, notice.subscriber.front);
    this.#world().at(waitMs, () => this.#send(notice, Math.min(2 * waitMs, T2_MS)));
  }

  /** The answer of the phone has arrived; 408 = none has. */
  answered(branch: string, status: number): void {
    const notice = this.notices.get(branch);
    if (notice === undefined || !this.#open.delete(branch)) return;
    if (status === 408 || status === 481) this.#forget(notice.subscriber);
  }

  #forget(subscriber: Subscriber): void {
    const at = this.subscribers.indexOf(subscriber);
    if (at !== -1) this.subscribers.splice(at, 1);
  }
}
