/** Owns what must hold for any octets: nothing throws, nothing is unbounded, nothing leaks into a header. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { challengesOf } from '../../firmware/sip/auth.ts';
import { frameAt } from '../../firmware/sip/message/frame.ts';
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
  frameAt(data, 0);
  const parsed = parseMessage(data);
  if (!parsed.ok) {
    judge(parsed.error);
    return;
  }
  judge(parsed.value);
  for (const read of [fromOf, toOf, contactsOf, vias, retryAfterOf]) read(parsed.value);
  challengesOf({ ...parsed.value, kind: 'response', status: 401, reason: '' });
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

/** Ten times what interfaces 2 promises for one message: a guard against a hang, not a measurement. */
const HANG_MS = 1000;

describe('a message made to take long', () => {
  const units = [
    ' ',
    ',',
    ';',
    '"',
    '\\',
    '<',
    '>',
    'a',
    'a.',
    'a-',
    '%41',
    '@',
    ':',
    '[',
    '=',
    '";"',
    '<>,',
    '\t',
    '1',
    '?',
    '&',
    '\r\n ',
  ];
  const openings = ['', 'sip:', '<sip:a@', 'SIP/2.0/UDP ', '"', 'Digest '];
  const names = ['Contact', 'Via', 'From', 'CSeq', 'Content-Length', 'Retry-After', 'WWW-Authenticate', 'Require'];
  /** Seven lines of nearly the longest length fill the largest datagram. */
  const flood = (name: string, opening: string, unit: string): string =>
    message(REGISTER, { [name]: null }).replace(
      '\r\n\r\n',
      `\r\n${`${name}: ${opening}${unit.repeat(8000 / unit.length)}\r\n`.repeat(7)}\r\n`,
    );

  const taking = (data: string): number => {
    const start = performance.now();
    readAll(data);
    return performance.now() - start;
  };

  for (const name of names)
    it(`by its ${name} headers does not`, () => {
      for (const opening of openings)
        for (const unit of units) {
          const took = taking(flood(name, opening, unit));
          assert.ok(took < HANG_MS, `${JSON.stringify(opening + unit)} took ${took} ms`);
        }
    });

  it('by its start line, its folds or its length does not', () => {
    for (const unit of units)
      for (const data of [
        unit.repeat(65_000 / unit.length),
        `OPTIONS ${unit.repeat(65_000 / unit.length)} SIP/2.0\r\n\r\n`,
        `SIP/2.0 ${unit.repeat(65_000 / unit.length)}\r\n\r\n`,
        message([`OPTIONS sip:${unit.repeat(7000 / unit.length)} SIP/2.0`, ...REGISTER.slice(1)]),
      ]) {
        const took = taking(data);
        assert.ok(took < HANG_MS, `${JSON.stringify(data.slice(0, 40))} took ${took} ms`);
      }
  });
});
