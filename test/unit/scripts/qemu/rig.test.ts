/** Owns the tests of the rig that works from outside the guest: one finger, what it sees, and what it tells. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LampState } from '../../../../hal/devices.ts';
import { createOutsideRig } from '../../../../scripts/qemu/rig.ts';
import type { Wires } from '../../../../scripts/qemu/wires.ts';

function fakeWires() {
  const moved: string[] = [];
  const world = { lamp: 'off' as LampState, amplifier: false, screen: ['abc'] };
  const wires: Wires = {
    contact: async (key, closed) => void moved.push(`${key} ${closed ? 'closed' : 'open'}`),
    lift: async (state) => void moved.push(`hook ${state}`),
    lamp: async (name) => (name === 'line1' ? world.lamp : 'off'),
    levels: async () => ({ hook: 'on', amplifier: world.amplifier, ringer: false }),
    picture: async () => ({ width: 0, height: 0, pixels: new Uint8Array() }),
    screen: async () => world.screen,
  };
  return { wires, world, moved };
}

describe('the rig of the emulated board', () => {
  it('presses keys one after the other, however fast they are asked for', async () => {
    const { wires, moved } = fakeWires();
    const rig = createOutsideRig(wires);
    await Promise.all([rig.key('1', 'press', 60), rig.key('2', 'press', 60), rig.key('hold', 'down', 60)]);
    await rig.key('hold', 'up', 60);
    rig.stop();
    assert.deepEqual(moved, ['1 closed', '1 open', '2 closed', '2 open', 'hold closed', 'hold open']);
  });

  it('a contact stands until the drivers have read it, however late they are', async () => {
    const { wires, moved } = fakeWires();
    let readings = 100;
    let asked = 0;
    const rig = createOutsideRig(wires, async () => {
      asked += 1;
      // They stand still for a while, then go on.
      if (asked > 5) readings += 2;
      return readings;
    });
    await rig.key('5', 'press', 60);
    assert.ok(readings >= 106 + 6, `${readings} readings`);
    rig.stop();
    assert.deepEqual(moved, ['5 closed', '5 open']);
  });

  it('a press that failed keeps no later one from being made', async () => {
    const { wires, moved } = fakeWires();
    let broken = true;
    const rig = createOutsideRig({
      ...wires,
      contact: (key, closed) => (broken ? Promise.reject(new Error('QEMU has ended')) : wires.contact(key, closed)),
    });
    await assert.rejects(rig.key('1', 'press', 60), /QEMU has ended/);
    broken = false;
    await rig.key('2', 'press', 60);
    rig.stop();
    assert.deepEqual(moved, ['2 closed', '2 open']);
  });

  it('counts each change once, and tells it', async () => {
    const { wires, world } = fakeWires();
    const rig = createOutsideRig(wires);
    rig.stop();
    let told = 0;
    const first = await rig.look();
    rig.onChange(() => {
      told += 1;
    });
    assert.equal((await rig.look()).seq, first.seq);
    world.lamp = 'slow-flash';
    world.screen = ['xyz'];
    const second = await rig.look();
    assert.deepEqual([second.seq, second.lamps.line1, second.lcd, told], [first.seq + 1, 'slow-flash', ['xyz'], 1]);
    assert.deepEqual(rig.panel(), second);
  });
});
