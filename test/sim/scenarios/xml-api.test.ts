/** XML applications on a whole phone: a key opens a menu, an item dials; pushes, polls and notifications; what servers may not do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeySetting } from '../../../firmware/config/key-settings.ts';
import type { PhoneSettings, XmlSettings } from '../../../firmware/config/settings.ts';
import { parseMessage } from '../../../firmware/sip/message/parse.ts';
import type { Fetched } from '../../../firmware/vocabulary.ts';
import { phoneSettings } from '../../support/settings.ts';
import { LINE } from '../call-desk.ts';
import { Caller } from '../caller.ts';
import type { XmlDesk } from '../xml-desk.ts';
import { xmlDesk } from '../xml-desk.ts';

const APP = 'http://apps.test/menu?user=$$SIPUSERNAME$$&to=$$REMOTENUMBER$$';
const KEY: KeySetting = { name: 'softkey1', type: 'xml', label: 'Apps', value: APP, line: 1 };
const settingsWith = (xml: Partial<XmlSettings> = {}, value = APP): PhoneSettings =>
  phoneSettings({ lines: [LINE], keys: [{ ...KEY, value }], xml: { ...phoneSettings().xml, ...xml } });

const MENU =
  '<AastraIPPhoneTextMenu><Title>Canteen</Title><MenuItem><Prompt>Today</Prompt><URI>http://other.test/today</URI></MenuItem>' +
  '<MenuItem><Prompt>Call the cook</Prompt><URI>Dial:200</URI></MenuItem></AastraIPPhoneTextMenu>';
const TEXT = '<AastraIPPhoneTextScreen><Title>Today</Title><Text>Soup</Text></AastraIPPhoneTextScreen>';
const pages = (url: string): string => (url.includes('/today') ? TEXT : MENU);
const execute = (...uris: readonly string[]): string =>
  `<AastraIPPhoneExecute>${uris.map((uri) => `<ExecuteItem URI="${uri}"/>`).join('')}</AastraIPPhoneExecute>`;

describe('a key of type xml', () => {
  it('shows the menu of its application, and choosing an item calls', () => {
    const desk = xmlDesk(settingsWith(), pages);
    desk.soft('Apps');
    assert.ok(desk.shows('Loading'));
    desk.run(30);
    assert.ok(desk.shows('>1. Today'));
    desk.press('down');
    desk.soft('Select');
    desk.run(1000);
    assert.ok(desk.shows('Connected'));
    assert.match(desk.world.sent('INVITE')[0]?.message.uri ?? '', /^sip:200@/);
    assert.deepEqual(
      desk.asked.map(({ url }) => url),
      ['http://apps.test/menu?user=2001&to='],
    );
  });

  it('tells its own server which phone asks, and no other one', () => {
    const desk = xmlDesk(settingsWith(), pages);
    desk.soft('Apps');
    desk.run(30);
    desk.soft('Select');
    desk.run(30);
    assert.ok(desk.shows('Soup'));
    assert.deepEqual(
      desk.asked.map(({ identified }) => identified),
      [true, false],
    );
  });

  it('during a call fills in who is spoken to', () => {
    const desk = xmlDesk(settingsWith({ uri: APP }), pages);
    desk.world.input({ kind: 'xml-push', document: execute('Dial:200') });
    desk.run(1000);
    desk.world.input({ kind: 'xml-push', document: execute('http://apps.test/?a=$$REMOTENUMBER$$.$$CALLDIRECTION$$') });
    assert.equal(desk.asked[0]?.url, 'http://apps.test/?a=200.outgoing');
  });

  it('never tells a password, whatever the address asks for, nor lets a caller choose the server', () => {
    const wanted = 'http://apps.test/?p=$$PASSWORD$$$$SIPPASSWORD$$&a=$$SIPAUTHNAME$$';
    const desk = xmlDesk(settingsWith({}, wanted), pages);
    desk.soft('Apps');
    assert.equal(desk.asked[0]?.url, 'http://apps.test/?p=&a=2001');
    const led = xmlDesk(settingsWith({}, 'http://$$REMOTENUMBER$$.test/'), pages);
    led.soft('Apps');
    assert.equal(led.asked[0]?.url, 'http://.test/');
  });

  it('gives up what it waited for when a call comes in, and a late answer shows nothing', () => {
    const desk = xmlDesk(settingsWith(), () => null);
    desk.run(1000);
    desk.soft('Apps');
    new Caller(desk.world, desk.primary).call();
    desk.run(100);
    assert.ok(desk.shows('Answer'));
    assert.deepEqual(desk.dropped, [1]);
    desk.world.input({ kind: 'fetched', id: 1, answer: { document: TEXT, refresh: null } });
    assert.ok(desk.shows('Answer'));
  });

  it('says what its server did wrong, and stays in service', () => {
    const answers: readonly (readonly [Fetched | string, RegExp])[] = [
      [{ error: 'HTTP 500' }, /apps\.test: HTTP 500/],
      ['<html></html>', /apps\.test: <html> is no object/],
      ['<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', /a document type is refused/],
      ['<AastraIPPhoneTextScreen>'.repeat(40), /deeper than 16/],
    ];
    for (const [answer, said] of answers) {
      const desk = xmlDesk(settingsWith(), () => answer);
      desk.soft('Apps');
      desk.run(30);
      assert.ok(desk.shows(said), String(said));
      desk.key('200');
      desk.soft('Dial');
      desk.run(1000);
      assert.ok(desk.shows('Connected'));
    }
  });

  it('is refreshed as its server says, and stays where the person was', () => {
    let asked = 0;
    const desk = xmlDesk(settingsWith(), () => {
      asked += 1;
      const lines = Array.from({ length: 30 }, (_line, index) => `${asked}-${index}`).join('\n');
      return {
        document: `<AastraIPPhoneTextScreen><Title>T</Title><Text>${lines}</Text></AastraIPPhoneTextScreen>`,
        refresh: asked < 3 ? '2; url=http://apps.test/again' : null,
      };
    });
    desk.soft('Apps');
    desk.run(30);
    desk.press('down');
    assert.ok(desk.shows(/^ 1-1$/));
    desk.run(2030);
    assert.ok(desk.shows(/^ 2-1$/));
    desk.run(10_000);
    assert.equal(asked, 3);
    desk.soft('Done');
    assert.ok(desk.shows('Why?'), 'there is one screen to leave, not three');
  });
});

describe('orders', () => {
  it('that lead to one another without a person come to an end', () => {
    const desk = xmlDesk(settingsWith(), () => execute('http://apps.test/next', 'http://apps.test/next'));
    desk.soft('Apps');
    desk.run(60_000);
    assert.ok(desk.asked.length > 3 && desk.asked.length < 40, `${desk.asked.length} asked`);
    desk.run(60_000);
    assert.ok(desk.shows('Why?'), 'the desk is free');
  });

  it('dial beside a call only where they may', () => {
    const desk = xmlDesk(settingsWith(), pages);
    desk.key('200');
    desk.soft('Dial');
    desk.run(1000);
    const document = '<AastraIPPhoneExecute><ExecuteItem URI="Dial:201" interruptCall="no"/></AastraIPPhoneExecute>';
    desk.world.input({ kind: 'xml-push', document });
    desk.run(1000);
    assert.equal(desk.world.sent('INVITE').length, 1);
  });

  it('to restart come from servers of the configuration, and wait until the phone is idle elsewhere', () => {
    const own = xmlDesk(settingsWith(), () => execute('Command: Reset'));
    own.soft('Apps');
    own.run(30);
    assert.deepEqual(own.world.eventsOf('check-sync'), [{ event: 'check-sync', reboot: true }]);
    const foreign = xmlDesk(settingsWith(), (url) => (url.includes('/today') ? execute('Command: FastReboot') : MENU));
    foreign.soft('Apps');
    foreign.run(30);
    foreign.soft('Select');
    foreign.run(30);
    assert.deepEqual(foreign.world.eventsOf('check-sync'), []);
  });
});

describe('the poll', () => {
  it('asks by its interval, and what comes is shown when the phone is idle', () => {
    const poll = { uri: 'http://apps.test/poll', everyMs: 60_000 };
    const desk = xmlDesk(settingsWith({ poll }), () => TEXT);
    desk.run(59_000);
    assert.equal(desk.asked.length, 0);
    desk.run(1100);
    assert.ok(desk.shows('Soup'));
    desk.run(600_000);
    assert.equal(desk.asked.length, 11);
    desk.world.input({ kind: 'configure', settings: settingsWith() });
    desk.run(600_000);
    assert.equal(desk.asked.length, 11, 'turned off, it is silent');
  });

  it('of a server that never answers asks once at a time', () => {
    const desk = xmlDesk(settingsWith({ poll: { uri: 'http://apps.test/poll', everyMs: 1000 } }), () => null);
    desk.run(60_000);
    assert.equal(desk.asked.length, 1);
  });
});

let sent = 0;
/** The status that a NOTIFY of the event draws, from a server or (`from`) from anybody. */
function notify(desk: XmlDesk, from: string | null = null): number {
  sent += 1;
  const message = [
    'NOTIFY sip:2001@192.0.2.100:5060;line=1 SIP/2.0',
    `Via: SIP/2.0/UDP ${from ?? '192.0.2.1'}:5060;branch=z9hG4bKxml${sent}`,
    ...['Max-Forwards: 70', 'From: <sip:a@192.0.2.1>;tag=a', 'To: <sip:2001@192.0.2.1>', 'Call-ID: xml'],
    ...[`CSeq: ${sent} NOTIFY`, 'Event: aastra-xml', 'Subscription-State: active', 'Content-Type: application/xml'],
  ];
  const body = execute('Dial:200');
  const data = [...message, `Content-Length: ${body.length}`, '', body].join('\r\n');
  desk.world.input({ kind: 'datagram', flow: null, from: { address: from ?? '192.0.2.1', port: 5060 }, data });
  desk.run(10);
  const parsed = parseMessage(desk.world.replies.at(-1)?.data ?? '');
  return parsed.ok && parsed.value.kind === 'response' ? parsed.value.status : assert.fail('an answer');
}

describe('a NOTIFY of event aastra-xml', () => {
  const notifyUri = 'http://apps.test/notified';

  it('makes the phone ask its own address; what the datagram brings is not carried out', () => {
    const desk = xmlDesk(settingsWith({ notifyUri }), () => TEXT);
    desk.run(1000);
    assert.equal(notify(desk), 200);
    desk.run(50);
    assert.deepEqual(
      desk.asked.map(({ url }) => url),
      [notifyUri],
    );
    assert.ok(desk.shows('Soup'));
    assert.deepEqual(desk.sent(), []);
  });

  it('is refused from a stranger, and where it is not turned on', () => {
    const desk = xmlDesk(settingsWith({ notifyUri }), () => TEXT);
    desk.run(1000);
    assert.equal(notify(desk, '192.0.2.66'), 403);
    const off = xmlDesk(settingsWith(), () => TEXT);
    off.run(1000);
    assert.equal(notify(off), 489);
    assert.deepEqual([desk.asked, off.asked], [[], []]);
  });
});
