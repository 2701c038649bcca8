/** Local time by minutes and by zone: names as the original and the database give them, summer time at the moment that is asked for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { minutesWest, zoneFor } from '../../../../firmware/kernel/zone.ts';

const at = (zone: string | null, iso: string, zoneMinutesWest = 0): number =>
  minutesWest({ zone, zoneMinutesWest }, Date.parse(iso));

describe('the name of a zone', () => {
  for (const [name, zone] of [
    ['GB-London', 'Europe/London'],
    ['DE-Berlin', 'Europe/Berlin'],
    ['US-Eastern', 'America/New_York'],
    ['US-Hawaii', 'Pacific/Honolulu'],
    ['AU-Lord Howe', 'Australia/Lord_Howe'],
    ['AR-Buenos Aires', 'America/Buenos_Aires'],
    ['IN-Kolkata', 'Asia/Kolkata'],
    ['Europe/Paris', 'Europe/Paris'],
    ['UTC', 'Etc/UTC'],
    ['Custom', null],
    ['', null],
    ['US-Berlin', null],
    ['XX-Nowhere', null],
    ['Mars/Olympus', null],
    ['US-toString', null],
  ] as const)
    it(`"${name}" is ${zone}`, () => assert.equal(zoneFor(name), zone));

  it('never makes it throw, whatever is given', () => {
    fc.assert(fc.property(fc.string(), (name) => zoneFor(name) === null || typeof zoneFor(name) === 'string'));
  });
});

describe('minutes west of Greenwich', () => {
  it('by minutes alone where there is no zone', () => assert.equal(at(null, '2026-07-01T12:00Z', 300), 300));

  it('summer time counts, to the second that it begins and ends', () => {
    for (const [zone, iso, west] of [
      ['Europe/Berlin', '2026-01-15T12:00Z', -60],
      ['Europe/Berlin', '2026-03-29T00:59:59Z', -60],
      ['Europe/Berlin', '2026-03-29T01:00:00Z', -120],
      ['Europe/Berlin', '2026-10-25T00:59:59Z', -120],
      ['Europe/Berlin', '2026-10-25T01:00:00Z', -60],
      ['Europe/London', '2026-01-15T12:00Z', 0],
      ['America/New_York', '2026-07-01T12:00Z', 240],
      ['Asia/Kolkata', '2026-07-01T12:00Z', -330],
      ['America/St_Johns', '2026-01-15T12:00Z', 210],
      ['Australia/Lord_Howe', '2026-01-15T12:00Z', -660],
      ['Australia/Lord_Howe', '2026-07-15T12:00Z', -630],
    ] as const)
      assert.equal(at(zone, iso), west, `${zone} ${iso}`);
  });
});
