/** Owns the nonces of one registrar: made from a secret that dies with its process, so that no other server knows them. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** `own`: issued here and young; `old`: issued here, its time is over or its count was used; `foreign`: anybody's. */
export type NonceOrigin = 'own' | 'old' | 'foreign';

export interface Nonces {
  issue(nowMs: number): string;
  /** Judges a nonce and notes its count: each count is good once, and only rising. An empty count is not checked (no qop). */
  judge(nonce: string, count: string, nowMs: number): NonceOrigin;
}

const SALT_OCTETS = 8;

export function createNonces(lifeS: number): Nonces {
  const secret = randomBytes(32);
  const counts = new Map<string, { count: number; readonly issuedMs: number }>();
  const sign = (head: string): Buffer => createHmac('sha256', secret).update(head).digest().subarray(0, 16);
  return {
    issue(nowMs) {
      for (const [nonce, { issuedMs }] of counts) if (nowMs - issuedMs > lifeS * 1000) counts.delete(nonce);
      const head = `${Math.trunc(nowMs).toString(36)}.${randomBytes(SALT_OCTETS).toString('hex')}`;
      return `${head}.${sign(head).toString('hex')}`;
    },
    judge(nonce, count, nowMs) {
      const match = /^(([0-9a-z]{1,12})\.[0-9a-f]{16})\.([0-9a-f]{32})$/.exec(nonce);
      if (match === null) return 'foreign';
      const [, head = '', issued = '', mac = ''] = match;
      if (!timingSafeEqual(Buffer.from(mac, 'hex'), sign(head))) return 'foreign';
      const issuedMs = Number.parseInt(issued, 36);
      if (nowMs - issuedMs > lifeS * 1000) return 'old';
      if (count === '') return 'own';
      const used = counts.get(nonce)?.count ?? 0;
      const now = Number.parseInt(count, 16);
      if (!(now > used)) return 'old';
      counts.set(nonce, { count: now, issuedMs });
      return 'own';
    },
  };
}
