/** The torture messages of RFC 4475 and the IPv6 cases of RFC 5118, with the verdicts of those RFCs (C1, C2). */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  contactsOf,
  cseqOf,
  fromOf,
  headerValue,
  headerValues,
  maxForwardsOf,
  tagOf,
  toOf,
  topVia,
  vias,
} from '../../../../../firmware/sip/message/headers.ts';
import type { SipMessage, SipRequest } from '../../../../../firmware/sip/message/message.ts';
import { parseMessage } from '../../../../../firmware/sip/message/parse.ts';
import { paramOf } from '../../../../../firmware/sip/message/scan.ts';
import { serialize } from '../../../../../firmware/sip/message/serialize.ts';
import { parseUri } from '../../../../../firmware/sip/message/uri.ts';
import { decodeUtf8 } from '../../../../../firmware/sip/message/utf8.ts';
import { judge } from '../../../../../firmware/sip/message/verdict.ts';

interface Expected {
  readonly file: string;
  readonly section: string;
  readonly says: string;
  readonly verdict: { readonly ok: boolean; readonly action: string; readonly respond: number | null };
  readonly choice?: string;
}

const folder = new URL('../../../../fixtures/sip/', import.meta.url);
const listed = JSON.parse(readFileSync(new URL('verdicts.json', folder), 'utf8')) as readonly Expected[];
const octetsOf = (file: string): string => readFileSync(new URL(file, folder), 'latin1');

function read(name: string): SipMessage {
  const parsed = parseMessage(octetsOf(`${name}.dat`));
  if (!parsed.ok) throw new Error(parsed.error.text);
  return parsed.value;
}

function requestIn(name: string): SipRequest {
  const message = read(name);
  if (message.kind !== 'request') throw new Error(`${name} is no request`);
  return message;
}

describe('the list of verdicts', () => {
  it('names every message that lies here once, and none that does not', () => {
    const present = ['rfc4475', 'ipv6'].flatMap((name) =>
      readdirSync(new URL(name, folder)).map((file) => `${name}/${file}`),
    );
    assert.deepEqual(listed.map(({ file }) => file).sort(), present.sort());
    assert.equal(listed.length, 62);
  });

  for (const { file, section, says, verdict } of listed)
    it(`${file} (${section}): ${says}`, () => {
      const parsed = parseMessage(octetsOf(file));
      const { ok, action, respond, error } = judge(parsed.ok ? parsed.value : parsed.error);
      assert.deepEqual({ ok, action, respond }, verdict, error ?? 'no error');
      assert.equal(error === null, action === 'accept', 'whatever is not accepted says why');
    });

  it('what is well-formed reads the same after it was written', () => {
    const good = listed.filter(({ verdict }) => verdict.ok && verdict.action === 'accept');
    for (const { file } of good) {
      const first = read(file.replace('.dat', ''));
      const again = parseMessage(serialize(first));
      const withoutLength = (message: SipMessage): SipMessage => ({
        ...message,
        headers: message.headers.filter(({ name }) => name !== 'Content-Length'),
      });
      assert.deepEqual(again.ok && withoutLength(again.value), withoutLength(first), file);
    }
    assert.ok(good.length >= 20, `${good.length} were seen`);
  });
});

describe('what the well-formed ones of RFC 4475 say', () => {
  it('a tortuous INVITE: folds, quotes, white space everywhere, three Vias in two headers', () => {
    const message = requestIn('rfc4475/wsinv');
    const hops = vias(message);
    assert.deepEqual(hops.ok && hops.value.map(({ transport, host }) => [transport, host]), [
      ['UDP', '192.0.2.2'],
      ['TCP', 'spindle.example.com'],
      ['UDP', '192.168.255.111'],
    ]);
    const [to, from, cseq] = [toOf(message), fromOf(message), cseqOf(message)];
    assert.equal(to.ok && tagOf(to.value), '1918181833n');
    assert.equal(from.ok && from.value.display, 'J Rosenberg \\"');
    assert.deepEqual(cseq.ok && cseq.value, { number: 9, method: 'INVITE' });
    assert.equal(maxForwardsOf(message), 68);
    assert.equal(headerValue(message, 'Subject'), '');
    assert.equal(headerValue(message, 'UnknownHeaderWithUnusualValue'), ';;,,;;,;');
    assert.equal(message.body.length, 150);
    const contacts = contactsOf(message);
    const contact = contacts.ok && contacts.value !== '*' ? contacts.value[0] : undefined;
    assert.equal(contact?.display, 'Quoted string ""');
    assert.equal(paramOf(contact?.params ?? [], 'q'), '0.33');
  });

  it('a wide range of characters: the escaped NUL, the UTF-8 parameter and the odd Call-ID are kept', () => {
    const message = requestIn('rfc4475/intmeth');
    const [to, from] = [toOf(message), fromOf(message)];
    assert.equal(to.ok && to.value.display, 'BEL:\u0007 NUL:\u0000 DEL:\u007f');
    const odd = from.ok ? paramOf(from.value.params, "fromparam''~+*_!.-%") : null;
    assert.equal(decodeUtf8(odd ?? ''), 'работающий');
    assert.equal(headerValue(message, 'Call-ID'), 'intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{');
    const uri = parseUri(message.uri);
    assert.equal(uri.ok && uri.value.host, 'example.com');
    assert.equal(uri.ok && uri.value.password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
  });

  it('% is an escape in URIs alone', () => {
    assert.equal(headerValues(requestIn('rfc4475/esc02'), 'Contact').length, 2);
    const to = toOf(requestIn('rfc4475/esc02'));
    assert.equal(to.ok && to.value.display, '%Z%45');
  });

  it('an escaped NUL does not cut the user part', () => {
    const contacts = contactsOf(requestIn('rfc4475/escnull'));
    const users = contacts.ok && contacts.value !== '*' ? contacts.value.map(({ uri }) => uri?.user) : [];
    assert.deepEqual(users, ['%00', '%00%00']);
  });

  it('a semicolon in the user part belongs to the user', () => {
    const uri = parseUri(requestIn('rfc4475/semiuri').uri);
    assert.deepEqual(uri.ok && [uri.value.user, uri.value.params], ['user;par=u%40example.net', []]);
  });

  it('very long values are read whole', () => {
    const message = requestIn('rfc4475/longreq');
    const [hops, from] = [vias(message), fromOf(message)];
    assert.equal(hops.ok && hops.value.length, 34);
    assert.equal(from.ok && tagOf(from.value)?.length, 155);
  });

  it('the second request in a datagram is no part of the first', () => {
    assert.equal(requestIn('rfc4475/dblreq').body, '');
  });

  it('a binary part with NULs is framed by its length', () => {
    const { body } = requestIn('rfc4475/mpart01');
    assert.equal(body.length, 553);
    assert.ok(body.includes('\0') && body.endsWith('--7a9cbec02ceef655--\r\n'));
  });

  it('a reason in UTF-8 and an empty one are reasons', () => {
    const [unusual, empty] = [read('rfc4475/unreason'), read('rfc4475/noreason')];
    assert.equal(
      unusual.kind === 'response' && decodeUtf8(unusual.reason),
      '= 2**3 * 5**2 но сто девяносто девять - простое',
    );
    assert.deepEqual(empty.kind === 'response' && [empty.status, empty.reason], [100, '']);
  });

  it('a parameter is of the Contact without brackets, of the URI within them (C20)', () => {
    const first = (name: string) => {
      const contacts = contactsOf(requestIn(name));
      return contacts.ok && contacts.value !== '*' ? contacts.value[0] : undefined;
    };
    const unknown = [{ name: 'unknownparam', value: null }];
    const [bare, bracketed] = [first('rfc4475/cparam01'), first('rfc4475/cparam02')];
    assert.deepEqual([bare?.params, bare?.uri?.params], [unknown, []]);
    assert.deepEqual([bracketed?.params, bracketed?.uri?.params], [[], unknown]);
  });

  it('other schemes are kept as text', () => {
    const [to, from] = [toOf(requestIn('rfc4475/unksm2')), fromOf(requestIn('rfc4475/unksm2'))];
    assert.deepEqual(to.ok && [to.value.uri, to.value.uriText], [null, 'isbn:2983792873']);
    assert.deepEqual(from.ok && [from.value.uri, from.value.uriText], [null, 'http://www.example.com']);
  });
});

describe('what the IPv6 cases say', () => {
  it('a port stands behind the brackets only', () => {
    const hostPort = (name: string) => {
      const uri = parseUri(requestIn(name).uri);
      return uri.ok ? [uri.value.host, uri.value.port] : [];
    };
    assert.deepEqual(hostPort('ipv6/port-within-brackets'), ['2001:db8:b::1:5070', null]);
    assert.deepEqual(hostPort('ipv6/port-after-brackets'), ['2001:db8:b::1', 5070]);
  });

  it('received stands with brackets or without', () => {
    const received = (name: string) => {
      const via = topVia(requestIn(name));
      return via.ok ? paramOf(via.value.params, 'received') : null;
    };
    assert.equal(received('ipv6/received-with-brackets'), '[2001:db8:a::ff]');
    assert.equal(received('ipv6/received-without-brackets'), '2001:db8:a::ff');
  });

  it('both families stand in one list of Vias', () => {
    const hops = vias(requestIn('ipv6/both-families-in-via'));
    assert.deepEqual(hops.ok && hops.value.map(({ host, port }) => [host, port]), [
      ['2001:db8:a::7', 6050],
      ['192.0.2.7', null],
      ['2001:db8:a::8', null],
    ]);
  });

  it('a colon too many before a dotted tail is read as none', () => {
    for (const name of ['ipv6/three-colons', 'ipv6/two-colons']) {
      const uri = parseUri(requestIn(name).uri);
      assert.equal(uri.ok && uri.value.host, '2001:db8::192.0.2.1', name);
    }
  });
});
