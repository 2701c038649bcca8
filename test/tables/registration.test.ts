/** The life of a registration as a table: every state meets every input, and each cell is a decision (RFC 3261 10.2; rules 3.6, 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnOf } from '../../firmware/kernel/machine.ts';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import type { Millis } from '../../firmware/kernel/time.ts';
import { after, millis } from '../../firmware/kernel/time.ts';
import { registrationTable, stepRegistration } from '../../firmware/registration/registration.ts';
import type {
  Binding,
  RegistrationInput,
  RegistrationOutput,
  RegistrationState,
} from '../../firmware/registration/state.ts';
import { newRegistration } from '../../firmware/registration/state.ts';
import type { RetryPolicy } from '../../firmware/registration/waits.ts';
import { pairKey } from '../../firmware/servers/selection.ts';
import type { Bound, RegisterOutcome } from '../../firmware/sip/vocabulary.ts';
import { lineSettings, server } from '../support/settings.ts';

const NOW = millis(1_000_000);
const in_ = (ms: number): Millis => after(NOW, ms);

const POLICY: RetryPolicy = {
  profile: 'modern',
  rejectedRetryS: null,
  timeoutRetryS: null,
  renewalS: 15,
  probePeriodMs: 15_000,
  jitterMs: 0,
  linkJitterMs: 0,
  shutdownMs: 2000,
};

function boundAt(name: 'primary' | 'backup'): Bound {
  const address = name === 'primary' ? '192.0.2.1' : '192.0.2.2';
  const setting = server(address, 5060);
  const target = { transport: 'udp', address, port: 5060, tlsName: null } as const;
  const rank = name === 'primary' ? 0 : 1;
  const contact = `sip:2001@192.0.2.100;hf=${name === 'primary' ? 'p' : 'b'}`;
  return {
    candidate: { server: name, setting, target, via: null, pair: pairKey(target, null, setting), rank },
    contact,
  };
}

const BACKUP = boundAt('backup');
const PRIMARY = boundAt('primary');
const BINDING: Binding = { bound: BACKUP, expiresAt: in_(60_000), renewAt: in_(30_000), since: millis(0) };

const memory = {
  ...newRegistration(lineSettings(), null).memory,
  attempts: 3,
  lastAttemptAt: millis(900_000),
  cleanup: [{ ...BACKUP, contact: 'sip:2001@192.0.2.99;hf=b' }],
};
const bound = { ...memory, binding: BINDING };

/** Each on the backup, but for those that have no binding yet; a binding to be cleaned up waits in all. */
const STATES: readonly RegistrationState[] = [
  { name: 'off', memory, timers: {} },
  { name: 'delayed', memory: bound, reason: 'fresh', timers: { start: in_(500), expire: in_(60_000) } },
  { name: 'trying', memory: bound, attempt: 'L1-3', startedAt: NOW, reviving: false, timers: { expire: in_(60_000) } },
  { name: 'registered', memory: bound, timers: { renew: in_(30_000), expire: in_(60_000) } },
  { name: 'waiting', memory: bound, cause: 'dns-failed', timers: { retry: in_(30_000), expire: in_(60_000) } },
  { name: 'rejected', memory: bound, by: 'backup', timers: { retry: in_(30_000), expire: in_(60_000) } },
  { name: 'held', memory: bound, timers: { start: in_(2000), expire: in_(60_000) } },
  { name: 'leaving', memory: bound, waitingFor: 'L1-4u', timers: { limit: in_(2000) } },
];

const okAt = (at: Bound): Extract<RegisterOutcome, { result: 'ok' }> => {
  const outcome = {
    result: 'ok',
    bound: at,
    expiresS: 60,
    sentAt: NOW,
    listed: true,
    contacts: [at.contact],
    code: 200,
  };
  return outcome as Extract<RegisterOutcome, { result: 'ok' }>;
};

const attempt = { attempt: 'L1-3', line: 1 };

/** One of each kind; the primary is the one that comes back. */
const INPUTS: readonly RegistrationInput[] = [
  { kind: 'begin', delayMs: 0 },
  {
    kind: 'attempt-ended',
    ...attempt,
    outcome: okAt(PRIMARY),
    first: '',
    cause: null,
    openServers: [],
    begunAt: NOW,
    listWaitMs: 0,
    took: 0,
  },
  { kind: 'late-ok', ...attempt, action: 'return', outcome: okAt(PRIMARY), listWaitMs: 0 },
  { kind: 'stray-ok', line: 1 },
  { kind: 'server-closed', ...attempt, server: 'backup' },
  { kind: 'unregistered', attempt: 'L1-4u', line: 1, bound: BACKUP, ok: true, contacts: [] },
  { kind: 'pair-dead', pair: BACKUP.candidate.pair },
  { kind: 'pair-alive', pair: PRIMARY.candidate.pair, server: 'primary', blockedUntil: null },
  { kind: 'pair-home', pair: PRIMARY.candidate.pair, by: 'probe', better: true },
  { kind: 'link', state: 'down' },
  { kind: 'hurry' },
  { kind: 'leave' },
  { kind: 'timer', timer: 'start' },
  { kind: 'timer', timer: 'renew' },
  { kind: 'timer', timer: 'return' },
  { kind: 'timer', timer: 'expire' },
  { kind: 'timer', timer: 'retry' },
  { kind: 'timer', timer: 'limit' },
];

const textOf = (output: RegistrationOutput): string => {
  if (output.to === 'phone') return output.kind;
  if (output.to === 'world') return output.event.event === 'registration' ? output.event.state : output.event.event;
  return output.command.kind === 'register' ? `register ${output.command.reason}` : output.command.kind;
};

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

/** What a step did, in the words of the grid; empty where nothing happened. */
function told(before: RegistrationState, input: RegistrationInput): string {
  const step = stepRegistration(before, input, {
    now: NOW,
    random: createRandom(seedFrom(1)),
    turn: () => 0,
    inCall: false,
    policy: POLICY,
  });
  const out = step.out.map(textOf).join(', ');
  if (step.state === null) return `ended: ${out}`;
  if (step.state.name !== before.name) return `${step.state.name}: ${out}`;
  if (out !== '') return out;
  const timers = Object.keys(step.state.timers).join();
  if (before.name === 'held' && input.kind === 'link' && timers === 'expire') return 'no timer but expiry';
  return timers.includes('return') ? 'return planned' : '';
}

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

describe('a registration on the backup, with a call on its line', () => {
  const [registered] = STATES.filter(({ name }) => name === 'registered');
  const context = { now: NOW, random: createRandom(seedFrom(1)), turn: () => 0, inCall: true, policy: POLICY };
  const home: RegistrationInput = { kind: 'pair-home', pair: PRIMARY.candidate.pair, by: 'probe', better: true };

  it('is not led home, and gives up a return that was planned', () => {
    const before = registered ?? assert.fail();
    assert.deepEqual(stepRegistration(before, home, context).state, before);
    const planned = { ...before, timers: { ...before.timers, return: NOW } } as RegistrationState;
    const step = stepRegistration(planned, { kind: 'timer', timer: 'return' }, context);
    assert.deepEqual([step.state, step.out], [before, []]);
  });
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
