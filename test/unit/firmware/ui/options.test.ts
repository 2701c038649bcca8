/** The Options menu, forwards, do not disturb and the volume keys. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answering } from '../../../../firmware/dialling/answering.ts';
import { ANSWERS_ALL, withForward } from '../../../../firmware/dialling/answering.ts';
import { readVolumes } from '../../../../firmware/lists/volumes.ts';
import { PanelDesk } from '../../../support/panel-desk.ts';
import { snapshot } from '../../../support/snapshot.ts';

const deskWith = (answering: Answering, model: '57i' | '53i' = '57i'): PanelDesk =>
  new PanelDesk(snapshot({}, { answering, model }));

describe('the Options menu', () => {
  it('is gone through with the arrows, and an entry is chosen by Select, the right arrow or its number', () => {
    const menu = new PanelDesk().press('options');
    assert.deepEqual(menu.rows(), [
      ' Options',
      '>1 Call forward',
      ' 2 DND off',
      ' 3 Phone status',
      ' 4 Network',
      ' 5 Servers',
      ' 6 Lines',
      ' 7 Log',
      ' 8 Self-test',
      'Select    Back',
    ]);
    for (const keys of [['down', 'down', 'softkey1'], ['down', 'down', 'right'], ['3']] as const)
      assert.equal(new PanelDesk().press('options', ...keys).rows()[0], ' Phone status');
    assert.equal(new PanelDesk().press('options', '9').rows()[0], ' Options');
    assert.equal(menu.press('goodbye').ui.page, 'idle');
  });

  it('shows three entries on the small screen, the chosen one among them', () => {
    const desk = deskWith(ANSWERS_ALL, '53i').press('options', 'down', 'down');
    assert.deepEqual(desk.rows(), [' 2 DND off', '>3 Phone status', ' 4 Network']);
    desk.press('down', 'down', 'down', 'down', 'down');
    assert.deepEqual(desk.rows(), [' 6 Lines', ' 7 Log', '>8 Self-test']);
  });
});

describe('the password of the Options key', () => {
  const locked = (password: string, model: '57i' | '53i' = '57i'): PanelDesk =>
    new PanelDesk(snapshot({}, { model, desk: { ...snapshot().desk, optionsLock: { password } } }));

  it('is asked for, never shown, and opens the menu', () => {
    const desk = locked('471').press('options', '4', '7', '2', 'left', '1');
    assert.deepEqual(desk.rows(), [' Options', ' Admin password:', ' ***_', 'Enter     Erase     123>      Cancel']);
    assert.equal(desk.press('softkey1').rows()[1], '>1 Call forward');
    assert.equal(desk.press('goodbye', 'options').rows()[1], ' Admin password:', 'each time');
  });

  it('is asked for on the small screen, where the arrows turn to letters', () => {
    const desk = locked('a1b', '53i').press('options', 'down', '2');
    assert.deepEqual(desk.rows(), [' Admin password:', ' *_', 'abc   right = OK']);
    desk.press('up', 'up', '1', 'down').pass(2000).press('2', '2', 'right');
    assert.equal(desk.ui.page, 'options');
  });

  it('is asked for three times', () => {
    const desk = locked('471').press('options', '1', 'right', '2', 'right');
    assert.ok(desk.rows().includes(' Wrong password'));
    assert.equal(desk.ui.page, 'password');
    assert.equal(desk.press('3', 'right').ui.page, 'idle');
    assert.deepEqual(desk.press('options', '4', '7', '1', 'right').ui.page, 'options');
  });

  it('has no way round: a forward that a key opens leads back to the question', () => {
    const key = { name: 'softkey1', type: 'callforward', label: '', value: '', line: 1 } as const;
    const desk = new PanelDesk(
      snapshot({}, { keys: [key], desk: { ...snapshot().desk, optionsLock: { password: '471' } } }),
    );
    assert.equal(desk.press('softkey1').ui.page, 'forward');
    assert.equal(desk.press('softkey2').ui.page, 'password');
    assert.equal(desk.press('left').ui.page, 'idle');
  });
});

describe('do not disturb', () => {
  it('is turned on by its key, which then burns, and off by the menu', () => {
    assert.deepEqual(new PanelDesk().press('softkey3').asked, ['dnd on']);
    const on = deskWith({ ...ANSWERS_ALL, dnd: 'on' });
    assert.equal(on.lamp('softkey3'), 'on');
    assert.ok(on.rows().includes(' Do not disturb'));
    assert.deepEqual(on.press('options', '2').asked, ['dnd off']);
    assert.equal(new PanelDesk().lamp('softkey3'), 'off');
  });
});

describe('a forward', () => {
  it('takes the number that is keyed for it', () => {
    const desk = new PanelDesk().press('options', '1', 'down', '3', '0', '1', 'left');
    assert.deepEqual(desk.rows(), [
      ' Call forward',
      ' All calls  off',
      '>Busy       30_',
      ' No answer  off',
      'Save      Erase     Cancel',
    ]);
    assert.deepEqual(desk.press('0', 'softkey1').asked, ['forward busy 300']);
    assert.deepEqual(desk.rows().at(-1), 'On/Off    Back');
  });

  it('is not turned on without a number, and keeps the one that it had', () => {
    const bare = new PanelDesk().press('options', '1', 'softkey1');
    assert.deepEqual(bare.asked, []);
    assert.ok(bare.rows().includes(' Key a number first'));
    const on = deskWith(withForward(ANSWERS_ALL, 'all', '300')).press('options', '1');
    assert.ok(on.rows().includes('>All calls  300'));
    assert.deepEqual(on.press('softkey1').asked, ['forward all off']);
    const off = deskWith(withForward(withForward(ANSWERS_ALL, 'all', '300'), 'all', null)).press('options', '1');
    assert.deepEqual(off.press('softkey1').asked, ['forward all 300']);
  });

  it('that is not saved changes nothing', () => {
    for (const leave of ['softkey3', 'up', 'goodbye'] as const) {
      const desk = new PanelDesk().press('options', '1', '3', leave, 'options', '1');
      assert.deepEqual(desk.asked, []);
      assert.ok(desk.rows().includes('>All calls  off'), leave);
    }
  });

  it('stands on the idle screen', () => {
    const desk = deskWith(withForward(ANSWERS_ALL, 'all', '300'));
    assert.ok(desk.rows().includes(' All calls forwarded to 300'));
  });
});

describe('the volume keys', () => {
  it('change what is heard: the ringer, the handset, the speaker', () => {
    const desk = new PanelDesk().press('volume-up');
    assert.ok(desk.rows().includes(' Ringer  ######----'));
    desk.hook('off').press('volume-down');
    assert.ok(desk.rows().includes(' Handset ####------'));
    desk.press('speaker', 'volume-up', 'volume-up');
    assert.deepEqual(desk.ui.volumes, { handset: 4, speaker: 7, ringer: 6 });
    assert.equal(desk.sound().volume, 7);
  });

  it('end at silence and at the loudest', () => {
    const desk = new PanelDesk();
    for (let press = 0; press < 12; press += 1) desk.press('volume-down');
    assert.equal(desk.sound().volume, 0);
    for (let press = 0; press < 12; press += 1) desk.press('volume-up');
    assert.equal(desk.sound().volume, 10);
  });

  it('are what they were after a restart, and usual where the file makes no sense', () => {
    assert.deepEqual(readVolumes({ handset: 1, speaker: 0, ringer: 10 }), { handset: 1, speaker: 0, ringer: 10 });
    for (const value of [null, 7, {}, { handset: -1, speaker: 11, ringer: 1.5 }])
      assert.deepEqual(readVolumes(value), { handset: 5, speaker: 5, ringer: 5 });
  });
});
