/** A person at the desk: what keys and handset do, what stands on the screen, which lamps burn, and what is heard. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lineSettings, phoneSettings } from '../../support/settings.ts';
import { LINE } from '../call-desk.ts';
import { RINGS } from '../call-peer.ts';
import { keyDesk } from '../key-desk.ts';

describe('lifting the handset', () => {
  it('gives dial tone; keys are read on the screen; the number goes out after the digit time-out', () => {
    const desk = keyDesk();
    desk.hook('off');
    assert.deepEqual(desk.sound(), { path: 'handset', tone: 'dial', ring: 'off', microphone: 'open', volume: 5 });
    assert.equal(desk.lamp('line1'), 'on');
    desk.key('200');
    assert.equal(desk.sound().tone, null);
    assert.ok(desk.shows('200_'));
    desk.run(3900);
    assert.deepEqual(desk.sent(), []);
    desk.run(130);
    assert.deepEqual(desk.sent(), ['INVITE']);
    assert.ok(desk.shows('Ringing'));
    assert.equal(desk.sound().tone, 'ring-back');
    desk.run(1000);
    assert.ok(desk.shows(/Connected +0:0\d/));
    assert.equal(desk.sound().tone, null);
    desk.hook('on');
    desk.run(100);
    assert.deepEqual(desk.sent(), ['INVITE', 'ACK', 'BYE']);
    assert.equal(desk.sound().path, 'off');
    assert.equal(desk.lamp('line1'), 'off');
    assert.ok(desk.shows('Why?'), 'the idle screen is back');
  });

  it('# sends at once, and a number of the dial plan that is complete needs nothing', () => {
    const hashed = keyDesk();
    hashed.hook('off');
    hashed.key('200#');
    hashed.run(30);
    assert.deepEqual(hashed.sent(), ['INVITE']);
    assert.match(hashed.world.sent('INVITE')[0]?.message.uri ?? '', /^sip:200@/);
    const planned = keyDesk(phoneSettings({ lines: [LINE], dialling: { ...phoneSettings().dialling, plan: '2xx' } }));
    planned.hook('off');
    planned.key('20');
    planned.run(100);
    assert.deepEqual(planned.sent(), []);
    planned.key('0');
    planned.run(30);
    assert.deepEqual(planned.sent(), ['INVITE']);
  });

  it('a number that is not in the dial plan is refused with a tone; erased, it may be mended', () => {
    const desk = keyDesk(phoneSettings({ lines: [LINE], dialling: { ...phoneSettings().dialling, plan: '2xx' } }));
    desk.hook('off');
    desk.key('3');
    assert.ok(desk.shows('Not in the dial plan'));
    assert.equal(desk.sound().tone, 'reorder');
    desk.press('left');
    assert.equal(desk.sound().tone, 'dial');
    desk.key('20');
    desk.run(4100);
    assert.ok(desk.shows('The number is too short'));
    assert.deepEqual(desk.sent(), []);
    desk.hook('on');
    assert.equal(desk.sound().path, 'off');
  });
});

describe('a number keyed on the hook', () => {
  it('waits for ever, is mended, and is sent by the handset', () => {
    const desk = keyDesk();
    desk.key('201');
    desk.press('left');
    desk.key('0');
    desk.run(60_000);
    assert.deepEqual(desk.sent(), []);
    assert.ok(desk.shows('200_'));
    assert.equal(desk.sound().path, 'off');
    desk.hook('off');
    desk.run(30);
    assert.match(desk.world.sent('INVITE')[0]?.message.uri ?? '', /^sip:200@/);
    assert.equal(desk.sound().path, 'handset');
  });

  it('is sent on the loudspeaker by Dial, by # and by the speaker key', () => {
    for (const send of ['softkey1', '#', 'speaker', 'line1'] as const) {
      const desk = keyDesk();
      desk.key('200');
      desk.press(send);
      desk.run(30);
      assert.deepEqual(desk.sent(), ['INVITE'], send);
      assert.equal(desk.sound().path, 'speaker');
      assert.equal(desk.lamp('speaker'), 'on');
    }
  });

  it('is forgotten by goodbye', () => {
    const desk = keyDesk();
    desk.key('200');
    desk.press('goodbye');
    assert.ok(desk.shows('Why?'));
    desk.hook('off');
    assert.equal(desk.sound().tone, 'dial');
  });
});

describe('a call on its way', () => {
  it('shows which server is tried, and for how long: main, then backup', () => {
    const desk = keyDesk();
    desk.primary.fault = 'silent';
    desk.key('200');
    desk.press('speaker');
    desk.run(1000);
    assert.ok(desk.shows('Trying main\u2026'));
    assert.equal(desk.sound().tone, 'trying', 'comfort, not silence');
    desk.run(510);
    assert.ok(desk.shows('Trying main\u2026 trying backup\u2026 (0:0'));
    desk.run(1000);
    assert.ok(desk.shows('Connected'));
    assert.ok(desk.shows('Through the backup server'));
  });

  it('that is refused says why, with its tone, and leaves the loudspeaker by itself', () => {
    const desk = keyDesk();
    desk.primary.script = [[5, 486]];
    desk.key('200');
    desk.press('speaker');
    desk.run(100);
    assert.ok(desk.shows('200: Busy'));
    assert.equal(desk.sound().tone, 'busy');
    desk.run(5000);
    assert.equal(desk.sound().path, 'off');
    assert.ok(desk.shows('Why?'));
  });

  it("that is refused on another line leaves that line's lamp, not the one of the call that is held", () => {
    const desk = keyDesk();
    desk.hook('off');
    desk.key('200#');
    desk.run(1000);
    desk.primary.script = [[5, 486]];
    desk.press('line2');
    desk.key('201#');
    desk.run(100);
    assert.ok(desk.shows('201: Busy'));
    assert.deepEqual([desk.lamp('line1'), desk.lamp('line2')], ['slow-flash', 'on']);
  });

  it('that the far side ends is told, and the handset stays silent until it lies', () => {
    const desk = keyDesk();
    desk.hook('off');
    desk.key('200#');
    desk.run(1000);
    desk.primary.hangUp();
    desk.run(60_000);
    assert.ok(desk.shows('200: Call ended'));
    assert.equal(desk.sound().tone, null);
    desk.hook('on');
    assert.ok(desk.shows('Why?'));
  });

  it('is given up by goodbye while it rings', () => {
    const desk = keyDesk();
    desk.primary.script = RINGS;
    desk.key('200');
    desk.press('speaker');
    desk.run(100);
    desk.press('goodbye');
    desk.run(100);
    assert.deepEqual(desk.sent(), ['INVITE', 'CANCEL', 'ACK']);
    assert.equal(desk.primary.busy, 0);
    assert.equal(desk.sound().path, 'off');
  });

  it('cannot be made without a proxy, and the screen says why', () => {
    const desk = keyDesk(phoneSettings({ lines: [lineSettings({ registrar: { primary: null, backup: null } })] }));
    desk.key('200');
    desk.press('speaker');
    assert.ok(desk.shows('has no proxy'));
    assert.equal(desk.sound().tone, 'reorder');
  });
});

describe('in a call', () => {
  const talking = () => {
    const desk = keyDesk();
    desk.hook('off');
    desk.key('200#');
    desk.run(1000);
    assert.ok(desk.shows('Connected'));
    return desk;
  };

  it('the hold key holds and takes up again', () => {
    const desk = talking();
    desk.press('hold');
    desk.run(100);
    assert.ok(desk.shows('On hold'));
    assert.equal(desk.lamp('line1'), 'slow-flash');
    assert.equal(desk.lamp('hold'), 'slow-flash');
    desk.press('line1');
    desk.run(100);
    assert.ok(desk.shows('Connected'));
    assert.equal(desk.lamp('line1'), 'on');
  });

  it('another line key holds the call and opens a line; its own key comes back', () => {
    const desk = talking();
    desk.press('line2');
    desk.run(100);
    assert.equal(desk.lamp('line1'), 'slow-flash');
    assert.equal(desk.lamp('line2'), 'on');
    assert.equal(desk.sound().tone, 'dial');
    desk.key('201#');
    desk.run(1000);
    assert.deepEqual([desk.lamp('line1'), desk.lamp('line2')], ['slow-flash', 'on']);
    assert.ok(desk.shows(/L1 On hold +200/));
    desk.press('line1');
    desk.run(100);
    assert.deepEqual([desk.lamp('line1'), desk.lamp('line2')], ['on', 'slow-flash']);
    desk.hook('on');
    desk.run(100);
    assert.deepEqual([desk.lamp('line1'), desk.lamp('line2')], ['off', 'slow-flash'], 'what is held stays');
  });

  it('held and ended by the far side, it is told like any other, and no loudspeaker stays open with nothing on it', () => {
    const desk = talking();
    desk.press('speaker');
    desk.hook('on');
    desk.press('hold');
    desk.run(100);
    desk.primary.hangUp();
    desk.run(100);
    assert.ok(desk.shows('200: Call ended'));
    assert.equal(desk.sound().path, 'speaker');
    desk.run(10_000);
    assert.deepEqual([desk.sound().path, desk.lamp('speaker')], ['off', 'off']);
    assert.ok(desk.shows(/^Dir +Calls/));
  });

  it('the speaker key moves it to the loudspeaker, where it outlives the handset, and ends it', () => {
    const desk = talking();
    desk.press('speaker');
    assert.equal(desk.sound().path, 'speaker');
    desk.hook('on');
    desk.run(100);
    assert.ok(desk.shows('Connected'));
    desk.hook('off');
    assert.equal(desk.sound().path, 'handset');
    desk.press('speaker');
    desk.hook('on');
    desk.press('speaker');
    desk.run(100);
    assert.deepEqual(desk.sent().slice(-1), ['BYE']);
    assert.equal(desk.sound().path, 'off');
  });

  it('mute closes the microphone until it is opened, and not beyond the call', () => {
    const desk = talking();
    desk.press('mute');
    assert.equal(desk.sound().microphone, 'muted');
    assert.equal(desk.lamp('mute'), 'on');
    desk.press('mute');
    assert.equal(desk.sound().microphone, 'open');
    desk.press('mute', 'goodbye');
    desk.run(100);
    assert.equal(desk.sound().microphone, 'open');
  });
});
