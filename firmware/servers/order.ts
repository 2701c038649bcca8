/** Owns the order of SRV records: priority, then a weighted draw after a shuffle (RFC 2782 "Weight"; conformance A8-A10). */
import type { Random } from '../kernel/random.ts';

export interface Weighted {
  readonly priority: number;
  readonly weight: number;
}

/** All records in the order in which they are tried; one draw per place. */
export function orderByWeight<T extends Weighted>(records: readonly T[], random: Pick<Random, 'below'>): readonly T[] {
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) => drawAll(records.filter((record) => record.priority === priority), random));
}

/**
 * Zero-weight records stand first in the running sum, so that they keep a small chance; each part is shuffled first, because
 * the inclusive draw favours whoever stands early (A10).
 */
function drawAll<T extends Weighted>(records: readonly T[], random: Pick<Random, 'below'>): readonly T[] {
  const rest = [...shuffle(records.filter(({ weight }) => weight === 0), random), ...shuffle(records.filter(({ weight }) => weight > 0), random)];
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
    const moved = shuffled[at] as T;
    shuffled[at] = shuffled[other] as T;
    shuffled[other] = moved;
  }
  return shuffled;
}

/** A changed set: what stands in both keeps its relative order within a priority (rules 2, "The draw is made once"). */
export function keepOrder<T extends Weighted>(fresh: readonly T[], before: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const place = new Map(before.map((item, index) => [keyOf(item), index]));
  const priorities = [...new Set(fresh.map(({ priority }) => priority))];
  return priorities.flatMap((priority) => {
    const group = fresh.filter((item) => item.priority === priority);
    const common = group.filter((item) => place.has(keyOf(item))).sort((a, b) => (place.get(keyOf(a)) ?? 0) - (place.get(keyOf(b)) ?? 0));
    let next = 0;
    return group.map((item) => {
      if (!place.has(keyOf(item))) return item;
      next += 1;
      return common[next - 1] as T;
    });
  });
}
