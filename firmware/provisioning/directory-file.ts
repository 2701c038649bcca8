/**
 * Owns the list of names that a configuration server gives (`directory 1`, `directory 2`): a record a line, `name, number, line`; quotes
 * around what holds a comma or a `#`, which else begins a comment (original-phone 6). Later fields, as the original's mode, are left out.
 */
import { DIRECTORY_MAX, LINES_MAX, LIST_NAME_MAX, LIST_NUMBER_MAX } from '../config/defaults.ts';
import { isSafePath } from '../config/paths.ts';

/** Characters of a record: our choice, the longest name, number and mode fit. */
const RECORD_MAX = 512;

export const DIRECTORY_LISTS = [1, 2] as const;

/** Where the list is kept in the state folder. */
export const keptName = (list: number): string => `directory${list}.csv`;

export interface DirectoryFile {
  readonly names: readonly { readonly name: string; readonly number: string; readonly line: number }[];
  /** What could not be used, a sentence; null = all of it could. */
  readonly problem: string | null;
}

/** The file on the server; empty = none is named; null = it leads out of the server's folder. */
export function directoryPath(value: string): string | null {
  const path = value.trim().replace(/^\/+/, '');
  return isSafePath(path) ? path : null;
}

export function readDirectory(text: string): DirectoryFile {
  const names: DirectoryFile['names'][number][] = [];
  let bad: { line: number; why: string } | null = null;
  let badLines = 0;
  let left = 0;
  text.split(/\r\n|\n|\r/).forEach((record, index) => {
    const read = readRecord(record);
    if (read === null) return;
    if (typeof read === 'string') {
      bad ??= { line: index + 1, why: read };
      badLines += 1;
    } else if (names.length < DIRECTORY_MAX) names.push(read);
    else left += 1;
  });
  return { names, problem: problemOf(bad, badLines, left) };
}

function problemOf(bad: { line: number; why: string } | null, badLines: number, left: number): string | null {
  const said: string[] = [];
  if (bad !== null) said.push(`line ${bad.line}: ${bad.why}${badLines > 1 ? `, and ${badLines - 1} more` : ''}`);
  if (left > 0) said.push(`more than ${DIRECTORY_MAX} names: ${left} are left out`);
  return said.length === 0 ? null : said.join('; ');
}

/** Null = a comment or nothing; a text = why it is no entry. */
function readRecord(record: string): DirectoryFile['names'][number] | string | null {
  if (record.length > RECORD_MAX) return `at most ${RECORD_MAX} characters are expected`;
  const fields = fieldsOf(record.replace(/^\uFEFF/, ''));
  if (fields === null) return 'a quote that does not end';
  const [name = '', number = '', line = ''] = fields;
  if (fields.every((field) => field === '')) return null;
  if (number === '') return 'name and number are expected, with a comma between';
  if (name.length > LIST_NAME_MAX || number.length > LIST_NUMBER_MAX)
    return `at most ${LIST_NAME_MAX} characters of name and ${LIST_NUMBER_MAX} of number are expected`;
  if (/[\p{Cc}]/u.test(name + number)) return 'control characters are not expected';
  if (line !== '' && !(/^\d$/.test(line) && Number(line) >= 1 && Number(line) <= LINES_MAX))
    return `a line from 1 to ${LINES_MAX} is expected`;
  return { name, number, line: line === '' ? 1 : Number(line) };
}

/** Comma-separated; `""` in quotes is one quote; `#` outside of them ends the record. Null = a quote is open at its end. */
function fieldsOf(record: string): readonly string[] | null {
  const fields: string[] = [];
  for (let at = 0; at <= record.length; ) {
    const rest = record.slice(at);
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(?=,|#|$)/.exec(rest);
    const [whole, inner] = quoted ?? /^([^,#]*)/.exec(rest) ?? ['', ''];
    if (quoted === null && whole.trim().startsWith('"')) return null;
    fields.push(quoted === null ? whole.trim() : (inner ?? '').replaceAll('""', '"'));
    at += whole.length;
    if (record[at] !== ',') return fields;
    at += 1;
  }
  return fields;
}
