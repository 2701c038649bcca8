/** What an idle phone does with a message, one bad request for each step of RFC 3261 8.2 (C8, C9). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMessage } from '../../../../../firmware/sip/message/parse.ts';
import { judge } from '../../../../../firmware/sip/message/verdict.ts';
import { message, OK, REGISTER } from '../../../../support/messages.ts';

type Changes = Readonly<Record<string, string | null>>;

/** The code of the answer, or what is done instead; `!` where the message is malformed. */
function verdictOf(text: string): string {
  const parsed = parseMessage(text);
  const { ok, action, respond, error } = judge(parsed.ok ? parsed.value : parsed.error);
  assert.equal(action === 'accept', error === null);
  return `${ok ? '' : '!'}${respond ?? action}`;
}

const request = (start: string, changes: Changes = {}, body = ''): string =>
  message([`${start} SIP/2.0`, ...REGISTER.slice(1)], { CSeq: `1 ${start.split(' ', 1)[0]}`, ...changes }, body);

const withBody = (start: string, body: string, changes: Changes): string =>
  request(start, { 'Content-Length': String(body.length), ...changes }, body);

const INVITE = 'INVITE sip:2001@192.0.2.100';
const SDP = { 'Content-Type': 'application/sdp' };

describe('a well-formed request', () => {
  for (const [what, text, verdict] of [
    ['a call', withBody(INVITE, 'v=0\r\n', SDP), 'accept'],
    ['a call without an offer', request(INVITE), 'accept'],
    ['a call to a sips: address', request('INVITE sips:2001@192.0.2.100'), 'accept'],
    ['a method that nobody knows', request('DANCE sip:2001@192.0.2.100'), '501'],
    ['a known method in lower case, which is another method', request('invite sip:2001@192.0.2.100'), '501'],
    ['a method that is for servers', request('REGISTER sip:192.0.2.100'), '405'],
    ['another method that is for servers', request('PUBLISH sip:192.0.2.100'), '405'],
    ['a scheme that is not ours', request('OPTIONS tel:+441632960100'), '416'],
    ['an extension that is not ours', request(INVITE, { Require: 'path, precondition' }), '420'],
    ['an extension that is ours, in any case', request(INVITE, { Require: 'PATH' }), 'accept'],
    ['an extension that only proxies need', request(INVITE, { 'Proxy-Require': 'odd' }), 'accept'],
    ['content that is not ours', withBody(INVITE, 'x', { 'Content-Type': 'text/odd' }), '415'],
    [
      'the same, but its sender can do without',
      withBody(INVITE, 'x', { 'Content-Type': 'text/odd', 'Content-Disposition': 'render; Handling = OPTIONAL' }),
      'accept',
    ],
    [
      'several parts, one of them SDP',
      withBody(
        INVITE,
        '--a\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--a\r\nContent-Type: text/odd\r\nContent-Disposition: render;handling=optional\r\n\r\nx\r\n--a--',
        { 'Content-Type': 'Multipart/Mixed;boundary=a' },
      ),
      'accept',
    ],
    [
      'several parts, one that is needed and not ours',
      withBody(INVITE, '--a\r\nContent-Type: text/odd\r\n\r\nx\r\n--a--', {
        'Content-Type': 'multipart/mixed;boundary=a',
      }),
      '415',
    ],
    [
      'parts that cannot be taken apart',
      withBody(INVITE, 'x', { 'Content-Type': 'multipart/mixed;boundary=a' }),
      '415',
    ],
    ['a compressed body', withBody(INVITE, 'x', { ...SDP, 'Content-Encoding': 'gzip' }), '415'],
    ['a body that says it is not compressed', withBody(INVITE, 'x', { ...SDP, e: 'identity' }), 'accept'],
    ['a caller who reads no SDP', request(INVITE, { Accept: 'text/plain, text/odd' }), '406'],
    ['a caller who reads nothing', request(INVITE, { Accept: '' }), '406'],
    ['a caller who reads SDP too', request(INVITE, { Accept: 'text/plain, application/SDP;level=1' }), 'accept'],
    ['a caller who reads all', request(INVITE, { Accept: '*/*' }), 'accept'],
    ['a NOTIFY with any content', withBody('NOTIFY sip:2001@192.0.2.100', 'x', { c: 'text/odd' }), 'accept'],
  ] as const)
    it(`${what}: ${verdict}`, () => assert.equal(verdictOf(text), verdict));

  it('the first wrong step decides: method, scheme, extension, content', () => {
    const all = { Require: 'odd', 'Content-Type': 'text/odd' };
    assert.equal(verdictOf(withBody('DANCE tel:1', 'x', all)), '501');
    assert.equal(verdictOf(withBody('INVITE tel:1', 'x', all)), '416');
    assert.equal(verdictOf(withBody(INVITE, 'x', all)), '420');
  });

  it('a CANCEL is not asked what it requires (RFC 3261 8.2.2.3)', () => {
    assert.equal(verdictOf(request('CANCEL sip:2001@192.0.2.100', { Require: 'odd' })), 'accept');
  });
});

describe('a malformed request', () => {
  for (const [what, text, verdict] of [
    ['a Request-URI that is none', request('OPTIONS sip:a@b@c'), '!400'],
    ['a Request-URI with headers', request('OPTIONS sip:2001@192.0.2.100?Subject=x'), '!400'],
    ['a Contact that is none', request(INVITE, { Contact: '<sip:a@b' }), '!400'],
    ['"*" among other Contacts', request(INVITE, { Contact: '*, <sip:a@192.0.2.1>' }), '!400'],
    ['a body of no type', withBody(INVITE, 'v=0\r\n', {}), '!400'],
    ['another version', request(INVITE).replace('SIP/2.0', 'SIP/3.0'), '!505'],
    ['a method that nobody knows, malformed', request('DANCE sip:2001@192.0.2.100', { Contact: 'x' }), '!501'],
    ['a method that nobody knows, unread', request('DANCE sip:2001@192.0.2.100', { To: null }), '!501'],
    ['a method that nobody knows, in another version', request('DANCE sip:x').replace('SIP/2.0', 'SIP/9.1'), '!505'],
    ['too many headers', request(INVITE, { Subject: 'a\r\nX: y'.repeat(300) }), '!513'],
    ['no end of the headers', request(INVITE).replace(/\r\n\r\n$/, '\r\n'), '!400'],
    ['a fold before the first header', request(INVITE).replace('\r\nVia', '\r\n Via'), '!400'],
  ] as const)
    it(`${what}: ${verdict.slice(1)}`, () => assert.equal(verdictOf(text), verdict));

  it('keeps what an answer needs: all headers that could be read', () => {
    const parsed = parseMessage(request(INVITE).replace('CSeq:', 'not a header\r\nCSeq:'));
    assert.ok(!parsed.ok);
    assert.deepEqual(
      parsed.error.partial?.headers.map(({ name }) => name),
      ['Via', 'Max-Forwards', 'From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Content-Length'],
    );
  });
});

describe('an ACK', () => {
  it('is never answered, however wrong it is', () => {
    const ack = 'ACK sip:2001@192.0.2.100';
    assert.equal(verdictOf(request(ack, { Require: 'odd' })), 'accept');
    for (const wrong of [
      request(ack, { Contact: 'x' }),
      request(ack, { To: null }),
      request('ACK sip:a@b@c'),
      request(ack).replace('SIP/2.0', 'SIP/3.0'),
    ])
      assert.equal(verdictOf(wrong), '!drop');
  });
});

describe('a response', () => {
  const ok = OK('<sip:2001@192.0.2.100>');
  for (const [what, text, verdict] of [
    ['as it should be', ok, 'accept'],
    ['with a status that nobody knows', ok.replace('200 OK', '699 Odd'), 'accept'],
    ['without the space before its empty reason', ok.replace('200 OK', '200'), 'accept'],
    ['with two Vias in one header', ok.replace(/(Via: .*)/, '$1, SIP/2.0/UDP 192.0.2.9'), 'drop'],
    ['with a malformed second Via', ok.replace(/(Via: .*)/, '$1, SIP/2.0/UDP'), '!drop'],
    ['without a Via', ok.replace(/Via: .*\r\n/, ''), '!drop'],
    ['shorter than it says', ok.replace('\r\n\r\n', '\r\nContent-Length: 1\r\n\r\n'), '!drop'],
    ['of another version', ok.replace('SIP/2.0 200', 'SIP/2.1 200'), '!drop'],
    ['with a word for its status', ok.replace('200 OK', 'OK'), '!drop'],
    ['with reason and status run together', ok.replace('200 OK', '200OK'), '!drop'],
  ] as const)
    it(`${what}: ${verdict}`, () => assert.equal(verdictOf(text), verdict));
});
