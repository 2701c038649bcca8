/** Owns writing a SIP message from data (RFC 3261 7); all text in it is octets already (`utf8.ts`). No value can start a header of its own: CR, LF and NUL are replaced. */
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

const headerLine = ({ name, value }: Header): string => `${clean(name)}: ${clean(value)}\r\n`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these very characters would end the header line.
const BREAKS = /[\r\n\u0000]/g;

const clean = (text: string): string => text.replace(BREAKS, ' ');
