/** Owns the health of all pairs of the phone, and tells what each change of it means: who failed, who is back. */

import type { Millis } from '../../kernel/time.ts';
import type { Answer, Asker, Health, WaitPolicy } from '../../servers/health.ts';
import {
  blockedUntil,
  hedgeMs,
  heldUntil,
  isBlacklisted,
  isDead,
  knowledge,
  noteAnswer,
  noteAnswerTime,
  noteSilence,
  UNKNOWN_HEALTH,
} from '../../servers/health.ts';
import type { Blocks } from '../../servers/selection.ts';
import type { FailureCause } from '../../status.ts';
import type { Effect } from '../../vocabulary.ts';

export interface LedgerOptions {
  readonly policy: WaitPolicy;
  readonly emit: (effect: Effect) => void;
  /** Every pair that is reached by this target: a hop carries several servers. */
  readonly pairsAt: (target: string) => readonly string[];
  /** A pair that was silent or refusing, or failed everybody by a code, has answered well. */
  readonly onAlive: (pair: string, now: Millis) => void;
  /** A pair that was not known to be dead is, for everybody. */
  readonly onDead: (pair: string, now: Millis) => void;
}

export interface Ledger {
  of(pair: string): Health;
  pairs(): readonly string[];
  waitFor(
    pair: string,
    asker: Asker | null,
    now: Millis,
  ): { readonly hedgeMs: number; readonly known: 'live' | 'unknown' | 'dead' };
  blocks(now: Millis): Blocks;
  /** Until when a Retry-After holds for one who asks, null = none runs. */
  heldUntil(pair: string, asker: Asker, now: Millis): Millis | null;
  answerTime(pair: string, tookMs: number | null): void;
  answer(pair: string, target: string, answer: Answer, tookMs: number, now: Millis): void;
  silent(
    pair: string,
    failure: { readonly target: string; readonly cause: FailureCause; readonly tookMs: number },
    now: Millis,
  ): void;
}

export function createLedger({ policy, emit, pairsAt, onAlive, onDead }: LedgerOptions): Ledger {
  const book = new Map<string, Health>();
  const of = (pair: string): Health => book.get(pair) ?? UNKNOWN_HEALTH;

  const failed = (target: string, cause: FailureCause, took: number, code?: number): void =>
    emit({
      kind: 'event',
      event: { event: 'target-failed', target, cause, ...(code === undefined ? {} : { code }), took },
    });

  return {
    of,
    pairs: () => [...book.keys()],
    waitFor: (pair, asker, now) => ({
      hedgeMs: hedgeMs(of(pair), policy, asker, now),
      known: knowledge(of(pair), asker, now),
    }),
    blocks: (now) => ({
      blockedUntil: (pair) => blockedUntil(of(pair), policy.profile, now),
      blacklisted: (pair) => isBlacklisted(of(pair), now),
    }),
    heldUntil: (pair, asker, now) => heldUntil(of(pair), asker, policy.profile, now),
    answerTime(pair, tookMs) {
      if (tookMs !== null) book.set(pair, noteAnswerTime(of(pair), tookMs, false));
    },
    answer(pair, target, answer, tookMs, now) {
      const before = of(pair);
      const after = noteAnswer(before, answer, policy, now);
      book.set(pair, after);
      if (policy.codes.includes(answer.code)) failed(target, 'code', tookMs, answer.code);
      // A code that is over for everybody is told like silence: one line's REGISTER has shown the others what no probe could.
      const wasDead = before.silence !== null || isDead(before, null, now);
      if (wasDead && !isDead(after, answer.asker, now)) onAlive(pair, now);
      if (!isDead(before, null, now) && isDead(after, null, now)) onDead(pair, now);
    },
    silent(pair, { target, cause, tookMs }, now) {
      // Silence marks every pair of the hop, an answer only its own (rules 2, "Outbound proxy").
      for (const silent of new Set([pair, ...pairsAt(target)])) {
        const before = of(silent);
        book.set(silent, noteSilence(before, cause, policy, now));
        if (!isDead(before, null, now)) onDead(silent, now);
      }
      failed(target, cause, tookMs);
    },
  };
}
