/** A key becomes a speed dial where it is held: what is asked, on both models, and what refuses (original-phone 6, 1.8 `locked`). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeySetting } from '../../../../firmware/config/key-settings.ts';
import type { PhoneModel } from '../../../../firmware/config/settings.ts';
import type { UiSnapshot } from '../../../../firmware/ui/state.ts';
import type { KeyName } from '../../../../hal/devices.ts';
import { PanelDesk } from '../../../support/panel-desk.ts';
import { snapshot } from '../../../support/snapshot.ts';

const ANNA: KeySetting = { name: 'softkey1', type: 'speeddial', label: 'Anna', value: '300', line: 1 };

const deskOf = (over: Partial<UiSnapshot> = {}): PanelDesk =>
  new PanelDesk(snapshot({}, { settableKeys: ['softkey1', 'softkey2'], ...over }));

function hold(desk: PanelDesk, key: KeyName, ms = 3000): PanelDesk {
  desk.take({ kind: 'key', key, edge: 'down' }).pass(ms);
  return desk.take({ kind: 'key', key, edge: 'up' });
}

const row = (desk: PanelDesk, text: string): string => desk.rows().find((each) => each.includes(text)) ?? '';

describe('a key that is held', () => {
  it('is asked for number and name, and kept', () => {
    const desk = hold(deskOf(), 'softkey4');
    assert.match(desk.rows()[0] ?? '', /Speed dial: softkey1/);
    desk.press('2', '0', '1', 'left', '0', 'down', '2', '6', '6');
    assert.equal(row(desk, 'Number'), ' Number 200');
    assert.equal(row(desk, 'Name'), '>Name   an_');
    desk.pass(1500).press('6', 'left', '6', '6', 'softkey1');
    assert.deepEqual(desk.asked, ['keep softkey1 200 ann 1']);
    assert.equal(desk.ui.page, 'idle');
  });

  it('and is a speed dial already is changed, or is free again without a number', () => {
    const desk = hold(deskOf({ keys: [ANNA] }), 'softkey1');
    assert.equal(row(desk, 'Number'), '>Number 300_');
    assert.equal(row(desk, 'Name'), ' Name   Anna');
    desk.press('left', '1', 'softkey1');
    assert.deepEqual(desk.asked, ['keep softkey1 301 Anna 1']);
    hold(desk, 'softkey1').press('left', 'left', 'left', 'right', 'right');
    assert.equal(desk.asked[1], 'keep softkey1  Anna 1');
  });

  it('for less than that does what it says, when it is let go', () => {
    const desk = deskOf({ keys: [ANNA] });
    desk.take({ kind: 'key', key: 'softkey1', edge: 'down' });
    assert.deepEqual(desk.asked, []);
    desk.pass(2900).take({ kind: 'key', key: 'softkey1', edge: 'up' }).pass(3000);
    assert.deepEqual(desk.asked, ['dial 300']);
    assert.equal(desk.ui.page, 'idle');
  });

  it('takes the next free key, and says where there is none', () => {
    assert.match(hold(deskOf({ keys: [ANNA] }), 'softkey3').rows()[0] ?? '', /softkey2/);
    const full = hold(deskOf({ settableKeys: [] }), 'softkey3');
    assert.equal(full.ui.page, 'idle');
    assert.ok(row(full, 'No key is free'));
  });

  it('and is locked refuses, but calls', () => {
    const desk = hold(deskOf({ keys: [ANNA], settableKeys: [] }), 'softkey1');
    assert.ok(row(desk, 'Key is locked'));
    assert.equal(desk.ui.page, 'idle');
    assert.deepEqual(desk.press('softkey1').asked, ['dial 300']);
  });

  it('wants a number where it had none; Cancel, Goodbye and left leave all as it was', () => {
    const desk = hold(deskOf(), 'softkey2').press('softkey1');
    assert.equal(desk.ui.page, 'speed-dial');
    assert.ok(row(desk, 'Key a number'));
    for (const key of ['left', 'goodbye', 'softkey3'] as const) {
      desk.press(key);
      assert.equal(desk.ui.page, 'idle', key);
      hold(desk, 'softkey2');
    }
    assert.deepEqual(desk.asked, []);
  });

  it('while somebody calls, or talks, is the key that it is then', () => {
    const desk = deskOf({ keys: [ANNA] }).take({ kind: 'key', key: 'softkey1', edge: 'down' });
    desk.call('C1', 'in', 'ringing').take({ kind: 'key', key: 'softkey1', edge: 'up' }).pass(3000);
    assert.deepEqual(desk.asked, []);
    assert.equal(desk.ui.page, 'idle');
    desk.press('softkey1');
    assert.deepEqual(desk.asked, ['answer C1']);
  });

  it('says what could not be kept', () => {
    assert.ok(row(deskOf().take({ kind: 'not-kept', error: 'The disk is full' }), 'The disk is full'));
  });
});

describe('the line of a speed dial', () => {
  it('is asked for where there are several, and has to be one of them', () => {
    const { status } = snapshot();
    const lines = [1, 4].flatMap((line) => status.lines.map((each) => ({ ...each, line })));
    const desk = hold(deskOf({ status: { ...status, lines } }), 'softkey1');
    desk.press('5', 'down', 'down', '3', '4', 'right');
    assert.deepEqual(desk.asked, ['keep softkey1 5  4']);
  });
});

describe('the small model', () => {
  const small = { model: '53i' as PhoneModel, settableKeys: ['prgkey3', 'prgkey5'] };
  const dir: KeySetting = { name: 'prgkey3', type: 'directory', label: '', value: '', line: 1 };
  const blf: KeySetting = { name: 'prgkey4', type: 'blf', label: '', value: '210', line: 1 };

  it('asks in 16 cells, for the very key that is held, whatever is printed on it', () => {
    const desk = hold(deskOf({ ...small, keys: [dir, blf] }), 'softkey3');
    assert.deepEqual(desk.rows(), ['>Number _', ' Name', 'right = next, OK']);
    for (const key of '12345678901') desk.press(key as KeyName);
    assert.equal(desk.rows()[0], '>Number 5678901_');
    assert.deepEqual(desk.press('right', 'right').asked, ['keep prgkey3 12345678901  1']);
  });

  it('leaves a key that files give another use as it is', () => {
    const desk = hold(deskOf({ ...small, keys: [dir, blf] }), 'softkey4');
    assert.deepEqual(desk.asked, ['dial 210']);
    for (const key of ['softkey1', 'softkey4'] as const)
      assert.equal(hold(deskOf({ ...small, keys: [] }), key).ui.page, 'idle', key);
  });
});
