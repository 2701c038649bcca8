/**
 * Owns what is known of one chip: asked again at once where it failed, told once when it still does not answer, asked again with back-off,
 * told once when it is back. A single transfer may fail for nothing: noise on a wire, a kernel that was late.
 */
import type { Scheduler } from '../ports.ts';

/** So soon that no key press falls between. */
const SECOND_TRY_MS = 10;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 10_000;

export type Health = 'lost' | 'back';

export interface ChipHealth {
  /** The chip did not answer: `again` runs after the back-off. */
  failed(again: () => void): void;
  answered(): void;
}

export function createHealth(scheduler: Scheduler, tell: (health: Health) => void = () => undefined): ChipHealth {
  let failures = 0;
  let retryMs = RETRY_FIRST_MS;
  return {
    failed(again) {
      failures += 1;
      if (failures === 1) return void scheduler.after(SECOND_TRY_MS, again);
      if (failures === 2) tell('lost');
      scheduler.after(retryMs, again);
      retryMs = Math.min(RETRY_MAX_MS, 2 * retryMs);
    },
    answered() {
      if (failures > 1) tell('back');
      failures = 0;
      retryMs = RETRY_FIRST_MS;
    },
  };
}
