/** Owns time as data: branded milliseconds on the monotonic clock, so that no bare number is mistaken for an instant. */

declare const millisBrand: unique symbol;
/** An instant on the phone's monotonic clock, or a duration, in milliseconds. */
export type Millis = number & { readonly [millisBrand]: true };

export const millis = (n: number): Millis => n as Millis;
export const seconds = (n: number): Millis => (n * 1000) as Millis;
/** The instant `duration` ms after `instant`. */
export const after = (instant: Millis, duration: number): Millis => (instant + duration) as Millis;
/** The sooner of two deadlines; `null` = none. */
export function soonest(a: Millis | null, b: Millis | null): Millis | null {
  if (a === null) return b;
  if (b === null) return a;
  return a < b ? a : b;
}
