/** Auto-resync: at a time of day at the desk, every so many days, spread over the delay. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResyncSettings } from '../../../../firmware/provisioning/schedule.ts';
import { nextResync, resyncSettings } from '../../../../firmware/provisioning/schedule.ts';

const NOON = Date.UTC(2026, 2, 3, 12);
const DAILY: ResyncSettings = {
  on: true,
  minute: 3 * 60,
  maxDelayMin: 15,
  days: 0,
  zone: { zone: null, zoneMinutesWest: 0 },
};
const next = (settings: Partial<ResyncSettings>, chance = 0, now = NOON, last = NOON): string | null => {
  const at = nextResync({ ...DAILY, ...settings }, now, last, chance);
  return at === null ? null : new Date(at).toISOString().slice(0, 16);
};

describe('auto-resync', () => {
  it('is off unless configuration is asked for', () => {
    assert.equal(next({ on: false }), null);
    const read = (mode: string): boolean => resyncSettings((name) => (name === 'auto resync mode' ? mode : '0')).on;
    assert.deepEqual(['0', '1', '2', '3'].map(read), [false, true, false, true]);
  });

  it('is due at the next such time of day, today or tomorrow', () => {
    assert.equal(next({}), '2026-03-04T03:00');
    assert.equal(next({ minute: 13 * 60 + 30 }), '2026-03-03T13:30');
    assert.equal(next({ minute: 12 * 60 }), '2026-03-03T12:00');
  });

  it('means the time at the desk', () => {
    assert.equal(next({ zone: { zone: null, zoneMinutesWest: -60 } }), '2026-03-04T02:00');
    assert.equal(next({ zone: { zone: 'Europe/Berlin', zoneMinutesWest: 0 } }), '2026-03-04T02:00');
    assert.equal(next({ zone: { zone: null, zoneMinutesWest: 300 } }), '2026-03-04T08:00');
  });

  it('is spread over the delay', () => {
    assert.equal(next({}, 0.999), '2026-03-04T03:14');
  });

  it('comes every so many days after the last', () => {
    assert.equal(next({ days: 7 }), '2026-03-10T03:00');
    assert.equal(next({ days: 1 }), '2026-03-04T03:00');
    assert.equal(next({ days: 7 }, 0, NOON + 30 * 86_400_000), '2026-04-03T03:00');
  });

  it('reads its time and zone from the parameters', () => {
    const values: Readonly<Record<string, string>> = {
      'auto resync time': '7:05',
      'time zone minutes': '-60',
      'auto resync days': '2',
    };
    const { minute, zone, days } = resyncSettings((name) => values[name] ?? '0');
    assert.deepEqual([minute, zone.zoneMinutesWest, days], [425, -60, 2]);
  });
});
