/** Owns what is still heard after the end of an attempt: late challenges, late 2xx, and when a server can say no more (rules 3.6). */
import type { Step } from '../kernel/machine.ts';
import type { RequestContext, RequestInput, RequestOutput, RequestState, Settled } from './request-state.ts';
import { newCopy } from './request-state.ts';

type RequestStep = Step<RequestState, RequestOutput>;

/** Answers after the end (rules 3.6): a better server's challenge is answered once, its 2xx is the return. */
export function onLateAnswer(
  state: Settled,
  input: Extract<RequestInput, { kind: 'answer' }>,
  context: RequestContext,
): RequestStep {
  const copy = state.copies.find((candidate) => candidate.id === input.copy);
  if (copy === undefined || input.verdict.meaning === 'provisional') return { state, out: [] };
  const better = state.winner === null || copy.candidate.rank < state.winner.rank;
  const acted = context.lateAnswers === 'acted-on';
  if (input.verdict.meaning === 'ok') {
    if (!acted) return close(state, copy.id, [{ kind: 'late', copy, code: input.code, action: 'none' }]);
    if (better) {
      const winner = { rank: copy.candidate.rank, server: copy.candidate.server };
      return close({ ...state, winner }, copy.id, [{ kind: 'late', copy, code: input.code, action: 'return' }]);
    }
    // A further target of the winner's own server shares its location service: nothing to undo there.
    const action = copy.candidate.server === state.winner?.server ? 'none' : 'unregister';
    return close(state, copy.id, [{ kind: 'late', copy, code: input.code, action }]);
  }
  // At most one answered challenge is in flight per series (rules 3.4).
  const rival = state.copies.some(
    (other) => other !== copy && other.candidate.server === copy.candidate.server && other.challenges > 0,
  );
  const answerable =
    input.verdict.meaning === 'challenge' && input.verdict.answerable && copy.challenges === 0 && !rival;
  if (!answerable || !better || !acted) return close(state, copy.id, []);
  const answer = newCopy(state, copy.candidate, { ...copy, challenges: 1 }, context.now);
  return {
    state: {
      ...state,
      opened: state.opened + 1,
      copies: state.copies.map((other) => (other === copy ? answer : other)),
    },
    out: [
      {
        kind: 'open',
        copy: answer,
        reason: 'challenge',
        waitMs: context.lastWaitMs,
        known: context.waitFor(copy.candidate).known,
      },
    ],
  };
}

/** It leaves after the end of the attempt, and is listened to as any other that was passed over. */
export function onCarriedLate(state: Settled, { copy }: Extract<RequestInput, { kind: 'carried' }>): RequestStep {
  const copies = state.copies.map((other) => (other.id === copy ? { ...other, connecting: false } : other));
  return { state: { ...state, copies }, out: [{ kind: 'quiet', copy }] };
}

/** A copy's transaction is over after the end of the attempt. */
export function close(state: Settled, id: string, out: readonly RequestOutput[]): RequestStep {
  const gone = state.copies.find((copy) => copy.id === id);
  if (gone === undefined) return { state, out };
  const copies = state.copies.filter((copy) => copy !== gone);
  const { server } = gone.candidate;
  const last = !copies.some((copy) => copy.candidate.server === server);
  return {
    state: copies.length === 0 ? null : { ...state, copies },
    out: last ? [...out, { kind: 'server-closed', server }] : out,
  };
}
