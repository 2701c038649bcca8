/** Owns the contract of an I2C bus: one transfer at a time, in order, each answered once, whatever the wire does. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createI2cQueue } from '../../hal/bus/queue.ts';
import type { I2cAnswer, I2cBus } from '../../hal/ports.ts';
import { SimI2c } from '../../hal/sim/i2c.ts';
import { SimDs1307 } from '../../hal/sim/memory-chips.ts';
import { VirtualScheduler } from '../support/virtual-scheduler.ts';

const ADDRESS = 0x68;

function world(): { readonly wire: SimI2c; readonly scheduler: VirtualScheduler; readonly chip: SimDs1307 } {
  const scheduler = new VirtualScheduler();
  const wire = new SimI2c({ scheduler, octetMs: 1 });
  const chip = new SimDs1307();
  wire.chips.set(ADDRESS, chip);
  return { wire, scheduler, chip };
}

const write = (bus: I2cBus, octets: readonly number[], done: (answer: I2cAnswer) => void = () => undefined): void =>
  bus.transfer({ address: ADDRESS, write: Uint8Array.from(octets), readLength: 0 }, done);

describe('one queue on each I2C bus', () => {
  it('many transfers asked for at once go out one at a time, in order', () => {
    const { wire, scheduler, chip } = world();
    const bus = createI2cQueue(wire, scheduler);
    const ended: number[] = [];
    for (const value of [1, 2, 3]) write(bus, [0, value], () => void ended.push(value));
    scheduler.pass(100);
    assert.deepEqual(ended, [1, 2, 3]);
    assert.equal(chip.registers[0], 3);
  });

  it('planted defect, no queue: the second transfer would begin within the first', () => {
    const { wire } = world();
    write(wire, [0, 1]);
    assert.throws(() => write(wire, [0, 2]), /two transfers/);
  });

  it('a transfer asked for by the end of another one takes its turn behind those that wait', () => {
    const { wire, scheduler } = world();
    const bus = createI2cQueue(wire, scheduler);
    const ended: string[] = [];
    write(bus, [0, 1], () => {
      ended.push('first');
      write(bus, [0, 3], () => void ended.push('third'));
    });
    write(bus, [0, 2], () => void ended.push('second'));
    scheduler.pass(100);
    assert.deepEqual(ended, ['first', 'second', 'third']);
  });

  it('a wire that never answers is a stuck bus after a while, and the next transfer gets its turn', () => {
    const { wire, scheduler } = world();
    const bus = createI2cQueue(wire, scheduler);
    const answers: string[] = [];
    const keep = (answer: I2cAnswer): void => void answers.push(answer.ok ? 'ok' : answer.failure);
    wire.mute = true;
    write(bus, [0, 1], keep);
    write(bus, [0, 2], keep);
    scheduler.pass(2900);
    assert.deepEqual(answers, []);
    wire.mute = false;
    scheduler.pass(200);
    assert.deepEqual(answers, ['bus-stuck', 'ok']);
  });

  it('a process that was held up for long still hears the answer that came meanwhile', () => {
    const { wire, scheduler } = world();
    let late: () => void = () => undefined;
    const slow: I2cBus = {
      transfer: (transfer, done) =>
        wire.transfer(transfer, (answer) => {
          late = () => done(answer);
        }),
    };
    const answers: string[] = [];
    write(createI2cQueue(slow, scheduler), [0, 1], (answer) => void answers.push(answer.ok ? 'ok' : answer.failure));
    scheduler.pass(10);
    scheduler.holdUp(30_000);
    // The loop turns again: timers that are due run before answers are handed over.
    scheduler.pass(0);
    late();
    scheduler.pass(10_000);
    assert.deepEqual(answers, ['ok']);
  });

  it('ten thousand transfers that are over at once do not deepen the stack', () => {
    const wire = new SimI2c();
    wire.chips.set(ADDRESS, new SimDs1307());
    const bus = createI2cQueue(wire, new VirtualScheduler());
    let left = 10_000;
    const next = (): void => {
      left -= 1;
      if (left > 0) write(bus, [0, 1], next);
    };
    write(bus, [0, 1], next);
    assert.equal(left, 0);
  });
});
