/** Owns de-bouncing as a pure function: a contact counts when it was read the same for long enough. */

/** A contact must rest this long before it counts, ms: cheap keys bounce for 5 to 15. */
export const DEBOUNCE_MS = 20;

export interface Contact {
  /** What counts. */
  readonly settled: boolean;
  /** What was read last, and for how long it has been so, ms. */
  readonly raw: boolean;
  readonly restedMs: number;
}

export const OPEN_CONTACT: Contact = { settled: false, raw: false, restedMs: 0 };

/** One reading, `elapsedMs` after the one before. */
export function readContact(contact: Contact, raw: boolean, elapsedMs: number): Contact {
  if (raw !== contact.raw) return { settled: contact.settled, raw, restedMs: 0 };
  const restedMs = contact.restedMs + elapsedMs;
  return { settled: restedMs >= DEBOUNCE_MS ? raw : contact.settled, raw, restedMs };
}
