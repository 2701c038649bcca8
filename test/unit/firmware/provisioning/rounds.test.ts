/** When files are asked for and when they act: start, check-sync, the clock, failures; never in the middle of a call. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { millis } from '../../../../firmware/kernel/time.ts';
import type { RoundOutcome, RoundsInput, RoundsOrder, RoundsState } from '../../../../firmware/provisioning/rounds.ts';
import {
  CHECK_SYNC_GAP_MS,
  CHECK_SYNC_SPREAD_MS,
  newRounds,
  RETRY_BASE_MS,
  RETRY_MAX_MS,
  roundsDeadline,
  stepRounds,
} from '../../../../firmware/provisioning/rounds.ts';

/** A phone under a hand clock. */
function phone(chance = 0) {
  let now = 0;
  let state: RoundsState = newRounds(millis(now));
  const give = (input: RoundsInput): readonly RoundsOrder[] => {
    const next = stepRounds(state, input, { now: millis(now), chance });
    state = next.state;
    return next.out;
  };
  return {
    give,
    due: () => roundsDeadline(state),
    at(ms: number) {
      now = ms;
      return give({ kind: 'due' });
    },
    ended: (outcome: RoundOutcome, takesRestart = false) => give({ kind: 'ended', outcome, takesRestart }),
  };
}

const started = (chance = 0) => {
  const made = phone(chance);
  assert.deepEqual(made.give({ kind: 'start' }), ['plan']);
  assert.deepEqual(made.at(0), ['download']);
  return made;
};

describe('a round', () => {
  it('begins at the start; while it runs nothing is due', () => {
    const made = started();
    assert.equal(made.due(), null);
    assert.deepEqual(made.at(1), []);
  });

  it('that changed something acts at once, or restarts where a change needs it', () => {
    assert.deepEqual(started().ended('changed'), ['plan', 'apply']);
    assert.deepEqual(started().ended('changed', true), ['plan', 'restart']);
    assert.deepEqual(started().ended('same'), ['plan']);
    assert.deepEqual(started().ended('none'), ['plan']);
  });

  it('acts only when nobody is on the phone', () => {
    for (const [takesRestart, order] of [
      [false, 'apply'],
      [true, 'restart'],
    ] as const) {
      const made = started();
      assert.deepEqual(made.give({ kind: 'desk', state: 'busy' }), []);
      assert.deepEqual(made.ended('changed', takesRestart), ['plan']);
      assert.deepEqual(made.give({ kind: 'desk', state: 'idle' }), [order]);
      assert.deepEqual(made.give({ kind: 'desk', state: 'idle' }), []);
    }
  });

  it('that waits to restart still does after a later round that changed less', () => {
    const made = started();
    made.give({ kind: 'desk', state: 'busy' });
    made.ended('changed', true);
    made.give({ kind: 'check-sync', reboot: null });
    made.at(CHECK_SYNC_GAP_MS);
    made.ended('changed');
    assert.deepEqual(made.give({ kind: 'desk', state: 'idle' }), ['restart']);
  });

  it('that failed is tried again, later each time, an hour at most, spread', () => {
    const made = started();
    let now = 0;
    for (let failures = 0; failures < 12; failures += 1) {
      made.ended('failed');
      const wait = Math.min(RETRY_BASE_MS * 2 ** failures, RETRY_MAX_MS);
      assert.equal(made.due(), now + wait);
      now += wait;
      assert.deepEqual(made.at(now), ['download']);
    }
    made.ended('same');
    assert.equal(made.due(), null);
    const spread = started(1);
    spread.ended('failed');
    assert.equal(spread.due(), RETRY_BASE_MS / 2);
  });
});

describe('a lease that comes or changes', () => {
  it('is asked of at once, as at the start', () => {
    const made = started();
    made.ended('none');
    assert.equal(made.due(), null);
    made.give({ kind: 'lease' });
    assert.deepEqual(made.at(0), ['download']);
    assert.deepEqual(made.ended('changed', true), ['plan', 'restart']);
  });

  it('while a round runs is asked of after it, and waits for nothing that failed', () => {
    const made = started();
    made.give({ kind: 'lease' });
    assert.equal(made.due(), null);
    made.ended('failed');
    assert.equal(made.due(), 0);
  });
});

describe('check-sync', () => {
  const resting = (chance = 0) => {
    const made = started(chance);
    made.ended('same');
    return made;
  };

  it('starts a round, spread, and not more often than the gap allows: a storm of them is one', () => {
    for (const chance of [0, 1]) {
      const made = resting(chance);
      for (let many = 0; many < 100; many += 1) made.give({ kind: 'check-sync', reboot: null });
      const due = CHECK_SYNC_GAP_MS + chance * CHECK_SYNC_SPREAD_MS;
      assert.equal(made.due(), due);
      assert.deepEqual(made.at(due), ['download']);
      made.ended('same');
      assert.equal(made.due(), null);
    }
  });

  it('with reboot=true restarts whatever came, with reboot=false never', () => {
    for (const outcome of ['same', 'failed', 'changed', 'none'] as const) {
      const made = resting();
      made.give({ kind: 'check-sync', reboot: true });
      made.give({ kind: 'check-sync', reboot: null });
      made.at(CHECK_SYNC_GAP_MS);
      assert.deepEqual(made.ended(outcome), ['plan', 'restart'], outcome);
    }
    const made = resting();
    made.give({ kind: 'check-sync', reboot: false });
    made.at(CHECK_SYNC_GAP_MS);
    assert.deepEqual(made.ended('changed', true), ['plan', 'apply']);
  });

  it('that comes while a round runs is a round of its own', () => {
    const made = started();
    made.give({ kind: 'check-sync', reboot: true });
    assert.deepEqual(made.ended('same'), ['plan']);
    assert.deepEqual(made.at(CHECK_SYNC_GAP_MS), ['download']);
    assert.deepEqual(made.ended('same'), ['plan', 'restart']);
  });
});

describe('the clock', () => {
  it('starts a round when it is planned, and is planned anew after each', () => {
    const made = started();
    made.ended('same');
    made.give({ kind: 'planned', at: millis(5000) });
    assert.equal(made.due(), 5000);
    assert.deepEqual(made.at(4999), []);
    assert.deepEqual(made.at(5000), ['download']);
    assert.equal(made.due(), null);
  });
});
