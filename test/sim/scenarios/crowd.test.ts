/** A thousand phones at one site: what a restart, a failover and the way home of all of them ask of the servers in any second (rules 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FailoverSettings } from '../../../firmware/config/settings.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import type { CrowdOptions } from '../crowd.ts';
import { attemptsOf, judge, peakOf, runCrowd, STORMS } from '../crowd.ts';
import type { WatchDesk } from '../watch-desk.ts';
import { watchDesk } from '../watch-desk.ts';

const PHONES = 1000;
const PROXIES = { primary: server('192.0.2.1', 5060), backup: server('192.0.2.2', 5060) };

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

  it('that wait for messages too: a window later, so that both together hold the bound; each once, 4 requests a phone at most', () => {
    const settings = phoneSettings({
      failover: { jitterS: 60, startSpreadS: 60 },
      lines: [lineSettings({ explicitMwi: true, proxy: PROXIES })],
    });
    const phones = 400;
    for (const storm of runCrowd({ phones, settings, fault: 'killed', watchMs: 150_000 })) {
      const verdict = judge(storm, phones, settings.failover);
      assert.ok(verdict.ok, JSON.stringify(verdict));
      assert.equal(attemptsOf(storm.sent, ['SUBSCRIBE']).length, phones, JSON.stringify(verdict));
    }
  });

  it('started at one instant drift apart: after a minute the failover of all is spread over the probe period', () => {
    const [restart, failover, home] = storms({}, { watchMs: 60_000 });
    assert.equal(restart?.peaks.REGISTER, PHONES);
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
      seen.map((storm) => judge(storm, 100, settings.failover).peaks.REGISTER),
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

describe('one phone of a fleet that watches a number', () => {
  const spread = { startSpreadS: 600 };
  const asked = ({ world }: WatchDesk): readonly string[] => world.sent().map(({ message }) => message.method);
  const afterPowerCut = (): WatchDesk => watchDesk({ failover: spread }, { unclean: true, seed: 3 });

  it('asks for nothing before its turn, then to be registered, and a window later to be told', () => {
    const desk = afterPowerCut();
    desk.world.run(20_000);
    assert.deepEqual(asked(desk), []);
    desk.world.run(580_000);
    assert.ok(desk.world.registeredOn('primary'));
    assert.ok(!asked(desk).includes('SUBSCRIBE'));
    desk.world.run(600_000);
    assert.equal(desk.on(), 'active primary');
  });

  it('waits for its turn, however often its clock is set meanwhile', () => {
    const desk = afterPowerCut();
    for (const wallMs of [null, 1_772_534_520_000, null, 1_872_534_520_000]) {
      desk.world.input({ kind: 'wall-clock', wallMs });
      desk.world.run(2000);
    }
    assert.deepEqual(asked(desk), []);
    desk.world.run(600_000);
    assert.ok(desk.world.registeredOn('primary'));
  });

  it('asks for all at once when its handset is lifted', () => {
    const desk = afterPowerCut();
    desk.world.run(5000);
    desk.world.input({ kind: 'hook', state: 'off' });
    desk.world.run(1000);
    assert.equal(desk.on(), 'active primary');
    assert.ok(desk.world.registeredOn('primary'));
  });

  it('whose jitter is longer than the probe period moves its lamps within the next window, not with all others', () => {
    const moved = Array.from({ length: 10 }, (_, seed) => {
      const desk = watchDesk({ failover: { jitterS: 60 } }, { seed });
      desk.world.run(20_000);
      desk.primary.fault = 'killed';
      const from = desk.world.now;
      desk.world.run(137_000);
      assert.equal(desk.on(), 'active backup');
      return (desk.world.sent('SUBSCRIBE').find(({ at }) => at > from)?.at ?? Number.NaN) - from;
    });
    assert.ok(Math.max(...moved) - Math.min(...moved) > 16_000, String(moved));
    assert.ok(
      moved.every((at) => at > 60_000 && at <= 136_000),
      String(moved),
    );
  });
});

describe('the peak of a storm', () => {
  it('counts any second, not those of the clock', () => {
    assert.equal(peakOf([]), 0);
    assert.equal(peakOf([0, 900, 1100, 1899, 1900, 5000]), 3);
    assert.equal(peakOf([0, 1000]), 1);
  });
});
