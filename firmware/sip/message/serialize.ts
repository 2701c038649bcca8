/**
 * Owns writing a SIP message from data (RFC 3261 7). All text in it is octets already (`utf8.ts`), and no value can start a
 * header of its own: CR, LF and NUL are replaced, and a character beyond latin-1 becomes UTF-8, for its low octet alone may
 * be a line end.
 */
import { canonicalName } from './header-names.ts';
import type { Header, SipMessage } from './message.ts';
import { TOKEN } from './scan.ts';
import { escapeExcept } from './uri.ts';
import { toOctets } from './utf8.ts';

/** The octets of the message as latin-1 text; Content-Length is always that of the body. */
export function serialize(message: SipMessage): string {
  const body = toOctets(message.body);
  let text =
    message.kind === 'request' ? requestLine(message) : `SIP/2.0 ${message.status} ${clean(message.reason)}\r\n`;
  for (const header of message.headers) if (canonicalName(header.name) !== 'Content-Length') text += headerLine(header);
  return `${text}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** A space would end the Request-URI, so it is escaped and not only replaced. */
const requestLine = ({ method, uri }: { readonly method: string; readonly uri: string }): string =>
  `${token(method)} ${escapeExcept(uri, VISIBLE)} SIP/2.0\r\n`;

const VISIBLE = /^[\x21-\x7e\x80-\xff]*$/;

const headerLine = ({ name, value }: Header): string => `${token(name)}: ${clean(value)}\r\n`;

const token = (text: string): string => (TOKEN.test(text) ? text : text.replace(/[^A-Za-z0-9\-.!%*_+`'~]/g, '-'));

/** Nearly every value is harmless, and then one look at it is enough. */
const clean = (text: string): string => (HARMLESS.test(text) ? text : toOctets(text).replace(BREAKS, ' '));

const HARMLESS = /^[\t\x20-\x7e\x80-\xff]*$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these very characters would end the header line.
const BREAKS = /[\r\n\u0000]/g;
