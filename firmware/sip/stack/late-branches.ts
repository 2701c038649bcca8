/** Owns the branches of transactions that have ended: a late answer tells what a server did after nobody waited any more (rules 3.6). */
import { LATE_BRANCH_MEMORY_MS, LATE_BRANCHES_MAX } from '../../config/defaults.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { endpointText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';

export interface LateBranches {
  remember(key: string, id: string, from: Endpoint, now: Millis): void;
  /** Whose answer this is, if it comes from where the request went; null = nobody's that is known. */
  find(key: string, from: Endpoint, now: Millis): string | null;
}

export function createLateBranches(): LateBranches {
  const ended = new Map<string, { readonly id: string; readonly from: string; readonly at: Millis }>();
  return {
    remember(key, id, from, now) {
      ended.set(key, { id, from: endpointText(from), at: now });
      for (const [oldest, entry] of ended) {
        if (ended.size <= LATE_BRANCHES_MAX && now - entry.at <= LATE_BRANCH_MEMORY_MS) break;
        ended.delete(oldest);
      }
    },
    find(key, from, now) {
      const entry = ended.get(key);
      const counts = entry?.from === endpointText(from) && now - entry.at <= LATE_BRANCH_MEMORY_MS;
      return counts ? entry.id : null;
    },
  };
}
