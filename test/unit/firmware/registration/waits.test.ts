/** When a binding is renewed (rules 4, row "renewal"; RFC 3261 10.2.4; conformance F3). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RetryPolicy } from '../../../../firmware/registration/waits.ts';
import { renewalWait } from '../../../../firmware/registration/waits.ts';

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
