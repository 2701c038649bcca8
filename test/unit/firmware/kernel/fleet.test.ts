/** A fleet against a model: a plain map with a linear search. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Fleet } from '../../../../firmware/kernel/fleet.ts';
import type { Millis } from '../../../../firmware/kernel/time.ts';
import { millis } from '../../../../firmware/kernel/time.ts';

interface Member {
  readonly deadline: number | null;
}

const fleet = (): Fleet<Member> =>
  new Fleet<Member>(({ deadline }) => (deadline === null ? null : (deadline as Millis)));

function soonestOf(model: ReadonlyMap<string, Member>): { readonly id: string; readonly at: Millis } | null {
  const waiting = [...model].flatMap(([id, { deadline }]) =>
    deadline === null ? [] : [{ id, at: deadline as Millis }],
  );
  waiting.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  return waiting[0] ?? null;
}

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
const deadlines = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant(null));
const changes = fc.array(
  fc.record({
    id: ids,
    state: fc.oneof({ weight: 4, arbitrary: fc.record({ deadline: deadlines }) }, fc.constant(null)),
  }),
  { maxLength: 80 },
);

describe('a fleet', () => {
  it('tells after any changes the same soonest member, members and size as a plain map', () =>
    fc.assert(
      fc.property(changes, (list) => {
        const real = fleet();
        const model = new Map<string, Member>();
        for (const { id, state } of list) {
          real.set(id, state);
          if (state === null) model.delete(id);
          else model.set(id, state);
          assert.deepEqual(real.next(), soonestOf(model));
          assert.equal(real.size, model.size);
          assert.deepEqual(real.entries(), [...model]);
          assert.deepEqual(real.ids(), [...model.keys()]);
          assert.equal(real.get(id), model.get(id));
        }
      }),
      { seed: 2, numRuns: 300 },
    ));

  it('that is run dry gives its members by deadline, at equal times by id', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }), (list) => {
        const real = fleet();
        for (const [index, deadline] of list.entries()) real.set(`m${String(index).padStart(2, '0')}`, { deadline });
        const order: string[] = [];
        for (let due = real.next(); due !== null; due = real.next()) {
          order.push(`${due.at} ${due.id}`);
          real.set(due.id, null);
        }
        assert.deepEqual(order, [...order].sort());
        assert.equal(order.length, list.length);
      }),
      { seed: 3 },
    ));

  it('forgets the deadline of a member that was put off', () => {
    const real = fleet();
    real.set('a', { deadline: 5 });
    real.set('a', { deadline: 9 });
    assert.deepEqual(real.next(), { id: 'a', at: millis(9) });
    real.set('a', { deadline: null });
    assert.equal(real.next(), null);
  });
});
