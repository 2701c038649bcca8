/** Owns the syntax of the original's configuration files: `name: value`, `#` comments, quotes, `!` and `^` (original-phone 2). */
import { CFG_FILE_MAX_OCTETS, CFG_LINE_MAX, CFG_LINES_MAX } from './defaults.ts';

export interface CfgEntry {
  /** Lower case, words separated by one blank. */
  readonly name: string;
  readonly value: string;
  /** 1-based. */
  readonly line: number;
  /** `!`: read-only for the person at the phone. */
  readonly locked: boolean;
  /** `^`: a local change is undone. */
  readonly reset: boolean;
}

/** What a line that cannot be read holds is never told: it may be a password whose colon was forgotten. */
export interface SyntaxProblem {
  readonly line: number;
  /** Empty where no name could be read. */
  readonly name: string;
  readonly code: 'file-too-long' | 'line-too-long' | 'no-colon' | 'no-name' | 'open-quote' | 'duplicate';
  readonly message: string;
}

export interface CfgFile {
  /** In the order of the file, duplicates included: whoever applies them in order gets the last. */
  readonly entries: readonly CfgEntry[];
  readonly problems: readonly SyntaxProblem[];
}

/** Reads a file; a line that cannot be read is a problem and costs nothing else. The last duplicate wins. */
export function parseCfg(text: string): CfgFile {
  const tooMuch = overlong(text);
  if (tooMuch !== null)
    return { entries: [], problems: [{ line: 1, name: '', code: 'file-too-long', message: `the file ${tooMuch}` }] };
  const entries: CfgEntry[] = [];
  const problems: SyntaxProblem[] = [];
  const lastAt = new Map<string, number>();
  for (const [index, raw] of linesOf(text).entries()) {
    const read = parseLine(raw, index + 1);
    if (read === null) continue;
    if ('code' in read) {
      problems.push(read);
      continue;
    }
    const before = lastAt.get(read.name);
    if (before !== undefined) problems.push(duplicate(read, before));
    lastAt.set(read.name, read.line);
    entries.push(read);
  }
  return { entries, problems };
}

/** Why nothing of a file is read, as what follows its name; null = it is. Whoever has another copy keeps that. */
export function overlong(text: string): string | null {
  if (text.length > CFG_FILE_MAX_OCTETS)
    return `has ${text.length} characters, at most ${CFG_FILE_MAX_OCTETS} are read: nothing of it is used`;
  const lines = linesIn(text);
  return lines > CFG_LINES_MAX ? `has ${lines} lines, at most ${CFG_LINES_MAX} are read: nothing of it is used` : null;
}

/** Counted before they are cut apart: a million of them would cost a second. One that is open at the end counts. */
function linesIn(text: string): number {
  let lines = text === '' || /[\r\n]$/.test(text) ? 0 : 1;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === LF || (sign === CR && text.charCodeAt(at + 1) !== LF)) lines += 1;
  }
  return lines;
}

const [LF, CR] = [10, 13];

/** One line of a file; a value that a reader would cut is quoted. What `readValue` lets pass reads back as it was. */
export const cfgLine = (name: string, value: string): string =>
  `${name}: ${/#|^"|^\s|\s$/.test(value) ? `"${value}"` : value}`.trimEnd();

/** The text of a file with one parameter set, or taken out (`null`). Every other line stays as it is, comments included. */
export function withSetting(text: string, name: string, value: string | null): string {
  const kept = linesOf(text).filter((raw, index, all) => {
    if (raw === '' && index === all.length - 1) return false;
    const read = parseLine(raw, index + 1);
    return read === null || 'code' in read || read.name !== name;
  });
  const lines = value === null ? kept : [...kept, cfgLine(name, value)];
  return lines.map((line) => `${line}\n`).join('');
}

/** Some editors put a byte order mark in front. */
const linesOf = (text: string): readonly string[] => text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);

const duplicate = ({ line, name }: CfgEntry, before: number): SyntaxProblem => ({
  line,
  name,
  code: 'duplicate',
  message: `"${name}" stands in line ${before} too: this later one counts`,
});

function parseLine(raw: string, line: number): CfgEntry | SyntaxProblem | null {
  if (/^\s*(?:#|$)/.test(raw)) return null;
  const problem = (code: SyntaxProblem['code'], name: string, message: string): SyntaxProblem => ({
    ...{ line, name, code, message },
  });
  if (raw.length > CFG_LINE_MAX)
    return problem('line-too-long', '', `the line has ${raw.length} characters, at most ${CFG_LINE_MAX} are read`);
  const [, marks = '', before] = /^\s*([!^]*)([^:#]*):/.exec(raw) ?? [];
  if (before === undefined) return problem('no-colon', '', 'there is no ":" between a parameter and its value');
  const name = before.trim().replace(/\s+/g, ' ').toLowerCase();
  if (!/^[a-z0-9][a-z0-9 ._/-]*$/.test(name))
    return problem('no-name', '', 'what stands before ":" is no parameter name');
  const value = valueIn(raw.slice(raw.indexOf(':') + 1));
  if (value === null)
    return problem('open-quote', name, `the value of "${name}" begins with a quote, but does not end with one`);
  return { name, value, line, locked: marks.includes('!'), reset: marks.includes('^') };
}

/** The value without its quotes and without a comment; null where a quote stays open. A quote within a bare value is a letter. */
function valueIn(rest: string): string | null {
  const bare = rest.trimStart();
  if (!bare.startsWith('"')) return bare.replace(/#.*$/s, '').trim();
  for (let at = bare.indexOf('"', 1); at !== -1; at = bare.indexOf('"', at + 1))
    if (/^\s*(?:#|$)/.test(bare.slice(at + 1))) return bare.slice(1, at);
  return null;
}
