/** Owns the small scanners that several header grammars share: splitting outside quotes and angle brackets (RFC 3261 25.1). */
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';

/** `;name=value` of a URI or a header; `value` null where there is no `=`. */
export interface Param {
  readonly name: string;
  readonly value: string | null;
}

export const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/** Without the blanks around it. `trim` would take the octet A0 too, and with it the end of many a UTF-8 character. */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

const isBlank = (c: string | undefined): boolean => c === ' ' || c === '\t' || c === '\r' || c === '\n';

/** Splits at `separator` outside quoted strings and `<...>`. */
export function splitOutside(text: string, separator: string): readonly string[] {
  if (!text.includes(separator)) return [strip(text)];
  return text.includes('"') || text.includes('<') ? splitQuoted(text, separator) : text.split(separator).map(strip);
}

/** One pass, so that a hostile value costs linear time. */
function splitQuoted(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at];
    if (quoted) {
      if (c === '\\') at += 1;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '<') depth += 1;
    else if (c === '>') depth = Math.max(0, depth - 1);
    else if (c === separator && depth === 0) {
      parts.push(strip(text.slice(start, at)));
      start = at + 1;
    }
  }
  parts.push(strip(text.slice(start)));
  return parts;
}

/** Parameters after the first `;`; `text` starts with `;` or is empty. */
export function parseParams(text: string): Result<readonly Param[], string> {
  const trimmed = strip(text);
  if (trimmed === '') return ok([]);
  if (!trimmed.startsWith(';')) return fail(`parameters start with ";", not with "${trimmed.slice(0, 20)}"`);
  const params: Param[] = [];
  for (const part of splitOutside(trimmed.slice(1), ';')) {
    const equals = part.indexOf('=');
    const name = strip(equals === -1 ? part : part.slice(0, equals));
    if (!TOKEN.test(name)) return fail(`"${name.slice(0, 40)}" is no parameter name`);
    const raw = equals === -1 ? null : strip(part.slice(equals + 1));
    const value = raw === null ? ok(null) : paramValue(raw);
    if (!value.ok) return value;
    params.push({ name: name.toLowerCase(), value: value.value });
  }
  return ok(params);
}

/** Visible octets but the delimiters of a header; UTF-8 without quotes is tolerated. */
const UNQUOTED = /^[\x21\x23-\x2b\x2d-\x3a\x3d\x3f-\x7e\x80-\xff]*$/;

function paramValue(raw: string): Result<string, string> {
  if (!raw.startsWith('"')) return UNQUOTED.test(raw) ? ok(raw) : fail(`"${raw.slice(0, 40)}" is no parameter value`);
  const closed = unquote(raw);
  return closed === null ? fail('a quoted value is not closed') : ok(closed);
}

/** The content of a quoted string with escapes resolved; null where it is not one whole quoted string. */
export function unquote(text: string): string | null {
  if (!text.startsWith('"')) return null;
  if (!text.includes('\\'))
    return text.length > 1 && text.indexOf('"', 1) === text.length - 1 ? text.slice(1, -1) : null;
  let content = '';
  for (let at = 1; at < text.length; at += 1) {
    const c = text[at] as string;
    if (c === '\\') {
      at += 1;
      if (at >= text.length) return null;
      content += text[at];
    } else if (c === '"') return at === text.length - 1 ? content : null;
    else content += c;
  }
  return null;
}

/** A quoted string; a line end cannot stand in one, not even escaped (RFC 3261 25.1). */
export const quote = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replace(/[\r\n]/g, ' ')}"`;

export const paramOf = (params: readonly Param[], name: string): string | null | undefined =>
  params.find((param) => param.name === name)?.value;

/** `;name=value` text; a value that is no token is quoted. */
export const paramsText = (params: readonly Param[]): string =>
  params
    .map(({ name, value }) =>
      value === null
        ? `;${paramName(name)}`
        : `;${paramName(name)}=${/^[A-Za-z0-9\-.!%*_+`'~:[\]/]*$/.test(value) && value !== '' ? value : quote(value)}`,
    )
    .join('');

const paramName = (name: string): string => name.replace(/[^A-Za-z0-9\-.!%*_+`'~]/g, '-');
