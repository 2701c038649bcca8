/**
 * Owns ONE INVITE over MANY servers (rules 3.7, 3.9; RFC 3261 13.2.2, 9.1): the first target that answers at all has won, what comes of
 * the others is undone, so that no callee rings twice or stays off-hook; a 503 still moves on to the next target, also after ringing.
 */
import { MAX_CHALLENGES_PER_TARGET } from '../config/defaults.ts';
import type { Step, Table } from '../kernel/machine.ts';
import { stepTable } from '../kernel/machine.ts';
import { after } from '../kernel/time.ts';
import type { Candidate } from '../servers/selection.ts';
import { afterFailure } from '../servers/selection.ts';
import type {
  InviteContext,
  InviteCopy,
  InviteInput,
  InviteOutput,
  InviteState,
  Inviting,
  OpenInvite,
} from './invite-state.ts';
import { cancelled, counts, forget, onLateAnswer, settle, turned, undone } from './invite-undo.ts';

type InviteStep = Step<InviteState, InviteOutput>;
type Answer = Extract<InviteInput, { kind: 'answer' }>;

/** The walk as a table. */
export const inviteTable: Table<InviteState, InviteInput, InviteContext, InviteOutput> = {
  inviting: {
    begin: (state, _input, context) => advance(state, [], context),
    candidates: onCandidates,
    carried: onCarried,
    answer: onAnswer,
    failed: onFailed,
    'hang-up': (state, _input, context) => settle(state, { result: 'hung-up' }, [], context),
    'timer hedge': (state, _input, context) => onHedge(state, context),
    'timer ring': (state, _input, context) => settle(state, { result: 'unanswered' }, [], context),
  },
  undoing: {
    answer: onLateAnswer,
    failed: (state, { copy }) => forget(state, copy, []),
    'timer drop': ({ copies }) => ({ state: null, out: copies.map(({ id }) => ({ kind: 'drop', copy: id })) }),
  },
};

/** A new walk over `candidates`; `more` = a further list will follow. */
export const beginInvite = (
  id: string,
  candidates: readonly Candidate[],
  more: boolean,
  context: InviteContext,
): InviteStep =>
  stepInvite(
    {
      ...{ name: 'inviting', timers: {}, id, rest: candidates, more, copies: [], front: null, winner: null },
      ...{ merged: null, opened: 0, restarted: false, contacts: [], turned: false },
    },
    { kind: 'begin' },
    context,
  );

export const stepInvite = (state: InviteState, input: InviteInput, context: InviteContext): InviteStep =>
  stepTable(inviteTable, state, input, context);

/** Starts the next target, waits for a list still being looked up, or ends. */
function advance(state: Inviting, out: readonly InviteOutput[], context: InviteContext): InviteStep {
  const [candidate, ...rest] = state.rest;
  if (candidate === undefined) return endIfIdle({ ...state, front: null, timers: {} }, out, context);
  const reason = state.turned ? 'redirect' : 'walk';
  return open({ ...state, rest, turned: false }, { candidate, challenges: 0 }, reason, out, context);
}

/** Nobody further can be asked: the call fails when no open copy can answer any more, and a 482 is followed by one new INVITE. */
function endIfIdle(state: Inviting, out: readonly InviteOutput[], context: InviteContext): InviteStep {
  const waiting = state.more || state.rest.length > 0 || state.copies.some(({ phase }) => phase === 'active');
  const { merged } = state;
  if (merged !== null && !state.copies.some(counts))
    return open(
      { ...state, merged: null, restarted: true },
      { candidate: merged, challenges: 0 },
      'again',
      out,
      context,
    );
  if (waiting || merged !== null) return { state, out };
  return turned(state, null, out) ?? settle(state, { result: 'failed' }, out, context);
}

function open(
  state: Inviting,
  { candidate, challenges }: Pick<InviteCopy, 'candidate' | 'challenges'>,
  reason: OpenInvite['reason'],
  out: readonly InviteOutput[],
  context: InviteContext,
): InviteStep {
  const { known, connectMs } = context.waitFor(candidate);
  const copy: InviteCopy = {
    ...{ id: `${state.id}.${state.opened + 1}`, candidate, phase: 'active', spoke: false, cancelled: false },
    ...{ challenges, openedAt: context.now, connecting: connectMs !== null },
  };
  const waitMs = waitOf(state, copy, context);
  return {
    state: {
      ...state,
      copies: [...state.copies, copy],
      opened: state.opened + 1,
      front: copy.id,
      timers: { hedge: after(context.now, waitMs) },
    },
    out: [...out, { kind: 'open', copy, reason, waitMs, known }],
  };
}

/** How long this copy is waited for: its connection, then its answer; the last one as long as it may take. */
function waitOf(state: Inviting, copy: InviteCopy, context: InviteContext): number {
  if (state.rest.length === 0 && !state.more) return context.lastWaitMs;
  const { hedgeMs, connectMs } = context.waitFor(copy.candidate);
  return copy.connecting && connectMs !== null ? connectMs : hedgeMs;
}

/** H starts when the connection can carry the request (rules 4, row "TCP/TLS connect"). */
function onCarried(
  state: Inviting,
  input: Extract<InviteInput, { kind: 'carried' }>,
  context: InviteContext,
): InviteStep {
  const copy = state.copies.find(({ id }) => id === input.copy);
  if (copy?.connecting !== true) return { state, out: [] };
  const carried = { ...copy, connecting: false, openedAt: context.now };
  const hedge = after(context.now, waitOf(state, carried, context));
  const timers = copy.id === state.front && state.timers.hedge !== undefined ? { hedge } : state.timers;
  return { state: { ...withCopy(state, carried), timers }, out: [] };
}

/** A list that was still being looked up has come: the front copy's wait is counted anew from its start. */
function onCandidates(
  state: Inviting,
  input: Extract<InviteInput, { kind: 'candidates' }>,
  context: InviteContext,
): InviteStep {
  const known = { ...state, rest: [...state.rest, ...input.candidates], more: input.more };
  const front = state.copies.find(({ id }) => id === state.front);
  if (front === undefined) return state.winner === null ? advance(known, [], context) : { state: known, out: [] };
  if (state.timers.hedge === undefined) return { state: known, out: [] };
  return { state: { ...known, timers: { hedge: after(front.openedAt, waitOf(known, front, context)) } }, out: [] };
}

const withCopy = (state: Inviting, copy: InviteCopy): Inviting => ({
  ...state,
  copies: state.copies.map((other) => (other.id === copy.id ? copy : other)),
});

const without = (state: Inviting, { id }: InviteCopy): Inviting => ({
  ...state,
  copies: state.copies.filter((other) => other.id !== id),
});

function onAnswer(state: Inviting, input: Answer, context: InviteContext): InviteStep {
  const copy = state.copies.find(({ id }) => id === input.copy);
  if (copy === undefined) return { state, out: [] };
  if (!counts(copy)) return onLoser(state, copy, input);
  switch (input.verdict.meaning) {
    case 'provisional':
      return onProvisional(state, copy, input.code, context);
    case 'ok':
      return settle(without(state, copy), { result: 'ok', copy }, [], context);
    case 'challenge':
      return input.verdict.answerable && copy.challenges < MAX_CHALLENGES_PER_TARGET
        ? onChallenge(state, copy, context)
        : onFinal(state, copy, input, context);
    default:
      return onFinal(state, copy, input, context);
  }
}

/** What comes of a copy that has lost is undone; its challenges are not answered (rules 3.7). */
function onLoser(state: Inviting, copy: InviteCopy, { verdict }: Answer): InviteStep {
  if (verdict.meaning === 'provisional') {
    const { copy: marked, out } = cancelled({ ...copy, spoke: true });
    return { state: withCopy(state, marked), out };
  }
  return { state: without(state, copy), out: verdict.meaning === 'ok' ? [{ kind: 'release', copy: copy.id }] : [] };
}

/** A provisional answer ends the silence clock: from now on the user or the ring timer decides (rules 3.7). */
function onProvisional(state: Inviting, copy: InviteCopy, code: number, context: InviteContext): InviteStep {
  const spoken = { ...copy, spoke: true };
  const { state: won, out } = win(withCopy(state, spoken), spoken);
  const ring = state.timers.ring ?? after(context.now, context.ringMs);
  return { state: { ...won, timers: { ring } }, out: [...out, { kind: 'progress', copy: spoken, code }] };
}

/** All others have lost: they are sent no more, and cancelled where they have spoken. */
function win(state: Inviting, winner: InviteCopy): { readonly state: Inviting; readonly out: readonly InviteOutput[] } {
  const others = state.copies.filter((copy) => copy.id !== winner.id && counts(copy)).map(undone);
  const copies = state.copies.map((copy) => others.find(({ copy: { id } }) => id === copy.id)?.copy ?? copy);
  return {
    state: { ...state, copies, winner: winner.id, merged: null },
    out: others.flatMap(({ out }) => out),
  };
}

/** It has answered first; where it then falls silent, the walk goes on (its silence is counted like any other's). */
function onChallenge(state: Inviting, copy: InviteCopy, context: InviteContext): InviteStep {
  const { state: won, out } = win(state, copy);
  const answer = { candidate: copy.candidate, challenges: copy.challenges + 1 };
  const step = open(without(won, copy), answer, 'challenge', out, context);
  const next = step.state as Inviting;
  return { state: { ...next, winner: next.front }, out: step.out };
}

function onFinal(state: Inviting, copy: InviteCopy, input: Answer, context: InviteContext): InviteStep {
  const { winner, restarted } = state;
  // Before anything else: the callee has it already, and whether it advances is not the question.
  if (input.code === 482 && winner === null && !restarted && isLater(state, copy))
    return endIfIdle({ ...without(state, copy), front: null, timers: {}, merged: copy.candidate }, [], context);
  if (context.advances(input.code)) return goOn(state, copy, 'answered', [], context);
  const { code, retryAfterS, contacts = [] } = input;
  const left = { ...without(state, copy), contacts: [...contacts, ...state.contacts] };
  // A 6xx speaks for the person, wherever the call went (RFC 3261 21.6).
  const elsewhere = code < 600 ? turned(left, copy.candidate, []) : null;
  return elsewhere ?? settle(left, { result: 'rejected', copy, code, retryAfterS }, [], context);
}

/** Whether this copy followed another one: then a 482 says that the callee has that one already (RFC 3261 8.2.2.2). */
const isLater = ({ id }: Inviting, copy: InviteCopy): boolean => copy.id !== `${id}.1`;

/** This copy is over and its target no good: the next one's turn, if it was this one that was waited for. */
function goOn(
  state: Inviting,
  copy: InviteCopy,
  how: 'answered' | 'silent',
  out: readonly InviteOutput[],
  context: InviteContext,
): InviteStep {
  const left = lostWinner(without(state, copy), copy);
  if (copy.id !== state.front && copy.id !== state.winner) return endIfIdle(left, out, context);
  return advance({ ...left, rest: afterFailure(state.rest, copy.candidate, how) }, out, context);
}

/** Who had lost to it, and was not cancelled, may win after all. */
const lostWinner = (state: Inviting, copy: InviteCopy): Inviting =>
  state.winner !== copy.id
    ? state
    : {
        ...state,
        winner: null,
        timers: {},
        copies: state.copies.map((other) =>
          other.phase === 'lost' && !other.cancelled ? { ...other, phase: 'listening' } : other,
        ),
      };

/** Silence until Timer B, or a transport error; a connection that breaks after a provisional answer ends the call (rules 3.7). */
function onFailed(
  state: Inviting,
  input: Extract<InviteInput, { kind: 'failed' }>,
  context: InviteContext,
): InviteStep {
  const copy = state.copies.find(({ id }) => id === input.copy);
  if (copy === undefined) return { state, out: [] };
  if (!counts(copy)) return { state: without(state, copy), out: [] };
  // Whoever rings there is let go over a new connection.
  const { out } = cancelled(copy);
  if (copy.spoke && copy.id === state.winner) return settle(without(state, copy), { result: 'failed' }, out, context);
  return goOn(state, copy, 'silent', [], context);
}

/** The front copy was silent for its wait: it only listens from now on, and the next target starts (rules 3.9). */
function onHedge(state: Inviting, context: InviteContext): InviteStep {
  const front = state.copies.find(({ id }) => id === state.front);
  if (front === undefined) return { state, out: [] };
  const out: InviteOutput[] = [
    { kind: 'silent', candidate: front.candidate, took: context.now - front.openedAt },
    { kind: 'quiet', copy: front.id },
  ];
  const listening = withCopy(lostWinner(state, front), { ...front, phase: 'listening' });
  return advance({ ...listening, rest: afterFailure(state.rest, front.candidate, 'silent') }, out, context);
}
