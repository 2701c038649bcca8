/** Owns how long a guesser waits, under a clock of the test. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createThrottle } from '../../../../firmware/web/throttle.ts';

describe('the throttle of logins', () => {
  it('ten failures are free, then a peer waits the rest of the minute, and only that peer', () => {
    let now = 0;
    const throttle = createThrottle(() => now);
    for (let tries = 0; tries < 9; tries += 1) throttle.failed('a');
    assert.equal(throttle.waitS('a'), 0);
    now = 20_000;
    throttle.failed('a');
    assert.deepEqual([throttle.waitS('a'), throttle.waitS('b')], [40, 0]);
    now = 59_999;
    assert.equal(throttle.waitS('a'), 1);
    now = 60_000;
    assert.equal(throttle.waitS('a'), 0);
    throttle.failed('a');
    assert.equal(throttle.waitS('a'), 0, 'and it starts anew');
  });

  it('remembers so many peers and no more', () => {
    const throttle = createThrottle(() => 0);
    for (let tries = 0; tries < 10; tries += 1) throttle.failed('first');
    for (let peer = 0; peer < 255; peer += 1) throttle.failed(`peer ${peer}`);
    assert.equal(throttle.waitS('first'), 60);
    throttle.failed('one more');
    assert.equal(throttle.waitS('first'), 0);
  });
});
