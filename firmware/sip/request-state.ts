/** Owns the words of one request over many servers: its states, inputs and outputs, and how a copy begins. */
import type { TimerInput } from '../kernel/machine.ts';
import type { Millis } from '../kernel/time.ts';
import type { Candidate } from '../servers/selection.ts';
import type { FailureCause, ServerName } from '../status.ts';

export interface Copy {
  readonly id: string;
  readonly candidate: Candidate;
  readonly phase: 'active' | 'listening';
  /** Whether any response came. */
  readonly spoke: boolean;
  /** Challenges answered at this target in this attempt. */
  readonly challenges: number;
  /** 423 repeats at this target in this attempt. */
  readonly intervals: number;
  /** From when on its silence is counted. */
  readonly openedAt: Millis;
  /** Its connection is still being made: what is waited for is the network, not the server. */
  readonly connecting: boolean;
}

export const newCopy = (
  state: { readonly id: string; readonly opened: number },
  candidate: Candidate,
  marks: Pick<Copy, 'challenges' | 'intervals'>,
  now: Millis,
): Copy => ({
  id: `${state.id}.${state.opened + 1}`,
  candidate,
  phase: 'active',
  spoke: false,
  openedAt: now,
  connecting: false,
  challenges: marks.challenges,
  intervals: marks.intervals,
});

export type Outcome =
  | { readonly result: 'ok'; readonly copy: Copy }
  | { readonly result: 'rejected'; readonly copy: Copy; readonly code: number; readonly retryAfterS: number | null }
  | { readonly result: 'failed' };

export interface Walking {
  readonly name: 'walking';
  readonly timers: { readonly hedge?: Millis };
  readonly id: string;
  readonly rest: readonly Candidate[];
  /** A further list is still being looked up. */
  readonly more: boolean;
  readonly copies: readonly Copy[];
  /** The copy whose silence starts the next target. */
  readonly front: string | null;
  readonly opened: number;
  readonly rejection: Extract<Outcome, { result: 'rejected' }> | null;
}

export interface Settled {
  readonly name: 'settled';
  readonly timers: Readonly<Record<string, never>>;
  readonly id: string;
  readonly copies: readonly Copy[];
  readonly opened: number;
  /** Rank of the answer that stands; infinite = nobody accepted. */
  readonly winner: { readonly rank: number; readonly server: ServerName } | null;
}

export type RequestState = Walking | Settled;

/** What a response means to the walk; made by the agent that reads the message. */
export type Verdict =
  | { readonly meaning: 'provisional' }
  | { readonly meaning: 'ok' }
  /** `answerable`: credentials for it exist and the same nonce was not refused before. */
  | { readonly meaning: 'challenge'; readonly answerable: boolean }
  /** Taken in another form: 423 with a usable Min-Expires; 439 to a binding for a flow. */
  | { readonly meaning: 'amended' }
  | { readonly meaning: 'final' };

export type RequestInput =
  | { readonly kind: 'begin' }
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[]; readonly more: boolean }
  | {
      readonly kind: 'answer';
      readonly copy: string;
      readonly verdict: Verdict;
      readonly code: number;
      readonly retryAfterS: number | null;
    }
  /** The transaction ended by transport error, or by Timer F (`no-answer`). */
  | { readonly kind: 'failed'; readonly copy: string; readonly cause: FailureCause }
  /** The connection of this copy is there, and the request has left. */
  | { readonly kind: 'carried'; readonly copy: string }
  /** Another pair can be asked by a new attempt: where nobody is left to ask, silence is not waited out. */
  | { readonly kind: 'give-up'; readonly pair: string }
  | TimerInput<'hedge'>;

export interface OpenCopy {
  readonly kind: 'open';
  readonly copy: Copy;
  readonly reason: 'walk' | 'challenge' | 'interval';
  /** How long its silence will be waited for, ms. */
  readonly waitMs: number;
  readonly known: 'live' | 'unknown' | 'dead';
}

export type RequestOutput =
  | OpenCopy
  | { readonly kind: 'quiet'; readonly copy: string }
  | { readonly kind: 'silent'; readonly candidate: Candidate; readonly took: number }
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly openServers: readonly ServerName[] }
  | {
      readonly kind: 'late';
      readonly copy: Copy;
      readonly code: number;
      readonly action: 'return' | 'unregister' | 'none';
    }
  /** After the end: no copy is left that could still change this server's state. */
  | { readonly kind: 'server-closed'; readonly server: ServerName };

export interface RequestContext {
  readonly now: Millis;
  /** `connectMs`: how long a connection is waited for before the server is, null = the request can leave at once. */
  readonly waitFor: (candidate: Candidate) => {
    readonly hedgeMs: number;
    readonly known: 'live' | 'unknown' | 'dead';
    readonly connectMs: number | null;
  };
  readonly lastWaitMs: number;
  readonly advances: (code: number) => boolean;
  /** `modern`: late answers are acted on; otherwise they are absorbed and reported (rules 3.6). */
  readonly lateAnswers: 'acted-on' | 'absorbed';
}
