/** Owns the order of SRV records: priority, then a weighted draw after a shuffle (RFC 2782 "Weight"; conformance A8-A10). */
import type { Random } from '../kernel/random.ts';

export interface Weighted {
  readonly priority: number;
  readonly weight: number;
}

/** All records in the order in which they are tried; one draw per place. */
export function orderByWeight<T extends Weighted>(records: readonly T[], random: Pick<Random, 'below'>): readonly T[] {
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
  const groupOf = (priority: number): readonly T[] => records.filter((record) => record.priority === priority);
  return priorities.flatMap((priority) => drawAll(groupOf(priority), random));
}

/**
 * Zero-weight records stand first in the running sum, so that they keep a small chance; each part is shuffled first, because
 * the inclusive draw favours whoever stands early (A10).
 */
function drawAll<T extends Weighted>(records: readonly T[], random: Pick<Random, 'below'>): readonly T[] {
  const weightless = records.filter(({ weight }) => weight === 0);
  const weighted = records.filter(({ weight }) => weight > 0);
  const rest = [...shuffle(weightless, random), ...shuffle(weighted, random)];
  const drawn: T[] = [];
  while (rest.length > 0) drawn.push(...rest.splice(drawOne(rest, random), 1));
  return drawn;
}

function drawOne(records: readonly Weighted[], random: Pick<Random, 'below'>): number {
  const total = records.reduce((sum, { weight }) => sum + weight, 0);
  const draw = random.below(total + 1);
  let running = 0;
  return records.findIndex(({ weight }) => {
    running += weight;
    return running >= draw;
  });
}

/** Fisher-Yates. */
function shuffle<T>(items: readonly T[], random: Pick<Random, 'below'>): readonly T[] {
  const shuffled = [...items];
  for (let at = shuffled.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    [shuffled[at], shuffled[other]] = [shuffled[other] as T, shuffled[at] as T];
  }
  return shuffled;
}

/** A changed draw: what stands in both keeps its relative order within a priority (rules 2, "The draw is made once"). */
export function keepDraw<T extends Weighted>(
  fresh: readonly T[],
  before: readonly T[],
  keyOf: (item: T) => string,
): readonly T[] {
  const priorities = [...new Set(fresh.map(({ priority }) => priority))];
  return priorities.flatMap((priority) =>
    keepOrder(
      fresh.filter((item) => item.priority === priority),
      before,
      keyOf,
    ),
  );
}

/** A changed list: what stands in both keeps its relative order, what is new keeps its place. */
export function keepOrder<T>(fresh: readonly T[], before: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const place = new Map(before.map((item, index) => [keyOf(item), index]));
  const placeOf = (item: T): number | undefined => place.get(keyOf(item));
  const common = fresh.filter((item) => placeOf(item) !== undefined);
  common.sort((a, b) => (placeOf(a) as number) - (placeOf(b) as number));
  let next = 0;
  return fresh.map((item) => {
    if (placeOf(item) === undefined) return item;
    next += 1;
    return common[next - 1] as T;
  });
}
