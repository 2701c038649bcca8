/** Owns what an emergency call does otherwise: it asks every server of every line, waits least, and takes no refusal that another server might not give (rules 3.8). */
import { EMERGENCY_DEAD_HEDGE_MS, EMERGENCY_HEDGE_MS } from '../../config/defaults.ts';
import type { LineSettings } from '../../config/settings.ts';
import { targetText } from '../../kernel/target.ts';
import type { Candidate, Leg, Locate, Route } from '../../servers/selection.ts';
import { legsOf } from '../../servers/selection.ts';

/** 486 and 487, 600 and 603 are a person's; 401 and 407 ask for a password. */
const FINAL: ReadonlySet<number> = new Set([401, 407, 486, 487, 600, 603]);

export const advancesEmergency = (code: number): boolean => code >= 400 && !FINAL.has(code);

export const emergencyHedgeMs = (known: 'live' | 'unknown' | 'dead'): number =>
  known === 'dead' ? EMERGENCY_DEAD_HEDGE_MS : EMERGENCY_HEDGE_MS;

/** The chosen line's legs, then those of the others in their order. */
export const emergencyLegs = (
  { line: chosen, emergency }: { readonly line: LineSettings; readonly emergency: readonly LineSettings[] | null },
  routeOf: (line: LineSettings) => Route,
  locate: Locate,
): readonly Leg[] => [
  ...legsOf(routeOf(chosen), locate),
  ...(emergency ?? []).flatMap((line) =>
    legsOf(routeOf(line), locate).map((leg) => ({
      ...leg,
      candidates: leg.candidates.map((candidate) => ({ ...candidate, line })),
    })),
  ),
];

/** Each target once, whatever is known of it. `asked`: those that were asked already; grows. */
export function onceEach(candidates: readonly Candidate[], asked: Set<string>): readonly Candidate[] {
  return candidates.filter(({ target, via, setting }) => {
    const key = `${targetText(target)} ${via === null ? '' : setting.name}`;
    if (asked.has(key)) return false;
    asked.add(key);
    return true;
  });
}
