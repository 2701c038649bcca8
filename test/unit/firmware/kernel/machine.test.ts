/** The form of a machine: cells, absent cells, and timers as deadlines inside the state. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Step, Table, TimerInput } from '../../../../firmware/kernel/machine.ts';
import { columnOf, deadlineOf, dueTimer, stepTable, withoutTimer } from '../../../../firmware/kernel/machine.ts';
import type { Millis } from '../../../../firmware/kernel/time.ts';
import { after, millis, seconds, soonest } from '../../../../firmware/kernel/time.ts';

type State =
  | { readonly name: 'off'; readonly timers: Readonly<Record<string, never>> }
  | { readonly name: 'on'; readonly timers: { readonly A?: Millis; readonly B?: Millis }; readonly turns: number };
type Input = { readonly kind: 'press' } | TimerInput<'A' | 'B'>;

const table: Table<State, Input, { readonly now: Millis }, string> = {
  off: {
    press: (_state, _input, { now }) => ({
      state: { name: 'on', turns: 0, timers: { A: after(now, 5), B: after(now, 9) } },
      out: ['lit'],
    }),
  },
  on: {
    'timer A': (state) => ({ state: { ...state, turns: state.turns + 1 }, out: ['blink'] }),
    'timer B': () => ({ state: null, out: [] }),
  },
};
const step = (state: State, input: Input): Step<State, string> => stepTable(table, state, input, { now: millis(100) });
const on: State = { name: 'on', turns: 0, timers: { A: millis(105), B: millis(109) } };

describe('a machine', () => {
  it('runs the cell of its state and input', () =>
    assert.deepEqual(step({ name: 'off', timers: {} }, { kind: 'press' }), { state: on, out: ['lit'] }));

  it('ignores an input without a cell', () => assert.deepEqual(step(on, { kind: 'press' }), { state: on, out: [] }));

  it('has lost a timer that fired before its cell runs', () => {
    assert.deepEqual(step(on, { kind: 'timer', timer: 'A' }), {
      state: { name: 'on', turns: 1, timers: { B: millis(109) } },
      out: ['blink'],
    });
    assert.deepEqual(withoutTimer(on, 'C'), on);
  });

  it('loses a timer that fired even where no cell stands, so that it cannot fire for ever', () => {
    const stale = { name: 'off', timers: { A: millis(1) } } as unknown as State;
    assert.deepEqual(step(stale, { kind: 'timer', timer: 'A' }), { state: { name: 'off', timers: {} }, out: [] });
  });

  it('that has ended is null', () => assert.equal(step(on, { kind: 'timer', timer: 'B' }).state, null));

  it('names the column of a timer by its letter', () => {
    assert.equal(columnOf({ kind: 'press' }), 'press');
    assert.equal(columnOf({ kind: 'timer', timer: 'A' } as TimerInput), 'timer A');
  });
});

describe('the deadline of a state', () => {
  it('is its soonest, none where nothing is waited for', () => {
    assert.equal(deadlineOf(on), millis(105));
    assert.equal(deadlineOf({ name: 'off', timers: {} }), null);
    const unset = { name: 'on', timers: { A: undefined, B: millis(3) } } as unknown as Parameters<typeof deadlineOf>[0];
    assert.equal(deadlineOf(unset), 3);
    assert.equal(dueTimer(unset, millis(9)), 'B');
  });

  it('makes due the soonest timer, at equal times the first by name, and none before its time', () => {
    assert.equal(dueTimer(on, millis(104)), null);
    assert.equal(dueTimer(on, millis(105)), 'A');
    assert.equal(dueTimer(on, millis(200)), 'A');
    assert.equal(dueTimer({ name: 'x', timers: { B: millis(7), A: millis(8) } }, millis(9)), 'B');
    assert.equal(dueTimer({ name: 'x', timers: { B: millis(7), A: millis(7) } }, millis(7)), 'A');
    assert.equal(dueTimer({ name: 'x', timers: {} }, millis(7)), null);
  });
});

describe('time', () => {
  it('adds durations and finds the sooner of two deadlines', () => {
    assert.equal(after(millis(5), 7), 12);
    assert.equal(seconds(3), 3000);
    assert.equal(soonest(millis(5), millis(3)), 3);
    assert.equal(soonest(millis(3), millis(5)), 3);
    assert.equal(soonest(null, millis(5)), 5);
    assert.equal(soonest(millis(5), null), 5);
    assert.equal(soonest(null, null), null);
  });
});
