/** What BroadSoft's servers say of the appearances of a line becomes calls; what they do not say, or nobody can read, does not. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { WatchedState } from '../../../../firmware/status.ts';
import { foldAppearances, readCallInfo } from '../../../../firmware/subscription/call-info.ts';
import type { Watched } from '../../../../firmware/subscription/dialog-info.ts';
import { presenceOf } from '../../../../firmware/subscription/dialog-info.ts';

const at = (index: number | '*', state: string, more = ''): string =>
  `<sip:as.example.test>;appearance-index=${index};appearance-state=${state}${more}`;

function after(before: Watched | null, text: string): Watched {
  const read = readCallInfo(text);
  assert.ok(read.ok, read.ok ? '' : read.error);
  return foldAppearances(before, read.value);
}

for (const [state, presence] of [
  ['idle', 'idle'],
  ['seized', 'busy'],
  ['progressing', 'busy'],
  ['alerting', 'ringing'],
  ['active', 'busy'],
  ['bridge-active', 'busy'],
  ['held', 'held'],
  ['held-private', 'held'],
  ['bridge-held', 'held'],
] as const satisfies readonly (readonly [string, WatchedState])[])
  it(`an appearance that is ${state} makes the line ${presence}`, () =>
    assert.equal(presenceOf(after(null, at(1, state)).dialogs), presence));

it('what is named changes, the rest stays; * frees all that are not named', () => {
  const two = after(after(null, at(1, 'active', ';appearance-uri="<sip:1@x>"')), at(2, 'held'));
  assert.deepEqual(
    two.dialogs.map(({ appearance, held, peer }) => [appearance, held, peer]),
    [
      [1, false, '<sip:1@x>'],
      [2, true, ''],
    ],
  );
  const one = after(two, `${at(2, 'active')}, ${at('*', 'idle')}`);
  assert.deepEqual(
    one.dialogs.map(({ appearance, held }) => [appearance, held]),
    [[2, false]],
  );
  assert.deepEqual(
    after(two, at(1, 'idle')).dialogs.map(({ appearance }) => appearance),
    [2],
  );
});

it('what tells of no appearance is refused, and a strange one beside a good one is left out', () => {
  for (const text of ['', 'sip:x', '<sip:x', '<sip:x>;appearance-index=0;appearance-state=active', at(1, 'strange')])
    assert.equal(readCallInfo(text).ok, false, text);
  assert.equal(after(null, `${at(1, 'strange')}, ${at(2, 'active')}`).dialogs.length, 1);
});

it('any text is read or refused, and never more appearances than a phone could have', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(fc.nat(2000)).map((all) => all.map((n) => at(n, 'active')).join()),
      ),
      (text) => {
        const read = readCallInfo(text);
        assert.ok(!read.ok || read.value.length <= 64);
      },
    ),
  );
});
