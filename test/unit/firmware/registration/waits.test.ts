/** When a binding is renewed, and how long is waited after an attempt that failed (rules 4; RFC 3261 10.2.4; RFC 5626 4.5; conformance F3). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, seedFrom } from '../../../../firmware/kernel/random.ts';
import type { RetryPolicy } from '../../../../firmware/registration/waits.ts';
import { backOff, noNetworkWait, renewalWait } from '../../../../firmware/registration/waits.ts';

const policy = (profile: RetryPolicy['profile']): RetryPolicy => ({
  ...{ profile, rejectedRetryS: null, timeoutRetryS: null, renewalS: 15, probePeriodMs: 15_000 },
  ...{ jitterMs: 1000, linkJitterMs: 1000, shutdownMs: 2000 },
});

describe('a binding is renewed', () => {
  for (const [what, profile, expiresS, listWaitMs, afterMs] of [
    ['the renewal timer and the waits of the list before its end', 'modern', 3600, 4000, 3_581_000],
    ['the renewal timer before its end, whatever the list is', 'r2.0', 3600, 4000, 3_585_000],
    ['the same in r2.1', 'r2.1', 3600, 4000, 3_585_000],
    ['at half of its time where that is later', 'modern', 30, 4000, 15_000],
    ['at half of a very short time', 'r2.0', 10, 0, 5000],
    ['where both are the same', 'r2.0', 30, 0, 15_000],
  ] as const)
    it(what, () => assert.equal(renewalWait(policy(profile), expiresS, listWaitMs), afterMs));
});

describe('after an attempt that all servers failed', () => {
  /** By the lowest draw and by the highest, s. */
  const waits = (over: Partial<RetryPolicy>, failures: number, retryAfterS = 0): readonly number[] =>
    [(low: number) => low, (_low: number, high: number) => high].map((between) => {
      const random = { ...createRandom(seedFrom(8)), between };
      return backOff({ ...policy('modern'), ...over }, failures, retryAfterS, random) / 1000;
    });

  it('half to all of 30 s, doubled each time, of half an hour at most', () => {
    assert.deepEqual(
      [0, 1, 2, 5, 6, 50].map((failures) => waits({}, failures)),
      [
        ...[
          [15, 30],
          [30, 60],
          [60, 120],
        ],
        ...[
          [480, 960],
          [900, 1800],
          [900, 1800],
        ],
      ],
    );
  });

  it('never longer than the timeout retry timer where one was given, which does not lengthen it', () => {
    assert.deepEqual(waits({ timeoutRetryS: 20 }, 0), [15, 20]);
    assert.deepEqual(waits({ timeoutRetryS: 20 }, 9), [20, 20]);
    assert.deepEqual(waits({ timeoutRetryS: 5000 }, 0), [15, 30]);
  });

  it('in the profiles of the original that timer, 120 s', () => {
    for (const profile of ['r2.0', 'r2.1'] as const) {
      assert.deepEqual(waits({ profile }, 3), [120, 120]);
      assert.deepEqual(waits({ profile, timeoutRetryS: 7 }, 3), [7, 7]);
    }
  });

  it('at least what a Retry-After asks for, of an hour at most', () => {
    assert.deepEqual(waits({}, 0, 25), [25, 30]);
    assert.deepEqual(waits({}, 0, 900), [900, 900]);
    assert.deepEqual(waits({}, 0, 100_000), [3600, 3600]);
  });

  it('that met no network: 2, 4, 8 … 30 s', () =>
    assert.deepEqual([1, 2, 3, 4, 5, 60].map(noNetworkWait), [2000, 4000, 8000, 16_000, 30_000, 30_000]));
});
