/**
 * Owns when it is a phone's turn, where many phones must not act at one instant. Chance alone bunches: of a thousand phones in a
 * minute one run in twenty sees more than twice the mean in some second. So each phone has a place of its own in every window, by the
 * number that its maker gave it: numbers in a row, as those of a delivery are, lie evenly (multiples of the golden ratio, whose
 * fractions are never far from evenly spread), and any others are as good as drawn.
 */
import type { Random } from './random.ts';

export interface TurnOptions {
  /** 12 hexadecimal digits; null = not known, and the turn is drawn. */
  readonly mac: string | null;
  /** Unix time, ms: phones with one time keep their places however far apart they were told; null = the clock is not set. */
  readonly wallMs: number | null;
  readonly random: Random;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** A maker's phones differ in the last three octets. */
const SERIAL_DIGITS = 6;

/** How long until then, ms: in [0, windowMs). */
export function untilTurn(windowMs: number, { mac, wallMs, random }: TurnOptions): number {
  if (windowMs <= 0) return 0;
  if (mac === null) return random.between(0, windowMs);
  const place = ((Number.parseInt(mac.slice(-SERIAL_DIGITS), 16) * GOLDEN) % 1) * windowMs;
  const since = (place - (wallMs ?? 0)) % windowMs;
  return since < 0 ? since + windowMs : since;
}
