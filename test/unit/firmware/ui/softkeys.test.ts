/** The softkeys that files program: speed dials and lists beside what the phone offers, page by page. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeySetting } from '../../../../firmware/config/key-settings.ts';
import { PanelDesk } from '../../../support/panel-desk.ts';
import { snapshot } from '../../../support/snapshot.ts';

const ADA: KeySetting = { name: 'softkey1', type: 'speeddial', label: 'Ada', value: '300', line: 1 };
const deskWith = (...keys: readonly KeySetting[]): PanelDesk => new PanelDesk(snapshot({}, { keys }));

describe('programmed keys', () => {
  it('come first, and More leads to the rest and round again', () => {
    const desk = deskWith(ADA, { ...ADA, name: 'softkey2', label: '', value: '301' });
    assert.equal(desk.rows().at(-1), 'Ada       301       Dir       Calls     DND       More');
    assert.equal(desk.press('softkey6').rows().at(-1), 'Why?      Lines     Status                        More');
    desk.press('softkey4');
    assert.equal(desk.ui.page, 'idle', 'a blank key does nothing');
    assert.match(desk.press('softkey6').rows().at(-1) ?? '', /^Ada/);
  });

  it('a speed dial calls its number on its line, past the dial plan', () => {
    const calls = deskWith(ADA).press('softkey1');
    assert.deepEqual(calls.asked, ['dial 300']);
    assert.equal(calls.sound().path, 'speaker');
    const far = new PanelDesk(snapshot({}, { keys: [{ ...ADA, line: 7, value: '*1' }] })).press('softkey1');
    assert.deepEqual(far.asked, ['dial *1'], 'a line that is not there is the first');
  });

  it('others do what the phone offers, under their own label and with its lamp', () => {
    const view = snapshot({}, { keys: [{ ...ADA, type: 'dnd', label: 'Quiet' }] });
    const desk = new PanelDesk({ ...view, answering: { ...view.answering, dnd: 'on' } });
    assert.match(desk.rows().at(-1) ?? '', /^Quiet/);
    assert.equal(desk.lamp('softkey1'), 'on');
    assert.deepEqual(desk.press('softkey1').asked, ['dnd off']);
    assert.equal(deskWith({ ...ADA, type: 'redial' }).press('softkey1').ui.page, 'redial');
  });

  it('make room for what a call needs', () => {
    const desk = deskWith(ADA).press('1');
    assert.equal(desk.rows().at(-1), 'Dial      Erase     Cancel    Ada');
  });
});
