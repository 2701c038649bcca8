/**
 * Owns which binding a line keeps and which it removes: a new one by a 2xx, the return to a better server by a late 2xx, and
 * the clean-up of what was left at the backup (rules 3.6 and 4, "binding left at the backup"; RFC 3261 10.2.2, 10.2.4).
 */
import type { Millis } from '../kernel/time.ts';
import type { Bound, RegisterOutcome, StackReport } from '../sip/vocabulary.ts';
import type {
  Memory,
  RegistrationContext,
  RegistrationInput,
  RegistrationOutput,
  RegistrationState,
  RegistrationStep,
  Reported,
} from './state.ts';
import { expiryOf, goneEvent, targetOf, world } from './state.ts';
import { renewalWait } from './waits.ts';

const BINDING_CHANGED: RegistrationOutput = { to: 'phone', kind: 'binding-changed' };

type Ok = Extract<RegisterOutcome, { result: 'ok' }>;
type Accepting = Extract<RegistrationState, { name: 'trying' | 'registered' | 'waiting' | 'rejected' }>;

/** The attempt ended with a 2xx: this server serves the line now. */
export function accepted(
  state: Accepting,
  ended: Reported<'attempt-ended'>,
  ok: Ok,
  cx: RegistrationContext,
): RegistrationStep {
  const previous = state.memory.binding;
  const moved = movedEvent(state.memory, previous?.bound ?? null, ok.bound, {
    first: ended.first,
    cause: ended.cause ?? 'answered',
    took: ended.took,
  });
  return bind(state, ok, { listWaitMs: ended.listWaitMs, backupOpen: ended.openServers.includes('backup'), moved }, cx);
}

/** A 2xx that came after the end: of a better server it is the return, of the backup a binding too many. */
export function lateAccepted(state: Accepting, late: Reported<'late-ok'>, cx: RegistrationContext): RegistrationStep {
  const previous = state.memory.binding;
  // An older attempt's answer cannot lead away from a better server that a newer attempt has found.
  const worse = previous !== null && late.outcome.bound.candidate.rank > previous.bound.candidate.rank;
  if (late.action === 'unregister' || worse) return tooMany(state, late.outcome.bound);
  const moved = movedEvent(state.memory, previous?.bound ?? null, late.outcome.bound, {
    first: previous === null ? targetOf(late.outcome.bound) : targetOf(previous.bound),
    cause: 'late answer',
    took: 0,
  });
  if (state.name === 'trying') {
    const memory = meanwhile(state.memory, late, cx);
    return { state: { ...state, memory, timers: expiryOf(memory) }, out: [...moved, BINDING_CHANGED] };
  }
  return bind(state, late.outcome, { listWaitMs: late.listWaitMs, backupOpen: false, moved }, cx);
}

/** A binding beside the one that is kept: removed, but not while an attempt may be making it anew. */
function tooMany(state: Accepting, bound: Bound): RegistrationStep {
  const kept = state.memory.binding?.bound ?? null;
  if (kept !== null && isSamePlace(bound, kept)) return { state, out: [] };
  if (state.name !== 'trying') return { state, out: removeNow(state.memory, bound) };
  return { state: { ...state, memory: { ...state.memory, cleanup: [...state.memory.cleanup, bound] } }, out: [] };
}

/** An attempt that is under way goes on: its own end will say what holds, and what is to be removed. */
function meanwhile(memory: Memory, late: Reported<'late-ok'>, cx: RegistrationContext): Memory {
  const cleanup = leftBehind(memory, late.outcome.bound);
  return { ...memory, cleanup, binding: bindingOf(late.outcome, late.listWaitMs, memory.binding, cx) };
}

interface Acceptance {
  readonly listWaitMs: number;
  /** A copy at the backup may still be answered: cleaning up waits for it (rules 3.6). */
  readonly backupOpen: boolean;
  readonly moved: readonly RegistrationOutput[];
}

function bind(state: Accepting, ok: Ok, how: Acceptance, cx: RegistrationContext): RegistrationStep {
  const { memory } = state;
  const binding = bindingOf(ok, how.listWaitMs, memory.binding, cx);
  const left = cx.policy.profile === 'modern' ? leftBehind(memory, ok.bound) : [];
  const later = how.backupOpen ? left.filter(({ candidate }) => candidate.server === 'backup') : [];
  const next: Memory = {
    ...memory,
    binding,
    cleanup: later,
    leftover: keptLeftover(memory.leftover, ok.bound),
    shared: ok.bound.candidate.server === 'backup' ? listsPrimary(ok) : memory.shared,
    failures: 0,
    networkTries: 0,
    code: ok.code,
  };
  return {
    state: { name: 'registered', memory: next, timers: { renew: binding.renewAt, expire: binding.expiresAt } },
    out: [
      ...how.moved,
      world(state, {
        state: 'registered',
        server: ok.bound.candidate.server,
        target: targetOf(ok.bound),
        expires: ok.expiresS,
      }),
      BINDING_CHANGED,
      ...left.filter((bound) => !later.includes(bound)).flatMap((bound) => removeNow(memory, bound)),
    ],
  };
}

function bindingOf(
  ok: Ok,
  listWaitMs: number,
  previous: Memory['binding'],
  cx: RegistrationContext,
): NonNullable<Memory['binding']> {
  const same = previous !== null && targetOf(previous.bound) === targetOf(ok.bound);
  return {
    bound: ok.bound,
    expiresAt: Math.max(cx.now, ok.sentAt + ok.expiresS * 1000) as Millis,
    renewAt: Math.max(cx.now, ok.sentAt + renewalWait(cx.policy, ok.expiresS, listWaitMs)) as Millis,
    since: same ? previous.since : cx.now,
  };
}

/** Bindings that the new one makes superfluous: at the backup after a return, and those of the last run. */
function leftBehind(memory: Memory, now: Bound): readonly Bound[] {
  const before = memory.binding?.bound ?? null;
  const left = [...memory.cleanup];
  if (before !== null && before.candidate.server === 'backup' && now.candidate.server === 'primary') left.push(before);
  // Same server, other Contact: the address or port has changed under us.
  if (before !== null && before.candidate.server === now.candidate.server && before.contact !== now.contact)
    left.push(before);
  if (memory.leftover !== null && isSuperfluous(memory.leftover, now)) left.push(memory.leftover);
  return left.filter((bound) => !isSamePlace(bound, now));
}

const isSamePlace = (a: Bound, b: Bound): boolean =>
  a.candidate.server === b.candidate.server && a.contact === b.contact;

const isSuperfluous = (old: Bound, now: Bound): boolean =>
  old.candidate.server === now.candidate.server ? old.contact !== now.contact : now.candidate.server === 'primary';

/** A binding of the last run at a dead primary waits for the return; otherwise it is re-used or removed now. */
const keptLeftover = (leftover: Bound | null, now: Bound): Bound | null =>
  leftover !== null && leftover.candidate.server === 'primary' && now.candidate.server === 'backup' ? leftover : null;

const listsPrimary = (ok: Ok): boolean => ok.contacts.includes(ok.bound.contact.replace(/;hf=b$/, ';hf=p'));

function removeNow(memory: Memory, bound: Bound): readonly RegistrationOutput[] {
  const attempt = `L${memory.line.line}-${memory.attempts}u${bound.candidate.server === 'backup' ? 'b' : 'p'}`;
  return [{ to: 'stack', command: { kind: 'unregister', attempt, line: memory.line, bound } }];
}

/** `failover` to a further server, `failback` to a better one; nothing where the server stays. */
function movedEvent(
  memory: Memory,
  previous: Bound | null,
  now: Bound,
  how: { readonly first: string; readonly cause: string; readonly took: number },
): readonly RegistrationOutput[] {
  const from = previous === null ? how.first : targetOf(previous);
  const to = targetOf(now);
  const before = previous?.candidate.rank ?? 0;
  if (from === to || now.candidate.rank === before) return [];
  const event = now.candidate.rank > before ? 'failover' : 'failback';
  return [
    {
      to: 'world',
      event: { event, line: memory.line.line, role: 'registrar', from, to, cause: how.cause, took: how.took },
    },
  ];
}

/** No copy at that server can be answered any more: what was left there may be removed now. */
export function serverClosed<S extends Extract<RegistrationInput, { kind: 'server-closed' }>>(
  state: Exclude<RegistrationState, { name: 'off' | 'leaving' | 'held' }>,
  input: S,
): RegistrationStep {
  const due = state.memory.cleanup.filter(({ candidate }) => candidate.server === input.server);
  if (due.length === 0) return { state, out: [] };
  const cleanup = state.memory.cleanup.filter((bound) => !due.includes(bound));
  return {
    state: { ...state, memory: { ...state.memory, cleanup } },
    out: due.flatMap((bound) => removeNow(state.memory, bound)),
  };
}

/** A binding was removed, or nobody answered: then it runs out by itself. */
export const noteUnregistered = (
  state: RegistrationState,
  input: Extract<StackReport, { kind: 'unregistered' }>,
): RegistrationStep => ({
  state,
  out: input.ok ? [goneEvent(input)] : [],
});
