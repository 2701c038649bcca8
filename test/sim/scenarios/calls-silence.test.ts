/** A far side that is not heard any more, by the counts of the media worker (conformance G24): told, and ended where that is configured. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lineSettings, phoneSettings } from '../../support/settings.ts';
import type { KeyDesk } from '../key-desk.ts';
import { keyDesk } from '../key-desk.ts';
import { PAIR } from '../rung.ts';

/** In a call from the handset; counts come every 5 s. */
function talking(soundLimitS = 0): KeyDesk {
  const line = lineSettings({ registrar: PAIR, proxy: PAIR });
  const calls = { ...phoneSettings().calls, soundLimitS };
  const desk = keyDesk(phoneSettings({ lines: [line], calls }));
  desk.run(1000);
  desk.hook('off');
  desk.key('200#');
  desk.run(2000);
  assert.equal(state(desk), 'connected');
  return desk;
}

const state = (desk: KeyDesk): string | undefined => desk.world.eventsOf('call').at(-1)?.state;
const told = (desk: KeyDesk): readonly boolean[] => desk.world.eventsOf('call-sound').map(({ heard }) => heard);

function counted(desk: KeyDesk, ...packets: readonly number[]): void {
  for (const count of packets) {
    desk.world.input({ kind: 'heard', call: 'C1', packets: count });
    desk.run(5000);
  }
}

describe('a far side that falls silent in a call', () => {
  it('is told after 10 s, once, and again when it is heard; the call goes on', () => {
    const desk = talking();
    counted(desk, 250, 500, 500);
    assert.deepEqual(told(desk), []);
    counted(desk, 500);
    assert.deepEqual(told(desk), [false]);
    counted(desk, 500, 500, 500);
    assert.deepEqual(told(desk), [false]);
    counted(desk, 750);
    assert.deepEqual(told(desk), [false, true]);
    assert.equal(state(desk), 'connected');
  });

  it('stands on the screen', () => {
    const desk = talking();
    counted(desk, 250, 250);
    desk.world.input({ kind: 'heard', call: 'C1', packets: 250 });
    desk.run(100);
    assert.ok(desk.shows('The far side is not heard'));
    desk.run(20_000);
    assert.ok(desk.shows('The far side is not heard'), 'as long as it is so');
    desk.world.input({ kind: 'heard', call: 'C1', packets: 251 });
    desk.run(100);
    assert.ok(desk.shows('Through the main server'));
  });

  it('is nobody that is missed on hold, nor after it until 10 s have gone by', () => {
    const desk = talking();
    counted(desk, 250);
    desk.press('hold');
    desk.run(100);
    counted(desk, 250, 250, 250, 250);
    desk.press('hold');
    desk.run(100);
    counted(desk, 250, 250);
    assert.deepEqual(told(desk), []);
    counted(desk, 250);
    assert.deepEqual(told(desk), [false]);
  });

  it('is hung up on after `call sound timeout`', () => {
    const desk = talking(20);
    counted(desk, 250, 250, 250, 250);
    assert.equal(state(desk), 'connected');
    counted(desk, 250);
    assert.equal(state(desk), 'ended');
    assert.ok(desk.sent().includes('BYE'));
  });

  it('before the answer, where tones were to come from there, is replaced by our own ring-back (G12)', () => {
    const line = lineSettings({ registrar: PAIR, proxy: PAIR });
    const desk = keyDesk(phoneSettings({ lines: [line] }));
    desk.primary.script = [
      [20, 183],
      [60_000, 200],
    ];
    desk.run(1000);
    desk.hook('off');
    desk.key('200#');
    desk.run(2000);
    assert.deepEqual([state(desk), desk.sound().tone], ['early', null]);
    counted(desk, 0, 0, 0);
    assert.deepEqual([told(desk), desk.sound().tone], [[false], 'ring-back']);
    counted(desk, 50);
    assert.equal(desk.sound().tone, null);
    desk.run(50_000);
    assert.deepEqual([state(desk), desk.sound().tone], ['connected', null]);
  });

  it('of a call that is over says nothing', () => {
    const desk = talking();
    counted(desk, 250, 250);
    desk.hook('on');
    desk.run(1000);
    counted(desk, 250, 250, 250);
    assert.deepEqual(told(desk), []);
  });
});

describe('a call that cannot be made says why', () => {
  const dialled = (meanwhile: (desk: KeyDesk) => void): KeyDesk => {
    const desk = keyDesk(phoneSettings({ lines: [lineSettings({ registrar: PAIR, proxy: PAIR })] }));
    desk.run(1000);
    meanwhile(desk);
    desk.hook('off');
    desk.key('200#');
    desk.run(1000);
    assert.equal(desk.sound().tone, 'reorder');
    return desk;
  };

  it('without a network', () => {
    const desk = dialled(({ world }) => world.setLink('down'));
    assert.ok(desk.shows('200: No network'));
  });

  it('with both servers out of service', () => {
    const desk = dialled(({ primary, backup }) => {
      for (const server of [primary, backup]) Object.assign(server, { status: 503, statusFor: 'INVITE' });
    });
    assert.ok(desk.shows('200: No server takes the call (503)'));
  });
});
