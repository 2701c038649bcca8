/** Owns the scene of a scenario, which steps act upon and expectations look at, and what comes of a step. */
import type { PhoneEventSeen, TestedPhone } from './phone.ts';

export interface Scene {
  now(): number;
  phone(): TestedPhone;
  /** All so far; those of the last act begin at `since`. */
  readonly events: readonly PhoneEventSeen[];
  /** Where the events of the phone that runs now begin. */
  readonly born: () => number;
  /** The last act: from which event on, and at which time it was in force. */
  readonly last: () => { readonly since: number; readonly at: number };
  /** Resolves when something new was seen, or soon. */
  change(): Promise<void>;
}

/** What came of one step: why it failed, and how long what was expected took since the last act. */
export interface Performed {
  readonly error?: string | undefined;
  readonly measuredMs: number | null;
}
