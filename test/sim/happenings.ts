/** Owns the one event heap of the simulated world: what happens when, in the order of time and then of asking. */

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

const before = (a: Happening, b: Happening): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

export class Happenings {
  readonly #heap: Happening[] = [];
  #order = 0;

  /** When the soonest one is due, null = none is left. */
  next(): number | null {
    return this.#heap[0]?.at ?? null;
  }

  add(at: number, run: () => void): void {
    this.#order += 1;
    const added = { at, order: this.#order, run };
    let place = this.#heap.push(added) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent] as Happening;
      if (!before(added, above)) break;
      this.#heap[place] = above;
      place = parent;
    }
    this.#heap[place] = added;
  }

  take(): (() => void) | null {
    const [top] = this.#heap;
    const last = this.#heap.pop();
    if (top === undefined || last === undefined) return null;
    if (this.#heap.length > 0) this.#sink(last);
    return top.run;
  }

  #sink(item: Happening): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      const right = heap[child + 1];
      if (right !== undefined && before(right, heap[child] as Happening)) child += 1;
      const below = heap[child];
      if (below === undefined || !before(below, item)) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = item;
  }
}
