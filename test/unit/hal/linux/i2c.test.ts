/** Owns how transfers become calls of i2c-bus, and the system's errors the three failures that a driver knows. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bus } from 'i2c-bus';
import { createI2c } from '../../../../hal/linux/i2c.ts';
import type { I2cAnswer } from '../../../../hal/ports.ts';

type Outcome = string | readonly number[];

/** Answers each call in turn: octets, or an error by its code. */
function stand(...outcomes: readonly Outcome[]) {
  const calls: string[] = [];
  const answer = (call: string, octets: Buffer, done: (error: NodeJS.ErrnoException | null) => void): void => {
    calls.push(call);
    const outcome = outcomes[calls.length - 1] ?? [];
    if (typeof outcome === 'string') return done(Object.assign(new Error(outcome), { code: outcome }));
    octets.set(outcome);
    done(null);
  };
  const bus: Bus = {
    i2cWrite: (at, length, octets, done) =>
      answer(`write ${at} ${octets.subarray(0, length).toString('hex')}`, Buffer.alloc(8), done),
    i2cRead: (at, length, octets, done) => answer(`read ${at} ${length}`, octets, done),
    readI2cBlock: (at, command, length, octets, done) => answer(`block ${at} ${command} ${length}`, octets, done),
  };
  return { bus: createI2c(bus), calls };
}

function carry(write: readonly number[], readLength: number, ...outcomes: readonly Outcome[]) {
  const { bus, calls } = stand(...outcomes);
  const answers: I2cAnswer[] = [];
  bus.transfer({ address: 0x60, write: Uint8Array.from(write), readLength }, (answer) => void answers.push(answer));
  assert.equal(answers.length, 1);
  const [answer] = answers;
  return { calls, seen: answer?.ok === true ? [...answer.octets] : answer?.failure };
}

describe('I2C of Linux', () => {
  it('a write is one call', () => {
    assert.deepEqual(carry([0x06, 0x55], 0), { calls: ['write 96 0655'], seen: [] });
  });

  it('a read after one octet is one call with a repeated start', () => {
    assert.deepEqual(carry([0x10], 2, [0xfe, 0xff]), { calls: ['block 96 16 2'], seen: [0xfe, 0xff] });
  });

  it('a read after a longer register address is a write and a read', () => {
    assert.deepEqual(carry([0, 0], 3, [], [1, 2, 3]), { calls: ['write 96 0000', 'read 96 3'], seen: [1, 2, 3] });
    assert.deepEqual(carry([0, 0], 3, 'EREMOTEIO').seen, 'no-acknowledge');
  });

  for (const [code, failure] of [
    ['EREMOTEIO', 'no-acknowledge'],
    ['ENXIO', 'no-acknowledge'],
    ['ETIMEDOUT', 'bus-stuck'],
    ['EAGAIN', 'bus-stuck'],
    ['ENODEV', 'gone'],
  ] as const)
    it(`${code} is ${failure}`, () => assert.equal(carry([0x06, 0x55], 0, code).seen, failure));
});
