/** Owns which ring a call that comes in has: as its INVITE asks, in the rhythms of the configuration (original-phone 1.7). */
import type { CallSettings } from '../config/settings.ts';

/** Ring and pause in turn, ms, -1 at the end = once; empty = silent; null = as always. */
export type Cadence = readonly number[] | null;

/** What an INVITE says of it: a rhythm by number, or a kind of call by name; null = nothing. */
export type Alert = { readonly dr: number } | { readonly word: string } | null;

const SILENT = 5;

export function cadenceOf(alert: Alert, { rings }: Pick<CallSettings, 'rings'>): Cadence {
  if (alert === null || rings === null) return null;
  if ('dr' in alert) return rings.cadences[alert.dr - 1] ?? null;
  const chosen = rings.words[alert.word] ?? 0;
  if (chosen === SILENT) return [];
  // 1 to 4 are dr2 to dr5; 0 is the usual one.
  return chosen === 0 ? null : (rings.cadences[chosen] ?? null);
}
