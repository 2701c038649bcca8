/** Owns what stands on the screen: idle, on backup, no service, why, for both models, and what keys do (experience 4.2). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { millis } from '../../../../firmware/kernel/time.ts';
import type { TargetStatus } from '../../../../firmware/status.ts';
import { nextUi, screen } from '../../../../firmware/ui/screen.ts';
import type { UiSnapshot, UiState } from '../../../../firmware/ui/state.ts';
import { initialUi } from '../../../../firmware/ui/state.ts';
import { localTime } from '../../../../firmware/ui/text.ts';
import { stepUi } from '../../../../firmware/ui/ui.ts';
import { lamps } from '../../../../firmware/ui/views.ts';
import type { KeyName } from '../../../../hal/devices.ts';
import { KEY_NAMES } from '../../../../hal/devices.ts';
import { snapshot, TARGET } from '../../../support/snapshot.ts';

const text = (view: UiSnapshot, ui: UiState = initialUi): string => screen(ui, view).rows.join('\n');
const press = (key: KeyName, view: UiSnapshot, ui: UiState = initialUi): UiState =>
  stepUi(stepUi(ui, { kind: 'key', key, edge: 'down' }, view).ui, { kind: 'key', key, edge: 'up' }, view).ui;
const DEAD: TargetStatus = { ...TARGET, health: 'dead', cause: 'no-answer', hMs: 100 };

describe('the idle screen', () => {
  it('all well: name, tag P, clock, and no news', () => {
    const shown = text(snapshot());
    assert.match(shown, /2001 Reception +\[P\]/);
    assert.match(shown, /10:42 {3}Tue 3 March/);
    assert.doesNotMatch(shown, /Backup|Service/);
  });

  it('on the backup: tag B, since when, and when the main server is checked', () => {
    const shown = text(snapshot({ server: 'backup', since: 0 }, {}, { targets: [DEAD] }));
    assert.match(shown, /\[B\]/);
    assert.match(shown, /Backup server since 10:41/);
    assert.match(shown, /Main checked again in 0:12/);
  });

  it('no service: tag !, the words, and the next attempt', () => {
    const shown = text(snapshot({ state: 'waiting', server: null, retryIn: 47 }));
    assert.match(shown, /\[!\]/);
    assert.match(shown, /No Service/);
    assert.match(shown, /Next attempt in 0:47/);
  });

  it('"No Service" is not shown where no registrar is configured', () => {
    assert.doesNotMatch(text(snapshot(null)), /No Service/);
  });

  it('a refusal shows its code; a line that tries shows that it does', () => {
    assert.match(text(snapshot({ state: 'rejected', code: 403, server: null })), /refused with 403/);
    assert.match(text(snapshot({ state: 'trying', server: null, switching: true })), /\[\u2026\]/);
  });

  it('stale DNS shows a question mark and says why', () => {
    const shown = text(snapshot({}, {}, { dns: [{ name: 'pbx', type: 'A', age: 99, ttl: -9, source: 'stale' }] }));
    assert.match(shown, /\[\?\]/);
    assert.match(shown, /DNS does not answer/);
  });

  it('without a clock says so, and counts instead', () => {
    const shown = text(snapshot({ server: 'backup', since: 13_000 }, { wallMs: null }));
    assert.match(shown, /Clock not set/);
    assert.match(shown, /Backup server since 0:47 ago/);
  });
});

describe('keys', () => {
  it('the softkeys lead to their pages and back', () => {
    const view = snapshot({ server: 'backup' }, {}, { targets: [DEAD] });
    const why = press('softkey4', view);
    assert.match(
      text(view, why),
      /Why this server\?[\s\S]*no answer[\s\S]*checked again in 0:12[\s\S]*waited for only 100 ms/,
    );
    assert.equal(press('goodbye', view, why).page, 'idle');
    assert.match(text(view, press('3', view, press('options', view))), /MAC +00085D000001/);
    assert.match(text(view, press('softkey5', view)), /sip:2001@example\.test/);
  });

  it('every key does something sensible on every page, and every frame has its size', () => {
    for (const model of ['57i', '53i'] as const) {
      const view = snapshot({ server: 'backup' }, { model }, { targets: [DEAD] });
      for (const first of KEY_NAMES)
        for (const second of KEY_NAMES) {
          const frame = screen(press(second, view, press(first, view)), view);
          assert.equal(frame.rows.length, model === '57i' ? 20 : 3);
          assert.ok(frame.rows.every((row) => row.length === frame.columns));
        }
    }
  });
});

describe('the small screen', () => {
  it('says the same in 16 cells', () => {
    const rows = screen(initialUi, snapshot({ server: 'backup' }, { model: '53i' }, { targets: [DEAD] })).rows;
    assert.deepEqual(rows, ['2001 Reception B', '10:42 Tue 3 Mar ', 'Main down 0:12  ']);
  });
});

describe('time', () => {
  it('calendar by arithmetic: leap days, centuries, before 1970, zones', () => {
    const at = (iso: string, west = 0): string => {
      const { hour, minute, weekday, day, month } = localTime(Date.parse(iso), { zone: null, zoneMinutesWest: west });
      return `${weekday} ${day} ${month} ${hour}:${minute}`;
    };
    assert.equal(at('2024-02-29T23:59:00Z'), 'Thu 29 February 23:59');
    assert.equal(at('2000-03-01T00:00:00Z'), 'Wed 1 March 0:0');
    assert.equal(at('1969-12-31T12:00:00Z'), 'Wed 31 December 12:0');
    assert.equal(at('2026-01-01T00:30:00Z', 60), 'Wed 31 December 23:30');
  });

  it('the screen is drawn again each minute, and each second while something counts', () => {
    assert.equal(nextUi(initialUi, snapshot()), 120_000);
    assert.equal(nextUi(initialUi, snapshot({ server: 'backup' }, { now: millis(60_400) })), 61_000);
  });

  it('the backlight is on', () => {
    assert.equal(lamps(initialUi, snapshot()).backlight, 'on');
  });
});
