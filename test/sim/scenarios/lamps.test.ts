/** A key that watches a number: its lamp through renewals, failover and the way home (page 4-46, G7; rules 3.2, 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { watchDesk } from '../watch-desk.ts';

describe('a key that watches a number', () => {
  it('says what the number does: idle off, ringing fast, busy on, held slow', () => {
    const desk = watchDesk();
    desk.world.run(100);
    assert.equal(desk.on(), 'active primary');
    assert.deepEqual(desk.asked(), ['primary fresh 3600']);
    for (const [state, lamp] of [
      ['ringing', 'fast-flash'],
      ['busy', 'on'],
      ['held', 'slow-flash'],
      ['idle', 'off'],
    ] as const) {
      desk.primary.set('2002', state);
      desk.world.run(50);
      assert.equal(desk.lamp(), lamp, state);
    }
  });

  it('moves to the backup when the primary dies, and comes home with it; the lamp stays true', () => {
    const desk = watchDesk();
    desk.world.run(30_000);
    desk.primary.set('2002', 'busy');
    desk.world.run(50);
    desk.world.kill(desk.primary);
    const moved = desk.world.until(() => desk.on() === 'active backup', 30_000);
    assert.ok(moved < 18_000, `moved after ${moved} ms`);
    assert.equal(desk.lamp(), 'on');
    desk.backup.set('2002', 'idle');
    desk.world.run(50);
    assert.equal(desk.lamp(), 'off');
    desk.primary.fault = 'none';
    const home = desk.world.until(() => desk.on() === 'active primary', 30_000);
    assert.ok(home < 18_000, `home after ${home} ms`);
    desk.world.run(1000);
    desk.primary.set('2002', 'ringing');
    desk.world.run(50);
    assert.equal(desk.lamp(), 'fast-flash');
    const moves = desk.world.events.flatMap(({ event }) =>
      (event.event === 'failover' || event.event === 'failback') && event.role === 'proxy' ? [event.event] : [],
    );
    assert.deepEqual(moves, ['failover', 'failback']);
  });
});
