/** When a subscription is asked for again: before its end, after a failure, after its end (RFC 6665 4.1.2, 4.1.3; RFC 5626 4.5; table X; rules 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, seedFrom } from '../../../../firmware/kernel/random.ts';
import { millis } from '../../../../firmware/kernel/time.ts';
import type { SubscribeFailure } from '../../../../firmware/sip/subscription-vocabulary.ts';
import type { SubscriptionContext, SubscriptionPolicy } from '../../../../firmware/subscription/state.ts';
import { afterEnd, afterFailure, afterGone, renewAtOf } from '../../../../firmware/subscription/waits.ts';

const POLICY: SubscriptionPolicy = {
  ...{ profile: 'modern', renewalMs: 15_000, probePeriodMs: 15_000, rejectedMs: 1_800_000, failedMs: null },
};

/** Draws are the highest that they may be. */
const cx = (over: Partial<SubscriptionPolicy> = {}): SubscriptionContext => ({
  ...{ now: millis(0), policy: { ...POLICY, ...over } },
  random: { ...createRandom(seedFrom(1)), between: (_low: number, high: number) => high },
});
const lowest = (context: SubscriptionContext): SubscriptionContext => ({
  ...context,
  random: { ...context.random, between: (low: number) => low },
});

/** In seconds. */
const failed = (failure: SubscribeFailure, failures = 1, context = cx()): number | 'never' => {
  const wait = afterFailure(failure, { failures }, context);
  return wait === 'never' ? wait : wait / 1000;
};

describe('a subscription is renewed', () => {
  it('the renewal timer and the waits of the list before its end, not before half of its time', () => {
    assert.equal(renewAtOf(millis(3_600_000), 2000, cx()), 3_583_000);
    assert.equal(renewAtOf(millis(20_000), 2000, cx()), 10_000);
    assert.equal(renewAtOf(millis(-5), 2000, cx()), 0);
  });

  it('in the profiles of the original whatever the waits of the list are', () => {
    for (const profile of ['r2.0', 'r2.1'] as const)
      assert.equal(renewAtOf(millis(3_600_000), 2000, cx({ profile })), 3_585_000);
  });
});

describe('after an attempt that failed', () => {
  const silent: SubscribeFailure = { result: 'failed', code: null, retryAfterS: 0 };

  it('half to all of 30 s, doubled each time, of half an hour at most', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 7, 60].map((failures) => failed(silent, failures)),
      [30, 30, 60, 120, 1800, 1800],
    );
    assert.deepEqual(
      [1, 2, 7].map((failures) => failed(silent, failures, lowest(cx()))),
      [15, 30, 900],
    );
    assert.equal(failed({ result: 'unnotified' }, 2), 60);
  });

  it('the timeout retry timer where one was given', () =>
    assert.equal(failed(silent, 5, cx({ failedMs: 40_000 })), 40));

  it('at least what a Retry-After asks for, of an hour at most', () => {
    const asks = (retryAfterS: number): number | 'never' => failed({ ...silent, retryAfterS });
    assert.deepEqual([20, 900, 100_000].map(asks), [30, 900, 3600]);
  });

  it('two seconds where it met no network', () => assert.equal(failed({ result: 'no-network' }, 9), 2));

  it('by a refusal: never, like a failure, or the retry timer, by its code', () => {
    const refused = (code: number, retryAfterS: number | null = null): number | 'never' =>
      failed({
        result: 'rejected',
        server: 'primary',
        target: 'udp:192.0.2.1:5060',
        code,
        retryAfterS,
      } as SubscribeFailure);
    for (const code of [405, 406, 415, 416, 420, 421, 428, 436, 437, 438, 439, 494])
      assert.equal(refused(code), 'never');
    for (const code of [408, 430, 480, 481, 482, 483, 500, 502, 503, 504])
      assert.equal(refused(code), 30, String(code));
    for (const code of [400, 403, 404, 410, 603]) assert.equal(refused(code), 1800, String(code));
    assert.deepEqual([refused(403, 2400), refused(480, 90), refused(405, 90)], [2400, 90, 'never']);
  });
});

describe('after its end by the server (RFC 6665 4.1.3)', () => {
  const LONG_MS = 10_000;
  const ended = (reason: string | null, lived: number, retryAfterS: number | null = null): number | 'never' => {
    const wait = afterEnd({ reason, retryAfterS }, { lived, failures: 0 }, cx());
    return wait === 'never' ? wait : wait / 1000;
  };

  it('never again where it said so', () => {
    for (const reason of ['rejected', 'noresource', 'invariant']) assert.equal(ended(reason, LONG_MS, 5), 'never');
  });

  it('when it said, or like after a failure, where it is on probation or was given up', () => {
    for (const reason of ['probation', 'giveup'])
      assert.deepEqual(
        [ended(reason, LONG_MS), ended(reason, LONG_MS, 0), ended(reason, 0, 7), ended(reason, 0, 100_000)],
        [...[30, 30, 7, 3600]],
      );
  });

  it('at once where it was moved on or ran out; like after a failure where it lived less than ten seconds', () => {
    for (const reason of ['deactivated', 'timeout'])
      assert.deepEqual([ended(reason, LONG_MS, 90), ended(reason, LONG_MS - 1, 90)], [0, 30]);
  });

  it('the same without a reason or with one that is not known, but not before its Retry-After', () => {
    for (const reason of [null, 'of-tomorrow'])
      assert.deepEqual(
        [ended(reason, LONG_MS), ended(reason, LONG_MS, 90), ended(reason, 0), ended(reason, 0, 90)],
        [...[0, 90, 30, 90]],
      );
  });
});

describe('after a refresh that found it gone', () => {
  it('at once, but for a 480 that says when', () => {
    assert.deepEqual(
      [afterGone(481, 60), afterGone(null, null), afterGone(480, null), afterGone(480, 60)],
      [...[0, 0, 0, 60_000]],
    );
  });
});
