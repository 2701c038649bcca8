/** Owns hashing by Node's crypto: the implementation of `kernel/hash.ts`. */
import { createHash } from 'node:crypto';
import type { Hash } from '../kernel/hash.ts';

const NAMES = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' } as const;

export const hash: Hash = (algorithm, latin1) => createHash(NAMES[algorithm]).update(latin1, 'latin1').digest('hex');
