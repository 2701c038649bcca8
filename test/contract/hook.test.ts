/** Owns what is a hook switch's own: spikes, a line that cannot be read, an edge that the system lost. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HookState } from '../../hal/devices.ts';
import { createHookSwitch } from '../../hal/drivers/hook-switch.ts';
import { SimLine } from '../../hal/sim/lines.ts';
import { VirtualScheduler } from '../support/virtual-scheduler.ts';

const EDGES = ['told', 'not-told'] as const;

function world(edges: (typeof EDGES)[number], lifted = false) {
  const scheduler = new VirtualScheduler();
  const line = new SimLine(lifted, { edges });
  const hook = createHookSwitch({ line, closedLevel: 'low', closedMeans: 'on', scheduler });
  const states: HookState[] = [];
  hook.onHook((state) => void states.push(state));
  return { scheduler, line, hook, states };
}

describe('a hook switch', () => {
  it('a spike of half the de-bounce time is nothing, polled or told', () => {
    for (const edges of EDGES)
      for (let at = 0; at < 40; at += 1) {
        const { scheduler, line, states } = world(edges);
        scheduler.pass(100 + at);
        line.drive(true);
        scheduler.pass(10);
        line.drive(false);
        scheduler.pass(2000);
        assert.deepEqual(states, [], `${edges} at ${at} ms`);
      }
  });

  it('begins as the handset lies, and tells nothing of it', () => {
    for (const lifted of [false, true]) {
      const { scheduler, hook, states } = world('told', lifted);
      scheduler.pass(5000);
      assert.deepEqual([hook.first, states], [lifted ? 'off' : 'on', []]);
    }
  });

  it('an edge that the system lost is found within a second', () => {
    const { scheduler, line, states } = world('told');
    scheduler.pass(5000);
    line.level = true;
    scheduler.pass(1100);
    assert.deepEqual(states, ['off']);
  });

  it('a line that cannot be read leaves the handset as it was', () => {
    const { scheduler, line, states } = world('not-told');
    scheduler.pass(100);
    line.present = false;
    line.level = true;
    scheduler.pass(5000);
    assert.deepEqual(states, []);
    line.present = true;
    scheduler.pass(100);
    assert.deepEqual(states, ['off']);
  });
});
