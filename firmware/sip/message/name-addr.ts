/** Owns name-addr and addr-spec with header parameters: To, From, Contact, Route (RFC 3261 20.10, 20.20, 25.1). */
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import type { Param } from './scan.ts';
import { paramsText, parseParams, quote, strip, unquote } from './scan.ts';
import type { Uri } from './uri.ts';
import { escapeExcept, parseUri } from './uri.ts';

export interface NameAddr {
  /** Octets of the display name with quotes and escapes resolved; empty = none. */
  readonly display: string;
  /** Null where the scheme is not SIP (tel, http ...). */
  readonly uri: Uri | null;
  readonly uriText: string;
  /** Parameters of the header, not of the URI. */
  readonly params: readonly Param[];
}

/** Without `<>` the parameters belong to the header (RFC 3261 20.10). */
export function parseNameAddr(text: string): Result<NameAddr, string> {
  const open = openBracket(text);
  if (open === -1) return parseAddrSpec(text);
  const close = text.indexOf('>', open);
  if (close === -1) return fail('"<" is not closed');
  const display = parseDisplay(strip(text.slice(0, open)));
  if (!display.ok) return display;
  const params = parseParams(text.slice(close + 1));
  if (!params.ok) return params;
  return withUri(text.slice(open + 1, close), display.value, params.value);
}

function openBracket(text: string): number {
  const first = text.indexOf('<');
  if (first === -1 || text.lastIndexOf('"', first) === -1) return first;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (quoted && text[at] === '\\') at += 1;
    else if (text[at] === '"') quoted = !quoted;
    else if (text[at] === '<' && !quoted) return at;
  }
  return -1;
}

function parseAddrSpec(text: string): Result<NameAddr, string> {
  const semicolon = text.indexOf(';');
  const uri = strip(semicolon === -1 ? text : text.slice(0, semicolon));
  if (/[\s,?"]/.test(uri)) return fail(`"${uri.slice(0, 40)}" must stand in "<>"`);
  const params = semicolon === -1 ? ok([]) : parseParams(text.slice(semicolon));
  return params.ok ? withUri(uri, '', params.value) : params;
}

function parseDisplay(text: string): Result<string, string> {
  if (!text.startsWith('"'))
    return /^[A-Za-z0-9\-.!%*_+`'~ \t\x80-\xff]*$/.test(text)
      ? ok(text)
      : fail('the display name has a forbidden character');
  const content = unquote(text);
  return content === null ? fail('the display name is not closed') : ok(content);
}

function withUri(text: string, display: string, params: readonly Param[]): Result<NameAddr, string> {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(0, colon)).toLowerCase();
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme) || !NO_DELIMITER.test(text)) return fail(`"${text.slice(0, 40)}" is no URI`);
  if (scheme !== 'sip' && scheme !== 'sips') return ok({ display, uri: null, uriText: text, params });
  const uri = parseUri(text);
  return uri.ok ? ok({ display, uri: uri.value, uriText: text, params }) : uri;
}

/** The text of a name-addr; the display name is always quoted and the URI cannot leave its brackets. */
export const nameAddrText = ({ display, uriText, params }: NameAddr): string =>
  `${display === '' ? '' : `${quote(display)} `}<${escapeExcept(uriText, NO_DELIMITER)}>${paramsText(params)}`;

const NO_DELIMITER = /^[\x21\x23-\x3b\x3d\x3f-\x7e\x80-\xff]*$/;
