/** Owns what the phone may ask of SIP, and what SIP tells the phone. Types only. */
import type { LineSettings } from '../config/settings.ts';
import type { AttemptReason } from '../events.ts';
import type { Millis } from '../kernel/time.ts';
import type { Candidate } from '../servers/selection.ts';
import type { FailureCause, ServerName } from '../status.ts';

/** A place in a location service that holds our Contact. */
export interface Bound {
  readonly candidate: Candidate;
  readonly contact: string;
}

export type StackCommand =
  /** Walk a REGISTER over the line's registrars. Answered by `attempt-ended` with the same id. */
  | {
      readonly kind: 'register';
      readonly attempt: string;
      readonly line: LineSettings;
      readonly reason: Exclude<AttemptReason, 'hedge' | 'challenge'>;
    }
  /** Remove one binding at the very target that holds it. Answered by `unregistered`. */
  | { readonly kind: 'unregister'; readonly attempt: string; readonly line: LineSettings; readonly bound: Bound }
  /** This pair can be asked by a new attempt: do not wait out the silence of the last target. */
  | { readonly kind: 'give-up'; readonly attempt: string; readonly pair: string }
  /** Forget the attempt; it ends without mark, and nothing is answered. */
  | { readonly kind: 'cancel'; readonly attempt: string };

export type RegisterOutcome =
  | {
      readonly result: 'ok';
      readonly bound: Bound;
      /** When the request left: the binding counts from then on, for a late answer may be old. */
      readonly sentAt: Millis;
      readonly expiresS: number;
      /** False: our Contact was not in the 2xx, so nothing is known for sure. */
      readonly listed: boolean;
      /** All Contact URIs of the 2xx. */
      readonly contacts: readonly string[];
      readonly code: number;
    }
  | {
      readonly result: 'rejected';
      readonly server: ServerName;
      readonly target: string;
      readonly code: number;
      readonly retryAfterS: number | null;
    }
  /** `retryAfterS`: the least wait that the answers ask of this line, 0 = none. */
  | { readonly result: 'failed'; readonly code: number | null; readonly retryAfterS: number }
  /** The link or the address went away under it: no mark, no back-off. */
  | { readonly result: 'no-network' };

export type StackReport =
  | {
      readonly kind: 'attempt-ended';
      readonly attempt: string;
      readonly line: number;
      readonly outcome: RegisterOutcome;
      /** The first place of the walk, as a person would name it. */
      readonly first: string;
      /** Why the walk left that first place; null where it did not. */
      readonly cause: FailureCause | null;
      /** Servers of which a copy may still be answered. */
      readonly openServers: readonly ServerName[];
      /** Sum of the waits of the primary's list, ms: the renewal starts that much sooner (rules 4, "renewal"). */
      readonly listWaitMs: number;
      /** When the walk began: an attempt may have waited for DNS or a Retry-After before. */
      readonly begunAt: Millis;
      readonly took: number;
    }
  /** A 2xx after the end (rules 3.6). */
  | {
      readonly kind: 'late-ok';
      readonly attempt: string;
      readonly line: number;
      readonly action: 'return' | 'unregister';
      readonly outcome: Extract<RegisterOutcome, { result: 'ok' }>;
      readonly listWaitMs: number;
    }
  /** A server says how many messages wait for this line: a body of RFC 3842. */
  | { readonly kind: 'notified'; readonly line: number; readonly body: string }
  /** A server says that its XML application has something (event `aastra-xml`). */
  | { readonly kind: 'xml-notified' }
  /** A 2xx of a transaction that has ended: nobody knows what the server thinks now. */
  | { readonly kind: 'stray-ok'; readonly line: number }
  | { readonly kind: 'server-closed'; readonly attempt: string; readonly line: number; readonly server: ServerName }
  | {
      readonly kind: 'unregistered';
      readonly attempt: string;
      readonly line: number;
      readonly bound: Bound;
      readonly ok: boolean;
      readonly contacts: readonly string[];
    }
  /** A probe found a serving target dead: every line served there starts an attempt at once. */
  | { readonly kind: 'pair-dead'; readonly pair: string }
  /** A target that was silent or refusing has answered again, or one that could not be found is in a list now. */
  | { readonly kind: 'pair-alive'; readonly pair: string }
  /** Two good probes of a target better than a serving one, or the turn of a target that cannot be probed. */
  | { readonly kind: 'pair-home'; readonly pair: string; readonly by: 'probe' | 'register' };
