/** Two desks in a call, over a network that is told what to do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { millis } from '../../../../firmware/kernel/time.ts';
import { inCall } from '../../../support/sound-world.ts';

describe('a call is heard', () => {
  for (const codec of [
    { codec: 'PCMU', sends: 0, receives: 0 },
    { codec: 'PCMA', sends: 8, receives: 8 },
    { codec: 'G722', sends: 9, receives: 9 },
  ])
    it(`both ways, as ${codec.codec}`, () => {
      const { world, a, b } = inCall(codec);
      a.say(1000);
      b.say(440);
      world.time.pass(1000);
      assert.ok(b.hears(1000) > -16, `b hears ${b.hears(1000)}`);
      assert.ok(a.hears(440) > -16, `a hears ${a.hears(440)}`);
      assert.ok(a.hears(1000) < -50, 'nobody hears himself');
      // The first packet only shows who speaks.
      const counts = { call: 'C1', packets: 49, lost: 0, concealed: 0, jitterMs: 0, delayMs: 30 };
      assert.deepEqual(a.engine.counts(millis(1000)), [counts]);
    });
});
