/** Owns the contract of a character display: the same rule as for every display, on a chip that takes four bits at a time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createI2cQueue } from '../../hal/bus/queue.ts';
import { createCharacterLcd } from '../../hal/drivers/hd44780.ts';
import { SimHd44780 } from '../../hal/sim/hd44780.ts';
import { SimI2c } from '../../hal/sim/i2c.ts';
import { VirtualScheduler } from '../support/virtual-scheduler.ts';
import { shows } from './panel.ts';

const ADDRESS = 0x27;
const SIZE = { columns: 20, rows: 4 } as const;

function world() {
  const scheduler = new VirtualScheduler();
  const wire = new SimI2c({ scheduler, octetMs: 0.09 });
  const chip = new SimHd44780(scheduler);
  wire.chips.set(ADDRESS, chip);
  const health: string[] = [];
  const bus = createI2cQueue(wire, scheduler);
  const display = createCharacterLcd({
    ...{ bus, address: ADDRESS, ...SIZE, scheduler, onHealth: (state) => void health.push(state) },
  });
  const seen = (): readonly string[] => [0, 1, 2, 3].map((row) => chip.line(row, SIZE.columns));
  const show = (...rows: readonly string[]): void => {
    display.show({ columns: SIZE.columns, rows });
    scheduler.pass(300);
  };
  return { scheduler, wire, chip, health, display, seen, show };
}

describe('a character display of the HD44780 kind', () => {
  it('is set up from whatever state it is in, cleared and switched on', () => {
    const { scheduler, chip, seen } = world();
    scheduler.pass(300);
    assert.equal(chip.lit, true);
    assert.deepEqual(
      seen().map((row) => row.trim()),
      ['', '', '', ''],
    );
  });

  it('shows the last frame, whatever was there before', async () => {
    const { display, scheduler, seen } = world();
    const pass = async (ms: number): Promise<void> => scheduler.pass(ms);
    await shows({ display, pass, screenSeen: async () => seen() }, ['abcdefghij', 'abXdefXhij', '', 'zz']);
  });

  it('each row stands where it belongs, in the odd order of the chip', () => {
    const { show, seen } = world();
    show('first', 'second', 'third', 'fourth');
    assert.deepEqual(
      seen().map((row) => row.trim()),
      ['first', 'second', 'third', 'fourth'],
    );
  });

  it('what the chip has no letter for is a question mark, accents are left out', () => {
    const { show, seen } = world();
    show('Müller \\ ~ \u2026');
    assert.equal(seen()[0]?.trimEnd(), 'Muller ? ? ?');
  });

  it('sends no more than two cells for each that changed', () => {
    const { show, chip } = world();
    show('aaaaaaaaaaaaaaaaaaaa');
    const before = chip.octets;
    show('abaabaaaaaaaaaab');
    // A position is as long as a cell, six octets.
    assert.ok(chip.octets - before <= 2 * 7 * 6, `${chip.octets - before}`);
  });

  it('that was away is told once, and is set up and shows the frame of now when it is back', () => {
    const { scheduler, wire, health, show } = world();
    show('before');
    wire.absent.add(ADDRESS);
    show('now');
    scheduler.pass(30_000);
    assert.deepEqual(health, ['lost']);
    const fresh = new SimHd44780(scheduler);
    wire.absent.clear();
    wire.chips.set(ADDRESS, fresh);
    scheduler.pass(20_000);
    assert.deepEqual(health, ['lost', 'back']);
    assert.equal(fresh.line(0, SIZE.columns).trimEnd(), 'now');
  });
});
