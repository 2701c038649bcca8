/** Random worlds with calls: seeds 1 to 30 under the checkers of rules 6 (`npm run sim -- --worlds calls` runs more). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exploreCalls } from './explore.ts';

const WORLDS = 30;
const BLOCK = 10;

describe('random worlds with calls: whatever breaks, nobody is left ringing or off-hook', () => {
  let attempts = 0;
  for (let from = 1; from <= WORLDS; from += BLOCK)
    it(`seeds ${from} to ${from + BLOCK - 1}`, () => {
      for (let seed = from; seed < from + BLOCK; seed += 1) attempts += exploreCalls(seed).attempts;
    });

  it('and there are calls by the thousand', () => assert.ok(attempts >= 1000, `${attempts} attempts`));

  it('the same seed gives the same run', () => assert.deepEqual(exploreCalls(6), exploreCalls(6)));
});
