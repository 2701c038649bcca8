/** Owns the transforms of SRTP for tests below the shell. */
import { createCipheriv, createHmac } from 'node:crypto';
import type { Cipher } from '../../firmware/media/srtp.ts';

export const cipher: Cipher = {
  counterMode: (key, block, octets) => createCipheriv('aes-128-ctr', key, block).update(octets),
  hmacSha1(key, parts) {
    const hmac = createHmac('sha1', key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  },
};
