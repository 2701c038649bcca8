/** Owns waiting for what comes, in tests of real sockets: nothing sleeps, the first item that fits ends the wait. */

export interface Inbox<T> {
  readonly seen: readonly T[];
  readonly take: (item: T) => void;
  /** The first item that fits, of those that came and those to come. */
  first<S extends T>(fits: (item: T) => item is S): Promise<S>;
  first(fits: (item: T) => boolean): Promise<T>;
}

export function inbox<T>(): Inbox<T> {
  const seen: T[] = [];
  let waiting: (() => void)[] = [];
  return {
    seen,
    take(item) {
      seen.push(item);
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    async first(fits: (item: T) => boolean): Promise<T> {
      for (;;) {
        const found = seen.find(fits);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
