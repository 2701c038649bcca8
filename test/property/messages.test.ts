/** Owns what must hold for any octets: nothing throws, nothing is unbounded, nothing leaks into a header. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { challengesOf } from '../../firmware/sip/auth.ts';
import { contactsOf, fromOf, headerValue, retryAfterOf, toOf, vias } from '../../firmware/sip/message/headers.ts';
import { parseMessage } from '../../firmware/sip/message/parse.ts';
import { serialize } from '../../firmware/sip/message/serialize.ts';
import { parseUri } from '../../firmware/sip/message/uri.ts';
import { judge } from '../../firmware/sip/message/verdict.ts';
import { message, REGISTER } from '../support/messages.ts';

const octets = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 600,
});

/** Everything that a datagram passes through. */
function readAll(data: string): void {
  const parsed = parseMessage(data);
  if (!parsed.ok) {
    judge(parsed.error);
    return;
  }
  judge(parsed.value);
  for (const read of [fromOf, toOf, contactsOf, vias, retryAfterOf]) read(parsed.value);
  if (parsed.value.kind === 'response') challengesOf(parsed.value);
  parseMessage(serialize(parsed.value));
}

describe('any octets', () => {
  it('are read without a throw', () => {
    fc.assert(
      fc.property(octets, (data) => readAll(data)),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('put anywhere into a good message are read without a throw', () => {
    const good = message(REGISTER, { 'WWW-Authenticate': 'Digest realm="a", nonce="b"' });
    const mutation = fc.tuple(fc.nat(good.length), fc.nat(20), octets);
    fc.assert(
      fc.property(mutation, ([at, cut, data]) => readAll(good.slice(0, at) + data + good.slice(at + cut))),
      { numRuns: 3000, seed: 2 },
    );
  });

  it('in a value never become a header', () => {
    fc.assert(
      fc.property(octets, (value) => {
        const parsed = parseMessage(message(REGISTER));
        if (!parsed.ok) throw new Error(parsed.error.text);
        const text = serialize({
          ...parsed.value,
          headers: [...parsed.value.headers, { name: 'Subject', value: `${value}\r\nEvil: 1` }],
        });
        const again = parseMessage(text);
        assert.equal(again.ok && headerValue(again.value, 'Evil'), null);
      }),
      { numRuns: 1000, seed: 3 },
    );
  });

  it('that are a URI are written as they were read', () => {
    const user = fc.stringMatching(/^[a-z0-9.!~*'()&=+$-]{1,12}$/);
    const host = fc.constantFrom('example.test', '192.0.2.1', '[2001:db8::1]');
    fc.assert(
      fc.property(user, host, fc.option(fc.integer({ min: 0, max: 65_535 })), (name, at, port) => {
        assert.equal(parseUri(`sip:${name}@${at}${port === null ? '' : `:${port}`}`).ok, true);
      }),
      { numRuns: 500, seed: 4 },
    );
  });
});
