/** Owns the contract of a maker's own key pad: a matrix without diodes tells the keys that are down and never one that is not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KeyName } from '../../hal/devices.ts';
import { createMatrixKeys } from '../../hal/drivers/keys-matrix.ts';
import { SimMatrix } from '../../hal/sim/lines.ts';
import { VirtualScheduler } from '../support/virtual-scheduler.ts';

const PAD: readonly (readonly (KeyName | null)[])[] = [
  ['1', '2', '3'],
  ['4', '5', '6'],
  ['7', '8', '9'],
  ['*', '0', '#'],
];
const SETTLE_MS = 150;

function world(keys = PAD) {
  const scheduler = new VirtualScheduler();
  const pad = new SimMatrix(PAD.length, PAD[0]?.length ?? 0);
  const down = new Set<KeyName>();
  const edges: string[] = [];
  createMatrixKeys({ rows: pad.rows, columns: pad.columns, keys, scheduler }).onKey(({ key, edge }) => {
    edges.push(`${key} ${edge}`);
    if (edge === 'down') down.add(key);
    else down.delete(key);
  });
  const press = (row: number, column: number, closed = true): void => {
    pad.press(row, column, closed);
    scheduler.pass(SETTLE_MS);
  };
  return { pad, scheduler, down, edges, press };
}

describe('a key matrix', () => {
  it('tells each key by its own name, down and up once', () => {
    const { press, edges } = world();
    for (const row of PAD.keys())
      for (const column of [0, 1, 2]) {
        press(row, column, true);
        press(row, column, false);
      }
    assert.deepEqual(
      edges,
      PAD.flat().flatMap((key) => [`${key} down`, `${key} up`]),
    );
  });

  it('planted defect, rows and columns changed over: another key would be told', () => {
    const turned = PAD.map((row, r) => row.map((_key, c) => PAD[c]?.[r] ?? null));
    const { press, edges } = world(turned);
    press(0, 1);
    assert.notDeepEqual(edges, ['2 down']);
  });

  it('three keys on the corners of a rectangle never give the fourth, and the two that were there stay', () => {
    const { press, down, edges } = world();
    press(0, 0);
    press(0, 1);
    press(1, 0);
    assert.ok(!edges.includes('5 down'), edges.join());
    assert.deepEqual(down, new Set(['1', '2']));
    press(0, 1, false);
    assert.deepEqual(down, new Set(['1', '4']));
  });

  it('planted defect, no ghost rejection: the contacts do close the fourth key', () => {
    const { pad } = world();
    for (const [row, column] of [
      [0, 0],
      [0, 1],
      [1, 0],
    ] as const)
      pad.press(row, column, true);
    pad.rows[1]?.write(false);
    assert.equal(pad.columns[1]?.read(), false);
  });

  it('whatever is pressed and released: a key that is told down was pressed, and all up is all up', () => {
    const step = fc.record({ row: fc.nat(3), column: fc.nat(2), closed: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { pad, scheduler, down, press } = world();
        const pressed = new Set<KeyName | null>();
        for (const { row, column, closed } of steps) {
          const key = PAD[row]?.[column] ?? null;
          if (closed) pressed.add(key);
          else pressed.delete(key);
          press(row, column, closed);
          // A key in doubt keeps its state until the doubt ends: so only what goes down newly must be true.
          if (pressed.size < 3) assert.deepEqual(down, pressed);
        }
        for (const row of PAD.keys()) for (const column of [0, 1, 2]) pad.press(row, column, false);
        scheduler.pass(SETTLE_MS);
        assert.equal(down.size, 0);
      }),
      { numRuns: 60 },
    );
  });

  it('a pad that cannot be read says nothing, and goes on when it is back', () => {
    const { pad, press, edges } = world();
    press(0, 0);
    const [row] = pad.rows;
    if (row !== undefined) row.present = false;
    press(0, 0, false);
    press(2, 2);
    assert.deepEqual(edges, ['1 down']);
    if (row !== undefined) row.present = true;
    press(2, 2);
    assert.deepEqual(edges, ['1 down', '1 up', '9 down']);
  });
});
