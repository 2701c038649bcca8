/** Owns how the lab's servers ask who somebody is: MD5 with nonces of their own process (RFC 3261 22, RFC 7616 3.3). */
import type { SipMessage } from 'sip';
import digest from 'sip/digest.js';
import { createNonces } from './nonces.ts';
import type { Account } from './protocol.ts';

type Credentials = Readonly<Record<string, string | undefined>>;
export type Answer = readonly [status: number, reason: string, headers?: Readonly<Record<string, unknown>>];

/** What is answered to who has not shown to be this account; null = has. */
export type Authenticate = (request: SipMessage, method: string, account: Account) => Answer | null;

export function createAuthenticate(realm: string, nonceLifeS: number): Authenticate {
  const nonces = createNonces(nonceLifeS);

  function challenge(stale: boolean): Answer {
    const fields = {
      scheme: 'Digest',
      realm: `"${realm}"`,
      nonce: `"${nonces.issue(Date.now())}"`,
      qop: '"auth"',
      algorithm: 'MD5',
      ...(stale ? { stale: 'true' } : {}),
    };
    return [401, 'Unauthorized', { 'www-authenticate': [fields] }];
  }

  return (request, method, account) => {
    const sent = credentialsOf(request, realm);
    if (sent === null) return challenge(false);
    if (sent['uri'] !== request.uri) return [400, 'Digest For Another URI'];
    const nonce = sent['nonce'] ?? '';
    const expected = digest.calculateDigest({
      ha1: digest.calculateUserRealmPasswordHash(account.auth, realm, account.password),
      nonce,
      nc: sent['nc'],
      cnonce: sent['cnonce'],
      qop: sent['qop'],
      method,
      uri: sent['uri'],
    });
    const right = expected === sent['response'] && sent['username'] === account.auth;
    const origin = nonces.judge(nonce, sent['nc'] ?? '', Date.now());
    if (!right) return origin === 'foreign' ? challenge(false) : [403, 'Forbidden'];
    // A right answer to a nonce that is not our own any more is only late.
    return origin === 'own' ? null : challenge(true);
  };
}

/** The digest credentials for a realm, their quotes taken off. */
function credentialsOf(request: SipMessage, realm: string): Credentials | null {
  const all = (request.headers['authorization'] ?? []) as readonly Credentials[];
  const bare = all.map((fields) =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value?.replace(/^"(.*)"$/, '$1')])),
  );
  return bare.find((fields) => fields['scheme']?.toLowerCase() === 'digest' && fields['realm'] === realm) ?? null;
}
