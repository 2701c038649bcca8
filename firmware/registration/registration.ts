/**
 * Owns the life of one line's registration: when an attempt starts and why, what its end means, and when the next one follows
 * (RFC 3261 10.2; rules 3.6 and 4). Which server is asked next inside an attempt is `sip/request.ts`; which binding is kept or
 * removed is `bindings.ts`.
 */
import type { Table } from '../kernel/machine.ts';
import { stepTable } from '../kernel/machine.ts';
import type { Millis } from '../kernel/time.ts';
import type { FailureCause } from '../status.ts';
import { accepted, lateAccepted, noteUnregistered, serverClosed } from './bindings.ts';
import { onHome, onReturn } from './home.ts';
import { onLink, onNoNetwork, release } from './link.ts';
import { tryNow } from './start.ts';
import type {
  RegistrationContext as Cx,
  Memory,
  RegistrationInput,
  RegistrationOutput,
  RegistrationState,
  RegistrationStep,
  Reported,
} from './state.ts';
import { expiryOf, goneEvent, publicState, world } from './state.ts';
import { backOff, rejectionWait } from './waits.ts';

export const registrationTable: Table<RegistrationState, RegistrationInput, Cx, RegistrationOutput> = {
  off: {
    begin: (state, { delayMs }, cx) => begin(state, delayMs, cx),
    leave: (state) => left(state),
  },
  delayed: {
    'timer start': (state, _input, cx) => tryNow(state, state.reason, cx),
    hurry: (state, _input, cx) => tryNow(state, state.reason, cx),
    'timer expire': (state) => expire(state),
    link: onLink,
    unregistered: noteUnregistered,
    'server-closed': serverClosed,
    leave,
  },
  trying: {
    'attempt-ended': onEnded,
    'late-ok': lateAccepted,
    unregistered: noteUnregistered,
    'pair-alive': onAliveWhileTrying,
    'timer expire': (state) => expire(state),
    link: onLink,
    leave,
  },
  registered: {
    'timer renew': (state, _input, cx) => tryNow(state, 'renewal', cx),
    'timer return': onReturn,
    'timer expire': (state, _input, cx) =>
      tryNow({ ...state, memory: { ...state.memory, binding: null } }, 'fresh', cx),
    'pair-dead': onDead,
    'pair-home': onHome,
    'late-ok': lateAccepted,
    'stray-ok': (state, _input, cx) =>
      cx.policy.profile === 'modern' ? tryNow(state, 'renewal', cx) : { state, out: [] },
    'server-closed': serverClosed,
    unregistered: onUnregistered,
    link: onLink,
    leave,
  },
  waiting: {
    'timer retry': (state, _input, cx) => tryNow(state, 'fresh', cx),
    'timer expire': (state) => expire(state),
    'pair-alive': (state, input, cx) => revive(state, cx, input.blockedUntil),
    'late-ok': lateAccepted,
    'stray-ok': (state, _input, cx) => (cx.policy.profile === 'modern' ? revive(state, cx) : { state, out: [] }),
    'server-closed': serverClosed,
    unregistered: noteUnregistered,
    hurry: (state, _input, cx) => revive(state, cx),
    link: onLink,
    leave,
  },
  rejected: {
    'timer retry': (state, _input, cx) => tryNow(state, 'fresh', cx),
    'timer expire': (state) => expire(state),
    // The backup's "no" says nothing of a primary that was silent then and answers now.
    'pair-alive': (state, input, cx) =>
      state.by === 'backup' && input.server === 'primary' ? revive(state, cx, input.blockedUntil) : { state, out: [] },
    'late-ok': lateAccepted,
    'server-closed': serverClosed,
    unregistered: noteUnregistered,
    link: onLink,
    leave,
  },
  held: {
    link: (state, input, cx) =>
      input.state === 'up' ? release(state, cx) : { state: { ...state, timers: expiryOf(state.memory) }, out: [] },
    'timer start': (state, _input, cx) => tryNow(state, state.memory.binding === null ? 'fresh' : 'renewal', cx),
    'timer expire': (state) => expire(state),
    leave,
  },
  leaving: {
    unregistered: (state, input) =>
      input.attempt === state.waitingFor
        ? {
            state: null,
            out: [
              ...(input.ok ? [goneEvent(input)] : []),
              { to: 'phone', kind: 'binding-changed' },
              { to: 'phone', kind: 'left' },
            ],
          }
        : { state, out: [] },
    'timer limit': (state) => left(state),
  },
};

export const stepRegistration = (state: RegistrationState, input: RegistrationInput, context: Cx): RegistrationStep =>
  stepTable(registrationTable, state, input, context);

function begin(state: RegistrationState, delayMs: number, cx: Cx): RegistrationStep {
  // No cross-fill: with the primary off the line does not register, even where a backup is set (rules 2).
  if (state.memory.line.registrar.primary === null) return { state, out: [world(state, { state: 'off' })] };
  if (delayMs <= 0) return tryNow(state, 'fresh', cx);
  const start = (cx.now + delayMs) as Millis;
  return {
    state: { name: 'delayed', memory: state.memory, timers: { start }, reason: 'fresh' },
    out: [world(state, { state: 'waiting', retryIn: Math.ceil(delayMs / 1000) })],
  };
}

/** The binding ran out: the server no longer knows us, whatever is under way. */
function expire(state: Exclude<RegistrationState, { name: 'leaving' | 'off' }>): RegistrationStep {
  const gone = { ...state, memory: { ...state.memory, binding: null } };
  return { state: gone, out: [world(gone, { state: publicState(gone) }), { to: 'phone', kind: 'binding-changed' }] };
}

/** One more REGISTER at once where cleaning up at the backup has removed the primary's binding too (rules 4). */
function onUnregistered(
  state: Extract<RegistrationState, { name: 'registered' }>,
  input: Reported<'unregistered'>,
  cx: Cx,
): RegistrationStep {
  const noted = noteUnregistered(state, input);
  const own = state.memory.binding?.bound.contact;
  const lost = input.ok && state.memory.shared && own !== undefined && !input.contacts.includes(own);
  if (!lost) return noted;
  const again = tryNow(state, 'renewal', cx);
  return { state: again.state, out: [...noted.out, ...again.out] };
}

function onEnded(
  state: Extract<RegistrationState, { name: 'trying' }>,
  input: Reported<'attempt-ended'>,
  cx: Cx,
): RegistrationStep {
  if (input.attempt !== state.attempt) return { state, out: [] };
  return onOutcome({ ...state, memory: { ...state.memory, lastAttemptAt: input.begunAt } }, input, cx);
}

function onOutcome(
  state: Extract<RegistrationState, { name: 'trying' }>,
  input: Reported<'attempt-ended'>,
  cx: Cx,
): RegistrationStep {
  const { outcome } = input;
  switch (outcome.result) {
    case 'ok':
      return accepted(state, input, outcome, cx);
    case 'rejected':
      return onRejected(state, outcome, cx);
    case 'failed':
      return onFailed(state, outcome, input.cause, cx);
    case 'no-network':
      return onNoNetwork(state, cx);
  }
}

function onRejected(
  state: Extract<RegistrationState, { name: 'trying' }>,
  outcome: Extract<Reported<'attempt-ended'>['outcome'], { result: 'rejected' }>,
  cx: Cx,
): RegistrationStep {
  const waitMs = rejectionWait(cx.policy, outcome.retryAfterS);
  // A 403 ends the binding by the registrar's word; after any other refusal it runs out by itself (table X).
  const binding = outcome.code === 403 ? null : state.memory.binding;
  const memory: Memory = { ...state.memory, code: outcome.code, binding };
  return {
    state: {
      name: 'rejected',
      memory,
      by: outcome.server,
      timers: { retry: (cx.now + waitMs) as Millis, ...expiryOf(memory) },
    },
    out: [
      world(state, {
        state: 'rejected',
        server: outcome.server,
        target: outcome.target,
        code: outcome.code,
        retryIn: Math.round(waitMs / 1000),
      }),
      { to: 'phone', kind: 'binding-changed' },
    ],
  };
}

function onFailed(
  state: Extract<RegistrationState, { name: 'trying' }>,
  { code, retryAfterS }: Extract<Reported<'attempt-ended'>['outcome'], { result: 'failed' }>,
  cause: FailureCause | null,
  cx: Cx,
): RegistrationStep {
  const memory: Memory = { ...state.memory, failures: state.memory.failures + 1, code };
  const waitMs = backOff(cx.policy, memory.failures, retryAfterS, cx.random);
  const waiting: RegistrationState = {
    name: 'waiting',
    memory,
    cause,
    timers: { retry: (cx.now + waitMs) as Millis, ...expiryOf(memory) },
  };
  if (state.reviving) return revive(waiting, cx);
  return {
    state: waiting,
    out: [world(state, { state: 'waiting', retryIn: Math.round(waitMs / 1000), ...(code === null ? {} : { code }) })],
  };
}

/** A server is back: the attempt starts at once, but not sooner than a probe period after the last such start. */
function revive(
  state: Extract<RegistrationState, { name: 'waiting' | 'rejected' }>,
  cx: Cx,
  notBefore: Millis | null = null,
): RegistrationStep {
  const { memory } = state;
  const { revivedAt } = memory;
  // One that is planned already stands.
  const pauseMs = revivedAt === null || revivedAt > cx.now ? 0 : cx.policy.probePeriodMs;
  const earliest = Math.max(cx.now, (revivedAt ?? cx.now) + pauseMs, notBefore ?? cx.now);
  const revived = { ...state, memory: { ...memory, revivedAt: earliest as Millis } };
  if (earliest <= cx.now) return tryNow(revived, 'fresh', cx);
  const retry = Math.min(state.timers.retry ?? earliest, earliest) as Millis;
  return { state: { ...state, timers: { ...state.timers, retry } }, out: [] };
}

/** Only silence is left to wait for, and a server has just answered: end this attempt and start anew. */
function onAliveWhileTrying(
  state: Extract<RegistrationState, { name: 'trying' }>,
  input: Extract<RegistrationInput, { kind: 'pair-alive' }>,
): RegistrationStep {
  if (input.blockedUntil !== null) return { state, out: [] };
  return {
    state: { ...state, reviving: true },
    out: [{ to: 'stack', command: { kind: 'give-up', attempt: state.attempt, pair: input.pair } }],
  };
}

/**
 * A probe found the serving target dead: another is sought at once. The probes of a fleet spread that over their period; a
 * `failover jitter` that is longer than the period spreads it over itself.
 */
function onDead(
  state: Extract<RegistrationState, { name: 'registered' }>,
  input: Extract<RegistrationInput, { kind: 'pair-dead' }>,
  cx: Cx,
): RegistrationStep {
  if (state.memory.binding?.bound.candidate.pair !== input.pair) return { state, out: [] };
  const spreadMs = cx.policy.jitterMs;
  if (spreadMs <= cx.policy.probePeriodMs) return tryNow(state, 'renewal', cx);
  // Due within that time already, be it by an earlier verdict: a new turn would only hurry it.
  if (state.timers.renew !== undefined && state.timers.renew <= cx.now + spreadMs) return { state, out: [] };
  const renew = (cx.now + cx.turn(spreadMs)) as Millis;
  return { state: { ...state, timers: { ...state.timers, renew } }, out: [] };
}

function leave(state: RegistrationState, _input: { readonly kind: 'leave' }, cx: Cx): RegistrationStep {
  const out: RegistrationOutput[] =
    state.name === 'trying' ? [{ to: 'stack', command: { kind: 'cancel', attempt: state.attempt } }] : [];
  const { binding, line, attempts } = state.memory;
  if (binding === null || state.name === 'held') return { state: null, out: [...out, { to: 'phone', kind: 'left' }] };
  const attempt = `L${line.line}-${attempts + 1}u`;
  return {
    state: {
      name: 'leaving',
      memory: state.memory,
      waitingFor: attempt,
      timers: { limit: (cx.now + cx.policy.shutdownMs) as Millis },
    },
    out: [...out, { to: 'stack', command: { kind: 'unregister', attempt, line, bound: binding.bound } }],
  };
}

const left = (_state: RegistrationState): RegistrationStep => ({ state: null, out: [{ to: 'phone', kind: 'left' }] });
