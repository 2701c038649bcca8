/** Owns the two times of a phone: the monotonic one, and the time of day that may be set under it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClock } from '../../../../firmware/shell/clock.ts';

describe('the clock', () => {
  it('starts at nothing and goes on when the time of day is set', () => {
    let monotonic = 1234.5;
    let wall = Date.UTC(1970, 0, 1);
    const clock = createClock({ monotonic: () => monotonic, wall: () => wall });
    assert.deepEqual([clock.now(), clock.wallMs(), clock.wallMoved()], [0, null, false]);
    monotonic += 1000;
    wall += 1000;
    assert.deepEqual([clock.now(), clock.wallMoved()], [1000, false]);
    wall = Date.UTC(2026, 2, 3);
    assert.deepEqual([clock.wallMoved(), clock.wallMs()], [true, wall]);
    assert.equal(clock.wallMoved(), false, 'told once');
    assert.equal(clock.now(), 1000);
  });

  it('does not make a fuss of drift', () => {
    let monotonic = 0;
    let wall = Date.UTC(2026, 2, 3);
    const clock = createClock({ monotonic: () => monotonic, wall: () => wall });
    monotonic += 3_600_000;
    wall += 3_600_400;
    assert.equal(clock.wallMoved(), false);
    wall += 200;
    assert.equal(clock.wallMoved(), true);
  });
});
