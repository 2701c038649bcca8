/** The pace of attempts: a burst of ten, then twenty a second, urgent ones first (rules 4, "subscriptions"). */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { millis } from '../../../../firmware/kernel/time.ts';
import { createPacer } from '../../../../firmware/subscription/pacer.ts';

it('ten start at once, the others one each 50 ms, and no more than thirty in any second', () => {
  const pacer = createPacer<number>();
  for (let n = 0; n < 100; n += 1) pacer.add(String(n), n, { urgent: false });
  const at: number[] = pacer.take(millis(0)).map(() => 0);
  assert.equal(at.length, 10);
  for (let next = pacer.next(); next !== null; next = pacer.next()) {
    assert.ok(next > (at.at(-1) ?? 0));
    const now = next;
    at.push(...pacer.take(now).map(() => now as number));
  }
  assert.equal(at.length, 100);
  assert.equal(at.at(-1), 4500);
  for (const from of at) assert.ok(at.filter((time) => time >= from && time < from + 1000).length <= 30);
});

it('what is urgent overtakes what is not, and nobody waits twice', () => {
  const pacer = createPacer<string>();
  pacer.take(millis(0));
  for (const name of ['a', 'b', 'c']) pacer.add(name, name, { urgent: false });
  pacer.add('d', 'd', { urgent: true });
  pacer.add('e', 'e', { urgent: true });
  pacer.add('a', 'a again', { urgent: false });
  pacer.remove('b');
  assert.deepEqual(pacer.take(millis(0)), ['d', 'e', 'c', 'a again']);
  assert.equal(pacer.next(), null);
});

it('nothing starts while it is held, and what waited then starts in its order', () => {
  const pacer = createPacer<string>();
  pacer.hold(millis(5000));
  pacer.add('a', 'a', { urgent: false });
  assert.deepEqual(pacer.take(millis(4999)), []);
  assert.equal(pacer.next(), 5000);
  pacer.add('b', 'b', { urgent: true });
  assert.deepEqual(pacer.take(millis(5000)), ['b', 'a']);
  pacer.hold(millis(9000));
  pacer.add('c', 'c', { urgent: false });
  pacer.hold(millis(5001));
  assert.deepEqual(pacer.take(millis(5001)), ['c']);
});

it('nothing starts behind a shut gate, whatever else was said', () => {
  const pacer = createPacer<string>();
  pacer.gate('shut');
  pacer.add('a', 'a', { urgent: true });
  pacer.hold(millis(0));
  assert.deepEqual(pacer.take(millis(10)), []);
  assert.equal(pacer.next(), null);
  pacer.gate('open');
  assert.deepEqual(pacer.take(millis(10)), ['a']);
});
