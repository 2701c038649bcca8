/** A recorder without a clock gives all it can: it is held back; one that keeps time never is. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { heldBack } from '../../../../hal/audio/alsa.ts';
import { VirtualScheduler } from '../../../support/virtual-scheduler.ts';

const PERIOD = Buffer.alloc(320);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function recorder() {
  const from = new PassThrough();
  const time = new VirtualScheduler();
  const taken = { octets: 0 };
  heldBack(from, time, (octets) => {
    taken.octets += octets.length;
  });
  return { from, time, taken };
}

describe('what a recorder gives', () => {
  it('is taken whole where it keeps time, for ten minutes and somewhat fast', async () => {
    const { from, time, taken } = recorder();
    for (let tenth = 0; tenth < 6000; tenth += 1) {
      for (let period = 0; period < 11; period += 1) from.write(PERIOD);
      await turn();
      assert.equal(from.isPaused(), false);
      time.pass(100);
    }
    assert.equal(taken.octets, 6000 * 11 * 320);
  });

  it('is held back for a tenth of a second where a second of it comes at once', async () => {
    const { from, time, taken } = recorder();
    for (let period = 0; period < 100; period += 1) from.write(PERIOD);
    await turn();
    assert.equal(from.isPaused(), true);
    time.pass(99);
    assert.equal(from.isPaused(), true);
    time.pass(1);
    assert.equal(from.isPaused(), false);
    assert.equal(taken.octets, 100 * 320);
  });
});
