/**
 * Owns ONE request over MANY servers: which copy is sent next, which answers count, when the attempt has ended, and what a late
 * answer still means (RFC 3263 4.3; rules 3.1-3.6 and 3.9). A transaction below knows one target; nobody above knows the walk.
 *
 * A *copy* is one client transaction. It is `active` while its silence is waited for, `listening` once a further target was
 * started (its late answers still count), and leaves the state when its transaction ends.
 */
import { MAX_CHALLENGES_PER_TARGET, MAX_INTERVAL_RETRIES } from '../config/defaults.ts';
import type { Step, Table, TimerInput } from '../kernel/machine.ts';
import { stepTable } from '../kernel/machine.ts';
import { after } from '../kernel/time.ts';
import type { Candidate } from '../servers/selection.ts';
import { afterFailure } from '../servers/selection.ts';
import type { FailureCause } from '../status.ts';
import { close, onCarriedLate, onLateAnswer } from './request-late.ts';
import type {
  Copy,
  OpenCopy,
  Outcome,
  RequestContext,
  RequestInput,
  RequestOutput,
  RequestState,
  Settled,
  Walking,
} from './request-state.ts';
import { newCopy } from './request-state.ts';

type RequestStep = Step<RequestState, RequestOutput>;

/** The walk as a table; `begin` opens the first copy. */
export const requestTable: Table<RequestState, RequestInput, RequestContext, RequestOutput> = {
  walking: {
    begin: (state, _input, context) => advance(state, [], context),
    candidates: onCandidates,
    answer: onAnswer,
    carried: onCarried,
    failed: (state, { copy, cause }, context) => onFailed(state, copy, cause, context),
    'give-up': onGiveUp,
    'timer hedge': onHedge,
  },
  settled: {
    answer: onLateAnswer,
    carried: onCarriedLate,
    failed: (state, { copy }) => close(state, copy, []),
  },
};

/** A new walk over `candidates`; `more` = a further list will follow. */
export const beginRequest = (
  id: string,
  candidates: readonly Candidate[],
  more: boolean,
  context: RequestContext,
): RequestStep =>
  stepRequest(
    { name: 'walking', timers: {}, id, rest: candidates, more, copies: [], front: null, opened: 0, rejection: null },
    { kind: 'begin' },
    context,
  );

export const stepRequest = (state: RequestState, input: RequestInput, context: RequestContext): RequestStep =>
  stepTable(requestTable, state, input, context);

/** Starts the next target, waits for a list still being looked up, or ends the attempt. */
function advance(state: Walking, out: readonly RequestOutput[], context: RequestContext): RequestStep {
  // A late challenge took the front from a copy that is still waited for: its turn goes on, nobody is passed over.
  const waiting = state.copies.findLast(isActive);
  if (waiting !== undefined)
    return { state: { ...state, front: waiting.id, timers: timersOf(state, waiting, context) }, out };
  const [candidate, ...rest] = state.rest;
  if (candidate === undefined) {
    const idle = { ...state, front: null, timers: {} };
    return state.more ? { state: idle, out } : settleWithout(idle, out, context);
  }
  const copy = newCopy(state, candidate, { challenges: 0, intervals: 0 }, context.now);
  return open({ ...state, rest }, copy, 'walk', out, context);
}

const isActive = (copy: Copy): boolean => copy.phase === 'active';

/** Until when a copy that has begun before is waited for; one that has spoken is not silent any more. */
function timersOf(state: Walking, copy: Copy, context: RequestContext): Walking['timers'] {
  if (copy.spoke) return {};
  const waited = context.now - copy.openedAt;
  return { hedge: after(context.now, Math.max(0, waitOf(state, copy, context) - waited)) };
}

function open(
  state: Walking,
  copy: Copy,
  reason: OpenCopy['reason'],
  out: readonly RequestOutput[],
  context: RequestContext,
): RequestStep {
  const { known, connectMs } = context.waitFor(copy.candidate);
  const connecting = connectMs !== null;
  const waitMs = waitOf(state, { ...copy, connecting }, context);
  return {
    state: {
      ...state,
      copies: [...state.copies, { ...copy, connecting }],
      opened: state.opened + 1,
      front: copy.id,
      timers: { hedge: after(context.now, waitMs) },
    },
    out: [...out, { kind: 'open', copy, reason, waitMs, known }],
  };
}

/** How long this copy is waited for: its connection, then its answer; the last one as long as it may take. */
function waitOf(state: Walking, copy: Copy, context: RequestContext): number {
  if (state.rest.length === 0 && !state.more) return context.lastWaitMs;
  const { hedgeMs, connectMs } = context.waitFor(copy.candidate);
  return copy.connecting && connectMs !== null ? connectMs : hedgeMs;
}

/**
 * H starts when the connection can carry the request (rules 4, row "TCP/TLS connect"). A copy that was passed over meanwhile leaves
 * all the same, once: a better server that takes longer to connect than it is waited for is found again by it.
 */
function onCarried(
  state: Walking,
  input: Extract<RequestInput, { kind: 'carried' }>,
  context: RequestContext,
): RequestStep {
  const copy = state.copies.find((candidate) => candidate.id === input.copy);
  if (copy === undefined || !copy.connecting) return { state, out: [] };
  const carried = { ...copy, connecting: false, openedAt: context.now };
  const timers =
    copy.id === state.front ? { hedge: after(context.now, waitOf(state, carried, context)) } : state.timers;
  return {
    state: { ...state, copies: state.copies.map((other) => (other === copy ? carried : other)), timers },
    out: isActive(copy) ? [] : [{ kind: 'quiet', copy: copy.id }],
  };
}

/** A list that was still being looked up has come: the front copy's wait is counted anew from its start. */
function onCandidates(
  state: Walking,
  input: Extract<RequestInput, { kind: 'candidates' }>,
  context: RequestContext,
): RequestStep {
  const known = { ...state, rest: [...state.rest, ...input.candidates], more: input.more };
  const front = state.copies.find((copy) => copy.id === state.front);
  if (front === undefined) return advance(known, [], context);
  if (state.timers.hedge === undefined) return { state: known, out: [] };
  return { state: { ...known, timers: { hedge: after(front.openedAt, waitOf(known, front, context)) } }, out: [] };
}

function onAnswer(
  state: Walking,
  input: Extract<RequestInput, { kind: 'answer' }>,
  context: RequestContext,
): RequestStep {
  const copy = state.copies.find((candidate) => candidate.id === input.copy);
  if (copy === undefined) return { state, out: [] };
  const { verdict } = input;
  if (verdict.meaning === 'provisional') return onProvisional(state, copy);
  const without = { ...state, copies: state.copies.filter((other) => other !== copy) };
  if (verdict.meaning === 'ok') return settleOk(without, copy);
  if (verdict.meaning === 'challenge' && verdict.answerable && copy.challenges < MAX_CHALLENGES_PER_TARGET)
    return onChallenge(state, copy, context);
  if (verdict.meaning === 'amended' && copy.intervals < MAX_INTERVAL_RETRIES) {
    const again = newCopy(state, copy.candidate, { ...copy, intervals: copy.intervals + 1 }, context.now);
    return open(without, again, 'interval', [], context);
  }
  return onFinal(without, copy, input, context);
}

/** Any response ends the silence clock; from now on only Timer F decides (rules 4: H counts to the first response). */
function onProvisional(state: Walking, copy: Copy): RequestStep {
  const copies = state.copies.map((other) => (other === copy ? { ...copy, spoke: true } : other));
  return { state: { ...state, copies, timers: copy.id === state.front ? {} : state.timers }, out: [] };
}

/** The first challenge answered wins its series; other open copies of that series are only listened to (rules 3.4). */
function onChallenge(state: Walking, copy: Copy, context: RequestContext): RequestStep {
  const rivals = state.copies.filter((other) => other !== copy && other.candidate.server === copy.candidate.server);
  const copies = state.copies.filter((other) => other !== copy);
  const answered = rivals.some((other) => isActive(other) && other.challenges > 0);
  // A copy that was given up and is challenged late waits behind an answer that is already under way.
  if (answered) return { state: { ...state, copies }, out: [] };
  const quiet = rivals.filter((other) => isActive(other) || other.connecting);
  const answer = newCopy(state, copy.candidate, { ...copy, challenges: copy.challenges + 1 }, context.now);
  return open(
    { ...state, copies: copies.map((other) => (quiet.includes(other) ? { ...other, phase: 'listening' } : other)) },
    answer,
    'challenge',
    quiet.map((other) => ({ kind: 'quiet', copy: other.id })),
    context,
  );
}

function onFinal(
  state: Walking,
  copy: Copy,
  input: Extract<RequestInput, { kind: 'answer' }>,
  context: RequestContext,
): RequestStep {
  if (context.advances(input.code)) {
    if (copy.id !== state.front) return endIfIdle(state, context);
    return advance({ ...state, rest: afterFailure(state.rest, copy.candidate, 'answered') }, [], context);
  }
  const rejection = { result: 'rejected', copy, code: input.code, retryAfterS: input.retryAfterS } as const;
  // A rejection is an answer, not an outage: nobody further is asked, but an open copy may still be accepted.
  return endIfIdle({ ...state, rest: [], more: false, rejection }, context);
}

function endIfIdle(state: Walking, context: RequestContext): RequestStep {
  const busy = state.copies.some(isActive) || state.rest.length > 0 || state.more;
  return busy ? { state, out: [] } : settleWithout(state, [], context);
}

/** Silence until Timer F, or a transport error. A provisional answer before it counts as 408 (table X). */
function onFailed(state: Walking, id: string, cause: FailureCause, context: RequestContext): RequestStep {
  const copy = state.copies.find((candidate) => candidate.id === id);
  if (copy === undefined) return { state, out: [] };
  const without = { ...state, copies: state.copies.filter((other) => other !== copy) };
  if (copy.id !== state.front) return endIfIdle(without, context);
  const how = copy.spoke && cause === 'no-answer' ? 'answered' : 'silent';
  return advance({ ...without, rest: afterFailure(state.rest, copy.candidate, how) }, [], context);
}

/** The front copy was silent for its wait: it only listens from now on, and the next target starts (rules 3.9). */
function onHedge(state: Walking, _input: TimerInput<'hedge'>, context: RequestContext): RequestStep {
  const front = state.copies.find((copy) => copy.id === state.front);
  if (front === undefined) return { state, out: [] };
  const copies = state.copies.map((copy) => (copy === front ? { ...copy, phase: 'listening' as const } : copy));
  const out: RequestOutput[] = [
    { kind: 'silent', candidate: front.candidate, took: context.now - front.openedAt },
    // A connection on its way is given up by its own limit; until then the copy may still leave.
    ...(front.connecting ? [] : [{ kind: 'quiet', copy: front.id } as const]),
  ];
  return advance({ ...state, copies, rest: afterFailure(state.rest, front.candidate, 'silent') }, out, context);
}

/** Another server can be asked: the last target is waited for no longer than one with others behind it (rules 4). */
function onGiveUp(
  state: Walking,
  { pair }: Extract<RequestInput, { kind: 'give-up' }>,
  context: RequestContext,
): RequestStep {
  if (state.rest.length > 0 || state.more) return { state, out: [] };
  const front = state.copies.find((copy) => copy.id === state.front);
  if (front === undefined || front.spoke) return settleWithout(state, [], context);
  // A copy that was sent before its own server came back may be lost; one that its answer led to is not.
  if (front.candidate.pair === pair && front.openedAt === context.now) return { state, out: [] };
  const hedge = after(front.openedAt, context.waitFor(front.candidate).hedgeMs);
  if (hedge > context.now) return { state: { ...state, timers: { hedge } }, out: [] };
  // Who answers now is silent no more: it is not noted as dead again.
  if (front.candidate.pair === pair) return settleWithout(state, [], context);
  return onHedge(state, { kind: 'timer', timer: 'hedge' }, context);
}

const settleOk = (state: Walking, copy: Copy): RequestStep =>
  settle(state, { result: 'ok', copy }, { rank: copy.candidate.rank, server: copy.candidate.server }, []);

const settleWithout = (state: Walking, out: readonly RequestOutput[], _context: RequestContext): RequestStep =>
  settle(state, state.rejection ?? { result: 'failed' }, null, out);

function settle(
  state: Walking,
  outcome: Outcome,
  winner: Settled['winner'],
  out: readonly RequestOutput[],
): RequestStep {
  // Whatever the end, from now on all that is left only listens; what has not left and is no better never does.
  const isVain = ({ connecting, candidate }: Copy): boolean =>
    connecting && winner !== null && candidate.rank >= winner.rank;
  const quiet: RequestOutput[] = state.copies
    .filter((copy) => isActive(copy) || isVain(copy))
    .map(({ id }) => ({ kind: 'quiet', copy: id }));
  const copies = state.copies.map((copy) => ({ ...copy, phase: 'listening' as const }));
  const openServers = [...new Set(copies.map((copy) => copy.candidate.server))];
  return {
    state:
      copies.length === 0 ? null : { name: 'settled', timers: {}, id: state.id, copies, opened: state.opened, winner },
    out: [...out, ...quiet, { kind: 'ended', outcome, openServers }],
  };
}
