/** Owns the hash of pure tests: Node's crypto, handed to the phone as a function. */
import { createHash } from 'node:crypto';
import type { Hash } from '../../firmware/kernel/hash.ts';

const NAMES = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' } as const;

export const testHash: Hash = (algorithm, latin1) =>
  createHash(NAMES[algorithm]).update(latin1, 'latin1').digest('hex');
