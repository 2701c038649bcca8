/**
 * Owns running the panel's contract on the emulated board: the drivers work in the guest on its I2C bus, its lines and its frame buffer,
 * the contacts are moved and the lamps and the screen are read at the emulated chips, from outside.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { KEY_NAMES, LAMP_NAMES } from '../../hal/devices.ts';
import type { Driven } from '../../scripts/qemu/driven.ts';
import { startDrivenBoard } from '../../scripts/qemu/driven.ts';
import type { PanelUnderTest } from '../contract/panel.ts';
import { RULES } from '../contract/panel.ts';

/** Waits that are shorter are of a bounce: what counts is that no poll falls between. */
const BOUNCE_MS = 10;
const SETTLE_MS = 300;

describe('desk-v1 on the chips that QEMU emulates', () => {
  let board: Driven;
  before(async () => {
    board = await startDrivenBoard();
  });
  after(() => board?.stop());

  /** As a board that was just switched on: nothing pressed, nothing lit. */
  async function freshPanel(): Promise<PanelUnderTest> {
    board.forget();
    for (const key of KEY_NAMES) await board.wires.contact(key, false);
    for (const lamp of LAMP_NAMES) board.devices.lamps.set(lamp, 'off');
    await board.wires.lift('on');
    await board.pass(SETTLE_MS);
    return {
      ...board.devices,
      contact: board.wires.contact,
      lift: board.wires.lift,
      lampSeen: board.wires.lamp,
      screenSeen: board.wires.screen,
      pass: (ms) => (ms < BOUNCE_MS ? Promise.resolve() : board.pass(ms)),
    };
  }

  for (const { part, rule, check } of RULES) it(`${part}: ${rule}`, async () => check(await freshPanel()));

  it('amplifier and ringer: their lines are driven, each for its own sound', async () => {
    const heard: [string, boolean, boolean][] = [];
    for (const sound of ['speaker', 'ring', 'off'] as const) {
      board.order({ sound });
      await board.pass(SETTLE_MS);
      const { amplifier, ringer } = await board.wires.levels();
      heard.push([sound, amplifier, ringer]);
    }
    assert.deepEqual(heard, [
      ['speaker', true, false],
      ['ring', true, true],
      ['off', false, false],
    ]);
  });
});
