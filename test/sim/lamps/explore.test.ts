/** Random worlds with lamps: seeds 1 to 40 under the checkers of rules 6 (`npm run sim -- --worlds lamps` runs more). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exploreLamps } from './explore.ts';

const WORLDS = 40;
const BLOCK = 10;

describe('random worlds with lamps: whatever breaks, no lamp lies, and all come home, each once', () => {
  let failovers = 0;
  for (let from = 1; from <= WORLDS; from += BLOCK)
    it(`seeds ${from} to ${from + BLOCK - 1}`, () => {
      for (let seed = from; seed < from + BLOCK; seed += 1) failovers += exploreLamps(seed).failovers;
    });

  it('and lines move with their lamps a hundred times', () => assert.ok(failovers >= 100, `${failovers} failovers`));

  it('the same seed gives the same run', () => assert.deepEqual(exploreLamps(6), exploreLamps(6)));
});
