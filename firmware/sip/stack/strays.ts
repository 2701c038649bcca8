/**
 * Owns what still comes of INVITEs that nobody waits for any more, because their transaction has failed, has ended, or was answered
 * otherwise: whoever rings is cancelled, whoever is off-hook is acknowledged and ended (rules 3.7; RFC 3261 13.2.2.4, 16.7). An answer is
 * ours by its branch, which nobody else knows, and by where it comes from.
 */
import { LATE_BRANCHES_MAX } from '../../config/defaults.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Effect } from '../../vocabulary.ts';
import { ackOf } from '../agent-call.ts';
import type { Acks } from './acks.ts';
import { attemptOf } from './attempt.ts';
import type { Asked, Wire, WireReport } from './wire-types.ts';

export interface StraysOptions {
  readonly wire: Pick<Wire, 'cancel' | 'send'>;
  readonly release: Acks['release'];
  readonly emit: (effect: Effect) => void;
}

/** True where the report is of such an INVITE. */
export type Strays = (wired: WireReport, now: Millis) => boolean;

export function createStrays({ wire, release, emit }: StraysOptions): Strays {
  /** Cancelled after their end: a second time would tell nobody anything new. */
  const cancelled = new Set<string>();

  function cancel(id: string, now: Millis): boolean {
    if (cancelled.has(id)) return false;
    cancelled.add(id);
    for (const oldest of [...cancelled].slice(0, -LATE_BRANCHES_MAX)) cancelled.delete(oldest);
    wire.cancel(id, now);
    return true;
  }

  return (wired, now) => {
    const asked = askedBy(wired);
    if (asked === null || !('response' in wired)) return false;
    const { status: code } = wired.response;
    if (code >= 300) {
      // No transaction does it any more, and whoever refuses says so until he is heard (RFC 3261 17.1.1.3).
      if (wired.kind === 'stray') wire.send(asked.target, () => ackOf(asked.request, wired.response), now);
      return true;
    }
    const action = code < 200 ? 'cancel' : 'ack-bye';
    const isNews = action === 'cancel' ? cancel(wired.id, now) : release(asked, wired.response, now);
    const told = { attempt: attemptOf(wired.id), target: targetText(asked.target), code, action } as const;
    if (isNews) emit({ kind: 'event', event: { event: 'late-answer', ...told } });
    return true;
  };
}

function askedBy(wired: WireReport): Asked | null {
  if (wired.kind === 'stray') return wired.invite;
  return wired.kind === 'response' && wired.asked.request.method === 'INVITE' && wired.response.status >= 200
    ? wired.asked
    : null;
}
