/** A speed dial made at the desk, in a whole phone: held by the clock, asked to be kept, acted on, and what could not be kept (original-phone 6). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Effect } from '../../../firmware/vocabulary.ts';
import { phoneSettings } from '../../support/settings.ts';
import { LINE } from '../call-desk.ts';
import { keyDesk } from '../key-desk.ts';

const settings = phoneSettings({ lines: [LINE], settableKeys: ['softkey1'] });

function heldDesk(ms: number) {
  const wishes: Effect[] = [];
  const desk = keyDesk(settings, {}, (effect) => effect.kind === 'keep-key' && wishes.push(effect));
  desk.world.input({ kind: 'key', key: 'softkey2', edge: 'down' });
  desk.run(ms);
  desk.world.input({ kind: 'key', key: 'softkey2', edge: 'up' });
  return { ...desk, wishes };
}

describe('a softkey that is held', () => {
  it('for three seconds asks for a number, which is to be kept, and calls it from then on', () => {
    const desk = heldDesk(3001);
    assert.ok(desk.shows('Speed dial: softkey1'));
    desk.press('2', '0', '0', 'right', 'right');
    const wish = { name: 'softkey1', value: '200', label: '', line: 1 };
    assert.deepEqual(desk.wishes, [{ kind: 'keep-key', wish }]);
    const key = { ...wish, type: 'speeddial' } as const;
    desk.world.input({ kind: 'configure', settings: { ...settings, keys: [key] } });
    desk.soft('200');
    desk.run(2000);
    assert.ok(desk.sent().includes('INVITE'));
  });

  it('for less opens what it says', () => {
    const desk = heldDesk(2900);
    desk.run(1000);
    assert.ok(desk.shows('Callers'));
    assert.deepEqual(desk.wishes, []);
  });

  it('says so where it cannot be kept', () => {
    const desk = heldDesk(3001);
    desk.press('5', 'right', 'right');
    desk.world.input({ kind: 'not-kept', error: 'local.cfg: cannot be written (ENOSPC)' });
    assert.ok(desk.shows('cannot be written (ENOSPC)'));
  });
});
