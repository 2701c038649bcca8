/** Virtual time for drivers: work runs when `pass` reaches it. */
import type { Clock } from '../../hal/ports.ts';

export class VirtualScheduler implements Clock {
  #now = 0;
  #queue: { readonly at: number; readonly work: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, work: () => void): () => void {
    const entry = { at: this.#now + ms, work };
    this.#queue.push(entry);
    return () => {
      this.#queue = this.#queue.filter((other) => other !== entry);
    };
  }

  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#queue.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#queue = this.#queue.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.work();
    }
    this.#now = end;
  }

  /** Time goes by, and nothing runs until it passes again: a machine that stalls. */
  holdUp(ms: number): void {
    this.#now += ms;
  }
}
