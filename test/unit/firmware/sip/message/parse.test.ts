/** Owns what the parser takes and refuses: rows C1 to C7, C13, C17, C18 and C20 of the conformance matrix. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HEADERS_MAX, MESSAGE_MAX_OCTETS } from '../../../../../firmware/config/defaults.ts';
import {
  contactsOf,
  cseqOf,
  fromOf,
  headerValue,
  headerValues,
  retryAfterOf,
  topVia,
} from '../../../../../firmware/sip/message/headers.ts';
import type { SipMessage } from '../../../../../firmware/sip/message/message.ts';
import { parseMessage } from '../../../../../firmware/sip/message/parse.ts';
import { serialize } from '../../../../../firmware/sip/message/serialize.ts';
import { decodeUtf8, encodeUtf8 } from '../../../../../firmware/sip/message/utf8.ts';
import { judge } from '../../../../../firmware/sip/message/verdict.ts';
import { message, OK, REGISTER } from '../../../../support/messages.ts';

function good(text: string): SipMessage {
  const parsed = parseMessage(text);
  if (!parsed.ok) throw new Error(parsed.error.text);
  return parsed.value;
}

function bad(text: string): { readonly code: number; readonly text: string } {
  const parsed = parseMessage(text);
  if (parsed.ok) throw new Error('it was taken');
  return parsed.error;
}

describe('the forms of a header (C3)', () => {
  it('folded, compact and in any case mean the same', () => {
    const parsed = good(
      message(REGISTER, { From: null, f: '"A"\r\n <sip:2001@example.test>\r\n\t;tag=a', CSEQ: null }),
    );
    const from = fromOf(parsed);
    assert.equal(from.ok && from.value.display, 'A');
    assert.equal(headerValue(parsed, 'From')?.includes('\n'), false);
  });

  it('repeated headers and comma lists are one list; a comma in quotes or brackets is none', () => {
    const parsed = good(
      message(REGISTER, { Contact: '"a, b" <sip:x,w@192.0.2.1>, <sip:y@192.0.2.2>', m: '<sip:z@192.0.2.3>' }),
    );
    const contacts = contactsOf(parsed);
    assert.deepEqual(contacts.ok && contacts.value !== '*' && contacts.value.map(({ uriText }) => uriText), [
      'sip:x,w@192.0.2.1',
      'sip:y@192.0.2.2',
      'sip:z@192.0.2.3',
    ]);
  });

  it('an unknown header is kept as written', () => {
    assert.deepEqual(headerValues(good(message(REGISTER, { 'X-Odd': 'a, b' })), 'X-Odd'), ['a', 'b']);
  });
});

describe('where the body ends (C4)', () => {
  it('octets beyond Content-Length are dropped', () => {
    assert.equal(good(message(REGISTER, { 'Content-Length': '3' }, 'abcdef')).body, 'abc');
  });

  it('without Content-Length the rest of the datagram is the body', () => {
    assert.equal(good(message(REGISTER, { 'Content-Length': null }, 'abc')).body, 'abc');
  });

  it('fewer octets than Content-Length: a request deserves 400, a response is dropped', () => {
    assert.equal(bad(message(REGISTER, { 'Content-Length': '10' }, 'abc')).code, 400);
    const parsed = parseMessage(OK('<sip:a@192.0.2.1>').replace('\r\n\r\n', '\r\nContent-Length: 10\r\n\r\n'));
    assert.equal(!parsed.ok && judge(parsed.error).action, 'drop');
  });
});

describe('parameters without brackets (C20)', () => {
  it('belong to the header, not to the URI', () => {
    const contacts = contactsOf(good(message(REGISTER, { Contact: 'sip:a@192.0.2.1;expires=5' })));
    assert.deepEqual(contacts.ok && contacts.value !== '*' && contacts.value[0], {
      display: '',
      uri: { scheme: 'sip', user: 'a', password: null, host: '192.0.2.1', port: null, params: [], headers: [] },
      uriText: 'sip:a@192.0.2.1',
      params: [{ name: 'expires', value: '5' }],
    });
  });
});

describe('what every message must have', () => {
  for (const [name, value] of [
    ['Via', null],
    ['Via', 'SIP/2.0/UDP'],
    ['Via', 'SIP/2.0/UDP 192.0.2.100:0;branch=z9hG4bK1'],
    ['From', null],
    ['To', '<sip:2001@example.test'],
    ['Call-ID', null],
    ['Call-ID', 'a b'],
    ['Call-ID', 'a\u0000b'],
    ['CSeq', '1 OPTIONS'],
    ['CSeq', '4294967296 REGISTER'],
    ['CSeq', 'x'],
    ['Max-Forwards', '256'],
    ['Content-Length', '-1'],
  ] as const)
    it(`${name} ${value === null ? 'missing' : `"${value}"`} is refused with 400`, () => {
      const error = bad(message(REGISTER, { [name]: value }));
      assert.equal(error.code, 400);
      assert.match(error.text, new RegExp(name, 'i'));
    });

  it('a header that may stand once and stands twice is refused', () => {
    assert.equal(bad(message([...REGISTER, 'i: 2@192.0.2.100'])).code, 400);
  });

  it('another SIP version deserves 505', () => {
    assert.equal(bad(message(['REGISTER sip:example.test SIP/7.0', ...REGISTER.slice(1)])).code, 505);
  });

  for (const start of [
    'REGISTER  sip:example.test SIP/2.0',
    'REGISTER <sip:example.test> SIP/2.0',
    'REG@ISTER sip:e SIP/2.0',
    'REGISTER sip:e\u0012x SIP/2.0',
    'SIP/2.0 99 Low',
    'SIP/2.0 700 High',
    'SIP/2.0 4294967301 Big',
    'hello',
    '',
  ])
    it(`the start line "${start}" is refused`, () => {
      assert.equal(bad(message([start, ...REGISTER.slice(1)])).code, 400);
    });
});

it('a datagram that was cut within its last line end lacks the empty line', () => {
  const whole = message(REGISTER);
  for (const octets of [1, 2]) assert.match(bad(whole.slice(0, -octets)).text, /empty line/);
});

describe('limits (C13)', () => {
  it('a message that is too long, a line that is too long, too many headers: each refused by name', () => {
    assert.match(bad(message(REGISTER, {}, 'x'.repeat(MESSAGE_MAX_OCTETS))).text, /octets/);
    assert.match(bad(message(REGISTER, { Subject: 'x'.repeat(9000) })).text, /longer than/);
    assert.match(bad(message([...REGISTER, ...new Array<string>(HEADERS_MAX + 1).fill('X: y')])).text, /header lines/);
  });

  it('a fold of many lines costs linear work', () => {
    const folded = `a${'\r\n b'.repeat(9000)}`;
    assert.match(bad(message(REGISTER, { Subject: folded })).text, /longer than/);
  });
});

describe('IPv6 (C2)', () => {
  it('brackets in URI and Via', () => {
    const parsed = good(
      message(REGISTER, {
        Via: 'SIP/2.0/UDP [2001:db8::9:1]:5070;received=2001:db8::9:255;branch=z9hG4bK2',
        Contact: '<sip:a@[2001:db8::1]:5071>',
      }),
    );
    const via = topVia(parsed);
    assert.equal(via.ok && `${via.value.host} ${via.value.port}`, '2001:db8::9:1 5070');
    const contacts = contactsOf(parsed);
    assert.equal(contacts.ok && contacts.value !== '*' && contacts.value[0]?.uri?.host, '2001:db8::1');
  });

  it('without brackets a Request-URI is refused with 400', () => {
    const parsed = good(message(['OPTIONS sip:2001:db8::10 SIP/2.0', ...REGISTER.slice(1)], { CSeq: '1 OPTIONS' }));
    assert.equal(judge(parsed).respond, 400);
  });
});

describe('what an idle phone does (C9, 8.2)', () => {
  const judged = (start: string, changes: Readonly<Record<string, string | null>> = {}, body = ''): number | string => {
    const method = start.split(' ', 1)[0] ?? '';
    const verdict = judge(good(message([start, ...REGISTER.slice(1)], { CSeq: `1 ${method}`, ...changes }, body)));
    return verdict.respond ?? verdict.action;
  };
  it('405 for an unknown method, 416 for a scheme, 420 for an extension, 415 for content, in this order', () => {
    assert.equal(judged('REGISTER tel:1 SIP/2.0'), 405);
    assert.equal(judged('OPTIONS http://example.test SIP/2.0', { Require: 'odd' }), 416);
    assert.equal(judged('OPTIONS sip:a@192.0.2.1 SIP/2.0', { Require: 'odd' }), 420);
    assert.equal(
      judged('INVITE sip:a@192.0.2.1 SIP/2.0', { 'Content-Type': 'application/odd', 'Content-Length': '1' }, 'x'),
      415,
    );
    assert.equal(judged('OPTIONS sip:a@192.0.2.1 SIP/2.0'), 'accept');
    assert.equal(judged('ACK sip:a@192.0.2.1 SIP/2.0', { Require: 'odd' }), 'accept');
  });

  it('a response with two Vias has gone astray and is dropped (C8)', () => {
    assert.equal(
      judge(good(OK('<sip:a@192.0.2.1>').replace('From', 'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK9\r\nFrom'))).action,
      'drop',
    );
  });
});

describe('writing', () => {
  it('reads back what it wrote', () => {
    const parsed = good(message(REGISTER, {}, ''));
    assert.deepEqual(
      good(serialize(parsed)).headers.filter(({ name }) => name !== 'Content-Length'),
      parsed.headers.filter(({ name }) => name !== 'Content-Length'),
    );
  });

  it('no value can start a header of its own (C17)', () => {
    const parsed = good(message(REGISTER));
    const text = serialize({
      ...parsed,
      headers: [...parsed.headers, { name: 'Subject', value: 'a\r\nEvil: b\nWorse: c\u0000' }],
    });
    assert.equal(headerValue(good(text), 'Evil'), null);
    assert.match(text, /Subject: a {2}Evil: b Worse: c/);
  });

  it('Content-Length is that of the body, whatever the headers say', () => {
    assert.match(serialize({ ...good(message(REGISTER)), body: 'abcd' }), /Content-Length: 4\r\n\r\nabcd$/);
  });
});

describe('UTF-8 (C18)', () => {
  it('goes both ways', () => {
    for (const text of ['Zoë', '北京', '🙂', 'a']) assert.equal(decodeUtf8(encodeUtf8(text)), text);
  });

  it('what Unicode has no place for is replaced: surrogates, overlong forms, beyond the last code point', () => {
    for (const octets of ['\u00ed\u00a0\u0080', '\u00c0\u0080', '\u00e0\u0080\u0080', '\u00f4\u0090\u0080\u0080'])
      assert.match(decodeUtf8(octets), /^\uFFFD+$/);
    assert.equal(encodeUtf8('\ud800'), encodeUtf8('\uFFFD'));
  });

  it('what is no UTF-8 is replaced, never fatal', () => {
    assert.equal(decodeUtf8('a\u00c0\u0080b\u00ff\u00e2\u0082'), 'a\uFFFD\uFFFDb\uFFFD\uFFFD\uFFFD');
  });
});

describe('blanks', () => {
  it('are spaces and tabs: the octet A0 ends many a UTF-8 character and stays', () => {
    const parsed = good(
      message(REGISTER, { Subject: encodeUtf8(' voilà\t'), From: encodeUtf8('Noà <sip:a@h.test>;tag=a') }),
    );
    const from = fromOf(parsed);
    assert.equal(decodeUtf8(headerValue(parsed, 'Subject') ?? ''), 'voilà');
    assert.equal(decodeUtf8(from.ok ? from.value.display : ''), 'Noà');
  });
});

describe('numbers', () => {
  it('Retry-After tolerates a comment and parameters', () => {
    const of = (value: string): number | null => retryAfterOf(good(message(REGISTER, { 'Retry-After': value })));
    assert.deepEqual(
      [of('18000;duration=3600'), of('120 (I am in a meeting)'), of('5'), of('soon'), of('99999999999')],
      [18000, 120, 5, null, 2 ** 32 - 1],
    );
  });

  it('CSeq below 2^31 is taken', () => {
    const cseq = cseqOf(good(message(REGISTER, { CSeq: '2147483647 REGISTER' })));
    assert.equal(cseq.ok && cseq.value.number, 2_147_483_647);
  });
});
