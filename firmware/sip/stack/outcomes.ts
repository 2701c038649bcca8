/** Owns how the end of an attempt is told: to the phone as a report, to the world as an event. Pure. */
import type { PhoneEvent } from '../../events.ts';
import { invariant } from '../../kernel/invariant.ts';
import { targetText } from '../../kernel/target.ts';
import type { ServerName } from '../../status.ts';
import type { Outcome } from '../request-state.ts';
import type { RegisterOutcome, StackReport } from '../vocabulary.ts';
import type { Attempt } from './attempt.ts';

/** What the 2xx to a copy gave. */
export function okOutcome(attempt: Attempt, copyId: string): Extract<RegisterOutcome, { result: 'ok' }> {
  const sent = attempt.sent.get(copyId);
  const granted = attempt.granted.get(copyId);
  invariant(sent !== undefined && granted !== undefined, `copy ${copyId} was answered well but never sent`);
  return {
    result: 'ok',
    bound: { candidate: sent.candidate, contact: sent.contact },
    sentAt: sent.sentAt,
    ...granted,
    code: 200,
  };
}

function registerOutcome(attempt: Attempt, outcome: Outcome): RegisterOutcome {
  switch (outcome.result) {
    case 'failed':
      return { result: 'failed', code: attempt.code, retryAfterS: attempt.retryAfterS };
    case 'ok':
      return okOutcome(attempt, outcome.copy.id);
    case 'rejected': {
      const { server, target } = outcome.copy.candidate;
      return {
        result: 'rejected',
        server,
        target: targetText(target),
        code: outcome.code,
        retryAfterS: outcome.retryAfterS,
      };
    }
  }
}

/** `no-network`: nothing could be sent, so nothing was learnt. */
export function endedReport(
  attempt: Attempt,
  outcome: Outcome | 'no-network',
  openServers: readonly ServerName[],
  took: number,
): StackReport {
  const { command, id } = attempt;
  const line = command.line.line;
  if (command.kind === 'unregister') {
    const ok = outcome !== 'no-network' && outcome.result === 'ok';
    const contacts = ok ? (attempt.granted.get(outcome.copy.id)?.contacts ?? []) : [];
    return { kind: 'unregistered', attempt: id, line, bound: command.bound, ok, contacts };
  }
  return {
    kind: 'attempt-ended',
    attempt: id,
    line,
    outcome: outcome === 'no-network' ? { result: 'no-network' } : registerOutcome(attempt, outcome),
    first: attempt.first,
    cause: attempt.cause,
    openServers,
    listWaitMs: attempt.listWaitMs,
    begunAt: attempt.begunAt,
    took,
  };
}

export function endedEvent(attempt: Attempt, outcome: Outcome | 'cancelled', took: number): PhoneEvent {
  const common = {
    event: 'attempt-ended',
    attempt: attempt.id,
    line: attempt.command.line.line,
    role: 'registrar',
    method: 'REGISTER',
    took,
  } as const;
  if (outcome === 'cancelled') return { ...common, outcome };
  const code = outcome.result === 'failed' ? attempt.code : outcome.result === 'rejected' ? outcome.code : 200;
  const place =
    outcome.result === 'failed'
      ? {}
      : { server: outcome.copy.candidate.server, target: targetText(outcome.copy.candidate.target) };
  return { ...common, outcome: outcome.result, ...place, ...(code === null ? {} : { code }) };
}

/** `target` is empty where nobody knows any more whom the transaction was with. */
export const lateAnswerEvent = (
  attempt: string,
  target: string,
  code: number,
  action: 'return' | 'unregister' | 'none',
): PhoneEvent => ({ event: 'late-answer', attempt, target, code, action });
