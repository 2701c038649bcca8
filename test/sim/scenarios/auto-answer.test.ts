/** Calls that ask to be answered by themselves, and what `call waiting`, `sip ignore status code` and `call forward disabled` do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { phoneSettings } from '../../support/settings.ts';
import { LINE } from '../call-desk.ts';
import { Caller } from '../caller.ts';
import type { KeyDesk } from '../key-desk.ts';
import { keyDesk } from '../key-desk.ts';

const CALL_INFO = { name: 'Call-Info', value: '<sip:pbx>;answer-after=0' };
const called = (settings = phoneSettings({ lines: [LINE] }), header = CALL_INFO, to = '2001', id = 'auto') => {
  const desk = keyDesk(settings);
  const caller = new Caller(desk.world, desk.primary, { headers: [header], to, callId: id }).call();
  desk.run(20);
  return { desk, caller };
};
const calls = (over: Partial<ReturnType<typeof phoneSettings>['calls']>) =>
  phoneSettings({ lines: [LINE], calls: { ...phoneSettings().calls, ...over } });

describe('a call that wants to be answered by itself', () => {
  for (const [form, header] of [
    ['Call-Info', CALL_INFO],
    ['Alert-Info', { name: 'Alert-Info', value: '<http://x/>;info=alert-autoanswer' }],
  ] as const)
    it(`by ${form}: is heard on the loudspeaker, the microphone off`, () => {
      const { desk, caller } = called(undefined, header);
      assert.deepEqual(caller.statuses(), [180, 200]);
      assert.deepEqual([desk.sound().path, desk.sound().microphone, desk.lamp('mute')], ['speaker', 'muted', 'on']);
    });

  it('after a delay rings until then', () => {
    const { desk, caller } = called(undefined, {
      name: 'Alert-Info',
      value: '<http://x/>;info=alert-autoanswer;delay=3',
    });
    assert.equal(desk.sound().ring, 'on');
    desk.run(2900);
    assert.deepEqual(caller.statuses(), [180]);
    desk.run(200);
    assert.deepEqual(caller.statuses(), [180, 200]);
  });

  for (const [what, settings, header] of [
    ['is not asked for', undefined, { name: 'Alert-Info', value: '<http://x/>;info=internal' }],
    ['is switched off', calls({ autoAnswer: 'off' }), CALL_INFO],
  ] as const)
    it(`rings where that ${what}`, () => assert.deepEqual(called(settings, header).caller.statuses(), [180]));

  it('leaves the microphone open where the configuration says so', () =>
    assert.equal(called(calls({ autoAnswer: 'open' })).desk.sound().microphone, 'open'));

  it('of a stranger rings', () => {
    const desk = keyDesk();
    const { address, port } = desk.primary;
    const caller = new Caller(desk.world, desk.primary, { headers: [CALL_INFO], callId: 'stranger' });
    const octets: string[] = [];
    const push = desk.primary.push.bind(desk.primary);
    desk.primary.push = (data) => void octets.push(data);
    caller.call();
    desk.primary.push = push;
    const from = { address: '203.0.113.66', port };
    desk.world.input({ kind: 'datagram', flow: null, from, data: octets[0] ?? assert.fail() });
    desk.run(100);
    assert.notEqual(from.address, address);
    assert.deepEqual(caller.statuses(), [180]);
  });

  const during = (desk: KeyDesk): Caller => {
    desk.hook('off');
    desk.key('200#');
    desk.run(700);
    const caller = new Caller(desk.world, desk.primary, { headers: [CALL_INFO], callId: 'second' }).call();
    desk.run(50);
    return caller;
  };

  it('during a call holds that call', () => {
    const desk = keyDesk();
    assert.deepEqual(during(desk).statuses(), [180, 200]);
    assert.match(desk.world.sent('INVITE').at(-1)?.message.body ?? '', /a=sendonly/);
  });

  it('during a call only rings where it must not break in', () =>
    assert.deepEqual(during(keyDesk(calls({ bargeIn: 'off' }))).statuses(), [180]));

  it('a second call hears that the phone is busy where call waiting is off', () =>
    assert.deepEqual(during(keyDesk(phoneSettings({ lines: [{ ...LINE, callWaiting: 'off' }] }))).statuses(), [486]));
});

describe('a call that is ignored', () => {
  for (const code of [486, 480] as const)
    it(`hears ${code} where that is configured`, () => {
      const { desk, caller } = called(calls({ ignoreCode: code }), { name: 'Subject', value: 'x' });
      desk.press('goodbye');
      desk.run(20);
      assert.deepEqual(caller.statuses(), [180, code]);
    });
});

it('forwards are refused where they are disabled, and one that was set before is not followed', () => {
  const stored = { answering: { version: 1, dnd: 'off', forward: { all: { on: true, to: '300' } } } };
  for (const [settings, statuses] of [
    [calls({}), [302]],
    [calls({ forward: 'off' }), [180]],
  ] as const) {
    const desk = keyDesk(settings, stored);
    const caller = new Caller(desk.world, desk.primary, { callId: 'fwd' }).call();
    desk.run(20);
    assert.deepEqual(caller.statuses(), statuses);
  }
});
