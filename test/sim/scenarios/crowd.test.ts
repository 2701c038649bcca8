/** A thousand phones at one site: what a restart, a failover and the way home of all of them ask of the servers in any second (rules 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FailoverSettings } from '../../../firmware/config/settings.ts';
import { phoneSettings } from '../../support/settings.ts';
import type { CrowdOptions } from '../crowd.ts';
import { judge, peakOf, runCrowd, STORMS } from '../crowd.ts';

const PHONES = 1000;

function storms(failover: Partial<FailoverSettings>, over: Partial<CrowdOptions> = {}): ReturnType<typeof judge>[] {
  const settings = phoneSettings({ failover });
  const options: CrowdOptions = { phones: PHONES, settings, fault: 'killed', watchMs: 90_000, ...over };
  return runCrowd(options).map((seen) => judge(seen, options.phones, settings.failover));
}

describe('a thousand phones', () => {
  for (const fault of ['killed', 'silent'] as const)
    it(`as a fleet sets them, primary ${fault}: restart, failover and way home are spread over a minute, 4 requests a phone at most`, () => {
      for (const verdict of storms({ jitterS: 60, startSpreadS: 60 }, { fault })) {
        assert.ok(verdict.ok, JSON.stringify(verdict));
        assert.equal(verdict.peakBound, PHONES / 30);
      }
    });

  it('started at one instant drift apart: after a minute the failover of all is spread over the probe period', () => {
    const [restart, failover, home] = storms({}, { watchMs: 60_000 });
    assert.equal(restart?.peak, PHONES);
    assert.equal(restart?.peakBound, null);
    for (const verdict of [failover, home]) {
      assert.ok(verdict?.ok, JSON.stringify(verdict));
      assert.equal(verdict.peakBound, (2 * PHONES) / 15);
    }
  });

  it('with the timers of the original come all at once, restart and renewals alike', () => {
    const settings = phoneSettings({ failover: { profile: 'r2.0' } });
    const line = settings.lines[0] ?? assert.fail();
    const seen = runCrowd({
      phones: 100,
      settings: { ...settings, lines: [{ ...line, registrationPeriodS: 300 }] },
      fault: 'killed',
      watchMs: 400_000,
    });
    assert.deepEqual(
      seen.map((storm) => judge(storm, 100, settings.failover).peak),
      STORMS.map(() => 100),
    );
  });
});

describe('one phone of a fleet', () => {
  it('with a jitter that is longer than the probe period moves within it, and only once', () => {
    const settings = phoneSettings({ failover: { jitterS: 60 } });
    const [, failover] = runCrowd({ phones: 20, settings, fault: 'killed', watchMs: 90_000 });
    assert.ok(failover);
    const firsts = failover.sent.filter(({ kind }) => kind === 'first');
    assert.equal(firsts.length, 20);
    assert.ok(firsts.every(({ at }) => at <= 76_000));
    assert.ok(firsts.some(({ at }) => at > 20_000));
  });
});

describe('the peak of a storm', () => {
  it('counts any second, not those of the clock', () => {
    assert.equal(peakOf([]), 0);
    assert.equal(peakOf([0, 900, 1100, 1899, 1900, 5000]), 3);
    assert.equal(peakOf([0, 1000]), 1);
  });
});
