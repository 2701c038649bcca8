/** The keys that files program, type by type: what a press does, what the lamp says, while what they are shown. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeySetting, KeyType } from '../../../../firmware/config/key-settings.ts';
import { ANSWERS_ALL, withForward } from '../../../../firmware/dialling/answering.ts';
import type { SubscriptionStatus, WatchedState } from '../../../../firmware/status.ts';
import type { UiSnapshot } from '../../../../firmware/ui/state.ts';
import { PanelDesk } from '../../../support/panel-desk.ts';
import { snapshot } from '../../../support/snapshot.ts';

const key = (type: KeyType, over: Partial<KeySetting> = {}): KeySetting => ({
  ...{ name: 'softkey1', type, label: '', value: '300', line: 1 },
  ...over,
});

const desk = (keys: readonly KeySetting[], over: Partial<UiSnapshot> = {}): PanelDesk =>
  new PanelDesk(snapshot({}, { keys, ...over }));

/** In a call that was answered. */
const talking = (...keys: readonly KeySetting[]): PanelDesk => desk(keys).call('C1', 'out', 'connected');

const labels = (panel: PanelDesk): string => (panel.rows().at(-1) ?? '').replace(/ {2,}/g, '|');

const watched = (resource: string, presence: WatchedState): SubscriptionStatus => ({
  ...{ id: 'S1', kind: 'blf', line: 1, resource, state: 'active', server: 'primary', target: null },
  ...{ expiresIn: null, retryIn: null, code: null, reason: null, presence, peer: null },
});

const watching = (keys: readonly KeySetting[], presence: WatchedState, resource = '300'): PanelDesk =>
  new PanelDesk(snapshot({}, { keys }, { subscriptions: [watched(resource, presence)] }));

const PARKING = Array.from({ length: 9 }, () => ({ server: 'asterisk', code: '70' }));

describe('a key of type', () => {
  it('line opens its line, and shows what is done with it', () => {
    const panel = desk([key('line', { value: '' })]);
    assert.match(labels(panel), /^Line 1\|/);
    assert.equal(panel.press('softkey1').ui.dialer.name, 'open');
    assert.equal(labels(panel), 'Cancel|Line 1');
    assert.equal(panel.lamp('softkey2'), 'on');
    assert.equal(talking(key('line')).call('C1', 'out', 'held').lamp('softkey6'), 'slow-flash');
    assert.equal(
      desk([key('line', { line: 7 })])
        .press('softkey1')
        .rows()
        .some((row) => /Line 7 is not/.test(row)),
      true,
    );
  });

  it('line answers the call that waits there', () => {
    const panel = desk([key('line')]).call('C1', 'in', 'ringing');
    assert.equal(labels(panel), 'Answer|Ignore|Line 1');
    assert.equal(panel.lamp('softkey3'), 'fast-flash');
    assert.deepEqual(panel.press('softkey3').asked, ['answer C1']);
  });

  it('speeddialxfer hands a call over to its number, and else calls it', () => {
    assert.deepEqual(talking(key('speeddialxfer')).press('softkey6').asked, ['transfer C1']);
    assert.deepEqual(desk([key('speeddialxfer')]).press('softkey1').asked, ['dial 300']);
  });

  it('speeddialconf calls its number into a conference, which Conf joins', () => {
    const panel = talking(key('speeddialconf')).press('softkey6');
    assert.deepEqual(panel.asked, ['hold C1', 'dial 300']);
    panel
      .call('C1', 'out', 'held')
      .take({ kind: 'placed', call: 'C2', line: 1, number: '300' })
      .call('C2', 'out', 'connected');
    assert.match(labels(panel), /^Cancel\|Conf/);
    assert.deepEqual(panel.press('softkey2').asked.slice(2), ['conference C1']);
  });

  it('icom asks the far phone to answer by itself: whom it names, whoever is keyed then, or the key that is pressed then', () => {
    const icom = (value: string): KeySetting => key('icom', { value });
    assert.deepEqual(desk([icom('300')]).press('softkey1').asked, ['dial 300 intercom']);
    const dial = { ...snapshot().dialling, plan: 'xxx' };
    const open = desk([icom(''), key('speeddial', { name: 'softkey2', value: '301' })], { dialling: dial });
    assert.equal(open.press('softkey1').ui.dialer.name, 'open');
    assert.deepEqual(open.press('2', '0', '1').asked, ['dial 201 intercom']);
    const other = desk([icom(''), key('speeddial', { name: 'softkey2', value: '301' })]).press('softkey1');
    assert.equal(labels(other), 'Cancel|Icom|301');
    assert.deepEqual(other.press('softkey3').asked, ['dial 301 intercom']);
  });

  it('icom that is given up asks nothing of the next call', () => {
    const panel = desk([key('icom', { value: '' }), key('speeddial', { name: 'softkey2', value: '301' })]);
    panel.press('softkey1').press('goodbye');
    assert.deepEqual(panel.press('softkey2').asked, ['dial 301']);
  });

  it('blfxfer hands a call over, and else does what blf does; both have the lamp in a call too', () => {
    assert.deepEqual(talking(key('blfxfer')).press('softkey6').asked, ['transfer C1']);
    const panel = watching([key('blfxfer', { label: 'Ada' })], 'busy').call('C1', 'out', 'connected');
    assert.equal(labels(panel), 'Drop|Hold|Xfer|Conf|New call|Ada');
    assert.equal(panel.lamp('softkey6'), 'on');
  });

  it('callforward leads to the forwards, and is lit while there is one', () => {
    assert.equal(desk([key('callforward')]).press('softkey1').ui.page, 'forward');
    assert.equal(desk([key('callforward')]).lamp('softkey1'), 'off');
    const answering = withForward(ANSWERS_ALL, 'busy', '12');
    assert.equal(desk([key('callforward')], { answering }).lamp('softkey1'), 'on');
  });

  it('lcr calls who called last, or the number that the server has for it', () => {
    const nobody = desk([key('lcr', { value: '' })]).press('softkey1');
    assert.ok(nobody.rows().includes(' Nobody has called'));
    const panel = desk([key('lcr', { value: '' })]).call('C1', 'in', 'ringing', { peer: '555' });
    panel.call('C1', 'in', 'ended', { cause: 'cancelled', peer: '555' });
    assert.deepEqual(panel.press('softkey1').asked, ['dial 555']);
    assert.deepEqual(desk([key('lcr', { value: '*69' })]).press('softkey1').asked, ['dial *69']);
  });

  it('spre opens a line with its code keyed', () => {
    const panel = desk([key('spre', { value: '*82', label: 'Hide me' })]).press('softkey1', '2');
    assert.ok(panel.rows().includes(' *822_'));
  });

  it('park hands the call over to the lot, or calls the server that asks for it; it is shown in a call alone', () => {
    assert.equal(labels(desk([key('park', { parking: PARKING })])), 'Dir|Calls|DND|Why?|Lines|Status');
    assert.deepEqual(talking(key('park', { parking: PARKING })).press('softkey6').asked, ['transfer C1']);
    const dialled = PARKING.map(() => ({ server: 'broadworks', code: '*68' }));
    assert.deepEqual(talking(key('park', { parking: dialled })).press('softkey6').asked, ['hold C1', 'dial *68']);
    const unknown = talking(key('park', { parking: PARKING.map(() => null) })).press('softkey6');
    assert.ok(unknown.rows().includes(' Nothing says how calls are parked'));
  });

  it('pickup keys the lot, or calls the server; it is shown where a call can begin', () => {
    const panel = desk([key('pickup', { parking: PARKING })]);
    assert.match(labels(panel), /^Pickup/);
    assert.ok(panel.press('softkey1').rows().includes(' 70_'));
    const dialled = PARKING.map(() => ({ server: 'sylantro', code: '*99' }));
    assert.deepEqual(desk([key('pickup', { parking: dialled })]).press('softkey1').asked, ['dial *99']);
    assert.doesNotMatch(labels(talking(key('pickup', { parking: PARKING }))), /Pickup/);
  });

  it('empty keeps its place blank', () => {
    assert.match(
      desk([key('empty'), key('speeddial', { name: 'softkey2' })])
        .rows()
        .at(-1) ?? '',
      /^ {10}300 /,
    );
  });
});

describe('the softkeys', () => {
  it('are filtered by what the phone does', () => {
    const states = ['connected'] as const;
    assert.doesNotMatch(labels(desk([key('speeddial', { states })])), /300/);
    assert.match(labels(talking(key('speeddial', { states }))), /300$/);
    const busy = desk([key('speeddial', { states: ['busy'] })])
      .hook('off')
      .press('#');
    assert.equal(labels(busy), 'Erase|Cancel|300');
  });

  it('show what a call needs on the first page, whatever page was shown', () => {
    const many = Array.from({ length: 8 }, (_key, index) =>
      key('speeddial', { value: `3${index}`, name: `softkey${index + 1}` }),
    );
    const panel = desk(many).press('softkey6', 'softkey6');
    assert.doesNotMatch(labels(panel), /^30/);
    assert.match(labels(panel.call('C1', 'in', 'ringing')), /^Answer\|Ignore/);
  });

  it('have labels that do not touch, and keep the mark of a lamp that knows nothing', () => {
    const known = watching([key('blf', { label: 'Ada Lovelace' }), key('speeddial', { name: 'softkey2' })], 'idle');
    assert.match(known.rows().at(-1) ?? '', /^Ada Love\u2026 300 /);
    const unknown = watching(
      [key('blf', { label: 'Ada Lovelace' }), key('speeddial', { name: 'softkey2' })],
      'idle',
      '999',
    );
    assert.match(unknown.rows().at(-1) ?? '', /^Ada Lov\u2026\? 300 /);
  });

  it('say at More that something rings on another page', () => {
    const many = Array.from({ length: 8 }, (_key, index) =>
      key('blf', { value: `30${index}`, name: `softkey${index + 1}` }),
    );
    assert.equal(watching(many, 'ringing', '307').lamp('softkey6'), 'fast-flash');
    assert.equal(watching(many, 'ringing', '300').lamp('softkey6'), 'off');
    assert.equal(watching(many, 'busy', '307').lamp('softkey6'), 'off');
  });
});

describe('the keys of the small model', () => {
  const small = (...keys: readonly KeySetting[]): PanelDesk => desk(keys, { model: '53i' });
  const prg = (number: number, type: KeyType, value = ''): KeySetting => key(type, { name: `prgkey${number}`, value });

  it('stand where they are printed, whatever the phone does, with their lamps', () => {
    const panel = new PanelDesk(
      snapshot({}, { model: '53i', keys: [prg(4, 'blf', '300')] }, { subscriptions: [watched('300', 'ringing')] }),
    );
    assert.equal(panel.lamp('softkey4'), 'fast-flash');
    assert.equal(panel.call('C1', 'out', 'connected').lamp('softkey4'), 'fast-flash');
    assert.deepEqual(panel.press('softkey1', 'softkey4').asked, ['hold C1', 'dial 300']);
  });

  it('save and delete, on a list and where a number is keyed', () => {
    const panel = small(prg(1, 'save'), prg(2, 'delete')).press('1', '2', 'softkey2');
    assert.ok(panel.rows().includes('1_'));
    const list = small(prg(1, 'save'), prg(2, 'delete')).call('C1', 'in', 'ringing', { peer: '555' });
    list.call('C1', 'in', 'ended', { cause: 'cancelled', peer: '555' }).take({ kind: 'timer' });
    list.ui = { ...list.ui, page: 'callers', scroll: 0 };
    assert.equal(list.press('softkey1').ui.lists.directory.length, 1);
    assert.equal(list.press('softkey2').ui.lists.callers.length, 0);
  });

  it('hand over and join', () => {
    const panel = small(prg(5, 'xfer'), prg(6, 'conf'))
      .call('C1', 'out', 'connected')
      .press('softkey5', '2', 'softkey5');
    assert.deepEqual(panel.asked, ['hold C1', 'transfer C1']);
  });

  it('forwards are set with save and the arrow', () => {
    const panel = small(prg(1, 'save'), prg(3, 'callforward')).press('softkey3', '1', '2', 'softkey1');
    assert.deepEqual(panel.asked, ['forward all 12']);
    assert.deepEqual(small(prg(3, 'callforward')).press('softkey3', '7', 'right').asked, ['forward all 7']);
  });
});
