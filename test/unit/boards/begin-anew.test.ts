/** Owns beginning as new at the desk: which keys, for how long, what the screen says, and that letting go is a way out. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wantsToBeginAnew } from '../../../boards/begin-anew.ts';
import type { Frame, KeyEdge, KeyName } from '../../../hal/devices.ts';
import { VirtualScheduler } from '../../support/virtual-scheduler.ts';

function desk() {
  const scheduler = new VirtualScheduler();
  const listeners: ((edge: KeyEdge) => void)[] = [];
  const frames: Frame[] = [];
  let wanted: boolean | null = null;
  const press = (edge: 'down' | 'up', ...keys: readonly KeyName[]): void => {
    for (const key of keys) for (const listener of listeners) listener({ key, edge });
  };
  void wantsToBeginAnew(
    {
      keypad: { onKey: (listener) => void listeners.push(listener) },
      display: { columns: 16, rows: 3, show: (frame) => void frames.push(frame) },
    },
    scheduler,
  ).then((answer) => {
    wanted = answer;
  });
  const settled = async (): Promise<boolean | null> => {
    await Promise.resolve();
    await Promise.resolve();
    return wanted;
  };
  return { scheduler, press, frames, settled };
}

describe('1 and # held while the phone starts', () => {
  it('for five seconds: it begins as new, and the screen counts down', async () => {
    const { scheduler, press, frames, settled } = desk();
    press('down', '1', '#');
    scheduler.pass(5149);
    assert.equal(await settled(), null);
    scheduler.pass(1);
    assert.equal(await settled(), true);
    assert.deepEqual(
      frames.map(({ rows }) => rows[1]),
      [
        'forgotten in 5  ',
        'forgotten in 4  ',
        'forgotten in 3  ',
        'forgotten in 2  ',
        'forgotten in 1  ',
        'forgotten.      ',
      ],
    );
  });

  it('let go before the end: nothing is forgotten', async () => {
    const { scheduler, press, settled } = desk();
    press('down', '1', '#');
    scheduler.pass(4000);
    press('up', '#');
    scheduler.pass(1000);
    assert.equal(await settled(), false);
  });

  it('one of them alone, or none: the phone starts at once and the screen is left alone', async () => {
    for (const keys of [['1'], ['#'], []] as const) {
      const { scheduler, press, frames, settled } = desk();
      press('down', ...keys);
      scheduler.pass(150);
      assert.equal(await settled(), false);
      assert.deepEqual(frames, []);
    }
  });

  it('pressed after the start they are keys like others', async () => {
    const { scheduler, press, settled } = desk();
    scheduler.pass(150);
    press('down', '1', '#');
    scheduler.pass(6000);
    assert.equal(await settled(), false);
  });
});
