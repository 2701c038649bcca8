/** Owns the shape of hashing: it comes in from outside, so that the core stays free of I/O and native code. Types only. */

export type HashAlgorithm = 'MD5' | 'SHA-256' | 'SHA-512-256';

/** Digest of a latin-1 string (one character an octet) as lower-case hexadecimal digits. */
export type Hash = (algorithm: HashAlgorithm, latin1: string) => string;
