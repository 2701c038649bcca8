/** Header values by their grammar: names, addresses, hops, numbers (RFC 3261 7.3.1, 20; C3, C18, C20). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalName } from '../../../../../firmware/sip/message/header-names.ts';
import {
  contactsOf,
  contentLengthOf,
  expiresOf,
  headerValues,
  maxForwardsOf,
  minExpiresOf,
  retryAfterOf,
  tagOf,
  topVia,
  vias,
} from '../../../../../firmware/sip/message/headers.ts';
import type { NameAddr } from '../../../../../firmware/sip/message/name-addr.ts';
import { nameAddrText, parseNameAddr } from '../../../../../firmware/sip/message/name-addr.ts';
import { decodeUtf8 } from '../../../../../firmware/sip/message/utf8.ts';
import type { Via } from '../../../../../firmware/sip/message/via.ts';
import { parseVia, viaText } from '../../../../../firmware/sip/message/via.ts';

const having = (name: string, ...values: readonly string[]) => ({ headers: values.map((value) => ({ name, value })) });

function nameAddr(text: string): NameAddr {
  const parsed = parseNameAddr(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function via(text: string): Via {
  const parsed = parseVia(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe('names', () => {
  it('compact and odd forms have one canonical name; others stay as written', () => {
    assert.deepEqual(
      ['v', 'F', 'i', 'CALL-ID', 'cseq', 'www-authenticate', 'rAcK', 'sip-etag', 'X-Odd'].map(canonicalName),
      ['Via', 'From', 'Call-ID', 'Call-ID', 'CSeq', 'WWW-Authenticate', 'RAck', 'SIP-ETag', 'X-Odd'],
    );
  });

  it('a name that objects have anyway is no known name', () => {
    assert.deepEqual(['constructor', '__proto__', 'toString'].map(canonicalName), [
      'constructor',
      '__proto__',
      'toString',
    ]);
  });
});

describe('lists', () => {
  it('a comma in quotes or brackets ends nothing; an escaped quote closes nothing; empty elements are left out', () => {
    assert.deepEqual(headerValues(having('Contact', '"a, \\", b" <sip:x,y@h.test>,, <sip:z@h.test> ,'), 'Contact'), [
      '"a, \\", b" <sip:x,y@h.test>',
      '<sip:z@h.test>',
    ]);
  });

  it('"*" is a Contact of its own, none is an empty list', () => {
    assert.deepEqual(contactsOf(having('Contact', '*')), { ok: true, value: '*' });
    assert.deepEqual(contactsOf({ headers: [] }), { ok: true, value: [] });
  });
});

describe('addresses', () => {
  it('a display name is a quoted string or words; what was escaped is read and written back', () => {
    for (const [text, display] of [
      ['"Bob \\"the\\" \\\\ B" <sip:b@h.test>', 'Bob "the" \\ B'],
      ['Bob  B. <sip:b@h.test>', 'Bob  B.'],
      ['<sip:b@h.test>', ''],
      ['"a;b,c<d>" <sip:b@h.test>', 'a;b,c<d>'],
    ] as const) {
      assert.equal(nameAddr(text).display, display);
      assert.equal(nameAddr(nameAddrText(nameAddr(text))).display, display);
    }
  });

  it('a name in UTF-8 is decoded where it is shown, and a bad octet costs one character', () => {
    assert.equal(decodeUtf8(nameAddr('"Zo\u00c3\u00ab" <sip:z@h.test>').display), 'Zoë');
    assert.equal(decodeUtf8(nameAddr('"Zo\u00c3" <sip:z@h.test>').display), 'Zo\uFFFD');
  });

  it('parameters within the brackets are of the URI, behind them of the header', () => {
    const { uri, params } = nameAddr('<sip:a@h.test;lr;x=1>;tag=t;y="a \\"b\\""');
    assert.deepEqual(uri?.params, [
      { name: 'lr', value: null },
      { name: 'x', value: '1' },
    ]);
    assert.deepEqual(params, [
      { name: 'tag', value: 't' },
      { name: 'y', value: 'a "b"' },
    ]);
  });

  it('a tag is found in any case; none is null', () => {
    assert.equal(tagOf(nameAddr('sip:a@h.test;TAG=x')), 'x');
    assert.equal(tagOf(nameAddr('<sip:a@h.test;tag=x>')), null);
  });

  it('the URI cannot leave its brackets when it is written', () => {
    assert.equal(
      nameAddrText({
        display: 'a"\r\nb',
        uri: null,
        uriText: 'tel:1>\r\nX: "y',
        params: [{ name: 'p\r\n', value: 'v w' }],
      }),
      '"a\\"  b" <tel:1%3E%0D%0AX:%20%22y>;p--="v w"',
    );
  });

  for (const text of [
    '',
    'Bob, B <sip:b@h.test>',
    '"Bob <sip:b@h.test>',
    '"Bob" x <sip:b@h.test>',
    '<sip:b@h.test',
    '<tel:+44 1632>',
    '<tel:1\u00002>',
    '<tel:1">',
    '< sip:b@h.test>',
    '<sip:b@h.test> x',
    '<sip:b@h.test>;;',
    '<sip:b@h.test>;x="y',
    '<sip:b@h.test>;x=a b',
    '<b@h.test>',
    'sip:b@h.test?Subject=x',
    'sip:b @h.test',
    '"x\\',
  ])
    it(`${JSON.stringify(text)} is refused`, () => assert.equal(parseNameAddr(text).ok, false));
});

describe('hops', () => {
  it('white space, ports, flags and IPv6 are read and written back', () => {
    assert.deepEqual(via('SIP / 2.0 / udp  h.test : 5070 ; rport ; branch = z9hG4bK1'), {
      transport: 'UDP',
      host: 'h.test',
      port: 5070,
      params: [
        { name: 'rport', value: null },
        { name: 'branch', value: 'z9hG4bK1' },
      ],
    });
    for (const text of ['SIP/2.0/TCP h.test;branch=z9hG4bK1', 'SIP/2.0/UDP [2001:db8::1]:5061;received=2001:db8::2'])
      assert.equal(viaText(via(text)), text);
  });

  it('the topmost is read although a lower one is malformed', () => {
    const message = having('Via', 'SIP/2.0/UDP a.test', 'nonsense');
    assert.equal(topVia(message).ok, true);
    assert.equal(vias(message).ok, false);
  });

  for (const text of ['', 'SIP/2.0', 'SIP/2.0/UDP', 'SIP/3.0/UDP h.test', 'SIP/2.0/UDP h.test:x', 'SIP/2.0/UDP a b'])
    it(`${JSON.stringify(text)} is refused`, () => assert.equal(parseVia(text).ok, false));
});

describe('numbers', () => {
  it('beyond 32 bits they are the largest; what is no number is null', () => {
    const max = 2 ** 32 - 1;
    const of = (value: string) => expiresOf(having('Expires', value));
    assert.deepEqual(['0', '007', '4294967296', `1${'0'.repeat(100)}`, '-1', '1.5', '', 'soon', '1 2', '+1'].map(of), [
      0,
      7,
      max,
      max,
      null,
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  it('each header has its own; a missing one is null', () => {
    const message = {
      headers: ['Min-Expires', 'Max-Forwards', 'Content-Length'].map((name, at) => ({ name, value: `${at + 1}` })),
    };
    assert.deepEqual([minExpiresOf(message), maxForwardsOf(message), contentLengthOf(message)], [1, 2, 3]);
    assert.deepEqual([expiresOf(message), retryAfterOf(message)], [null, null]);
  });

  it('Retry-After is a number before a comment or parameters, nothing else', () => {
    const of = (value: string) => retryAfterOf(having('Retry-After', value));
    assert.deepEqual(['30', '30 (busy);duration=5', '30;duration=5', '30s', '(busy) 30', '-30'].map(of), [
      30,
      30,
      30,
      null,
      null,
      null,
    ]);
  });
});
