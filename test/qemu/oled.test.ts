/** The small screen of the 53i class on the chip that QEMU emulates: what the driver sends is read at the chip, from outside the guest. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Driven } from '../../scripts/qemu/driven.ts';
import { startDrivenBoard } from '../../scripts/qemu/driven.ts';

/** A guard against a guest that hangs, ms. */
const PATIENCE_MS = 600_000;

describe('the small screen on an emulated SSD0303', () => {
  let board: Driven;
  before(async () => {
    board = await startDrivenBoard('53i');
  });
  after(() => board?.stop());

  async function seen(...wanted: readonly string[]): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const lines = (await board.wires.screen()).map((line) => line.trimEnd());
      if (JSON.stringify(lines) === JSON.stringify(wanted)) return;
      assert.ok(performance.now() < until, `${JSON.stringify(lines)} instead of ${JSON.stringify(wanted)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const show = (...rows: readonly string[]): void => board.order({ show: rows });

  it('has the cells of the 53i', () => {
    assert.deepEqual([board.devices.display.columns, board.devices.display.rows], [16, 3]);
  });

  it('shows the last frame, whatever was there before', async () => {
    show('2001 Reception P', '10:42 Tue 3 Mar', '');
    await seen('2001 Reception P', '10:42 Tue 3 Mar');
    show('2001 Reception B', '10:43 Tue 3 Mar', '');
    await seen('2001 Reception B', '10:43 Tue 3 Mar');
  });

  it('the third line takes its turn with the second', async () => {
    show('first', 'second', 'third');
    await seen('first', 'second');
    await seen('first', 'third');
    await seen('first', 'second');
  });

  it('every character of the font', async () => {
    for (let from = 0x20; from < 0x7f; from += 32) {
      const line = (at: number): string =>
        Array.from({ length: 16 }, (_cell, cell) => String.fromCharCode(Math.min(0x7e, at + cell))).join('');
      show(line(from), line(from + 16), '');
      await seen(line(from).trimEnd(), line(from + 16).trimEnd());
    }
  });
});
