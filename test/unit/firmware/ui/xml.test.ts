/** Screens of XML applications at the desk: how they look, which keys do what, and that a call always comes first. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeySetting } from '../../../../firmware/config/key-settings.ts';
import type { UiInput } from '../../../../firmware/ui/state.ts';
import { readObject } from '../../../../firmware/xml-api/read.ts';
import { PanelDesk } from '../../../support/panel-desk.ts';
import { phoneSettings } from '../../../support/settings.ts';
import { snapshot } from '../../../support/snapshot.ts';

const KEY: KeySetting = { name: 'softkey1', type: 'xml', label: 'Apps', value: 'http://a.test/', line: 1 };
const MENU =
  '<AastraIPPhoneTextMenu><Title>Menu</Title><MenuItem><Prompt>News</Prompt><URI>http://a.test/news</URI></MenuItem>' +
  '<MenuItem><Prompt>Call Ada</Prompt><URI>Dial:300</URI><Dial>301</Dial></MenuItem></AastraIPPhoneTextMenu>';
const TEXT =
  '<AastraIPPhoneTextScreen destroyOnExit="yes"><Title>News</Title><Text>All is well</Text></AastraIPPhoneTextScreen>';

function came(document: string, over: Partial<Extract<UiInput, { kind: 'xml' }>> = {}): UiInput {
  const object = readObject(document);
  assert.ok(object.ok, object.ok ? '' : object.error);
  return { kind: 'xml', object: object.value, refresh: null, asked: true, trusted: false, depth: 0, ...over };
}
const pushed = (document: string): UiInput => came(document, { asked: false, trusted: true });
const desk = (model: '57i' | '53i' = '57i'): PanelDesk => new PanelDesk(snapshot({}, { keys: [KEY], model }));
const last = (phone: PanelDesk): string | undefined => phone.asked.at(-1);

describe('a key of type xml', () => {
  it('asks, says so, and shows the menu; an item that is chosen dials', () => {
    const phone = desk().press('softkey1');
    assert.equal(last(phone), 'get http://a.test/');
    assert.match(phone.rows()[0] ?? '', /Loading/);
    phone.take(came(MENU));
    assert.deepEqual(phone.rows(), [
      ' Menu',
      '>1. News',
      ' 2. Call Ada',
      'Select                                            Done',
    ]);
    phone.press('down', 'softkey1');
    assert.equal(last(phone), 'dial 300');
    assert.equal(phone.ui.page, 'idle');
  });

  it('is cancelled by Cancel, left and Goodbye; an answer that fails is told', () => {
    for (const key of ['softkey1', 'left', 'goodbye'] as const)
      assert.equal(last(desk().press('softkey1', key)), 'xml-stop', key);
    const phone = desk().press('softkey1').take({ kind: 'xml-failed', error: 'a.test: HTTP 404', asked: true });
    assert.ok(phone.rows().some((row) => row.includes('a.test: HTTP 404')));
    assert.equal(phone.ui.page, 'idle');
  });

  it('has a lamp that orders light', () => {
    const phone = desk().take(
      pushed('<AastraIPPhoneExecute><ExecuteItem URI="Led: softkey1=slowflash"/></AastraIPPhoneExecute>'),
    );
    assert.equal(phone.lamp('softkey1'), 'slow-flash');
  });
});

describe('a menu', () => {
  const open = (model: '57i' | '53i' = '57i'): PanelDesk => desk(model).press('softkey1').take(came(MENU));

  it('is walked by arrows and digits; the handset dials the number of the item', () => {
    assert.equal(last(open().press('2', 'right')), 'dial 300');
    assert.equal(last(open().press('down').hook('off')), 'dial 301');
    assert.equal(last(open().press('right')), 'get http://a.test/news');
  });

  it('comes back when the next screen is left, unless it is destroyed', () => {
    const phone = open().press('right').take(came(TEXT));
    assert.match(phone.rows()[0] ?? '', /News/);
    assert.match(phone.press('left').rows()[0] ?? '', /Menu/);
    assert.equal(phone.press('left').ui.page, 'idle');
  });

  it('goes after 45 s without a key', () => {
    const phone = open().pass(40_000).press('down').pass(40_000);
    assert.equal(phone.ui.page, 'xml');
    assert.equal(phone.pass(5000).ui.page, 'idle');
  });

  it('on the 53i shows the chosen item and its neighbour', () => {
    const phone = open('53i');
    assert.deepEqual(phone.rows(), ['Menu', '>1. News', ' 2. Call Ada']);
    assert.deepEqual(phone.press('down').rows(), ['Menu', ' 1. News', '>2. Call Ada']);
  });
});

describe('an input screen', () => {
  const INPUT =
    '<AastraIPPhoneInputScreen type="number" password="yes"><Title>Log in</Title><Prompt>PIN:</Prompt><URL>http://a.test/in</URL><Parameter>pin</Parameter></AastraIPPhoneInputScreen>';

  it('takes keys, shows stars, and sends what was keyed', () => {
    const phone = desk().press('softkey1').take(came(INPUT)).press('1', '2', '3', 'left', '4');
    assert.deepEqual(phone.rows().slice(0, 3), [' Log in', ' PIN:', '> ***_']);
    assert.equal(last(phone.press('softkey5')), 'get http://a.test/in?pin=124');
  });

  it('on the 53i is sent by the right arrow and left by the left one', () => {
    const phone = desk('53i').press('softkey1').take(came(INPUT)).press('7');
    assert.deepEqual(phone.rows(), ['PIN:', '*_', '<Cancel    Send>']);
    assert.equal(last(phone.press('right')), 'get http://a.test/in?pin=7');
    assert.equal(desk('53i').press('softkey1').take(came(INPUT)).press('left').ui.page, 'idle');
  });
});

describe('custom softkeys', () => {
  it('stand where the object puts them, and learn which item is chosen', () => {
    const phone = desk()
      .press('softkey1')
      .take(
        came(
          '<AastraIPPhoneTextMenu><MenuItem><Prompt>A</Prompt><URI>http://a.test/</URI><Selection>k 1</Selection></MenuItem>' +
            '<SoftKey index="2"><Label>Del</Label><URI>http://a.test/del?x=1</URI></SoftKey>' +
            '<SoftKey index="6"><Label>Exit</Label><URI>SoftKey:Exit</URI></SoftKey></AastraIPPhoneTextMenu>',
        ),
      );
    assert.equal(phone.rows().at(-1), '          Del                                     Exit');
    assert.equal(last(phone.press('softkey2')), 'get http://a.test/del?x=1&selection=k%201');
    assert.equal(phone.take(came(TEXT)).press('left', 'softkey6').ui.page, 'idle');
  });
});

describe('a screen that locks', () => {
  const LOCKED =
    '<AastraIPPhoneTextScreen LockIn="yes" GoodbyeLockInURI="http://a.test/bye"><Title>Stay</Title><Text>x</Text></AastraIPPhoneTextScreen>';

  it('is left by its own keys alone', () => {
    const phone = desk().take(pushed(LOCKED)).press('left', 'options', 'redial').pass(100_000);
    assert.equal(phone.ui.page, 'xml');
    assert.equal(last(phone.press('goodbye')), 'get http://a.test/bye');
  });

  it('never keeps a person from the line (deviation: the handset, a line key and a digit leave it)', () => {
    for (const leave of [
      (phone: PanelDesk) => phone.hook('off'),
      (phone: PanelDesk) => phone.press('line1'),
      (phone: PanelDesk) => phone.press('1'),
      (phone: PanelDesk) => phone.press('speaker'),
    ])
      assert.equal(leave(desk().take(pushed(LOCKED))).ui.page, 'idle');
  });

  it('never hides a call that comes in', () => {
    const phone = desk().take(pushed(LOCKED)).call('a', 'in', 'ringing');
    assert.equal(phone.ui.page, 'idle');
    assert.ok(phone.rows().at(-1)?.includes('Answer'));
    assert.equal(phone.sound().ring, 'on');
  });
});

describe('what is pushed', () => {
  it('waits for the end of a call', () => {
    const phone = desk().call('a', 'in', 'ringing').take(pushed(TEXT));
    assert.equal(phone.ui.page, 'idle');
    phone.call('a', 'in', 'ended', { cause: 'remote' });
    assert.match(phone.rows()[0] ?? '', /News/);
  });

  it('is heard where the configuration does not say otherwise', () => {
    const beep = pushed('<AastraIPPhoneStatus Beep="yes"><Message index="0">Hi</Message></AastraIPPhoneStatus>');
    const phone = desk().take(beep);
    assert.equal(phone.sound().tone, 'call-waiting');
    assert.equal(phone.sound().microphone, 'muted');
    assert.equal(phone.pass(400).sound().tone, null);
    const quiet = new PanelDesk(snapshot({}, { xml: { ...phoneSettings().xml, beep: 'off' } })).take(beep);
    assert.equal(quiet.sound().tone, null);
  });

  it('restarts the phone from a server of ours alone', () => {
    const reset = '<AastraIPPhoneExecute><ExecuteItem URI="Command: Reset"/></AastraIPPhoneExecute>';
    assert.deepEqual(desk().take(pushed(reset)).asked, ['restart']);
    assert.deepEqual(desk().take(came(reset)).asked, []);
  });

  it('empties a list of the phone', () => {
    const phone = desk().call('a', 'in', 'ringing').call('a', 'in', 'ended', { cause: 'remote' });
    assert.equal(phone.ui.lists.callers.length, 1);
    phone.take(pushed('<AastraIPPhoneExecute><ExecuteItem URI="Command: ClearCallersList"/></AastraIPPhoneExecute>'));
    assert.equal(phone.ui.lists.callers.length, 0);
  });
});

describe('status lines', () => {
  const status = (messages: string): UiInput =>
    pushed(`<AastraIPPhoneStatus><Session>s</Session>${messages}</AastraIPPhoneStatus>`);

  it('take turns on the idle screen, below what is wrong with the service', () => {
    const view = snapshot({ server: 'backup', since: 0 });
    const phone = new PanelDesk(view).take(status('<Message index="0">One</Message><Message index="1">Two</Message>'));
    const shown = (): string => phone.rows().find((row) => /One|Two/.test(row)) ?? '';
    assert.equal(shown(), ' One');
    assert.ok(phone.rows().findIndex((row) => row.includes('Backup server')) < phone.rows().indexOf(' One'));
    assert.ok(phone.pass(5000).rows().includes(' Two'));
    assert.ok(phone.take(status('<Message index="1"/>')).rows().includes(' One'));
  });

  it('give way to an alert for its time', () => {
    const phone = desk().take(status('<Message index="0">One</Message><Message index="1" type="alert">Fire</Message>'));
    assert.ok(phone.rows().includes(' Fire'));
    assert.ok(phone.pass(3000).rows().includes(' One'));
  });

  it('on the 53i an alert stands above the first password for its time, and the password above the others', () => {
    const pages = { url: 'https://192.0.2.1/', fingerprint: null, firstLogin: 'due' } as const;
    const phone = desk('53i').take({ kind: 'web-pages', pages });
    const place = `pw ${'*'.repeat(12)}`;
    phone.take(status('<Message index="0">One</Message><Message index="1" type="alert">Fire</Message>'));
    assert.equal(phone.rows()[2], 'Fire');
    assert.equal(phone.pass(3000).rows()[2], place);
    phone.take({ kind: 'web-pages', pages: { ...pages, firstLogin: 'done' } });
    assert.equal(phone.rows()[2], 'One');
  });
});

it('the state of service stays in sight on both models', () => {
  const large = new PanelDesk(snapshot({ server: 'backup' })).take(pushed(MENU));
  assert.match(large.rows()[0] ?? '', /^ Menu +Backup server$/);
  const small = new PanelDesk(snapshot({ state: 'waiting', server: null }, { model: '53i' })).take(pushed(MENU));
  assert.equal(small.rows()[0], 'Menu           !');
});

it('the Services key offers the lists of the phone and the application that is configured', () => {
  const services: KeySetting = { ...KEY, type: 'services', label: '', value: '' };
  const xml = { ...phoneSettings().xml, uri: 'http://a.test/s', title: 'Canteen' };
  const phone = new PanelDesk(snapshot({}, { keys: [services], xml })).press('softkey1');
  assert.deepEqual(phone.rows().slice(0, 4), [' Services', '>1. Directory', ' 2. Callers list', ' 3. Canteen']);
  assert.deepEqual(phone.press('3').asked, ['get http://a.test/s']);
});
