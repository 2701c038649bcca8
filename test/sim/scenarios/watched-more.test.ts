/** What keys that watch do beyond one number's lamp: lists of numbers (RFC 4662), and taking over what rings (RFC 4235 6.2, RFC 3891). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeySetting } from '../../../firmware/config/key-settings.ts';
import type { SubscriptionSettings } from '../../../firmware/config/settings.ts';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import type { SipRequest } from '../../../firmware/sip/message/message.ts';
import { phoneSettings } from '../../support/settings.ts';
import type { Notifier, State } from '../notifier.ts';
import { dialogInfo } from '../notifier.ts';
import type { WatchDesk } from '../watch-desk.ts';
import { subscriber, watchDesk } from '../watch-desk.ts';

const picking = (over: Partial<SubscriptionSettings>): WatchDesk =>
  watchDesk({ subscriptions: { ...phoneSettings().subscriptions, ...over } });

const shownBy = ({ world }: WatchDesk): string => (world.eventsOf('screen').at(-1)?.lines ?? []).join('\n');

const RINGS = (callId: string): string =>
  `<dialog-info version="1" state="full" entity="sip:2002@x"><dialog id="1" call-id="${callId}" local-tag="lt" remote-tag="rt" direction="recipient"><state>early</state><remote><identity>sip:2003@x</identity><target uri="sip:2003@192.0.2.9"/></remote></dialog></dialog-info>`;

/** The number rings; the key is pressed; what leaves. */
function pressedWhileRinging(desk: WatchDesk, body: string): SipRequest | undefined {
  desk.world.run(100);
  desk.primary.notify(subscriber(desk), { body });
  desk.world.run(100);
  desk.world.press('softkey1');
  desk.world.run(100);
  return desk.world.sent('INVITE')[0]?.message;
}

describe('a key whose number rings', () => {
  it('takes the call by Replaces: its caller is called, with the dialog told (RFC 3891)', () => {
    const invite = pressedWhileRinging(picking({ picksUp: true }), RINGS('c1@x')) ?? assert.fail('nothing was sent');
    assert.equal(invite.uri, 'sip:2003@192.0.2.9');
    assert.equal(headerValue(invite, 'Replaces'), 'c1@x;to-tag=rt;from-tag=lt');
    assert.equal(headerValue(invite, 'Require'), 'replaces');
  });

  it('asks the primary for it, then the backup, as for every call', () => {
    const desk = picking({ picksUp: true });
    desk.primary.status = 503;
    desk.primary.statusFor = 'INVITE';
    pressedWhileRinging(desk, RINGS('c1'));
    desk.world.run(1000);
    const sent = desk.world.sent('INVITE');
    assert.deepEqual(
      sent.map(({ flow, message }) => [flow.includes('192.0.2.1:'), headerValue(message, 'Replaces') !== null]),
      [
        [true, true],
        [false, true],
      ],
    );
  });

  it('is called by prefix where one is set, and plainly where nothing says how a call is taken', () => {
    const uri = (over: Partial<SubscriptionSettings>, body = RINGS('c1')): string =>
      (pressedWhileRinging(picking(over), body)?.uri ?? 'nothing').replace(/@.*/, '');
    assert.equal(uri({ picksUp: true, pickupPrefix: '**' }), 'sip:**2002');
    assert.equal(uri({}), 'sip:2002');
    assert.equal(uri({ picksUp: true }, dialogInfo('2002', 'ringing', 1)), 'sip:2002');
  });

  it('whose notifier would write headers of its own is called plainly', () => {
    const invite = pressedWhileRinging(picking({ picksUp: true }), RINGS('a&#13;&#10;X-Own: 1'));
    assert.equal(invite?.uri.replace(/@.*/, ''), 'sip:2002');
    assert.equal(headerValue(invite ?? assert.fail(), 'X-Own'), null);
  });

  it('in any other state is called', () => {
    for (const state of ['idle', 'busy', 'held'] as const) {
      const invite = pressedWhileRinging(picking({ picksUp: true }), dialogInfo('2002', state, 1));
      assert.equal(invite?.uri.replace(/@.*/, ''), 'sip:2002', state);
      assert.equal(headerValue(invite, 'Replaces'), null);
    }
  });
});

describe('a list of numbers', () => {
  const TYPE = 'multipart/related;type="application/rlmi+xml";boundary="b"';
  const body = (version: number, full: boolean, said: Readonly<Record<string, State>>): string => {
    const users = Object.keys(said);
    const list = users.map(
      (user) => `<resource uri="sip:${user}@x"><instance id="1" state="active" cid="${user}"/></resource>`,
    );
    const parts = users.map(
      (user) =>
        `--b\r\nContent-Type: application/dialog-info+xml\r\nContent-ID: <${user}>\r\n\r\n${dialogInfo(user, said[user] ?? 'idle', version)}\r\n`,
    );
    return `--b\r\nContent-Type: application/rlmi+xml\r\n\r\n<list uri="sip:l@x" version="${version}" fullState="${full}">${list.join('')}</list>\r\n${parts.join('')}--b--\r\n`;
  };
  const begun = (): WatchDesk => {
    const desk = watchDesk({ keys: [] });
    desk.world.run(100);
    desk.world.input({
      kind: 'command',
      id: 'x',
      command: { verb: 'subscribe', kind: 'list', target: 'desk-list', line: null },
    });
    desk.primary.firstBody = { type: TYPE, body: body(0, true, { '2002': 'ringing', '2003': 'idle' }) };
    desk.backup.firstBody = desk.primary.firstBody;
    desk.world.run(100);
    return desk;
  };
  const tell = (desk: WatchDesk, peer: Notifier, text: string): void => {
    peer.notify(peer.subscribers.at(-1) ?? assert.fail('nobody watches'), { body: text, type: TYPE });
    desk.world.run(100);
  };
  const states = (desk: WatchDesk): readonly string[] =>
    (desk.world.status().subscriptions.find(({ kind }) => kind === 'list')?.entries ?? []).map(
      ({ resource, presence }) => `${resource} ${presence}`,
    );

  it('is asked for with eventlist, and tells of each number', () => {
    const desk = begun();
    const subscribe = desk.world.sent('SUBSCRIBE')[0]?.message ?? assert.fail('nothing was sent');
    assert.equal(headerValue(subscribe, 'Supported'), 'eventlist');
    assert.match(headerValue(subscribe, 'Accept') ?? '', /multipart\/related.*rlmi\+xml.*dialog-info/);
    assert.deepEqual(states(desk), ['sip:2002@x ringing', 'sip:2003@x idle']);
  });

  it('in part changes what it names; a gap has the whole asked for again', () => {
    const desk = begun();
    tell(desk, desk.primary, body(1, false, { '2003': 'busy' }));
    assert.deepEqual(states(desk), ['sip:2002@x ringing', 'sip:2003@x busy']);
    const asked = desk.asked().length;
    desk.primary.firstBody = { type: TYPE, body: body(4, true, { '2002': 'held', '2003': 'idle' }) };
    tell(desk, desk.primary, body(3, false, { '2002': 'busy' }));
    assert.deepEqual(desk.asked().slice(asked), ['primary refresh 3600']);
    assert.deepEqual(states(desk), ['sip:2002@x held', 'sip:2003@x idle']);
  });

  it('fills the keys of type list in its order: labels, lamps, and a press calls; a key too many is free', () => {
    const subscriptions = { ...phoneSettings().subscriptions, listUri: 'desk-list' };
    const key = (number: number): KeySetting => ({
      ...{ name: `topsoftkey${number}`, type: 'list', label: '', value: '', line: 1 },
    });
    const desk = watchDesk({ keys: [key(1), key(2), key(3)], subscriptions });
    desk.primary.firstBody = { type: TYPE, body: body(0, true, { '2002': 'ringing', '2003': 'busy' }) };
    desk.backup.firstBody = desk.primary.firstBody;
    desk.world.run(500);
    assert.match(shownBy(desk), /2002 +2003 */);
    assert.doesNotMatch(shownBy(desk), /List/);
    assert.deepEqual(['softkey1', 'softkey2', 'softkey3'].map(desk.lamp), ['fast-flash', 'on', 'off']);
    desk.world.kill(desk.primary);
    desk.world.until(() => desk.on('desk-list') === 'active backup', 60_000);
    desk.world.press('softkey2');
    desk.world.run(5000);
    assert.equal(desk.world.sent('INVITE').at(-1)?.message.uri.replace(/@.*/, ''), 'sip:2003');
    assert.equal(desk.asked().filter((each) => each.startsWith('primary fresh')).length > 0, true);
  });

  it('that nobody tells leaves its keys dark, with a mark', () => {
    const subscriptions = { ...phoneSettings().subscriptions, listUri: 'desk-list' };
    const keys: readonly KeySetting[] = [{ name: 'topsoftkey1', type: 'list', label: '', value: '', line: 1 }];
    const desk = watchDesk({ keys, subscriptions });
    for (const peer of [desk.primary, desk.backup]) desk.world.kill(peer);
    desk.world.run(10_000);
    assert.match(shownBy(desk), /List\?/);
    assert.equal(desk.lamp(), 'off');
    desk.world.press('softkey1');
    desk.world.run(1000);
    assert.deepEqual(desk.world.sent('INVITE'), []);
  });

  it('moves to the backup with all its numbers, and is unknown where it is in force nowhere', () => {
    const desk = begun();
    desk.world.kill(desk.primary);
    desk.world.until(() => desk.on('desk-list') === 'active backup', 60_000);
    assert.deepEqual(states(desk), ['sip:2002@x ringing', 'sip:2003@x idle']);
    tell(desk, desk.backup, body(1, false, { '2002': 'idle' }));
    assert.deepEqual(states(desk), ['sip:2002@x idle', 'sip:2003@x idle']);
    desk.world.kill(desk.backup);
    desk.world.until(() => desk.on('desk-list') === 'trying nowhere', 4_000_000);
    assert.deepEqual(states(desk), []);
    const unknown = desk.world.eventsOf('watched').filter(({ state }) => state === 'unknown');
    assert.deepEqual(
      unknown.map(({ resource }) => resource),
      ['sip:2002@x', 'sip:2003@x'],
    );
  });
});
