/** Owns a configuration file as a person edits it: shown without its secrets, taken back with them, and what changed line by line. */
import { addressPassword, HIDDEN } from './address-login.ts';
import { parseCfg } from './cfg-file.ts';
import { looksSecret } from './nearest.ts';

const UNREADABLE = '#? a line that cannot be read: kept, not shown, number';

/** Each line of the text; a line of a secret shows its name alone, and one that cannot be read nothing: it may be a password. */
export function shownLines(text: string): readonly string[] {
  const unreadable = new Set(
    parseCfg(text)
      .problems.filter(({ code }) => code !== 'duplicate')
      .map(({ line }) => line),
  );
  return linesOf(text).map((line, index) =>
    unreadable.has(index + 1) ? `${UNREADABLE} ${index + 1}` : withoutSecret(line),
  );
}

export interface Restored {
  readonly text: string;
  /** A sentence for each stand-in that stands for nothing. */
  readonly wrong: readonly string[];
}

/** What was shown of `original` and edited, with its secrets again. */
export function restored(edited: string, original: string): Restored {
  const before = linesOf(original);
  const secrets = new Map<string, string>();
  for (const line of before) {
    const found = secretIn(line);
    if (found !== null && found.value !== '') secrets.set(found.name, found.value);
  }
  const wrong: string[] = [];
  const lines = linesOf(edited).map((line, index) => {
    if (line.startsWith(UNREADABLE)) return before[Number(line.slice(UNREADABLE.length)) - 1] ?? line;
    const found = secretIn(line);
    if (found?.value !== HIDDEN) return line;
    const kept = secrets.get(found.name);
    if (kept === undefined) wrong.push(`line ${index + 1}: there is no hidden value of "${found.name}" to keep`);
    return `${found.before}${kept ?? ''}${found.after}`;
  });
  return { text: lines.map((line) => `${line}\n`).join(''), wrong };
}

export interface DiffLine {
  readonly kind: 'same' | 'out' | 'in';
  /** Without secrets. */
  readonly text: string;
}

/** Pairs of lines that are compared; beyond, all that differs goes out and comes in. */
const PAIRS_MAX = 1_000_000;
/** Unchanged lines shown around a change. */
const AROUND = 2;

/** What one text has and the other has not, with a few lines around; empty where they are equal. */
export function diffOf(before: string, after: string): readonly DiffLine[] {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const [oldShown, freshShown] = [shownLines(before), shownLines(after)];
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, fresh.length) - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  const out = old.slice(head, old.length - tail);
  const into = fresh.slice(head, fresh.length - tail);
  if (out.length === 0 && into.length === 0) return [];
  const middle = walk(out, into).map(
    ({ kind, at }): DiffLine => ({
      kind,
      text: (kind === 'in' ? freshShown[head + at] : oldShown[head + at]) ?? '',
    }),
  );
  const same = (texts: readonly string[]): readonly DiffLine[] => texts.map((text) => ({ kind: 'same', text }));
  return [
    ...same(oldShown.slice(Math.max(0, head - AROUND), head)),
    ...middle,
    ...same(oldShown.slice(old.length - tail, old.length - tail + AROUND)),
  ];
}

interface Walked {
  readonly kind: DiffLine['kind'];
  /** Index in the old lines; of `in`, in the new ones. */
  readonly at: number;
}

/** By the longest run of lines that both have. */
function walk(old: readonly string[], fresh: readonly string[]): readonly Walked[] {
  const walked: Walked[] = [];
  let [o, f] = [0, 0];
  if (old.length * fresh.length <= PAIRS_MAX) {
    const common = commonLengths(old, fresh);
    const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
    while (o < old.length && f < fresh.length) {
      if (old[o] === fresh[f]) {
        walked.push({ kind: 'same', at: o });
        o += 1;
        f += 1;
      } else if (at(o + 1, f) >= at(o, f + 1)) {
        walked.push({ kind: 'out', at: o });
        o += 1;
      } else {
        walked.push({ kind: 'in', at: f });
        f += 1;
      }
    }
  }
  for (; o < old.length; o += 1) walked.push({ kind: 'out', at: o });
  for (; f < fresh.length; f += 1) walked.push({ kind: 'in', at: f });
  return walked;
}

/** How many lines the ends of both texts share, from each pair of places on. */
function commonLengths(old: readonly string[], fresh: readonly string[]): readonly Uint32Array[] {
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint32Array(fresh.length + 1));
  for (let o = old.length - 1; o >= 0; o -= 1)
    for (let f = fresh.length - 1; f >= 0; f -= 1) {
      const [row, next] = [lengths[o], lengths[o + 1]];
      if (row === undefined || next === undefined) continue;
      row[f] = old[o] === fresh[f] ? (next[f + 1] ?? 0) + 1 : Math.max(next[f] ?? 0, row[f + 1] ?? 0);
    }
  return lengths;
}

/** Without an empty one at the end. */
function linesOf(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function withoutSecret(line: string): string {
  const found = secretIn(line);
  return found === null || found.value === '' ? line : `${found.before}${HIDDEN}${found.after}`;
}

interface Secret {
  readonly before: string;
  readonly name: string;
  readonly value: string;
  readonly after: string;
}

/** A line that names a secret, or an address with a password in it, and a comment that once was one. */
function secretIn(line: string): Secret | null {
  const colon = line.indexOf(':');
  // Cut by hand: where a pattern looks for the end of blanks, a line of a million of them would hold the phone up.
  const named = line.slice(0, colon).replace(/^\s*#?\s*[!^]*/, '');
  const name = named.trim().replace(/\s+/g, ' ').toLowerCase();
  if (colon === -1 || name === '' || name.includes('#')) return null;
  const rest = line.slice(colon + 1).trimStart();
  const before = line.slice(0, line.length - rest.length);
  const value = rest.trimEnd();
  if (looksSecret(name)) return { before, name, value, after: '' };
  const found = addressPassword(value);
  return found === null ? null : { ...found, before: `${before}${found.before}`, name };
}
