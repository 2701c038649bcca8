/** Owns "did you mean": the known parameter name that is nearest to an unknown one. */
import { PARAMETERS, spelled } from './parameters.ts';

/** Edits at most: beyond them a suggestion would be a guess. */
const EDITS_MAX = 3;
const NAME_MAX = 80;

export function nearestName(name: string): string | null {
  if (name.length > NAME_MAX) return null;
  const line = /^sip line([1-9]) /.exec(name)?.[1];
  let best: string | null = null;
  let bestEdits = EDITS_MAX + 1;
  for (const parameter of PARAMETERS) {
    const candidate = spelled(parameter.name, line === undefined || parameter.scope !== 'line' ? null : Number(line));
    const edits = distance(name, candidate);
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > EDITS_MAX) return EDITS_MAX + 1;
  let row = Array.from({ length: b.length + 1 }, (_cell, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + cost));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
