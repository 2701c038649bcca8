/** The rig's finger: keys enter as contacts, and fast hands lose none of them. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { DESK_V1 } from '../../../boards/desk-v1/board.ts';
import { createFrontPanel } from '../../../boards/front-panel.ts';
import type { KeyName } from '../../../hal/devices.ts';
import { VirtualScheduler } from '../../support/virtual-scheduler.ts';

const open: { stop(): void }[] = [];
afterEach(() => {
  for (const panel of open.splice(0)) panel.stop();
});

function rig() {
  const scheduler = new VirtualScheduler();
  const panel = createFrontPanel(DESK_V1, '57i', {
    ...{ bus: null, hook: null, amplifier: null, ringer: null, pixels: null, scheduler },
  });
  open.push(panel);
  const edges: string[] = [];
  panel.devices.keypad?.onKey(({ key, edge }) => edges.push(`${key} ${edge}`));
  return { scheduler, key: panel.rig.key, edges };
}

/** Virtual time in the steps of a driver's poll, with what each step causes. */
async function pass(scheduler: VirtualScheduler, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5) {
    scheduler.pass(5);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

const downs = (edges: readonly string[]): readonly string[] =>
  edges.filter((edge) => edge.endsWith('down')).map((edge) => edge.split(' ')[0] ?? '');

describe('the finger of the rig', () => {
  it('keys pressed all at once arrive one by one, in order, the same one twice included', async () => {
    const { scheduler, key, edges } = rig();
    const number: readonly KeyName[] = ['2', '0', '0', '#', '1', '1', '1'];
    const pressed = Promise.all(number.map((name) => key(name, 'press', 80)));
    await pass(scheduler, 3000);
    await pressed;
    assert.deepEqual(downs(edges), number);
    assert.equal(edges.length, 2 * number.length, 'and each is let go');
  });

  it('down and up of a keyboard are seen however short they are', async () => {
    const { scheduler, key, edges } = rig();
    const typed = Promise.all((['0', '0'] as const).flatMap((name) => [key(name, 'down', 0), key(name, 'up', 0)]));
    await pass(scheduler, 2000);
    await typed;
    assert.deepEqual(edges, ['0 down', '0 up', '0 down', '0 up']);
  });

  it('a key that is held does not keep others from being pressed', async () => {
    const { scheduler, key, edges } = rig();
    const held = key('hold', 'press', 5000);
    const other = key('5', 'press', 80);
    await pass(scheduler, 1000);
    await other;
    assert.deepEqual(edges, ['hold down', '5 down', '5 up']);
    await pass(scheduler, 5000);
    await held;
    assert.equal(edges.at(-1), 'hold up');
  });
});
