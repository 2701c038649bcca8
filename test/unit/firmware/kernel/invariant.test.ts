/** Our own mistakes throw, and say what they are. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { InvariantBroken, invariant, unreachable } from '../../../../firmware/kernel/invariant.ts';
import { fail, ok } from '../../../../firmware/kernel/result.ts';

it('an invariant that holds says nothing, one that is broken throws what it was', () => {
  invariant(true, 'never said');
  assert.throws(() => invariant(false, 'a timer in the past'), {
    name: 'InvariantBroken',
    message: 'a timer in the past',
  });
});

it('a member that the compiler thought impossible throws with its value', () =>
  assert.throws(() => unreachable({ kind: 'new' } as never), new InvariantBroken('unexpected value {"kind":"new"}')));

it('a result is a value or an error', () => {
  assert.deepEqual(ok(7), { ok: true, value: 7 });
  assert.deepEqual(fail('no answer'), { ok: false, error: 'no answer' });
});
