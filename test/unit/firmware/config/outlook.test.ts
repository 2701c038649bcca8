/** What is said in words is what the phone does: the numbers of the outlook are those of the rules that act. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outlook } from '../../../../firmware/config/outlook.ts';
import type { PhoneSettings } from '../../../../firmware/config/settings.ts';
import { createRandom, seedFrom } from '../../../../firmware/kernel/random.ts';
import { millis } from '../../../../firmware/kernel/time.ts';
import { backOff, rejectionWait, renewalWait, retryPolicy } from '../../../../firmware/registration/waits.ts';
import { hedgeMs, UNKNOWN_HEALTH } from '../../../../firmware/servers/health.ts';
import { lineSettings, phoneSettings, server } from '../../../support/settings.ts';

const said = (settings: PhoneSettings, title: string): string =>
  outlook(settings)
    .find((one) => one.title.startsWith(title))
    ?.sentences.join(' ') ?? '';
const waitS = (settings: PhoneSettings): number => {
  const { failover, timers } = settings;
  const policy = {
    profile: failover.profile,
    hedgeLimitMs: failover.hedgeLimitMs,
    transactionMs: timers.transactionMs,
    t1Ms: timers.t1Ms,
  };
  return hedgeMs(UNKNOWN_HEALTH, policy as Parameters<typeof hedgeMs>[1], null, millis(0)) / 1000;
};

describe('what a phone with these settings does, in words', () => {
  for (const [name, settings] of [
    ['modern', phoneSettings()],
    ['modern, a short hedge limit', phoneSettings({ failover: { hedgeLimitMs: 900 } })],
    ['modern, a transaction timer', phoneSettings({ timers: { transactionMs: 1200 } })],
    ['r2.0', phoneSettings({ failover: { profile: 'r2.0' } })],
    ['r2.1, a transaction timer', phoneSettings({ failover: { profile: 'r2.1' }, timers: { transactionMs: 8000 } })],
  ] as const)
    it(`${name}: a silent primary is noticed when the walk notices it`, () => {
      assert.match(said(settings, 'A primary'), new RegExp(`is noticed in ${waitS(settings)} s by`));
    });

  it('renewal, rejection and the wait where nobody answers are those of the registration', () => {
    for (const settings of [
      phoneSettings({ timers: { registrationRetryS: 600 } }),
      phoneSettings({ timers: { registrationTimeoutRetryS: 45 } }),
      phoneSettings({ failover: { profile: 'r2.1' }, timers: { registrationTimeoutRetryS: 240 } }),
    ]) {
      const policy = retryPolicy(settings);
      const nobody = said(settings, 'No server');
      assert.match(nobody, new RegExp(`again after ${rejectionWait(policy, null) / 1000} s`));
      const [, least = '', most = least] = /follows after ([\d.]+)(?: s|(?: to ([\d.]+) s))/.exec(nobody) ?? [];
      const drawn = Array.from(
        { length: 200 },
        (_draw, seed) => backOff(policy, 1, 0, createRandom(seedFrom(seed))) / 1000,
      );
      assert.ok(Math.min(...drawn) >= Number(least) && Math.max(...drawn) <= Number(most), nobody);
      assert.ok(Math.max(...drawn) > Number(most) - 2 && Math.min(...drawn) < Number(least) + 2, nobody);
    }
    const r20 = phoneSettings({ failover: { profile: 'r2.0' } });
    assert.match(said(r20, 'Line 1'), new RegExp(`renews after ${renewalWait(retryPolicy(r20), 3600, 0) / 1000} s`));
  });

  it('the way home is told by profile and probes', () => {
    assert.match(said(phoneSettings(), 'It comes back'), /Home within 17 s/);
    assert.match(
      said(phoneSettings({ failover: { probePeriodS: 0 } }), 'It comes back'),
      /^Home at the next renewal, at most 3585 s later/,
    );
    assert.match(
      said(phoneSettings({ failover: { profile: 'r2.1' } }), 'It comes back'),
      /^Home at the next renewal that comes 300 s after it was last found silent/,
    );
  });

  it('a line says where it registers, calls and goes through, or that it does not', () => {
    const line = lineSettings({
      registrar: { primary: server('pbx.test'), backup: server('backup.test', 5080) },
      proxy: { primary: null, backup: server('192.0.2.9') },
      outboundProxy: { primary: server('edge.test', 5070), backup: null },
    });
    const text = said(phoneSettings({ lines: [line] }), 'Line 1 (2001)');
    assert.match(text, /registers at pbx\.test \(SRV lookup\), then the backup backup\.test port 5080 \(A lookup\)\./);
    assert.match(text, /calls by 192\.0\.2\.9 port 5060\./);
    assert.match(text, /goes through edge\.test port 5070 \(A lookup\), and has no backup there\./);
    const off = lineSettings({ registrar: { primary: null, backup: server('b.test') } });
    assert.match(
      said(phoneSettings({ lines: [off] }), 'Line 1'),
      /does not register: a backup registrar alone is configured/,
    );
  });
});
