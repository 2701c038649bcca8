/** What is written reads back: messages, addresses, URIs, streams; and no text of a user ever leaves its field (C3, C5, C17). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { frameAt } from '../../firmware/sip/message/frame.ts';
import { headerValues } from '../../firmware/sip/message/headers.ts';
import type { Header, SipMessage } from '../../firmware/sip/message/message.ts';
import { nameAddrText, parseNameAddr } from '../../firmware/sip/message/name-addr.ts';
import { parseMessage } from '../../firmware/sip/message/parse.ts';
import { serialize } from '../../firmware/sip/message/serialize.ts';
import type { Uri } from '../../firmware/sip/message/uri.ts';
import { escapeUser, parseUri, sameUri, uriText } from '../../firmware/sip/message/uri.ts';
import { decodeUtf8, encodeUtf8 } from '../../firmware/sip/message/utf8.ts';

const from = (alphabet: string, constraints: { readonly minLength?: number; readonly maxLength: number }) =>
  fc.string({ unit: fc.constantFrom(...alphabet), ...constraints });

/** fast-check also makes objects without a prototype, which are never equal to ours. */
const NORMAL = { noNullPrototype: true } as const;

const octet = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const octets = fc.string({ unit: octet, maxLength: 200 });
const token = from("abcXYZ019-.!%*_+`'~", { minLength: 1, maxLength: 12 });
/** A value as it stands in a header: no line end, no blank around it. */
const value = octets.map((text) => text.replace(/[\r\n\0]/g, '').replace(/^[ \t]+|[ \t]+$/g, ''));
const host = fc.constantFrom('example.test', 'a-b.c_d.test', 'h', '192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1');

const uriParam = fc.record(
  {
    name: from('abcxyz-', { minLength: 1, maxLength: 8 }),
    value: fc.option(from('aB1[]/:&+$', { minLength: 1, maxLength: 8 })),
  },
  NORMAL,
);

const uri: fc.Arbitrary<Uri> = fc.record(
  {
    scheme: fc.constantFrom('sip', 'sips'),
    user: fc.option(fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map(escapeUser)),
    password: fc.constant(null),
    host,
    port: fc.option(fc.integer({ min: 0, max: 65_535 })),
    params: fc.uniqueArray(uriParam, { maxLength: 4, selector: ({ name }) => name }),
    headers: fc.constant([]),
  },
  NORMAL,
);

const REQUIRED: readonly Header[] = [
  { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bK1' },
  { name: 'From', value: '<sip:2001@example.test>;tag=a' },
  { name: 'To', value: '<sip:2001@example.test>' },
  { name: 'Call-ID', value: '1@192.0.2.100' },
];

/** Any message that stands by the rules: its own headers may hold any octets. */
const wellFormed: fc.Arbitrary<SipMessage> = fc
  .record({
    kind: fc.constantFrom('request', 'response'),
    method: token,
    uri: uri.map(uriText),
    status: fc.integer({ min: 100, max: 699 }),
    reason: octets.map((text) => text.replace(/[\r\n\0]/g, '')),
    extra: fc.array(fc.record({ name: token.map((name) => `X-${name}`), value }, NORMAL), { maxLength: 8 }),
    body: octets,
  })
  .map(({ kind, method, uri: to, status, reason, extra, body }) => {
    const cseq = { name: 'CSeq', value: `7 ${method}` };
    const length = { name: 'Content-Length', value: String(body.length) };
    const headers = [...REQUIRED, cseq, ...extra, length];
    return kind === 'request'
      ? { kind: 'request', method, uri: to, headers, body }
      : { kind: 'response', status, reason, headers, body };
  });

describe('what is written reads back', () => {
  it('messages, octet for octet', () => {
    fc.assert(
      fc.property(wellFormed, (message) => {
        const again = parseMessage(serialize(message));
        assert.deepEqual(again, { ok: true, value: message });
      }),
      { numRuns: 2000, seed: 11 },
    );
  });

  it('URIs, and they are equal to themselves', () => {
    fc.assert(
      fc.property(uri, (given) => {
        const again = parseUri(uriText(given));
        assert.deepEqual(again, { ok: true, value: given });
        assert.equal(sameUri(given, given), true);
      }),
      { numRuns: 2000, seed: 12 },
    );
  });

  it('display names and parameters of any text', () => {
    const display = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, ''));
    const params = fc.uniqueArray(fc.record({ name: token.map((name) => name.toLowerCase()), value }, NORMAL), {
      maxLength: 4,
      selector: ({ name }) => name,
    });
    fc.assert(
      fc.property(display, uri, params, (name, target, list) => {
        const given = { display: encodeUtf8(name), uri: target, uriText: uriText(target), params: list };
        assert.deepEqual(parseNameAddr(nameAddrText(given)), { ok: true, value: given });
      }),
      { numRuns: 2000, seed: 13 },
    );
  });

  it('text through UTF-8 and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => assert.equal(decodeUtf8(encodeUtf8(text)), text)),
      { numRuns: 1000, seed: 14 },
    );
  });

  it('a list of addresses, split where it was joined', () => {
    const address = fc
      .record({ name: value, target: uri })
      .map(({ name, target }) => nameAddrText({ display: name, uri: target, uriText: uriText(target), params: [] }));
    fc.assert(
      fc.property(fc.array(address, { maxLength: 6 }), (list) => {
        const message = { headers: [{ name: 'Contact', value: list.join(', ') }] };
        assert.deepEqual(headerValues(message, 'Contact'), list);
      }),
      { numRuns: 1000, seed: 15 },
    );
  });
});

describe('a stream', () => {
  it('gives the messages that went into it, however it is cut into pieces', () => {
    const pieces = fc.infiniteStream(fc.integer({ min: 1, max: 97 }));
    fc.assert(
      fc.property(fc.array(wellFormed.map(serialize), { maxLength: 4 }), pieces, (sent, sizes) => {
        const data = sent.join('\r\n\r\n');
        const received: string[] = [];
        let buffer = '';
        for (let at = 0; at < data.length; ) {
          const size = sizes.next().value as number;
          buffer += data.slice(at, at + size);
          at += size;
          for (let frame = frameAt(buffer, 0); frame.kind === 'message'; frame = frameAt(buffer, 0)) {
            received.push(frame.text);
            buffer = buffer.slice(frame.end);
          }
        }
        assert.deepEqual(received, sent);
      }),
      { numRuns: 300, seed: 16 },
    );
  });
});

describe('a text of a user, put into any field', () => {
  it('adds no line to the message and no element to the header', () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom(...'\r\n\0<>";,@?&=%\\ \u010a\u010d'), octet),
      maxLength: 30,
    });
    fc.assert(
      fc.property(text, (dialled) => {
        const target: Uri = {
          scheme: 'sip',
          user: dialled,
          password: dialled,
          host: 'example.test',
          port: null,
          params: [{ name: 'x', value: dialled }],
          headers: [{ name: 'y', value: dialled }],
        };
        const to = nameAddrText({
          display: dialled,
          uri: target,
          uriText: uriText(target),
          params: [{ name: 'z', value: dialled }],
        });
        const message = serialize({
          kind: 'request',
          method: 'INVITE',
          uri: uriText(target),
          headers: [
            { name: 'To', value: to },
            { name: 'Subject', value: dialled },
          ],
          body: '',
        });
        const onTheWire = Buffer.from(message, 'latin1').toString('latin1');
        assert.equal(onTheWire.split(/[\r\n]+/).length, 5, onTheWire);
        assert.equal(headerValues({ headers: [{ name: 'To', value: to }] }, 'To').length, 1, to);
      }),
      { numRuns: 3000, seed: 17 },
    );
  });
});
