/** Owns the words of one INVITE over many servers: its states, inputs and outputs. */
import type { TimerInput } from '../kernel/machine.ts';
import type { Millis } from '../kernel/time.ts';
import type { Candidate } from '../servers/selection.ts';
import type { FailureCause } from '../status.ts';
import type { RequestContext, Verdict } from './request-state.ts';

export interface InviteCopy {
  readonly id: string;
  readonly candidate: Candidate;
  /** `active`: its silence is waited for. `listening`: it may still win. `lost`: another has won, what comes of it is undone. */
  readonly phase: 'active' | 'listening' | 'lost';
  /** A provisional answer came: it can be cancelled (RFC 3261 9.1), and its silence is no outage any more. */
  readonly spoke: boolean;
  readonly cancelled: boolean;
  /** Challenges answered at this target. */
  readonly challenges: number;
  /** From when on its silence is counted. */
  readonly openedAt: Millis;
  /** Its connection is still being made. */
  readonly connecting: boolean;
}

export type InviteOutcome =
  | { readonly result: 'ok'; readonly copy: InviteCopy }
  | {
      readonly result: 'rejected';
      readonly copy: InviteCopy;
      readonly code: number;
      readonly retryAfterS: number | null;
    }
  /** Nobody could be asked, or all failed. */
  | { readonly result: 'failed' }
  /** It rang, and nobody answered within the ring timer. */
  | { readonly result: 'unanswered' }
  | { readonly result: 'hung-up' };

export interface Inviting {
  readonly name: 'inviting';
  readonly timers: { readonly hedge?: Millis; readonly ring?: Millis };
  readonly id: string;
  readonly rest: readonly Candidate[];
  /** A further list is still being looked up. */
  readonly more: boolean;
  readonly copies: readonly InviteCopy[];
  /** The copy whose silence starts the next target. */
  readonly front: string | null;
  /** The copy that answered first; all others have lost. */
  readonly winner: string | null;
  /** Where a 482 came from while an earlier copy was open. */
  readonly merged: Candidate | null;
  readonly opened: number;
  /** Whether the one new INVITE after a 482 was sent. */
  readonly restarted: boolean;
  /** Where else redirections have said that the callee may be, the best first. */
  readonly contacts: readonly string[];
  /** Sent elsewhere, and nobody has been asked there yet. */
  readonly turned: boolean;
}

/** The attempt has ended; what is left is undone. */
export interface Undoing {
  readonly name: 'undoing';
  readonly timers: { readonly drop?: Millis };
  readonly copies: readonly InviteCopy[];
}

export type InviteState = Inviting | Undoing;

export type InviteInput =
  | { readonly kind: 'begin' }
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[]; readonly more: boolean }
  | {
      readonly kind: 'answer';
      readonly copy: string;
      readonly verdict: Verdict;
      readonly code: number;
      readonly retryAfterS: number | null;
      /** Of a redirection: where nobody has been sent before, the best first. */
      readonly contacts?: readonly string[];
    }
  /** The transaction ended by transport error, or by Timer B (`no-answer`). */
  | { readonly kind: 'failed'; readonly copy: string; readonly cause: FailureCause }
  /** The connection of this copy is there, and the request has left. */
  | { readonly kind: 'carried'; readonly copy: string }
  | { readonly kind: 'hang-up' }
  | TimerInput<'hedge' | 'ring' | 'drop'>;

export interface OpenInvite {
  readonly kind: 'open';
  readonly copy: InviteCopy;
  /** `again`: a new call with a new Call-ID, because of a 482. `redirect`: the first copy to another address. */
  readonly reason: 'walk' | 'challenge' | 'again' | 'redirect';
  /** How long its silence will be waited for, ms. */
  readonly waitMs: number;
  readonly known: 'live' | 'unknown' | 'dead';
}

export type InviteOutput =
  | OpenInvite
  | { readonly kind: 'quiet'; readonly copy: string }
  | { readonly kind: 'silent'; readonly candidate: Candidate; readonly took: number }
  /** The winner rings, or queues. */
  | { readonly kind: 'progress'; readonly copy: InviteCopy; readonly code: number }
  /** The walk goes on at another address: its candidates are needed (RFC 3261 8.1.3.4). */
  | { readonly kind: 'redirected'; readonly to: string; readonly by: Candidate | null }
  | { readonly kind: 'cancel'; readonly copy: string }
  /** Acknowledge this 2xx and end its dialog: nobody wants it. */
  | { readonly kind: 'release'; readonly copy: string }
  /** Forget the transaction: a cancelled call that never ended (RFC 3261 9.1). */
  | { readonly kind: 'drop'; readonly copy: string }
  | { readonly kind: 'ended'; readonly outcome: InviteOutcome };

export interface InviteContext extends Pick<RequestContext, 'now' | 'waitFor' | 'lastWaitMs' | 'advances'> {
  /** How long a call may ring, ms from the first provisional answer. */
  readonly ringMs: number;
  /** How long an answer may still come to what was sent, ms: 64·T1, whatever a silent server is given (RFC 3261 17.1.1.2). */
  readonly undoMs: number;
}
