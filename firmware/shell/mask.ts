/** Owns what a SIP message may show once it is kept: digest answers, passwords, media keys and keyed digits give way to stars (of a key: crosses) of equal length. */

/** Equal length: what counts octets (Content-Length, a dissector) still counts right. */
const stars = (text: string): string => '*'.repeat(text.length);

/** A key line stays one that can be read: a recording of an encrypted call replays. */
const crosses = (text: string): string => 'X'.repeat(text.length);

/** Folded header lines too (RFC 3261 7.3.1). A server's own answer (RFC 7616 3.5) is guessed at as ours is. */
const CREDENTIALS =
  /^((?:Proxy-)?(?:Authorization|Authentication-Info)\s*:(?:[^\r\n]|\r?\n[ \t])*?\b(?:response|rspauth)\s*=\s*)"([^"\r\n]*)"/gim;
const BASIC = /^((?:Proxy-)?Authorization\s*:\s*Basic\s+)([^\r\n]+)/gim;
const USER_PASSWORD = /(\bsips?:[^\s<>":@;]{1,128}:)([^\s<>"@;]{1,128})(?=@)/gi;
/** RFC 4568 9.1, and what keys a file. */
const MEDIA_KEY = /(\binline:)([^\s|;]+)/gi;
const DTMF_TYPE = /^(?:Content-Type|c)\s*:\s*application\/(?:dtmf|dtmf-relay|vnd\.nortelnetworks\.digits)\b/im;
const DIGITS = /(?<=^(?:Signal|Digits?|d)\s*=\s*)[^\s]+/gim;

/** An octet a character, as messages travel inside the phone. */
export function maskMessage(message: string): string {
  const masked = message
    .replace(CREDENTIALS, (_all, before: string, secret: string) => `${before}"${stars(secret)}"`)
    .replace(BASIC, (_all, before: string, secret: string) => `${before}${stars(secret)}`)
    .replace(USER_PASSWORD, (_all, before: string, secret: string) => `${before}${stars(secret)}`)
    .replace(MEDIA_KEY, (_all, before: string, secret: string) => `${before}${crosses(secret)}`);
  return maskDigits(masked);
}

function maskDigits(message: string): string {
  const bodyAt = /\r?\n\r?\n/.exec(message);
  if (bodyAt === null || !DTMF_TYPE.test(message.slice(0, bodyAt.index + 1))) return message;
  const start = bodyAt.index + bodyAt[0].length;
  const body = message.slice(start);
  const relayed = body.replace(DIGITS, stars);
  // `application/dtmf` is the bare digit.
  return `${message.slice(0, start)}${relayed === body ? body.replace(/[^\r\n]/g, '*') : relayed}`;
}
