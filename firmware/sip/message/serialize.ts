/** Owns writing a SIP message from data (RFC 3261 7). No value can start a header of its own: CR, LF and NUL are replaced. */
import type { Header, SipMessage } from './message.ts';

/** The octets of the message as latin-1 text; Content-Length is always that of the body. */
export function serialize(message: SipMessage): string {
  const first =
    message.kind === 'request'
      ? `${clean(message.method)} ${clean(message.uri)} SIP/2.0`
      : `SIP/2.0 ${message.status} ${clean(message.reason)}`;
  let text = `${first}\r\n`;
  for (const { name, value } of message.headers) if (name !== 'Content-Length') text += headerLine({ name, value });
  return `${text}Content-Length: ${message.body.length}\r\n\r\n${message.body}`;
}

const headerLine = ({ name, value }: Header): string => `${clean(name)}: ${octets(clean(value))}\r\n`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these very characters would end the header line.
const BREAKS = /[\r\n\u0000]/g;

const clean = (text: string): string => text.replace(BREAKS, ' ');

/** Characters beyond latin-1 leave as their UTF-8 octets. */
function octets(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole latin-1 range is meant.
  if (/^[\u0000-\u00ff]*$/.test(text)) return text;
  let out = '';
  for (const c of text) {
    const point = c.codePointAt(0) ?? 0xfffd;
    out += point < 0x80 ? c : utf8(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
  }
  return out;
}

function utf8(point: number): string {
  if (point < 0x800) return String.fromCharCode(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
  if (point < 0x10000) return String.fromCharCode(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
  return String.fromCharCode(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
}
