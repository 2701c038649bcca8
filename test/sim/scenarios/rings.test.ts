/** How a call that comes in is announced: by a ring of its own, and by a tone where it answers itself (original-phone 1.7, 6). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { lineSettings, phoneSettings } from '../../support/settings.ts';
import { Caller } from '../caller.ts';
import type { KeyDesk } from '../key-desk.ts';
import { keyDesk } from '../key-desk.ts';
import { PAIR } from '../rung.ts';

const RINGS = {
  cadences: [null, [800, 400, 800, 4000], [400, 200, 400, 200, 800, 4000], [300, 200, 1000, 200, 300, 4000], [500, -1]],
  words: { internal: 2, external: 0, emergency: 1, priority: 5, group: 0 },
};

function rungBy(alert: string | null, calls: Partial<ReturnType<typeof phoneSettings>['calls']> = {}): KeyDesk {
  const line = lineSettings({ registrar: PAIR, proxy: PAIR });
  const desk = keyDesk(phoneSettings({ lines: [line], calls: { ...phoneSettings().calls, rings: RINGS, ...calls } }));
  desk.run(1000);
  const headers = alert === null ? [] : [{ name: 'Alert-Info', value: alert }];
  new Caller(desk.world, desk.primary, { headers }).call();
  desk.run(20);
  return desk;
}

const ring = (desk: KeyDesk): unknown => [desk.sound().ring, desk.sound().cadence ?? null];

describe('a ring of its own', () => {
  for (const [alert, cadence] of [
    ['<http://127.0.0.1/Bellcore-dr2>', RINGS.cadences[1]],
    ['<http://server.invalid/x>;info=bellcore-dr3', RINGS.cadences[2]],
    ['Bellcore-dr4', RINGS.cadences[3]],
    ['<Bellcore-dr5>', RINGS.cadences[4]],
    ['<http://x.invalid>;info=alert-internal', RINGS.cadences[2]],
    ['info=alert-emergency', RINGS.cadences[1]],
  ] as const)
    it(`is had by ${alert}`, () => assert.deepEqual(ring(rungBy(alert)), ['on', cadence]));

  for (const alert of [null, 'Bellcore-dr1', 'Bellcore-dr9', '<http://x.invalid/ring.wav>', 'info=alert-external'])
    it(`is not had by ${alert ?? 'a call that asks for none'}`, () =>
      assert.deepEqual(ring(rungBy(alert)), ['on', null]));

  it('may be silent: the lamp and the screen say who calls', () => {
    const desk = rungBy('info=alert-priority');
    assert.deepEqual(ring(desk), ['off', null]);
    assert.ok(desk.shows('Ada'));
    assert.equal(desk.lamp('line1'), 'fast-flash');
  });

  it('is had by none where that is switched off', () =>
    assert.deepEqual(ring(rungBy('Bellcore-dr2', { rings: null })), ['on', null]));
});

describe('a call that answers itself', () => {
  const AUTO = '<http://x.invalid>;info=alert-autoanswer';

  it('is heard to begin, and says so once: not again after another call has rung', () => {
    const desk = rungBy(AUTO);
    desk.run(50);
    assert.deepEqual([desk.sound().path, desk.sound().tone], ['speaker', 'intercom']);
    const second = new Caller(desk.world, desk.primary, { callId: 'second', from: '"Bob" <sip:301@192.0.2.1>' }).call();
    desk.run(20);
    assert.equal(desk.sound().tone, 'call-waiting');
    second.cancel();
    desk.run(50);
    assert.equal(desk.sound().tone, null);
  });

  it('is not heard to begin where `sip intercom warning tone` is 0', () => {
    const desk = rungBy(AUTO, { warningTone: 'off' });
    desk.run(50);
    assert.deepEqual([desk.sound().path, desk.sound().tone], ['speaker', null]);
  });
});

describe('a line’s own ring (`lineN ring tone`)', () => {
  const rungOn = (line: 1 | 2, tones: readonly (number | null)[]): KeyDesk => {
    const lines = tones.map((ringTone, index) =>
      lineSettings({ line: index + 1, userName: `200${index + 1}`, registrar: PAIR, proxy: PAIR, ringTone }),
    );
    const desk = keyDesk(phoneSettings({ lines }));
    desk.run(1000);
    new Caller(desk.world, desk.primary, { to: `200${line}` }).call();
    desk.run(20);
    return desk;
  };

  it('is heard when that line is called, and no other', () => {
    const tones = [3, null] as const;
    assert.deepEqual([rungOn(1, tones).sound().ring, rungOn(1, tones).sound().ringTone], ['on', 3]);
    assert.deepEqual([rungOn(2, tones).sound().ring, rungOn(2, tones).sound().ringTone], ['on', undefined]);
  });

  it('may be silent; the lamp and the screen say who calls', () => {
    const desk = rungOn(2, [null, 5]);
    assert.equal(desk.sound().ringTone, 5);
    assert.ok(desk.shows('Ada'));
  });
});

it('a call by a key of type icom asks the far phone to answer by itself, at every server that it is tried at', () => {
  const key = { name: 'softkey1', type: 'icom', label: '', value: '300', line: 1 } as const;
  const desk = keyDesk(phoneSettings({ lines: [lineSettings({ registrar: PAIR, proxy: PAIR })], keys: [key] }));
  desk.run(1000);
  desk.primary.fault = 'silent';
  desk.soft('Icom');
  desk.run(5000);
  const asked = desk.world.sent().filter(({ message }) => message.method === 'INVITE');
  assert.deepEqual(
    [...new Set(asked.map(({ message }) => headerValue(message, 'Call-Info')))],
    ['<sip:192.0.2.1:5060>;answer-after=0', '<sip:192.0.2.2:5060>;answer-after=0'],
  );
  desk.press('goodbye');
  desk.run(1000);
  desk.key('301');
  desk.press('speaker');
  desk.run(1000);
  const last = desk.world.sent().findLast(({ message }) => message.method === 'INVITE')?.message ?? assert.fail('none');
  assert.match(last.uri, /^sip:301@/);
  assert.equal(headerValue(last, 'Call-Info'), null);
});
