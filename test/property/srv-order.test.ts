/** Owns what holds for any SRV record set: nothing is lost, priorities ascend, a draw that was made is kept. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import { keepDraw, keepOrder, orderByWeight } from '../../firmware/servers/order.ts';

const SEED = 2782;
const record = fc.record({ id: fc.nat(30), priority: fc.nat(3), weight: fc.oneof(fc.constant(0), fc.nat(65_535)) });
const records = fc.uniqueArray(record, { maxLength: 20, selector: ({ id }) => id });
const idOf = ({ id }: { readonly id: number }): string => String(id);
const byId = <T extends { readonly id: number }>(items: readonly T[]): readonly T[] =>
  [...items].sort((a, b) => a.id - b.id);

describe('any SRV record set', () => {
  it('is put in order without loss, priorities ascending', () => {
    fc.assert(
      fc.property(records, fc.nat(), (items, seed) => {
        const ordered = orderByWeight(items, createRandom(seedFrom(seed)));
        assert.deepEqual(byId(ordered), byId(items));
        for (const [index, { priority }] of ordered.entries())
          assert.ok(index === 0 || priority >= (ordered[index - 1]?.priority ?? 0));
      }),
      { seed: SEED },
    );
  });

  it('that changed keeps every pair of one priority that stands in both in its order', () => {
    fc.assert(
      fc.property(records, records, fc.nat(), (old, now, seed) => {
        const random = createRandom(seedFrom(seed));
        const before = orderByWeight(old, random);
        const kept = keepDraw(orderByWeight(now, random), before, idOf);
        assert.deepEqual(byId(kept), byId(now));
        assert.deepEqual(
          kept.map(({ priority }) => priority),
          [...now.map(({ priority }) => priority)].sort((a, b) => a - b),
        );
        const places = before.map(idOf);
        for (const [index, first] of kept.entries())
          for (const second of kept.slice(index + 1)) {
            const isInBoth = places.includes(idOf(first)) && places.includes(idOf(second));
            if (isInBoth && first.priority === second.priority)
              assert.ok(places.indexOf(idOf(first)) < places.indexOf(idOf(second)));
          }
      }),
      { seed: SEED },
    );
  });

  it('of the same members keeps its order whole', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(50)), fc.nat(), (items, seed) => {
        const random = createRandom(seedFrom(seed));
        const turned = [...items].sort(() => random.next() - 0.5);
        assert.deepEqual(keepOrder(turned, items, String), items);
      }),
      { seed: SEED },
    );
  });
});
