/** Owns the contract of keys that repeat while they are held. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeyEdge } from '../../hal/devices.ts';
import { REPEAT, withRepeat } from '../../hal/drivers/repeat.ts';
import { VirtualScheduler } from '../support/virtual-scheduler.ts';

function bench() {
  const scheduler = new VirtualScheduler();
  let edge: (event: KeyEdge) => void = () => undefined;
  const keypad = {
    onKey(listener: (event: KeyEdge) => void) {
      edge = listener;
    },
  };
  const heard: string[] = [];
  withRepeat(keypad, scheduler).onKey(({ key, edge: what }) => heard.push(`${key} ${what}`));
  return { scheduler, heard, edge: (key: KeyEdge['key'], what: KeyEdge['edge']) => edge({ key, edge: what }) };
}

describe('a key that is held', () => {
  it('volume and arrows are told again and again until they come up', () => {
    const { edge, scheduler, heard } = bench();
    edge('volume-up', 'down');
    scheduler.pass(REPEAT.afterMs - 1);
    assert.deepEqual(heard, ['volume-up down']);
    scheduler.pass(1 + 2 * REPEAT.everyMs);
    edge('volume-up', 'up');
    scheduler.pass(10_000);
    assert.deepEqual(heard, [...new Array<string>(4).fill('volume-up down'), 'volume-up up']);
  });

  it('others are told once', () => {
    const { edge, scheduler, heard } = bench();
    edge('5', 'down');
    scheduler.pass(4000);
    edge('5', 'up');
    assert.deepEqual(heard, ['5 down', '5 up']);
  });

  it('that never comes up is not told for ever', () => {
    const { edge, scheduler, heard } = bench();
    edge('down', 'down');
    scheduler.pass(3600_000);
    assert.equal(heard.length, 1 + REPEAT.most);
  });
});
