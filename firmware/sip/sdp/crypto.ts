/** Owns the `crypto` lines of a description (RFC 4568): which keys of a far side's can be used, and how ours are written. */

/** Those of RFC 3711, best first: they differ in the length of a packet's tag. */
export const SUITES = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const;

export type Suite = (typeof SUITES)[number];

/** One `crypto` line: the key of who wrote it, for the packets that it sends (6.1). */
export interface MediaKey {
  /** Names the line in the answer to it (5.1.2). */
  readonly tag: number;
  readonly suite: Suite;
  /** Key and salt, 30 octets in base64. */
  readonly masterKey: string;
}

/** How both sides have agreed to encrypt. */
export interface Secured {
  readonly suite: Suite;
  readonly sends: Pick<MediaKey, 'masterKey'>;
  readonly receives: Pick<MediaKey, 'masterKey'>;
}

/** As `sdp-transform` has a line. */
export interface CryptoLine {
  readonly id: number;
  readonly suite: string;
  readonly config: string;
  readonly sessionConfig?: string;
}

/** 16 octets of key and 14 of salt; a lifetime binds only who sends with the key, and no packet of ours names a key by MKI (6.1). */
const INLINE = /^inline:([A-Za-z0-9+/]{40})(?:\|(?:2\^\d{1,2}|\d{1,15}))?$/;
/** Lines that are looked at: what is beyond is not (our choice). */
const LINES_MAX = 16;

/** The keys that can be used, in the order of the description; a line that cannot is left out (5.1.2). */
export function keysIn(lines: readonly CryptoLine[]): readonly MediaKey[] {
  return lines.slice(0, LINES_MAX).flatMap((line) => {
    const suite = SUITES.find((known) => known === line.suite);
    const masterKey = INLINE.exec(String(line.config))?.[1];
    const tag = Number(line.id);
    const usable = suite !== undefined && masterKey !== undefined && Number.isInteger(tag) && tag <= 999_999_999;
    return usable && isPlain(line.sessionConfig ?? '') ? [{ tag, suite, masterKey }] : [];
  });
}

/** Whoever does not know a session parameter must not take its line, but for a hint and for what may be passed over (6.3.6, 6.3.7). */
const isPlain = (parameters: string): boolean =>
  String(parameters)
    .split(' ')
    .every((word) => word === '' || word.startsWith('-') || /^WSH=\d+$/.test(word));

export const lineOf = ({ tag, suite, masterKey }: MediaKey): CryptoLine => ({
  ...{ id: tag, suite, config: `inline:${masterKey}` },
});
