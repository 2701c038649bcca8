/**
 * Owns the branches of transactions that have ended: a late answer tells what a server did after nobody waited any more (rules 3.6), and
 * what a late answer to an INVITE has begun is undone with what is kept of it here (rules 3.7).
 */
import { LATE_BRANCH_MEMORY_MS, LATE_BRANCHES_MAX } from '../../config/defaults.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { endpointText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Asked } from './wire-types.ts';

export interface Ended {
  readonly id: string;
  /** An INVITE that nobody has accepted; null = nothing is to be undone. */
  readonly invite: Asked | null;
}

export interface LateBranches {
  remember(key: string, ended: Ended, from: Endpoint, now: Millis): void;
  /** Whose answer this is, if it comes from where the request went; null = nobody's that is known. */
  find(key: string, from: Endpoint, now: Millis): Ended | null;
  /** The INVITE of this name that has ended, null = none that is known. */
  inviteOf(id: string): Asked | null;
}

export function createLateBranches(): LateBranches {
  const all = new Map<string, Ended & { readonly from: string; readonly at: Millis }>();
  return {
    remember(key, ended, from, now) {
      all.set(key, { ...ended, from: endpointText(from), at: now });
      for (const [oldest, entry] of all) {
        if (all.size <= LATE_BRANCHES_MAX && now - entry.at <= LATE_BRANCH_MEMORY_MS) break;
        all.delete(oldest);
      }
    },
    find(key, from, now) {
      const entry = all.get(key);
      if (entry?.from !== endpointText(from) || now - entry.at > LATE_BRANCH_MEMORY_MS) return null;
      return { id: entry.id, invite: entry.invite };
    },
    inviteOf: (id) => [...all.values()].find((entry) => entry.id === id)?.invite ?? null,
  };
}
