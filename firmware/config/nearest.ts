/** Owns "did you mean": the known parameter name that is nearest to an unknown one. */
import type { Parameter } from './parameter.ts';
import { findParameter, isSecret, PARAMETERS, spelled } from './parameters.ts';

/** Edits at most, and for short names one in this many letters: beyond them a suggestion would be a guess. */
const EDITS_MAX = 3;
const LETTERS_PER_EDIT = 4;
const NAME_MAX = 80;
/** A file of a thousand wrong names is read while somebody waits for its page: each is held against these few alone. */
const SECRETS = PARAMETERS.filter(({ name }) => isSecret(name));

export const nearestName = (name: string): string | null => nearestOf(name, PARAMETERS);

function nearestOf(name: string, parameters: readonly Parameter[]): string | null {
  if (name.length > NAME_MAX) return null;
  const line = /^sip line([1-9]) /.exec(name)?.[1];
  let best: string | null = null;
  let bestEdits = Math.min(EDITS_MAX, Math.floor(name.length / LETTERS_PER_EDIT)) + 1;
  for (const parameter of parameters) {
    const own = line === undefined || parameter.scope !== 'line' ? null : Number(line);
    const candidate = spelled(parameter.name, own);
    const edits = distance(name, candidate, bestEdits);
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** Values that are never shown: those of secrets, and of names that are one but for a slip of the pen. */
export const looksSecret = (name: string): boolean =>
  isSecret(name) || (findParameter(name) === null && nearestOf(name, SECRETS) !== null);

/** Levenshtein distance, exact below `limit`; given up as soon as it cannot be below. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_cell, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const edits = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + cost);
      next.push(edits);
      least = Math.min(least, edits);
    }
    if (least >= limit) return limit;
    row = next;
  }
  return row[b.length] ?? limit;
}
