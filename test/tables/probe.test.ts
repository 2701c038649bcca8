/** A probe as a table of decisions: what each input means while it waits, and while it asks (rules 4, "probe"). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import type { Millis } from '../../firmware/kernel/time.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { ProbeContext, ProbeInput, ProbeOutput, ProbeState } from '../../firmware/servers/probe.ts';
import { beginProbe, nextProbeAt, retire, stepProbe } from '../../firmware/servers/probe.ts';

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

  it('takes a code that counts as dead for an answer too: from then on its silence is judged', () =>
    assert.deepEqual(
      kinds(
        feed(watched, [
          [0, TURN],
          [10, { kind: 'answer', good: false }],
          [15_000, TURN],
          [16_500, SILENCE],
          [18_000, SILENCE],
        ]).out,
      ),
      ['ask', 'dead', 'ask', 'ask', 'dead'],
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

describe('a probe of a better target leads home (rules 4, "the way home")', () => {
  const BETTER = { serving: false, better: true };
  const better = beginProbe(BETTER, 'one', null, context(millis(0)));
  const watchAs = (watch: typeof BETTER): ProbeInput => ({ kind: 'watch', watch, set: 'one' });
  const nextOf = (inputs: Parameters<typeof feed>[1]): number => nextProbeAt(feed(better, inputs).state) ?? 0;
  const once = [
    [0, TURN],
    [10, good],
  ] as const;
  const twice = [...once, [510, TURN], [520, good]] as const;

  it('by two good answers, the second asked for half a second after the first', () => {
    assert.deepEqual(kinds(feed(better, once).out), ['ask', 'good']);
    assert.equal(nextOf(once), 510);
    assert.deepEqual(feed(better, twice).out.slice(-2), [
      { kind: 'good', took: 10 },
      { kind: 'home', by: 'probe' },
    ]);
    const next = nextOf(twice);
    assert.ok(next >= 520 + 12_000 && next <= 520 + 15_000, String(next));
  });

  it('and where the line does not go home, by two more', () => {
    const third = [...twice, [15_000, TURN], [15_010, good]] as const;
    assert.equal(kinds(feed(better, third).out).filter((kind) => kind === 'home').length, 1);
    const fourth = [...third, [15_510, TURN], [15_520, good]] as const;
    assert.equal(kinds(feed(better, fourth).out).filter((kind) => kind === 'home').length, 2);
  });

  for (const [what, between] of [
    [
      'silence',
      [
        [510, TURN],
        [2010, SILENCE],
      ],
    ],
    [
      'a code that counts as dead',
      [
        [510, TURN],
        [520, { kind: 'answer', good: false }],
      ],
    ],
    [
      'a refusal',
      [
        [510, TURN],
        [520, { kind: 'failed', cause: 'refused' }],
      ],
    ],
    [
      'a time in which it was no better one',
      [
        [100, watchAs(SERVING)],
        [200, watchAs(BETTER)],
      ],
    ],
  ] as const satisfies readonly (readonly [string, Parameters<typeof feed>[1]])[])
    it(`and ${what} between them makes the second the first`, () =>
      assert.equal(
        kinds(feed(better, [...once, ...between, [15_000, TURN], [15_010, good]]).out).includes('home'),
        false,
      ));

  it('and being told once more that it is watched does not', () =>
    assert.equal(kinds(feed(better, [...once, [100, watchAs(BETTER)], [510, TURN], [520, good]]).out).at(-1), 'home'));

  it('not by one that has been let go and is watched again', () => {
    const again = beginProbe(BETTER, 'one', retire(feed(better, once).state), context(millis(200)));
    assert.deepEqual(
      kinds(
        feed(again, [
          [13_000, TURN],
          [13_010, good],
        ]).out,
      ),
      ['ask', 'good'],
    );
  });

  it('never where it serves: it is home', () =>
    assert.equal(kinds(feed(watched, [...twice, [1020, TURN], [1030, good]]).out).includes('home'), false));

  it('by a REGISTER every fourth period where it has never answered a probe', () => {
    const silent = Array.from({ length: 8 }, (_, period) => [
      [period * 15_000, TURN],
      [period * 15_000 + 1500, SILENCE],
    ]).flat() as unknown as Parameters<typeof feed>[1];
    const { out } = feed(better, silent);
    assert.deepEqual(kinds(out), ['ask', 'ask', 'ask', 'home', 'ask', 'ask', 'ask', 'ask', 'home', 'ask']);
    assert.deepEqual(out[3], { kind: 'home', by: 'register' });
  });

  it('is not asked while its Retry-After runs, and has its turn a period later', () => {
    const blocked = { ...context(millis(15_000)), blocked: true };
    const { state, out } = stepProbe(better, { kind: 'timer', timer: 'next' }, blocked);
    const next = nextProbeAt(state ?? assert.fail('a probe does not end by itself')) ?? 0;
    assert.deepEqual(out, []);
    assert.ok(next >= 27_000 && next <= 30_000, String(next));
  });
});
