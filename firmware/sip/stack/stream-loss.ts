/**
 * Owns what follows when a connection that carried lines is gone: its server has died, or forgets where we are. Either way those lines
 * register at once; a server that always hangs up is not asked without end.
 */
import { STREAM_LOST_GAP_MAX_MS, STREAM_LOST_GAP_MS } from '../../config/defaults.ts';
import type { Profile } from '../../config/settings.ts';
import type { Target } from '../../kernel/target.ts';
import { targetKey } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Candidate } from '../../servers/selection.ts';
import type { StackReport } from '../vocabulary.ts';

export interface StreamLossOptions {
  readonly profile: Profile;
  /** Where the lines are served. */
  readonly serving: () => readonly Candidate[];
  readonly report: (report: StackReport, now: Millis) => void;
}

export function createStreamLoss({
  profile,
  serving,
  report,
}: StreamLossOptions): (target: Target, now: Millis) => void {
  /** When a lost connection last made its lines register anew, and how long the next loss is borne with after that, by target. */
  const reactions = new Map<string, { readonly at: Millis; readonly gapMs: number }>();

  return (target, now) => {
    const key = targetKey(target);
    const last = reactions.get(key);
    // The originals wait for their timer.
    if (profile !== 'modern' || (last !== undefined && now - last.at < last.gapMs)) return;
    const pairs = new Set(
      serving()
        .filter((candidate) => targetKey(candidate.target) === key)
        .map(({ pair }) => pair),
    );
    if (pairs.size > 0) reactions.set(key, { at: now, gapMs: nextGapMs(last, now) });
    for (const pair of pairs) report({ kind: 'pair-dead', pair }, now);
  };
}

/** Twice as long each time that a connection is lost again soon; a server that kept one for long has nothing against it. */
const nextGapMs = (last: { readonly at: Millis; readonly gapMs: number } | undefined, now: Millis): number =>
  last === undefined || now - last.at > 2 * STREAM_LOST_GAP_MAX_MS
    ? STREAM_LOST_GAP_MS
    : Math.min(2 * last.gapMs, STREAM_LOST_GAP_MAX_MS);
