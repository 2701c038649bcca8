/** Owns what every kind of attempt does alike when it meets a server: how long it waits, and what silence and answers tell the ledger (rules 4). */

import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Asker, WaitPolicy } from '../../servers/health.ts';
import { connectWaitMs } from '../../servers/health.ts';
import type { Candidate } from '../../servers/selection.ts';
import type { FailureCause } from '../../status.ts';
import type { InviteCopy } from '../invite-state.ts';
import { retryAfterOf } from '../message/headers.ts';
import type { Ledger } from './ledger.ts';
import type { Wire, WireReport } from './wire-types.ts';

/** Why the attempt had to leave the first place; set once. */
interface Traveller {
  cause: FailureCause | null;
}

type Met = Pick<InviteCopy, 'candidate' | 'phase'>;
type Answered = Extract<WireReport, { kind: 'response' }>;
interface Failure {
  readonly cause: FailureCause;
  readonly tookMs: number;
}

type Knowledge = ReturnType<Ledger['waitFor']>['known'];

export interface Encounters {
  /** `hedgeMs`: where it is not the usual one. */
  waitFor(
    candidate: Candidate,
    asker: Asker,
    now: Millis,
    hedgeMs?: (known: Knowledge) => number,
  ): { readonly hedgeMs: number; readonly known: Knowledge; readonly connectMs: number | null };
  /** Its time is over, and the transaction still listens. `took` in ms. */
  silent(traveller: Traveller, candidate: Candidate, took: number, now: Millis): void;
  /** The transaction is over without an answer. `copy`: undefined where the walk no longer knows it. */
  failed(traveller: Traveller, copy: Met | undefined, failure: Failure, now: Millis): void;
  /** The Retry-After of the answer, s. */
  answered(candidate: Candidate, asker: Asker, answer: Answered, now: Millis): number | null;
}

export function createEncounters(
  wire: Pick<Wire, 'canCarry'>,
  ledger: Pick<Ledger, 'waitFor' | 'silent' | 'answer' | 'answerTime'>,
  policy: WaitPolicy,
): Encounters {
  function note(traveller: Traveller, { pair, target }: Candidate, failure: Failure, now: Millis): void {
    traveller.cause ??= failure.cause;
    ledger.silent(pair, { target: targetText(target), cause: failure.cause, tookMs: failure.tookMs }, now);
  }

  return {
    waitFor({ pair, target }, asker, now, hedgeMs) {
      const usual = ledger.waitFor(pair, asker, now);
      const wait = hedgeMs === undefined ? usual : { ...usual, hedgeMs: hedgeMs(usual.known) };
      return { ...wait, connectMs: wire.canCarry(target, now) ? null : connectWaitMs(wait, policy) };
    },
    silent(traveller, candidate, took, now) {
      note(traveller, candidate, { cause: 'no-answer', tookMs: took }, now);
    },
    failed(traveller, copy, failure, now) {
      // The silence of a copy that was given up is known already; the end of its transaction says nothing new.
      if (copy === undefined || (failure.cause === 'no-answer' && copy.phase !== 'active')) return;
      note(traveller, copy.candidate, failure, now);
    },
    answered({ pair, target }, asker, { response, first, tookMs }, now) {
      const retryAfterS = retryAfterOf(response);
      if (first) ledger.answerTime(pair, tookMs);
      if (response.status >= 200)
        ledger.answer(pair, targetText(target), { asker, code: response.status, retryAfterS }, tookMs ?? 0, now);
      return retryAfterS;
    },
  };
}
