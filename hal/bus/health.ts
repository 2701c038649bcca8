/** Owns what is known of one chip: told once when it stops answering, asked again with back-off, told once when it is back. */
import type { Scheduler } from '../ports.ts';

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 10_000;

export type Health = 'lost' | 'back';

export interface ChipHealth {
  /** The chip did not answer: `again` runs after the back-off. */
  failed(again: () => void): void;
  answered(): void;
}

export function createHealth(scheduler: Scheduler, tell: (health: Health) => void = () => undefined): ChipHealth {
  let retryMs: number | null = null;
  return {
    failed(again) {
      if (retryMs === null) tell('lost');
      retryMs = retryMs === null ? RETRY_FIRST_MS : Math.min(RETRY_MAX_MS, 2 * retryMs);
      scheduler.after(retryMs, again);
    },
    answered() {
      if (retryMs === null) return;
      retryMs = null;
      tell('back');
    },
  };
}
