/** Owns how fast attempts may start: a token bucket for the whole phone, urgent ones first, each owner at most once in the queue (rules 4, "subscriptions"). */
import type { Millis } from '../kernel/time.ts';
import { after, millis } from '../kernel/time.ts';

/** Rules 4: 20 attempts a second, 10 at once. */
export const PACE = { perSecond: 20, burst: 10 } as const;

interface Waiting<T> {
  readonly owner: string;
  readonly urgent: boolean;
  readonly item: T;
}

export interface Pacer<T> {
  /** Takes the place of what this owner had waiting. */
  add(owner: string, item: T, how: { readonly urgent: boolean }): void;
  remove(owner: string): void;
  /** Nothing starts before that. */
  hold(until: Millis): void;
  /** Shut, nothing starts until it is opened. */
  gate(state: 'open' | 'shut'): void;
  /** What may start now, in its order. */
  take(now: Millis): readonly T[];
  /** When something more may start, after `take`; null = nothing waits. */
  next(): Millis | null;
}

export function createPacer<T>(): Pacer<T> {
  let waiting: readonly Waiting<T>[] = [];
  let tokens: number = PACE.burst;
  let filledAt = millis(0);
  let heldUntil = millis(0);
  let isShut = false;

  function fill(now: Millis): void {
    tokens = Math.min(PACE.burst, tokens + ((now - filledAt) * PACE.perSecond) / 1000);
    filledAt = now;
  }

  return {
    add(owner, item, { urgent }) {
      const others = waiting.filter((entry) => entry.owner !== owner);
      const at = urgent ? others.findLastIndex((entry) => entry.urgent) + 1 : others.length;
      waiting = [...others.slice(0, at), { owner, urgent, item }, ...others.slice(at)];
    },
    remove(owner) {
      waiting = waiting.filter((entry) => entry.owner !== owner);
    },
    hold(until) {
      heldUntil = until;
    },
    gate(state) {
      isShut = state === 'shut';
    },
    take(now) {
      if (waiting.length === 0 || isShut || now < heldUntil) return [];
      fill(now);
      const count = Math.floor(tokens + TINY);
      const taken = waiting.slice(0, count);
      waiting = waiting.slice(count);
      tokens -= taken.length;
      return taken.map(({ item }) => item);
    },
    next() {
      if (waiting.length === 0 || isShut) return null;
      const filled = after(filledAt, Math.max(0, Math.ceil(((1 - TINY - tokens) * 1000) / PACE.perSecond)));
      return millis(Math.max(filled, heldUntil));
    },
  };
}

/** Sums of fractions fall short of a whole token by less than this. */
const TINY = 1e-6;
