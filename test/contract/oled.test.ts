/** Owns the contract of the small screen on a chip as strict as the narrowest of its class. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DESK_V1 } from '../../boards/desk-v1/board.ts';
import { createI2cQueue } from '../../hal/bus/queue.ts';
import { createOled } from '../../hal/drivers/ssd1306.ts';
import { SimI2c } from '../../hal/sim/i2c.ts';
import { SimSsd1306 } from '../../hal/sim/ssd1306.ts';
import { VirtualScheduler } from '../support/virtual-scheduler.ts';

const OCTET_MS = 0.09;
const { oled } = DESK_V1;

function world(linePages = oled.linePages, columnOffset = oled.columnOffset) {
  const scheduler = new VirtualScheduler();
  const wire = new SimI2c({ scheduler, octetMs: OCTET_MS });
  const chip = new SimSsd1306(oled.memory);
  wire.chips.set(oled.address, chip);
  const health: string[] = [];
  const bus = createI2cQueue(wire, scheduler);
  const display = createOled({
    ...oled,
    linePages,
    columnOffset,
    bus,
    scheduler,
    onHealth: (state) => void health.push(state),
  });
  const show = (...rows: readonly string[]): void => {
    display.show({ columns: oled.columns, rows });
    scheduler.pass(500);
  };
  const seen = (): readonly string[] =>
    linePages.map((page) => chip.line(page, oled.columnOffset, oled.columns).trimEnd());
  scheduler.pass(500);
  return { scheduler, wire, chip, health, show, seen };
}

describe('an OLED of the SSD1306 class', () => {
  it('clears the noise of its memory, then is switched on', () => {
    const { chip, seen } = world();
    assert.deepEqual([chip.lit, ...seen()], [true, '', '', '']);
  });

  it('shows the last frame, whatever was there before', () => {
    const { show, seen } = world();
    for (const rows of [
      ['2001 Reception B', '10:42  Tue 3 Mar', 'Main down, next'],
      ['2001 Reception P', '10:43  Tue 3 Mar', ''],
      ['', 'x', '~!@#$%^&*()_+{}|'],
    ]) {
      show(...rows);
      assert.deepEqual(
        seen(),
        rows.map((row) => row.trimEnd()),
      );
    }
  });

  it('planted defect, an offset one column off: no cell would be read back', () => {
    const { show, seen } = world(oled.linePages, oled.columnOffset + 1);
    show('abc');
    assert.notEqual(seen()[0], 'abc');
  });

  it('letters with accents lose them, what the font does not have is a question mark', () => {
    const { show, seen } = world();
    show('Müller André \u2026');
    assert.equal(seen()[0], 'Muller Andre ?');
  });

  it('sends at most twice the octets of the changed cells, positions and control octets included', () => {
    const { show, wire, seen } = world();
    const before = 'aaaaaaaaaaaaaaaa';
    for (const [after, changed] of [
      ['baaaaaaaaaaaaaaa', 1],
      ['aaaaaaaaaaaaaaab', 1],
      ['abababaaaaaaaaaa', 3],
      ['abaabaaaaaaaaaab', 3],
      ['bbbbbbbbbbbbbbbb', 16],
    ] as const) {
      show(before);
      const sent = wire.written;
      show(after);
      assert.ok(wire.written - sent <= 2 * changed * 6, `${after}: ${wire.written - sent} octets for ${changed} cells`);
      assert.equal(seen()[0], after);
    }
  });

  it('two visible lines: the second one shows the second and third line in turn, a blank one is left out', () => {
    const { scheduler, show, seen } = world([0, 1]);
    show('one', 'two', 'three');
    const turns = new Set<string>();
    for (let turn = 0; turn < 4; turn += 1) {
      assert.equal(seen()[0], 'one');
      turns.add(seen()[1] ?? '');
      scheduler.pass(3000);
    }
    assert.deepEqual(turns, new Set(['two', 'three']));
    show('one', 'two', '');
    for (let turn = 0; turn < 3; turn += 1) {
      assert.equal(seen()[1], 'two');
      scheduler.pass(3000);
    }
  });

  it('that was away is told once, and shows the frame of now when it is back', () => {
    const { scheduler, wire, health, show, seen } = world();
    show('before');
    wire.absent.add(oled.address);
    show('meanwhile');
    show('now');
    scheduler.pass(30_000);
    assert.deepEqual(health, ['lost']);
    wire.absent.clear();
    wire.chips.set(oled.address, new SimSsd1306(oled.memory));
    scheduler.pass(20_000);
    assert.deepEqual(health, ['lost', 'back']);
    const fresh = wire.chips.get(oled.address);
    assert.ok(fresh instanceof SimSsd1306);
    assert.equal(fresh.line(oled.linePages[0] ?? 0, oled.columnOffset, oled.columns).trimEnd(), 'now');
    assert.equal(seen()[0], 'before');
  });
});
