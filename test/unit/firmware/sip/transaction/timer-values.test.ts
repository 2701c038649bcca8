/** The timers by letter (RFC 3261 Table 4, RFC 6026 8.1, RFC 6665 4.1.2.4). */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { millis } from '../../../../../firmware/kernel/time.ts';
import { lettersOf } from '../../../../../firmware/sip/transaction/timer-values.ts';

const timers = { t1: 500, t2: 4000, t4: 5000 };
const long = 32_000;
const always = { A: 500, B: long, E: 500, F: long, G: 500, H: long, L: long, M: long, N: long };

it('over UDP the lingering timers are those of the table', () =>
  assert.deepEqual(lettersOf({ now: millis(0), timers, reliable: false }), {
    ...always,
    D: long,
    I: 5000,
    J: long,
    K: 5000,
  }));

it('over a stream nothing lingers: D, I, J and K are zero', () =>
  assert.deepEqual(lettersOf({ now: millis(0), timers, reliable: true }), { ...always, D: 0, I: 0, J: 0, K: 0 }));

it('Timer D is 32 s at least, and longer where T1 is', () => {
  assert.equal(lettersOf({ now: millis(0), timers: { ...timers, t1: 100 }, reliable: false }).D, 32_000);
  assert.equal(lettersOf({ now: millis(0), timers: { ...timers, t1: 1000 }, reliable: false }).D, 64_000);
  assert.equal(lettersOf({ now: millis(0), timers: { ...timers, t1: 100 }, reliable: false }).B, 6400);
});
