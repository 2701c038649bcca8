/** Owns digest authentication: the vectors of RFC 2617 and RFC 7616, and rows K1 to K4. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Hash } from '../../../../firmware/kernel/hash.ts';
import { hash } from '../../../../firmware/shell/digest.ts';
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

  it('RFC 7616 3.9.2 with SHA-512-256: its printed digits are of SHA-512 cut to 256 bits, as erratum 4897 has it', () => {
    const challenge: Challenge = {
      ...base,
      realm: 'api@example.org',
      nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
      algorithm: 'SHA-512-256',
    };
    const input = {
      username: 'J\u00e4s\u00f8n Doe',
      password: 'Secret, or not?',
      method: 'GET',
      uri: '/doe.json',
      body: '',
      cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
      nc: 1,
    };
    const cut: Hash = (_algorithm, latin1) => createHash('sha512').update(latin1, 'latin1').digest('hex').slice(0, 64);
    assert.equal(
      responseIn(authorizationHeader(challenge, input, cut)),
      'ae66e67d6b427bd3f120414a82e4acff38e8ecd9101d6c861229025f607a79dd',
    );
    assert.equal(
      responseIn(authorizationHeader(challenge, input, hash)),
      '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5',
    );
  });

  const account = { username: '2001', password: 's3cret', cnonce: 'cn0nce' };
  const pbx: Challenge = { ...base, realm: 'pbx.example.test', nonce: 'n0nce' };

  it('a session key, and a count of ten in eight hexadecimal digits', () => {
    const input = { ...account, method: 'REGISTER', uri: 'sip:pbx.example.test', body: '', nc: 10 };
    const header = authorizationHeader({ ...pbx, session: true }, input, hash);
    assert.equal(responseIn(header), '49f9af705ec3c61cff98d668ed66cb75');
    assert.match(header.value, /algorithm=MD5-sess, .*nc=0000000a/);
  });

  it('a body that is part of the proof', () => {
    const input = { ...account, method: 'INVITE', uri: 'sip:a@pbx.example.test', body: 'v=0\r\n', nc: 1 };
    const header = authorizationHeader({ ...pbx, qop: 'auth-int', algorithm: 'SHA-256' }, input, hash);
    assert.equal(responseIn(header), 'aa86d78e9e766c0f8c7b01c04ed34f4892273dea7001227cd844f3cfa7045f96');
  });

  it('RFC 2069 2.4, with the response of its erratum', () => {
    const header = authorizationHeader(
      { ...base, realm: 'testrealm@host.com', nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093', qop: null },
      {
        username: 'Mufasa',
        password: 'CircleOfLife',
        method: 'GET',
        uri: '/dir/index.html',
        body: '',
        cnonce: '',
        nc: 1,
      },
      hash,
    );
    assert.equal(responseIn(header), '1949323746fe6a43ef61f9606e7febea');
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

describe('a name and a password beyond ASCII', () => {
  it('are hashed as UTF-8 (RFC 7616 4)', () => {
    const input = {
      username: 'Zoë',
      password: 'pässwört',
      method: 'REGISTER',
      uri: 'sip:x',
      body: '',
      cnonce: 'c',
      nc: 1,
    };
    assert.equal(
      responseIn(authorizationHeader({ ...base, realm: 'r', nonce: 'n' }, input, hash)),
      'aa670233160b840901e20e3d5481247a',
    );
  });
});

describe('white space and quotes', () => {
  it('blanks around "=" and between challenges are none of the values', () => {
    assert.deepEqual(
      challengesOf(
        unauthorized(www('Digest  realm = "a b" ,nonce= "1",  stale =true, Qop=auth , DIGEST realm="c",nonce="2"')),
      ).map(({ realm, nonce, stale, qop }) => [realm, nonce, stale, qop]),
      [
        ['a b', '1', true, 'auth'],
        ['c', '2', false, null],
      ],
    );
  });

  it('what was escaped in the challenge is escaped in the answer', () => {
    const [challenge] = challengesOf(unauthorized(www('Digest realm="a \\"b\\" \\\\", nonce="1", opaque="x\\"y"')));
    assert.ok(challenge !== undefined);
    assert.equal(challenge.realm, 'a "b" \\');
    const input = {
      username: 'u"\r\nv',
      password: 'p',
      method: 'REGISTER',
      uri: 'sip:x',
      body: '',
      cnonce: 'c',
      nc: 1,
    };
    const { value } = authorizationHeader(challenge, input, hash);
    assert.match(value, /^Digest username="u\\" {2}v", realm="a \\"b\\" \\\\", .*opaque="x\\"y"$/);
  });
});

describe('two challenges at once (K1)', () => {
  it('the registrar and its proxy are answered each in the header of their own', () => {
    const found = challengesOf({
      ...unauthorized(www('Digest realm="a", nonce="1"'), {
        name: 'Proxy-Authenticate',
        value: 'Digest realm="a", nonce="2"',
      }),
      status: 407,
    });
    const input = { username: 'u', password: 'p', method: 'REGISTER', uri: 'sip:x', body: '', cnonce: 'c', nc: 1 };
    const headers = chooseChallenges(found).map((challenge) => authorizationHeader(challenge, input, hash));
    assert.deepEqual(
      headers.map(({ name, value }) => [name, /nonce="(\d)"/.exec(value)?.[1]]),
      [
        ['Authorization', '1'],
        ['Proxy-Authorization', '2'],
      ],
    );
  });

  it('schemes that we do not know, and Basic, are answered by nothing', () => {
    for (const value of [
      'Basic realm="a"',
      'NTLM abc==',
      'Negotiate',
      'Basic realm="Digest realm=x, nonce=y"',
      '',
      ',,',
    ])
      assert.deepEqual(challengesOf(unauthorized(www(value))), [], value);
  });
});

describe('the hash of the shell', () => {
  it('agrees with the published digests of "abc"', () => {
    assert.equal(hash('MD5', 'abc'), '900150983cd24fb0d6963f7d28e17f72');
    assert.equal(hash('SHA-256', 'abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.equal(hash('SHA-512-256', 'abc'), '53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23');
  });

  it('takes characters as octets', () => {
    assert.equal(hash('MD5', '\u00ff'), '00594fd4f42ba43fc1ca0427a0576295');
  });
});
