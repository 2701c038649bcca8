/** The life of a registration as a table: every state meets every input, and each cell is a decision (RFC 3261 10.2; rules 3.6, 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnOf } from '../../firmware/kernel/machine.ts';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import { millis } from '../../firmware/kernel/time.ts';
import { registrationTable, stepRegistration } from '../../firmware/registration/registration.ts';
import type { RegistrationInput } from '../../firmware/registration/state.ts';
import { attempt, BINDING, INPUTS, in_, NOW, okAt, POLICY, PRIMARY, STATES, told } from './registration-figure.ts';

/** `state: outputs`; a state that stays as it was is not named. */
type Grid = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Two removals: of the binding at the backup, and of what was to be cleaned up there anyway. */
const RETURN = 'registered: failback, registered, binding-changed, unregister, unregister';
const CLEAN = { 'server-closed': 'unregister', unregistered: 'unregistered' };

const GRID: Grid = {
  off: {
    begin: 'trying: trying, register fresh',
    leave: 'ended: left',
  },
  delayed: {
    ...CLEAN,
    'timer start': 'trying: register fresh',
    hurry: 'trying: register fresh',
    'timer expire': 'waiting, binding-changed',
    link: 'held: waiting',
    leave: 'leaving: unregister',
  },
  trying: {
    // What was left at a server is removed after the end: the attempt may be making it anew.
    unregistered: 'unregistered',
    'attempt-ended': RETURN,
    'late-ok': 'failback, binding-changed',
    'pair-alive': 'give-up',
    'timer expire': 'trying, binding-changed',
    link: 'held: cancel, waiting',
    leave: 'leaving: cancel, unregister',
  },
  registered: {
    ...CLEAN,
    'timer renew': 'trying: register renewal',
    'timer return': 'trying: register return',
    'timer expire': 'trying: trying, register fresh',
    'pair-dead': 'trying: register renewal',
    'pair-home': 'return planned',
    'late-ok': 'failback, registered, binding-changed, unregister, unregister',
    'stray-ok': 'trying: register renewal',
    link: 'held: waiting',
    leave: 'leaving: unregister',
  },
  waiting: {
    ...CLEAN,
    'timer retry': 'trying: register fresh',
    'timer expire': 'waiting, binding-changed',
    'pair-alive': 'trying: register fresh',
    'late-ok': RETURN,
    'stray-ok': 'trying: register fresh',
    hurry: 'trying: register fresh',
    link: 'held: waiting',
    leave: 'leaving: unregister',
  },
  rejected: {
    ...CLEAN,
    'timer retry': 'trying: register fresh',
    'timer expire': 'rejected, binding-changed',
    'pair-alive': 'trying: register fresh',
    'late-ok': RETURN,
    link: 'held: waiting',
    leave: 'leaving: unregister',
  },
  held: {
    link: 'no timer but expiry',
    'timer start': 'trying: register renewal',
    'timer expire': 'waiting, binding-changed',
    leave: 'ended: left',
  },
  leaving: {
    unregistered: 'ended: unregistered, binding-changed, left',
    'timer limit': 'ended: left',
  },
};

describe('a registration', () => {
  it('has a row for each state, and its arrows are inputs of it', () => {
    assert.deepEqual(STATES.map(({ name }) => name).sort(), Object.keys(registrationTable).sort());
    const columns = INPUTS.map(columnOf);
    for (const row of Object.values(registrationTable))
      for (const column of Object.keys(row)) assert.ok(columns.includes(column), column);
  });

  for (const state of STATES)
    for (const input of INPUTS) {
      const expected = GRID[state.name]?.[columnOf(input)] ?? '';
      it(`${state.name}, ${columnOf(input)}: ${expected === '' ? 'nothing' : expected}`, () =>
        assert.equal(told(state, input), expected));
    }
});

describe('a registration that is held', () => {
  const [held] = STATES.filter(({ name }) => name === 'held');

  it('goes on when the link is back', () =>
    assert.equal(told(held ?? assert.fail(), { kind: 'link', state: 'up' }), 'delayed: '));
});

describe('a registration under way', () => {
  const [trying] = STATES.filter(({ name }) => name === 'trying');

  it('keeps the binding of a late 2xx until it runs out, not until the one before does', () => {
    const late: RegistrationInput = {
      kind: 'late-ok',
      ...attempt,
      action: 'return',
      outcome: { ...okAt(PRIMARY), sentAt: in_(30_000) },
      listWaitMs: 0,
    };
    const context = {
      now: millis(NOW + 30_000),
      random: createRandom(seedFrom(1)),
      turn: () => 0,
      inCall: false,
      policy: POLICY,
    };
    const { state } = stepRegistration(trying ?? assert.fail(), late, context);
    const binding = state?.memory.binding ?? assert.fail();
    assert.notEqual(binding.expiresAt, BINDING.expiresAt);
    assert.deepEqual(state?.timers, { expire: binding.expiresAt });
  });
});
