/** Random worlds: seeds 1 to 300 under all checkers (architecture 4.13, 4.14; rules 6). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explore } from './explore.ts';

const WORLDS = 300;
const BLOCK = 25;

describe('random worlds: whatever breaks, service comes back within its bound and every rule holds', () => {
  let failovers = 0;
  let failbacks = 0;
  for (let from = 1; from <= WORLDS; from += BLOCK)
    it(`seeds ${from} to ${from + BLOCK - 1}`, () => {
      for (let seed = from; seed < from + BLOCK; seed += 1) {
        const explored = explore(seed);
        failovers += explored.failovers;
        failbacks += explored.failbacks;
      }
    });

  it('and their storms are worth the name: lines move and come home hundreds of times', () => {
    assert.ok(failovers >= 300, `${failovers} failovers`);
    assert.ok(failbacks >= 300, `${failbacks} failbacks`);
  });

  it('the same seed gives the same run', () => assert.deepEqual(explore(7), explore(7)));
});
