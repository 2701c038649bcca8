/**
 * Owns what is undone of an INVITE that went to many servers: who has lost is sent no more, cancelled once it has spoken, and ended
 * where it was picked up; after the end of the attempt for as long as an answer may come (rules 3.7; RFC 3261 9.1, 13.2.2.4).
 */
import type { Step } from '../kernel/machine.ts';
import { after } from '../kernel/time.ts';
import type { Candidate } from '../servers/selection.ts';
import type {
  InviteContext,
  InviteCopy,
  InviteInput,
  InviteOutcome,
  InviteOutput,
  InviteState,
  Inviting,
  Undoing,
} from './invite-state.ts';

type InviteStep = Step<InviteState, InviteOutput>;

/** Whether an answer of this copy may still decide the call. */
export const counts = (copy: InviteCopy): boolean => copy.phase !== 'lost';

interface Undone {
  readonly copy: InviteCopy;
  readonly out: readonly InviteOutput[];
}

/** Retransmitted no more; cancelled where it has spoken, for before that nobody would know of it (RFC 3261 9.1). */
export function undone(copy: InviteCopy): Undone {
  if (copy.spoke) return cancelled({ ...copy, phase: 'lost' });
  const quiet: InviteOutput[] = copy.phase === 'active' ? [{ kind: 'quiet', copy: copy.id }] : [];
  return { copy: { ...copy, phase: 'lost' }, out: quiet };
}

export const cancelled = (copy: InviteCopy): Undone => ({
  copy: { ...copy, cancelled: true },
  out: copy.cancelled ? [] : [{ kind: 'cancel', copy: copy.id }],
});

/** The end: whatever is still open is undone, for as long as an answer of it may come. */
export function settle(
  state: Inviting,
  outcome: InviteOutcome,
  out: readonly InviteOutput[],
  context: InviteContext,
): InviteStep {
  const left = state.copies.map((copy) => (counts(copy) ? undone(copy) : { copy, out: [] }));
  const copies = left.map(({ copy }) => copy);
  const drop = after(context.now, context.undoMs);
  return {
    state: copies.length === 0 ? null : { name: 'undoing', timers: { drop }, copies },
    out: [...out, ...left.flatMap((undoing) => undoing.out), { kind: 'ended', outcome }],
  };
}

/** To the best address of those that are left, with a walk of its own; what was asked before is undone. Null where none is left. */
export function turned(state: Inviting, by: Candidate | null, out: readonly InviteOutput[]): InviteStep | null {
  const [to, ...contacts] = state.contacts;
  if (to === undefined) return null;
  const left = state.copies.map((copy) => (counts(copy) ? undone(copy) : { copy, out: [] }));
  return {
    state: {
      ...{ ...state, copies: left.map(({ copy }) => copy), contacts, turned: true, timers: {} },
      ...{ rest: [], more: true, front: null, winner: null, merged: null },
    },
    out: [...out, ...left.flatMap((undoing) => undoing.out), { kind: 'redirected', to, by }],
  };
}

/** After the end (rules 3.7): late 1xx are cancelled, late 2xx acknowledged and ended. */
export function onLateAnswer(
  state: Undoing,
  { copy: id, verdict }: Extract<InviteInput, { kind: 'answer' }>,
  context: InviteContext,
): InviteStep {
  const copy = state.copies.find((other) => other.id === id);
  if (copy === undefined) return { state, out: [] };
  if (verdict.meaning !== 'provisional')
    return forget(state, id, verdict.meaning === 'ok' ? [{ kind: 'release', copy: id }] : []);
  const { copy: marked, out } = cancelled({ ...copy, spoke: true });
  const drop = after(context.now, context.undoMs);
  return {
    state: {
      ...state,
      timers: out.length === 0 ? state.timers : { drop },
      copies: state.copies.map((other) => (other.id === id ? marked : other)),
    },
    out,
  };
}

export function forget(state: Undoing, id: string, out: readonly InviteOutput[]): InviteStep {
  const copies = state.copies.filter((copy) => copy.id !== id);
  return { state: copies.length === 0 ? null : { ...state, copies }, out };
}
