/** Owns the syntax of the original's configuration files: `name: value`, `#` comments, quotes, `!` and `^` (original-phone 2). */
import { CFG_FILE_MAX_OCTETS, CFG_LINE_MAX } from './defaults.ts';

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

export interface SyntaxProblem {
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

export interface CfgFile {
  readonly entries: readonly CfgEntry[];
  readonly problems: readonly SyntaxProblem[];
}

/** Reads a file; a line that cannot be read is a problem and costs nothing else. The last duplicate wins. */
export function parseCfg(text: string): CfgFile {
  if (text.length > CFG_FILE_MAX_OCTETS)
    return {
      entries: [],
      problems: [
        {
          line: 1,
          code: 'file-too-long',
          message: `the file has ${text.length} octets, at most ${CFG_FILE_MAX_OCTETS} are read`,
        },
      ],
    };
  const entries: CfgEntry[] = [];
  const problems: SyntaxProblem[] = [];
  const firstAt = new Map<string, number>();
  const lines = text.replace(/^(?:\uFEFF|\u00ef\u00bb\u00bf)/, '').split(/\r\n|\n|\r/);
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const read = parseLine(raw, line);
    if (read === null) continue;
    if ('code' in read) {
      problems.push(read);
      continue;
    }
    const before = firstAt.get(read.name);
    if (before !== undefined)
      problems.push({
        line,
        code: 'duplicate',
        message: `"${read.name}" stands in line ${before} too; this later one counts`,
      });
    firstAt.set(read.name, line);
    entries.push(read);
  }
  return { entries, problems };
}

function parseLine(raw: string, line: number): CfgEntry | SyntaxProblem | null {
  if (raw.length > CFG_LINE_MAX)
    return {
      line,
      code: 'line-too-long',
      message: `the line has ${raw.length} characters, at most ${CFG_LINE_MAX} are read`,
    };
  const bare = withoutComment(raw).trim();
  if (bare === '') return null;
  const colon = bare.indexOf(':');
  if (colon === -1)
    return { line, code: 'no-colon', message: `"${bare.slice(0, 40)}" has no ":" between name and value` };
  const marked = bare.slice(0, colon).trim();
  const name = marked
    .replace(/^[!^]+/, '')
    .trim()
    .replace(/\s+/g, ' ')
    .toLowerCase();
  if (name === '') return { line, code: 'no-name', message: 'there is no parameter name before ":"' };
  const value = unquoted(bare.slice(colon + 1).trim());
  if (value === null) return { line, code: 'open-quote', message: `the quote in the value of "${name}" is not closed` };
  const prefix = /^[!^]*/.exec(marked)?.[0] ?? '';
  return { name, value, line, locked: prefix.includes('!'), reset: prefix.includes('^') };
}

/** A `#` starts a comment, but not inside double quotes. */
function withoutComment(raw: string): string {
  let quoted = false;
  for (let at = 0; at < raw.length; at += 1) {
    if (raw[at] === '"') quoted = !quoted;
    else if (raw[at] === '#' && !quoted) return raw.slice(0, at);
  }
  return raw;
}

function unquoted(value: string): string | null {
  if (!value.startsWith('"')) return value;
  return value.length >= 2 && value.endsWith('"') ? value.slice(1, -1) : null;
}

/** One line of a file; a value that a reader would cut is quoted. */
export const cfgLine = (name: string, value: string): string =>
  `${name}: ${/[#"]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '')}"` : value}`;
