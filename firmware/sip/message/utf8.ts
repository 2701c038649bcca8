/** Owns UTF-8 in both directions: text into octets for the wire, and decoding octets into text that is shown; what is not UTF-8 becomes U+FFFD and is never fatal (RFC 3629). */

export function decodeUtf8(latin1: string): string {
  let out = '';
  for (let at = 0; at < latin1.length; ) {
    const length = lengthOf(latin1.charCodeAt(at));
    const point = length === 0 ? null : pointAt(latin1, at, length);
    out += point === null ? '\uFFFD' : String.fromCodePoint(point);
    at += point === null ? 1 : length;
  }
  return out;
}

/** Octets of the character that this octet leads; 0 where it leads none. */
function lengthOf(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead >= 0xf5) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

const LEAST = [0, 0, 0x80, 0x800, 0x10000];

/** The code point, null where it is cut, overlong, a surrogate or beyond Unicode. */
function pointAt(text: string, at: number, length: number): number | null {
  const lead = text.charCodeAt(at);
  let point = length === 1 ? lead : lead & (0xff >> (length + 1));
  for (let next = 1; next < length; next += 1) {
    const octet = text.charCodeAt(at + next);
    if (Number.isNaN(octet) || (octet & 0xc0) !== 0x80) return null;
    point = (point << 6) | (octet & 0x3f);
  }
  const valid = point >= (LEAST[length] ?? 0) && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return valid ? point : null;
}

/** The UTF-8 octets of a text, one latin-1 character each; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): string {
  let out = '';
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0xfffd;
    const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    if (point < 0x80) out += c;
    else if (point < 0x800) out += String.fromCharCode(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000)
      out += String.fromCharCode(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else
      out += String.fromCharCode(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 0x3f),
        0x80 | ((point >> 6) & 0x3f),
        0x80 | (point & 0x3f),
      );
  }
  return out;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole range of octets is meant.
const NO_OCTET = /[^\u0000-\u00ff]/gu;

/** Text that should be octets already: a character that is none becomes UTF-8, so that cutting it to one octet cannot make a line end. */
export const toOctets = (text: string): string => text.replace(NO_OCTET, encodeUtf8);
