/** Owns base64 (RFC 4648 4) for the core, which has no `Buffer`. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function toBase64(octets: Uint8Array): string {
  let text = '';
  for (let at = 0; at < octets.length; at += 3) {
    const [a = 0, b = 0, c = 0] = octets.subarray(at, at + 3);
    const bits = (a << 16) | (b << 8) | c;
    const digits = [18, 12, 6, 0].map((shift) => ALPHABET[(bits >> shift) & 63]).join('');
    const missing = Math.max(0, at + 3 - octets.length);
    text += digits.slice(0, 4 - missing) + '='.repeat(missing);
  }
  return text;
}

/** Null where it is none, by length, sign or padding. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const octets = new Uint8Array((text.length / 4) * 3);
  for (let at = 0; at < text.length; at += 4) {
    let bits = 0;
    for (const sign of text.slice(at, at + 4)) bits = (bits << 6) | Math.max(0, ALPHABET.indexOf(sign));
    octets.set([bits >> 16, (bits >> 8) & 255, bits & 255], (at / 4) * 3);
  }
  return octets.subarray(0, octets.length - (text.match(/=+$/)?.[0].length ?? 0));
}
