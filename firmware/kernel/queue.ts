/** Owns the bounded FIFO that a step drains; passing the bound is our own mistake, so it throws. */
import { invariant } from './invariant.ts';

/** Runs `handle` on every item until none is left; `handle` may add items through `push`. */
export function drain<T>(first: readonly T[], handle: (item: T, push: (item: T) => void) => void, limit: number): void {
  const queue: T[] = [...first];
  const push = (item: T): void => {
    queue.push(item);
  };
  for (let index = 0; index < queue.length; index += 1) {
    invariant(index < limit, `one input caused more than ${limit} steps`);
    handle(queue[index] as T, push);
  }
}
