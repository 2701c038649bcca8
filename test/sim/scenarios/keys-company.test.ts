/** What a person does with two calls at the desk: hand one over, join both; and keys pressed for the far side (original-phone 1.6, 6). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import type { lineSettings } from '../../support/settings.ts';
import { phoneSettings } from '../../support/settings.ts';
import { LINE } from '../call-desk.ts';
import { RINGS } from '../call-peer.ts';
import type { KeyDesk } from '../key-desk.ts';
import { keyDesk } from '../key-desk.ts';

const talking = (settings = phoneSettings({ lines: [LINE] })): KeyDesk => {
  const desk = keyDesk(settings);
  desk.hook('off');
  desk.key('200#');
  desk.run(700);
  return desk;
};

const told = ({ primary }: KeyDesk, method: string) => primary.told.filter((request) => request.method === method);
const referTo = (desk: KeyDesk): readonly (string | null)[] =>
  told(desk, 'REFER').map((r) => headerValue(r, 'Refer-To'));
const done = (desk: KeyDesk, code: number): void => {
  const headers = [
    { name: 'Event', value: 'refer' },
    { name: 'Subscription-State', value: 'terminated;reason=noresource' },
    { name: 'Content-Type', value: 'message/sipfrag' },
  ];
  desk.primary.ask('NOTIFY', { headers, body: `SIP/2.0 ${code} x\r\n` }, desk.primary.callees[0]);
  desk.run(50);
};

describe('Xfer', () => {
  it('holds the call and opens a line; Xfer again hands it over to the keyed number', () => {
    const desk = talking();
    desk.soft('Xfer');
    desk.run(30);
    assert.ok(desk.shows('Transfer to: _'));
    assert.equal(desk.sound().tone, 'dial');
    desk.key('300');
    desk.soft('Xfer');
    desk.run(30);
    assert.deepEqual(referTo(desk), ['<sip:300@192.0.2.1:5060>']);
    assert.ok(desk.shows('Transferring'));
    done(desk, 200);
    assert.ok(desk.shows('200: Transferred'));
    assert.deepEqual(desk.sent(), ['INVITE', 'ACK', 'INVITE', 'ACK', 'REFER', 'BYE']);
  });

  it('that nobody takes brings the call back by itself', () => {
    const desk = talking();
    desk.soft('Xfer');
    desk.run(30);
    desk.key('300');
    desk.soft('Xfer');
    desk.run(30);
    done(desk, 486);
    assert.ok(desk.shows('200: not transferred (486)'));
    assert.ok(desk.shows('Connected'));
    assert.match(desk.world.sent('INVITE').at(-1)?.message.body ?? '', /a=sendrecv/);
  });

  it('after a word with the second one joins the two', () => {
    const desk = talking();
    desk.soft('Xfer');
    desk.run(30);
    desk.key('300#');
    desk.run(700);
    assert.ok(desk.shows('Connected'));
    desk.soft('Xfer');
    desk.run(30);
    assert.match(referTo(desk)[0] ?? '', /^<sip:callee@192\.0\.2\.1:5060\?Replaces=/);
    done(desk, 200);
    assert.deepEqual(desk.world.eventsOf('call').filter(({ state }) => state === 'ended').length, 2);
  });

  for (const [what, script] of [
    ['has answered', undefined],
    ['still rings', RINGS],
  ] as const)
    it(`and the handset laid down while the second one ${what} hands over`, () => {
      const desk = talking();
      desk.soft('Xfer');
      desk.run(30);
      if (script !== undefined) desk.primary.script = script;
      desk.key('300#');
      desk.run(700);
      desk.hook('on');
      desk.run(30);
      assert.equal(referTo(desk).length, 1);
      done(desk, 200);
      assert.equal(desk.world.eventsOf('call').filter(({ state }) => state === 'ended').length, 2);
    });

  it('and Cancel leaves the first call, held, to be taken back', () => {
    const desk = talking();
    desk.soft('Xfer');
    desk.run(30);
    desk.key('300#');
    desk.run(700);
    desk.soft('Cancel');
    desk.run(30);
    assert.ok(desk.shows('On hold'));
    desk.soft('Resume');
    desk.run(30);
    assert.ok(desk.shows('Connected'));
    assert.deepEqual(referTo(desk), []);
  });

  it('is not there where it is switched off', () => {
    const { calls } = phoneSettings();
    const desk = talking(phoneSettings({ lines: [LINE], calls: { ...calls, transfer: 'off', conference: 'off' } }));
    assert.throws(() => desk.soft('Xfer'));
    assert.throws(() => desk.soft('Conf'));
  });
});

describe('handed over by the far side', () => {
  const asked = (script?: typeof RINGS): KeyDesk => {
    const desk = talking();
    if (script !== undefined) desk.primary.script = script;
    desk.primary.ask('REFER', { headers: [{ name: 'Refer-To', value: '<sip:300@192.0.2.1>' }] });
    desk.run(700);
    return desk;
  };

  it('the new call is what is shown and heard, the old one is gone', () => {
    const desk = asked();
    assert.ok(desk.shows(/^ Connected +0:0\d/));
    assert.equal(desk.shows(/^L\d /), false);
    assert.ok(desk.shows('200: Transferred'));
    assert.equal(desk.sound().tone, null);
    desk.hook('on');
    desk.run(50);
    assert.equal(desk.primary.callees.filter(({ state }) => state === 'talking').length, 1);
    desk.run(2000);
    assert.equal(desk.primary.callees.filter(({ state }) => state === 'talking').length, 0);
  });

  it('a busy number: the call goes on, without a busy tone in the ear', () => {
    const desk = asked([[5, 486]]);
    assert.ok(desk.shows('300: Busy'));
    assert.ok(desk.shows(/^ Connected +0:0\d/));
    assert.equal(desk.sound().tone, null);
  });
});

describe('Conf', () => {
  const three = (): KeyDesk => {
    const desk = talking();
    desk.soft('Conf');
    desk.run(30);
    desk.key('300#');
    desk.run(700);
    desk.soft('Conf');
    desk.run(50);
    return desk;
  };
  const inIt = (desk: KeyDesk): readonly string[] =>
    ['C1', 'C2'].filter((id) => desk.world.eventsOf('call').findLast((event) => event.id === id)?.conference === true);

  it('takes the first call back and lets both hear each other', () => {
    const desk = three();
    assert.deepEqual(inIt(desk), ['C1', 'C2']);
    assert.match(desk.world.sent('INVITE').at(-1)?.message.body ?? '', /a=sendrecv/);
    assert.ok(desk.shows(/Conference +0:0\d/));
  });

  it('is held and taken back as a whole', () => {
    const desk = three();
    desk.soft('Hold');
    desk.run(50);
    const states = (): readonly (string | undefined)[] =>
      ['C1', 'C2'].map((id) => desk.world.eventsOf('call').findLast((event) => event.id === id)?.state);
    assert.deepEqual(states(), ['held', 'held']);
    desk.soft('Resume');
    desk.run(50);
    assert.deepEqual(states(), ['connected', 'connected']);
    assert.deepEqual(inIt(desk), ['C1', 'C2']);
  });

  it('is over when one leaves: the other is a call like any other', () => {
    const desk = three();
    desk.primary.hangUp(desk.primary.callees[0]);
    desk.run(50);
    assert.deepEqual(inIt(desk), []);
    assert.ok(desk.shows('Connected'));
    desk.hook('on');
    desk.run(50);
    assert.equal(desk.primary.callees.filter(({ state }) => state === 'talking').length, 0);
  });

  it('ends for all with the handset', () => {
    const desk = three();
    desk.hook('on');
    desk.run(50);
    assert.equal(desk.world.eventsOf('call').filter(({ state }) => state === 'ended').length, 2);
  });

  it('has room for two, and says so', () => {
    const desk = three();
    const ask = (command: Parameters<typeof desk.world.input>[0]) => desk.world.input(command);
    ask({ kind: 'command', id: 'x', command: { verb: 'dial', target: '400', line: null } });
    desk.run(700);
    ask({ kind: 'command', id: 'y', command: { verb: 'conference', call: 'C3' } });
    assert.equal(desk.world.eventsOf('result').at(-1)?.error, 'a conference of three is full');
  });
});

describe('a key pressed in a call', () => {
  const pressed = (keysSent: ReturnType<typeof lineSettings>['keysSent'], sdp?: string): readonly string[] => {
    const desk = keyDesk(phoneSettings({ lines: [{ ...LINE, keysSent }] }));
    if (sdp !== undefined) desk.primary.sdp = sdp;
    desk.hook('off');
    desk.key('200#');
    desk.run(700);
    desk.key('5');
    desk.run(30);
    return [
      ...desk.keysSent.map(({ key, way }) => `${key} ${way}`),
      ...told(desk, 'INFO').map(({ body }) => body.replaceAll('\r\n', ' ').trim()),
    ];
  };
  const INFO = 'Signal=5 Duration=100';
  const bare = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

  for (const [name, keysSent, agreed, without] of [
    ['0 and 1: as an event', { events: 'on', sound: 'off', info: 'off' }, ['5 event'], ['5 sound']],
    ['0 and 0: as a tone', { events: 'off', sound: 'on', info: 'off' }, ['5 sound'], ['5 sound']],
    ['1 and 0: by INFO', { events: 'off', sound: 'off', info: 'on' }, [INFO], [INFO]],
    ['1 and 1: by INFO and as an event', { events: 'on', sound: 'off', info: 'on' }, ['5 event', INFO], [INFO]],
    [
      '2 and 0: by INFO and as a tone',
      { events: 'off', sound: 'on', info: 'on' },
      ['5 sound', INFO],
      ['5 sound', INFO],
    ],
  ] as const)
    it(`method and out-of-band ${name}; where events were not agreed, never twice`, () => {
      assert.deepEqual([pressed(keysSent), pressed(keysSent, bare)], [agreed, without]);
    });
});
