/** Owns the contract of the clock chip and of the identity EEPROM, and of the lines that switch parts of the board. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createI2cQueue } from '../../hal/bus/queue.ts';
import { readIdentity, readLearnedHook, writeIdentity, writeLearnedHook } from '../../hal/drivers/at24c32.ts';
import { readClock, setClock } from '../../hal/drivers/ds1307.ts';
import { createEnableLine } from '../../hal/drivers/enable-line.ts';
import { SimI2c } from '../../hal/sim/i2c.ts';
import { SimLine } from '../../hal/sim/lines.ts';
import { SimAt24c32, SimDs1307 } from '../../hal/sim/memory-chips.ts';
import { VirtualScheduler } from '../support/virtual-scheduler.ts';

const CLOCK = 0x68;
const EEPROM = 0x50;

function world() {
  const scheduler = new VirtualScheduler();
  const wire = new SimI2c();
  const clock = new SimDs1307();
  const eeprom = new SimAt24c32(scheduler);
  wire.chips.set(CLOCK, clock).set(EEPROM, eeprom);
  const bus = createI2cQueue(wire, scheduler);
  const time = (): number | null | undefined => {
    let read: number | null | undefined;
    readClock(bus, CLOCK, (wallMs) => {
      read = wallMs;
    });
    return read;
  };
  return { scheduler, wire, clock, eeprom, bus, time };
}

describe('the clock DS1307', () => {
  it('reads the registers of the data sheet: 24-hour and 12-hour form', () => {
    const { clock, time } = world();
    clock.registers.set([0x56, 0x34, 0x12, 0x02, 0x03, 0x03, 0x26]);
    assert.equal(time(), Date.UTC(2026, 2, 3, 12, 34, 56));
    for (const [octet, hour] of [
      [0x52, 0],
      [0x72, 12],
      [0x61, 13],
      [0x71, 23],
    ] as const) {
      clock.registers[2] = octet;
      assert.equal(time(), Date.UTC(2026, 2, 3, hour, 34, 56), octet.toString(16));
    }
  });

  it('planted defect, plain numbers for decimal digits: any time above nine would be wrong', () => {
    const { clock, time } = world();
    clock.registers.set([0x10, 0x00, 0x00, 0x01, 0x01, 0x01, 0x26]);
    assert.equal(time(), Date.UTC(2026, 0, 1, 0, 0, 10));
    assert.notEqual(time(), Date.UTC(2026, 0, 1, 0, 0, 0x10));
  });

  it('what is set is what is read, for any second of its century', () => {
    const { bus, time } = world();
    const seconds = fc.integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2099, 11, 31, 23, 59, 59) / 1000 });
    fc.assert(
      fc.property(seconds, (second) => {
        setClock(bus, CLOCK, second * 1000, () => undefined);
        assert.equal(time(), second * 1000);
      }),
    );
  });

  it('an oscillator that stood still, a date that is none and a silent chip give no time; nothing throws', () => {
    const { clock, time, wire } = world();
    const good = [0x56, 0x34, 0x12, 0x02, 0x03, 0x03, 0x26];
    for (const [register, value] of [
      [0, 0xd6],
      [0, 0x5a],
      [1, 0x60],
      [2, 0x24],
      [4, 0x00],
      [4, 0x32],
      [5, 0x13],
    ] as const) {
      clock.registers.set(good);
      clock.registers[register] = value;
      assert.equal(time(), null, `register ${register} = ${value.toString(16)}`);
    }
    clock.registers.set([0, 0, 0, 0, 0x29, 0x02, 0x27]);
    assert.equal(time(), null);
    wire.absent.add(CLOCK);
    assert.equal(time(), null);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 7, maxLength: 7 }), (octets) => {
        clock.registers.set(octets);
        const read = time();
        assert.ok(read === null || Number.isSafeInteger(read));
      }),
    );
  });
});

describe('the identity in the EEPROM', () => {
  const identity = { model: '53i', mac: '00085D12AB34' } as const;
  const read = (bus: ReturnType<typeof world>['bus']): unknown => {
    let found: unknown = 'no answer';
    readIdentity(bus, EEPROM, (held) => {
      found = held;
    });
    return found;
  };

  it('is written, waited for while the chip is deaf, and read back', () => {
    const { bus, scheduler } = world();
    let written: boolean | null = null;
    writeIdentity({ bus, address: EEPROM, scheduler }, identity, (ok) => {
      written = ok;
    });
    assert.equal(written, null);
    scheduler.pass(20);
    assert.equal(written, true);
    assert.deepEqual(read(bus), identity);
  });

  it('planted defect, one octet wrong: no identity, whichever octet it is', () => {
    const { bus, scheduler, eeprom } = world();
    writeIdentity({ bus, address: EEPROM, scheduler }, identity, () => undefined);
    scheduler.pass(20);
    for (let at = 0; at < 11; at += 1) {
      eeprom.octets[at] = (eeprom.octets[at] ?? 0) ^ 0x10;
      assert.equal(read(bus), null, `octet ${at}`);
      eeprom.octets[at] = (eeprom.octets[at] ?? 0) ^ 0x10;
    }
  });

  it('an erased chip and a missing one have none; writing to a missing one fails', () => {
    const { bus, scheduler, wire } = world();
    assert.equal(read(bus), null);
    wire.absent.add(EEPROM);
    assert.equal(read(bus), null);
    let written: boolean | null = null;
    writeIdentity({ bus, address: EEPROM, scheduler }, identity, (ok) => {
      written = ok;
    });
    assert.equal(written, false);
  });
});

describe('what was learned of the handset, in the EEPROM', () => {
  it('is written, read back, and stands beside the identity', () => {
    const { bus, scheduler, eeprom } = world();
    const learned = (): unknown => {
      let found: unknown = 'no answer';
      readLearnedHook(bus, EEPROM, (state) => {
        found = state;
      });
      return found;
    };
    assert.equal(learned(), null);
    const chip = { bus, address: EEPROM, scheduler };
    for (const state of ['off', 'on'] as const) {
      const ends: boolean[] = [];
      writeLearnedHook(chip, state, (ok) => void ends.push(ok));
      scheduler.pass(100);
      assert.deepEqual([ends, learned()], [[true], state]);
    }
    writeIdentity(chip, { model: '57i', mac: '00085D000001' }, () => undefined);
    scheduler.pass(100);
    assert.equal(learned(), 'on');
    eeprom.octets[34] = 1;
    assert.equal(learned(), null, 'one octet wrong');
  });
});

describe('amplifier and ringer lines', () => {
  for (const activeLevel of ['low', 'high'] as const)
    it(`active ${activeLevel}: off at the start, then what was set (planted defect: the polarity the wrong way round)`, () => {
      const off = activeLevel === 'low';
      const line = new SimLine(!off);
      const enable = createEnableLine(line, activeLevel);
      assert.equal(line.level, off);
      enable.set('on');
      assert.deepEqual([line.level, enable.state], [!off, 'on']);
      enable.set('off');
      assert.deepEqual([line.level, enable.state], [off, 'off']);
    });
});
