/** Owns which tests a slip is shown to, in which order: those that load its file, whoever noticed most so far first. */

/** A test that passes as things are. */
export interface Timed {
  readonly test: string;
  readonly tookMs: number;
}

export interface Order {
  /** What a slip is shown to now. */
  next(): readonly Timed[];
  noticed(test: string): void;
}

/** The first `near` stay in front until others have noticed more; the rest come quickest first. */
export function orderOf(timed: readonly Timed[], near: number): Order {
  const quick = [...timed.slice(0, near), ...timed.slice(near).sort((a, b) => a.tookMs - b.tookMs)];
  const noticed = new Map<string, number>();
  const count = ({ test }: Timed): number => noticed.get(test) ?? 0;
  return {
    next: () => [...quick].sort((a, b) => count(b) - count(a)),
    noticed: (test) => void noticed.set(test, (noticed.get(test) ?? 0) + 1),
  };
}
