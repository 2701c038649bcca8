/** Owns which challenge is answered: once for each request, though many are challenged with one nonce (RFC 7616 3.4; row K7). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, seedFrom } from '../../../../firmware/kernel/random.ts';
import type { CredentialBook } from '../../../../firmware/sip/credentials.ts';
import { credentialsFor, EMPTY_BOOK, learnChallenge } from '../../../../firmware/sip/credentials.ts';
import type { Header, SipResponse } from '../../../../firmware/sip/message/message.ts';
import { testHash } from '../../../support/digest.ts';

const account = { line: 1, authName: '2001', password: 's3cret' };
const tools = { hash: testHash, random: createRandom(seedFrom(1)) };
const PAIR = 'udp:192.0.2.1:5060';

const OTHER_PAIR = 'udp:192.0.2.2:5060';

const challenged = (nonce: string, more = ''): SipResponse => ({
  kind: 'response',
  status: 401,
  reason: '',
  headers: [{ name: 'WWW-Authenticate', value: `Digest realm="pbx", nonce="${nonce}", qop="auth"${more}` }],
  body: '',
});

const signed = (book: CredentialBook) =>
  credentialsFor(book, account, PAIR, { method: 'SUBSCRIBE', uri: 'sip:2002@pbx', body: '' }, tools);

const learn = (book: CredentialBook, response: SipResponse, headers: readonly Header[] = []) =>
  learnChallenge(book, account, PAIR, response, { headers });

describe('a challenge', () => {
  it('that two requests got with one nonce is answered by both, and its uses are counted on', () => {
    const first = learn(EMPTY_BOOK, challenged('n1'));
    const one = signed(first.book);
    const second = learn(one.book, challenged('n1'));
    const two = signed(second.book);
    assert.deepEqual([first.answerable, second.answerable], [true, true]);
    assert.match(one.headers[0]?.value ?? '', /nc=00000001/);
    assert.match(two.headers[0]?.value ?? '', /nc=00000002/);
  });

  it('with the nonce that the request carried is the refusal of a password; a stale one is not', () => {
    const { book, headers } = signed(learn(EMPTY_BOOK, challenged('n1')).book);
    assert.equal(learn(book, challenged('n1'), headers).answerable, false);
    assert.equal(learn(book, challenged('n1', ', stale=true'), headers).answerable, true);
    assert.equal(learn(book, challenged('n2'), headers).answerable, true);
  });

  it('is not answered without a password', () => {
    const learnt = learnChallenge(EMPTY_BOOK, { ...account, password: '' }, PAIR, challenged('n1'), { headers: [] });
    assert.equal(learnt.answerable, false);
  });

  it('of one server is answered at no other: neither its nonce nor its count goes there (L5)', () => {
    const { book } = signed(learn(EMPTY_BOOK, challenged('n1')).book);
    const request = { method: 'SUBSCRIBE', uri: 'sip:2002@pbx', body: '' };
    assert.deepEqual(credentialsFor(book, account, OTHER_PAIR, request, tools).headers, []);
    const learnt = learnChallenge(book, account, OTHER_PAIR, challenged('n1'), { headers: [] });
    const [header] = credentialsFor(learnt.book, account, OTHER_PAIR, request, tools).headers;
    assert.match(header?.value ?? '', /nonce="n1".* nc=00000001/);
  });

  it('by a weaker algorithm than before is answered, by that alone: a changed server must not end service (L5)', () => {
    const strong = signed(learn(EMPTY_BOOK, challenged('n1', ', algorithm=SHA-256')).book);
    assert.match(strong.headers[0]?.value ?? '', /nonce="n1".* algorithm=SHA-256/);
    const weak = learn(strong.book, challenged('n2'), strong.headers);
    assert.equal(weak.answerable, true);
    const values = signed(weak.book).headers.map(({ value }) => value);
    assert.equal(values.length, 1);
    assert.match(values[0] ?? '', /nonce="n2".* algorithm=MD5.* nc=00000001/);
  });
});
