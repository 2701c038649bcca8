/** Owns digest authentication: the vectors of RFC 2617 and RFC 7616, and rows K1 to K4. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Challenge } from '../../../../firmware/sip/auth.ts';
import { authorizationHeader, challengesOf, chooseChallenges } from '../../../../firmware/sip/auth.ts';
import type { Header, SipResponse } from '../../../../firmware/sip/message/message.ts';
import { testHash } from '../../../support/digest.ts';

const unauthorized = (...headers: readonly Header[]): SipResponse => ({
  kind: 'response',
  status: 401,
  reason: '',
  headers,
  body: '',
});
const www = (value: string): Header => ({ name: 'WWW-Authenticate', value });

const base: Challenge = {
  header: 'Authorization',
  realm: '',
  nonce: '',
  opaque: null,
  algorithm: 'MD5',
  qop: 'auth',
  stale: false,
  session: false,
};
const responseIn = (header: Header): string | undefined => /response="([0-9a-f]+)"/.exec(header.value)?.[1];

describe('vectors', () => {
  it('RFC 2617 3.5', () => {
    const challenge: Challenge = {
      ...base,
      realm: 'testrealm@host.com',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      opaque: '5ccc069c403ebaf9f0171e9517f40e41',
    };
    const header = authorizationHeader(
      challenge,
      {
        username: 'Mufasa',
        password: 'Circle Of Life',
        method: 'GET',
        uri: '/dir/index.html',
        body: '',
        cnonce: '0a4f113b',
        nc: 1,
      },
      testHash,
    );
    assert.equal(responseIn(header), '6629fae49393a05397450978507c4ef1');
    assert.match(header.value, /qop=auth, nc=00000001, opaque="5ccc069c403ebaf9f0171e9517f40e41"$/);
  });

  for (const [algorithm, expected] of [
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)
    it(`RFC 7616 3.9.1 with ${algorithm}`, () => {
      const challenge: Challenge = {
        ...base,
        realm: 'http-auth@example.org',
        nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
        algorithm,
      };
      const input = {
        username: 'Mufasa',
        password: 'Circle of Life',
        method: 'GET',
        uri: '/dir/index.html',
        body: '',
        cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
        nc: 1,
      };
      assert.equal(responseIn(authorizationHeader(challenge, input, testHash)), expected);
    });

  it('without qop the form of RFC 2069 is used: no cnonce, no nc', () => {
    const header = authorizationHeader(
      { ...base, realm: 'r', nonce: 'n', qop: null },
      { username: 'u', password: 'p', method: 'REGISTER', uri: 'sip:x', body: '', cnonce: 'c', nc: 1 },
      testHash,
    );
    assert.doesNotMatch(header.value, /cnonce|nc=|qop/);
  });
});

describe('reading challenges', () => {
  it('several in one header and in several headers; Basic and unknown algorithms are left out (K2, K4)', () => {
    const found = challengesOf(
      unauthorized(
        www('Basic realm="b", Digest realm="a, b", nonce="1", algorithm=FOO-512'),
        www(
          'Digest realm="a", nonce="2", algorithm=SHA-256, qop="auth,auth-int", opaque="o", Digest realm="a", nonce="3"',
        ),
        { name: 'Proxy-Authenticate', value: 'Digest realm="p", nonce="4", stale=TRUE, qop="auth-int"' },
      ),
    );
    assert.deepEqual(
      found.map(({ header, realm, nonce, algorithm, qop, stale }) => [header, realm, nonce, algorithm, qop, stale]),
      [
        ['Authorization', 'a', '2', 'SHA-256', 'auth', false],
        ['Authorization', 'a', '3', 'MD5', null, false],
        ['Proxy-Authorization', 'p', '4', 'MD5', 'auth-int', true],
      ],
    );
  });

  it('per realm the topmost is answered (RFC 8760 2.4)', () => {
    const found = chooseChallenges(
      challengesOf(
        unauthorized(
          www('Digest realm="a", nonce="2", algorithm=SHA-256'),
          www('Digest realm="a", nonce="3"'),
          www('Digest realm="b", nonce="4"'),
        ),
      ),
    );
    assert.deepEqual(
      found.map(({ nonce }) => nonce),
      ['2', '4'],
    );
  });

  it('a challenge without realm or nonce, or with an unknown qop, is none', () => {
    assert.deepEqual(
      challengesOf(
        unauthorized(www('Digest nonce="1"'), www('Digest realm="a"'), www('Digest realm="a", nonce="1", qop="odd"')),
      ),
      [],
    );
  });
});
