/** A board that breaks under a phone that works: nothing is lost, calls and registrations go on, and the screen says what is wrong. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DESK_V1 } from '../../../boards/desk-v1/board.ts';
import type { KeyName } from '../../../hal/devices.ts';
import { LAMP_NAMES } from '../../../hal/devices.ts';
import type { DeskWorld } from './desk-world.ts';
import { deskWorld } from './desk-world.ts';

const KEY_CHIP = (key: KeyName): number => DESK_V1.keys.find((wired) => wired.key === key)?.address ?? assert.fail();

/** A call that stands, made by contacts alone. */
function talking(): DeskWorld {
  const desk = deskWorld();
  desk.hookLine.drive(true);
  desk.run(100);
  desk.press('2', '0', '0', '#');
  desk.run(1500);
  assert.ok(desk.shows('Connected'), desk.screen().join('\n'));
  return desk;
}

/** A renewal, long after: the registration is alive. */
function staysRegistered(desk: DeskWorld): void {
  const before = desk.world.sent('REGISTER').length;
  const { expiresIn } = desk.world.registrar();
  desk.world.run((expiresIn ?? 0) * 1000);
  assert.ok(desk.world.sent('REGISTER').length > before);
  assert.ok(desk.world.registeredOn('primary'));
}

describe('a bus that is stuck', () => {
  it('in a call: the call stands, what was shown is said, and all is as it should be when the bus is free', () => {
    const desk = talking();
    desk.bus.fault = 'bus-stuck';
    desk.run(500);
    // The frame buffer is on no bus.
    desk.run(20_000);
    assert.ok(desk.shows('Connected'));
    assert.deepEqual(desk.world.sent('BYE'), []);
    desk.hookLine.drive(false);
    desk.run(200);
    assert.equal(desk.world.sent('BYE').length, 1, 'the handset is on no bus either');
    assert.ok(desk.shows('Board: no answer from'), desk.screen().join('\n'));
    assert.ok(desk.shows('and 3 more'));
    desk.bus.fault = null;
    desk.run(11_000);
    assert.ok(!desk.shows('Board:'), desk.screen().join('\n'));
    assert.equal(desk.lamp('line1'), 'off');
    desk.press('5');
    assert.ok(desk.shows('5_'), 'keys are heard again');
    staysRegistered(desk);
  });

  it('that tells nothing at all is the same, after a while', () => {
    const desk = deskWorld();
    desk.bus.mute = true;
    desk.run(30_000);
    assert.ok(desk.shows('Board: no answer from'));
    desk.bus.mute = false;
    desk.run(20_000);
    assert.ok(!desk.shows('Board:'));
    staysRegistered(desk);
  });
});

describe('a chip that is gone', () => {
  it('of the lamps: named on the screen; back from a power loss each lamp is what it should be', () => {
    const desk = deskWorld();
    desk.bus.absent.add(DESK_V1.lamps.address);
    desk.hookLine.drive(true);
    desk.run(500);
    desk.hookLine.drive(false);
    desk.run(500);
    assert.ok(desk.shows('Board: no answer from lamps'), desk.screen().join('\n'));
    desk.hookLine.drive(true);
    desk.run(200);
    desk.lampChip.powerOn();
    desk.bus.absent.clear();
    desk.run(10_500);
    assert.equal(desk.lamp('line1'), 'on');
    for (const lamp of LAMP_NAMES.filter((name) => !['line1', 'backlight'].includes(name)))
      assert.equal(desk.lamp(lamp), 'off', lamp);
  });

  it('of some keys: the others dial, and a key that was down when it went comes up when it is back', () => {
    const desk = deskWorld();
    const chip = KEY_CHIP('1');
    const far = DESK_V1.keys.find(({ address }) => address !== chip)?.key ?? assert.fail();
    desk.contact('1', true);
    desk.run(100);
    desk.bus.absent.add(chip);
    desk.contact('1', false);
    desk.press(far);
    assert.deepEqual(desk.inputs, ['1 down', `${far} down`, `${far} up`]);
    desk.run(500);
    desk.press('goodbye');
    assert.ok(desk.shows(`no answer from keys at 0x${chip.toString(16)}`), desk.screen().join('\n'));
    desk.bus.absent.clear();
    desk.run(11_000);
    assert.ok(desk.inputs.includes('1 up'));
  });
});

describe('a key that is held', () => {
  it('is one press; it is named on the screen after a while, and the other keys work', () => {
    const desk = deskWorld();
    desk.contact('mute', true);
    desk.run(29_000);
    assert.ok(!desk.shows('Held down'));
    desk.run(2000);
    assert.ok(desk.shows('Held down: key mute'), desk.screen().join('\n'));
    desk.press('2', '0', '0');
    assert.ok(desk.shows('200_'));
    assert.deepEqual(
      desk.inputs.filter((input) => input.startsWith('mute')),
      ['mute down'],
    );
    desk.contact('mute', false);
    desk.press('goodbye');
    assert.ok(!desk.shows('Held down'));
  });

  it('two and more at once: each is told down and up, in whatever order', () => {
    const desk = deskWorld();
    for (const key of ['1', '5', '9'] as const) desk.contact(key, true);
    desk.run(100);
    for (const key of ['5', '1', '9'] as const) {
      desk.contact(key, false);
      desk.run(60);
    }
    assert.deepEqual(new Set(desk.inputs.slice(0, 3)), new Set(['1 down', '5 down', '9 down']));
    assert.deepEqual(desk.inputs.slice(3), ['5 up', '1 up', '9 up']);
  });
});

/** How cheap switches bounce: times between changes, ms, from closing; the last state is closed. */
const SHAPES: Readonly<Record<string, readonly number[]>> = {
  clean: [],
  'short burst': [1, 1, 1, 1, 2, 2],
  'long tail': [2, 3, 4, 5, 6, 7, 8, 9],
  'one late gap': [15, 4],
  'chatter of 40 ms': Array.from({ length: 20 }, () => 2),
};

describe('contacts that bounce', () => {
  for (const [name, gaps] of Object.entries(SHAPES))
    it(`${name}: a digit is keyed once, and let go once`, () => {
      const desk = deskWorld();
      for (const last of [true, false]) {
        let closed = last;
        desk.contact('7', closed);
        for (const ms of gaps) {
          desk.run(ms);
          closed = !closed;
          desk.contact('7', closed);
        }
        desk.contact('7', last);
        desk.run(120);
      }
      assert.deepEqual(desk.inputs, ['7 down', '7 up']);
      assert.ok(desk.shows('7_'));
    });

  for (const [name, gaps] of Object.entries(SHAPES))
    it(`${name}, of the handset: one call is answered and ended once`, () => {
      const desk = deskWorld();
      for (const last of [true, false]) {
        let lifted = last;
        desk.hookLine.drive(lifted);
        for (const ms of gaps) {
          desk.run(ms);
          lifted = !lifted;
          desk.hookLine.drive(lifted);
        }
        desk.hookLine.drive(last);
        desk.run(200);
        assert.equal(desk.lamp('line1'), last ? 'on' : 'off');
      }
      assert.deepEqual(desk.inputs, ['hook off', 'hook on']);
    });
});
