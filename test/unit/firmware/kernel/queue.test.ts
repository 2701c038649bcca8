/** The bounded queue of a step. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvariantBroken } from '../../../../firmware/kernel/invariant.ts';
import { drain } from '../../../../firmware/kernel/queue.ts';

describe('draining', () => {
  it('handles what is added after everything that was there', () => {
    const seen: string[] = [];
    drain(
      ['a', 'b'],
      (item, push) => {
        seen.push(item);
        if (item.length < 2) push(`${item}!`);
      },
      10,
    );
    assert.deepEqual(seen, ['a', 'b', 'a!', 'b!']);
  });

  it('of nothing handles nothing', () => drain([], () => assert.fail('nothing was there'), 1));

  it('up to its bound is fine, beyond it is our own mistake', () => {
    let handled = 0;
    const spin = (item: number, push: (item: number) => void): void => {
      handled += 1;
      push(item + 1);
    };
    assert.throws(() => drain([0], spin, 7), InvariantBroken);
    assert.equal(handled, 7);
    drain([1, 2, 3], () => undefined, 3);
  });
});
