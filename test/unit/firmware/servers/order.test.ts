/** Owns the proof of the SRV order, by scripted draws and by statistics. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, seedFrom } from '../../../../firmware/kernel/random.ts';
import { keepDraw, keepOrder, orderByWeight } from '../../../../firmware/servers/order.ts';

interface Item {
  readonly id: string;
  readonly priority: number;
  readonly weight: number;
}

/** `id priority weight`. */
const item = (text: string): Item => {
  const [id = '', priority, weight] = text.split(' ');
  return { id, priority: Number(priority), weight: Number(weight) };
};
const items = (...texts: readonly string[]): readonly Item[] => texts.map(item);
const ids = (ordered: readonly Item[]): string => ordered.map(({ id }) => id).join('');
const idOf = ({ id }: Item): string => id;

/** Gives the draws in turn; the bounds that were asked for are kept. */
function scripted(...draws: readonly number[]): {
  readonly below: (bound: number) => number;
  readonly bounds: number[];
} {
  const bounds: number[] = [];
  return {
    bounds,
    below(bound) {
      bounds.push(bound);
      return draws[bounds.length - 1] ?? 0;
    },
  };
}

describe('RFC 2782 order, by scripted draws', () => {
  it('priorities ascend, whatever the order of the answer', () => {
    assert.equal(ids(orderByWeight(items('c 30 1', 'a 10 1', 'b 20 1'), scripted())), 'abc');
  });

  it('the sum is drawn inclusively: 0 to the sum of the weights, one draw a place', () => {
    const random = scripted(1, 0, 0);
    orderByWeight(items('a 1 10', 'b 1 30'), random);
    // One draw for the shuffle of two, then one for each place.
    assert.deepEqual(random.bounds, [2, 41, 31]);
  });

  it('the first whose running sum reaches the draw wins (A9)', () => {
    // Shuffle draw 1 leaves a, b in place.
    for (const [draw, first] of [
      [0, 'a'],
      [10, 'a'],
      [11, 'b'],
      [40, 'b'],
    ] as const)
      assert.equal(ids(orderByWeight(items('a 1 10', 'b 1 30'), scripted(1, draw)))[0], first, `draw ${draw}`);
  });

  it('a weight of 0 wins by a draw of 0 alone, for it stands first', () => {
    for (const [draw, first] of [
      [0, 'z'],
      [1, 'a'],
      [10, 'a'],
    ] as const)
      assert.equal(ids(orderByWeight(items('a 1 10', 'z 1 0'), scripted(draw)))[0], first, `draw ${draw}`);
  });

  it('each part of a priority is shuffled before the sum: those of weight 0 among themselves, then the others (A10)', () => {
    assert.equal(ids(orderByWeight(items('a 1 0', 'b 1 0', 'c 1 5', 'd 1 5'), scripted(0, 0, 0, 0, 0, 0))), 'badc');
  });

  it('nothing gives nothing', () => {
    assert.deepEqual(orderByWeight([], scripted()), []);
  });
});

describe('RFC 2782 order, by statistics: 1000 draws', () => {
  /** The chance to stand first: the inclusive draw gives 0 to whoever stands first after the shuffle. */
  const cases: readonly { readonly records: readonly Item[]; readonly expected: Readonly<Record<string, number>> }[] = [
    { records: items('a 1 1', 'b 1 1'), expected: { a: 1 / 2, b: 1 / 2 } },
    { records: items('a 1 0', 'b 1 0'), expected: { a: 1 / 2, b: 1 / 2 } },
    { records: items('a 1 0', 'b 1 0', 'c 1 0'), expected: { a: 1 / 3, b: 1 / 3, c: 1 / 3 } },
    {
      records: items('a 1 60', 'b 1 30', 'c 1 10'),
      expected: { a: (60 + 1 / 3) / 101, b: (30 + 1 / 3) / 101, c: (10 + 1 / 3) / 101 },
    },
    { records: items('a 1 0', 'b 1 9', 'c 1 10'), expected: { a: 1 / 20, b: 9 / 20, c: 10 / 20 } },
    { records: items('a 1 1', 'b 1 3', 'x 2 65535'), expected: { a: 1.5 / 5, b: 3.5 / 5 } },
  ];
  /** The 99.9 % points of chi-square by degrees of freedom. */
  const LIMIT: Readonly<Record<number, number>> = { 1: 10.83, 2: 13.82 };

  for (const { records, expected } of cases)
    for (const seed of [1, 2, 3])
      it(`${records.map(({ id, priority, weight }) => `${id} ${priority} ${weight}`).join(', ')}: each as often as its weight says (seed ${seed})`, () => {
        const random = createRandom(seedFrom(seed));
        const seen = new Map<string, number>();
        for (let draw = 0; draw < 1000; draw += 1) {
          const first = ids(orderByWeight(records, random)).charAt(0);
          seen.set(first, (seen.get(first) ?? 0) + 1);
        }
        const names = Object.keys(expected);
        const square = names.reduce((sum, id) => {
          const wanted = (expected[id] ?? 0) * 1000;
          return sum + ((seen.get(id) ?? 0) - wanted) ** 2 / wanted;
        }, 0);
        assert.deepEqual([...seen.keys()].sort(), names);
        assert.ok(square < (LIMIT[names.length - 1] ?? 0), `chi-square ${square}, ${JSON.stringify([...seen])}`);
      });

  it('the second place is drawn by weight too', () => {
    const random = createRandom(seedFrom(4));
    let bBeforeC = 0;
    for (let draw = 0; draw < 1000; draw += 1)
      if (/bc/.test(ids(orderByWeight(items('a 1 60000', 'b 1 90', 'c 1 10'), random)))) bBeforeC += 1;
    assert.ok(bBeforeC > 850 && bBeforeC < 945, `${bBeforeC}`);
  });
});

describe('a changed set (rules 2)', () => {
  it('keeps what stands in both in its relative order; the new one keeps its drawn place', () => {
    assert.equal(ids(keepDraw(items('b 1 1', 'n 1 1', 'a 1 1'), items('a 1 1', 'x 1 1', 'b 1 1'), idOf)), 'anb');
  });

  it('keeps the order only within a priority', () => {
    assert.equal(ids(keepDraw(items('b 1 1', 'c 1 1', 'a 2 1'), items('a 1 1', 'c 1 1', 'b 1 1'), idOf)), 'cba');
  });

  it('takes weight and priority from the new set', () => {
    assert.deepEqual(keepDraw(items('a 1 5'), items('a 9 9'), idOf), items('a 1 5'));
  });

  it('of plain addresses likewise: an answer that turned round is no change', () => {
    const same = (text: string): string => text;
    assert.deepEqual(keepOrder(['3', '1', '2'], ['1', '2', '3'], same), ['1', '2', '3']);
    assert.deepEqual(keepOrder(['3', '4', '1'], ['1', '2', '3'], same), ['1', '4', '3']);
    assert.deepEqual(keepOrder(['2', '1'], [], same), ['2', '1']);
  });
});
