/** A probe as a table of decisions: what each input means while it waits, and while it asks (rules 4, "probe"). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import type { Millis } from '../../firmware/kernel/time.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { ProbeContext, ProbeInput, ProbeOutput, ProbeState } from '../../firmware/servers/probe.ts';
import { beginProbe, nextProbeAt, stepProbe } from '../../firmware/servers/probe.ts';

const SERVING = { serving: true, better: false };
const random = createRandom(seedFrom(4));
const context = (now: Millis): ProbeContext => ({ now, random, periodMs: 15_000, hedgeMs: 1500, blocked: false });

/** Feeds inputs, each at its ms; tells all outputs by kind, and the last state. */
function feed(
  state: ProbeState,
  inputs: readonly (readonly [number, ProbeInput])[],
): { readonly state: ProbeState; readonly out: readonly ProbeOutput[] } {
  const out: ProbeOutput[] = [];
  let current = state;
  for (const [at, input] of inputs) {
    const step = stepProbe(current, input, context(millis(at)));
    out.push(...step.out);
    current = step.state ?? assert.fail('a probe does not end by itself');
  }
  return { state: current, out };
}

const kinds = (out: readonly ProbeOutput[]): readonly string[] => out.map(({ kind }) => kind);

const watched = beginProbe(SERVING, 'one', null, context(millis(0)));
const TURN: ProbeInput = { kind: 'timer', timer: 'next' };
const SILENCE: ProbeInput = { kind: 'timer', timer: 'wait' };
const good: ProbeInput = { kind: 'answer', good: true };

/** It has answered once, and waits for its next turn. */
const { state: answered } = feed(watched, [
  [0, TURN],
  [10, good],
]);

describe('a probe that waits for its turn', () => {
  it('asks when it is its turn, and repeats at once where a serving target is silent; then it is dead', () =>
    assert.deepEqual(
      kinds(
        feed(answered, [
          [15_000, TURN],
          [16_500, SILENCE],
          [18_000, SILENCE],
        ]).out,
      ),
      ['ask', 'ask', 'dead'],
    ));

  it('tells how long the answer took, from its own question; an older one took nobody knows how long', () => {
    const { state, out } = feed(answered, [
      [15_000, TURN],
      [15_040, good],
      [15_090, good],
    ]);
    assert.deepEqual(out, [{ kind: 'ask' }, { kind: 'good', took: 40 }, { kind: 'good', took: 0 }]);
    assert.equal(state.name, 'idle');
  });

  it('judges no silence of a target that has never answered', () =>
    assert.deepEqual(
      kinds(
        feed(watched, [
          [0, TURN],
          [1500, SILENCE],
          [3000, SILENCE],
        ]).out,
      ),
      ['ask', 'ask'],
    ));

  it('takes the late answer to an older probe as a sign of life: from then on its silence is judged', () =>
    assert.equal(
      kinds(
        feed(watched, [
          [0, TURN],
          [1500, SILENCE],
          [3000, SILENCE],
          [4000, good],
          [15_000, TURN],
          [16_500, SILENCE],
          [18_000, SILENCE],
        ]).out,
      ).at(-1),
      'dead',
    ));

  it('finds out by a good REGISTER that its verdict was wrong, and asks no more', () => {
    const judged = feed(answered, [
      [15_000, TURN],
      [16_500, SILENCE],
      [18_000, SILENCE],
      [19_000, { kind: 'register-ok' }],
    ]).state;
    assert.equal(judged.memory.probeable, false);
    assert.deepEqual(kinds(feed(judged, [[33_000, TURN]]).out), []);
  });

  it('believes its verdict where the REGISTER came more than half a minute later', () =>
    assert.equal(
      feed(answered, [
        [15_000, TURN],
        [16_500, SILENCE],
        [18_000, SILENCE],
        [48_001, { kind: 'register-ok' }],
      ]).state.memory.probeable,
      true,
    ));
});

describe('a probe that asks', () => {
  const asking = feed(answered, [[15_000, TURN]]).state;

  it('finds a target dead at once where it refuses', () => {
    const refused = feed(asking, [[15_010, { kind: 'failed', cause: 'refused' }]]);
    assert.deepEqual(refused.out, [{ kind: 'dead', cause: 'refused', took: 10 }]);
    assert.equal(refused.state.name, 'idle');
  });

  it('that could not be sent says nothing of the target, and has its next turn in a period', () => {
    const { state, out } = feed(asking, [[15_001, { kind: 'unsent' }]]);
    const next = nextProbeAt(state) ?? assert.fail('it has a next turn');
    assert.deepEqual(out, []);
    assert.ok(next >= 15_001 + 12_000 && next <= 15_001 + 15_000, String(next));
  });

  it('of a target that serves nobody any more is not repeated', () => {
    const watch: ProbeInput = { kind: 'watch', watch: { serving: false, better: false }, set: 'one' };
    assert.deepEqual(
      kinds(
        feed(asking, [
          [15_100, watch],
          [16_500, SILENCE],
        ]).out,
      ),
      [],
    );
  });

  it('finds out by a good REGISTER that its last verdict was wrong', () =>
    assert.equal(
      feed(answered, [
        [15_000, TURN],
        [16_500, SILENCE],
        [18_000, SILENCE],
        [31_000, TURN],
        [31_010, { kind: 'register-ok' }],
      ]).state.memory.probeable,
      false,
    ));

  it('that proved useless is trusted again when DNS names other targets', () => {
    const useless = feed(answered, [
      [15_000, TURN],
      [16_500, SILENCE],
      [18_000, SILENCE],
      [19_000, { kind: 'register-ok' }],
    ]).state;
    const renamed = feed(useless, [[20_000, { kind: 'watch', watch: SERVING, set: 'two' }]]).state;
    assert.equal(renamed.memory.probeable, true);
  });
});
