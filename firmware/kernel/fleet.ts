/**
 * Owns many machines of a kind by id: a private mutable map and a deadline heap behind a pure-looking surface, so that a
 * thousand phones in one process do not pay a linear search for the soonest timer.
 */
import type { Millis } from './time.ts';

interface Entry<S> {
  state: S;
  deadline: Millis | null;
}

interface HeapItem {
  readonly at: Millis;
  readonly id: string;
}

export class Fleet<S> {
  readonly #members = new Map<string, Entry<S>>();
  readonly #deadlineOf: (state: S) => Millis | null;
  #heap: HeapItem[] = [];

  constructor(deadlineOf: (state: S) => Millis | null) {
    this.#deadlineOf = deadlineOf;
  }

  get size(): number {
    return this.#members.size;
  }

  get(id: string): S | undefined {
    return this.#members.get(id)?.state;
  }

  /** Puts a state in place; `null` removes the member. */
  set(id: string, state: S | null): void {
    if (state === null) {
      this.#members.delete(id);
      return;
    }
    const deadline = this.#deadlineOf(state);
    const entry = this.#members.get(id);
    const unchanged = entry !== undefined && entry.deadline === deadline;
    this.#members.set(id, { state, deadline });
    if (deadline !== null && !unchanged) this.#push({ at: deadline, id });
  }

  ids(): string[] {
    return [...this.#members.keys()];
  }

  entries(): [string, S][] {
    return [...this.#members].map(([id, entry]) => [id, entry.state]);
  }

  /** Whether it holds for any member; nothing is copied for that. */
  some(holds: (id: string, state: S) => boolean): boolean {
    for (const [id, { state }] of this.#members) if (holds(id, state)) return true;
    return false;
  }

  /** The member whose deadline is the soonest (at equal times the lower id), `null` when none waits. */
  next(): { readonly id: string; readonly at: Millis } | null {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return null;
      if (this.#members.get(top.id)?.deadline === top.at) return top;
      this.#pop();
    }
  }

  #push(item: HeapItem): void {
    const heap = this.#heap;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(item, heap[parent] as HeapItem)) break;
      heap[at] = heap[parent] as HeapItem;
      at = parent;
    }
    heap[at] = item;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as HeapItem;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as HeapItem, heap[child] as HeapItem)) child += 1;
      if (!before(heap[child] as HeapItem, last)) break;
      heap[at] = heap[child] as HeapItem;
      at = child;
    }
    heap[at] = last;
  }
}

const before = (a: HeapItem, b: HeapItem): boolean => a.at < b.at || (a.at === b.at && a.id < b.id);
