/** Writing messages: nothing that a user or a peer chose can leave its place (RFC 3261 7, 19.1.2; C17). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SipRequest } from '../../../../../firmware/sip/message/message.ts';
import { parseMessage } from '../../../../../firmware/sip/message/parse.ts';
import { serialize } from '../../../../../firmware/sip/message/serialize.ts';
import type { Uri } from '../../../../../firmware/sip/message/uri.ts';
import { escapeUser, parseUri, uriText } from '../../../../../firmware/sip/message/uri.ts';
import { message, REGISTER } from '../../../../support/messages.ts';

const parsed = parseMessage(message(REGISTER));
assert.ok(parsed.ok && parsed.value.kind === 'request');
const request: SipRequest = parsed.value;
const linesOf = (text: string): readonly string[] => text.split('\r\n');
const lineCount = linesOf(serialize(request)).length;

/** U+010A and U+010D: cut to one octet each, as a socket would, they are LF and CR. */
const CUT = '\u010d\u010aEvil: 1';

describe('a line end', () => {
  for (const evil of ['\r\nEvil: 1', '\nEvil: 1', '\rEvil: 1', '\u0000', CUT, '\r\n\r\nbody'])
    it(`${JSON.stringify(evil)} stays in its place, wherever it was put`, () => {
      for (const changed of [
        { ...request, method: `REGISTER${evil}` },
        { ...request, uri: `sip:example.test${evil}` },
        { ...request, headers: [...request.headers.slice(0, -1), { name: `Subject${evil}`, value: 'x' }] },
        { ...request, headers: [...request.headers.slice(0, -1), { name: 'Subject', value: `x${evil}` }] },
      ]) {
        const octets = Buffer.from(serialize(changed), 'latin1').toString('latin1');
        const extra = changed.headers === request.headers ? 0 : 1;
        assert.equal(octets.split(/\r\n|\r|\n/).length, lineCount + extra, octets);
        assert.equal(octets.includes('\0'), false);
      }
    });

  it('stays in the reason too', () => {
    const text = serialize({ ...request, kind: 'response', status: 200, reason: 'OK\r\nEvil: 1' });
    assert.equal(linesOf(text)[0], 'SIP/2.0 200 OK  Evil: 1');
  });
});

describe('Content-Length', () => {
  it('is written once, whatever headers of that name were given', () => {
    for (const name of ['Content-Length', 'content-length', 'l']) {
      const text = serialize({ ...request, headers: [...request.headers, { name, value: '99' }], body: 'ab' });
      assert.deepEqual(
        linesOf(text).filter((line) => /^(content-length|l):/i.test(line)),
        ['Content-Length: 2'],
      );
    }
  });

  it('counts octets, of text that was not encoded as well', () => {
    assert.match(
      serialize({ ...request, body: 'Zo\u00eb \u5317' }),
      /Content-Length: 7\r\n\r\nZo\u00eb \u00e5\u008c\u0097$/,
    );
  });
});

describe('a URI', () => {
  it('is written so that it reads back, whatever its parts hold', () => {
    const hostile: Uri = {
      scheme: 'sip',
      user: 'a@b>;c\r\n%zz%41',
      password: 'p:@"',
      host: 'h.test\r\nEvil',
      port: 5070,
      params: [{ name: 'x;y', value: 'z\u010a>' }],
      headers: [{ name: 'Route', value: '<sip:r.test>&x=1' }],
    };
    const text = uriText(hostile);
    assert.equal(
      text,
      'sip:a%40b%3E;c%0D%0A%25zz%41:p%3A%40%22@h.testEvil:5070;x%3By=z%C4%8A%3E?Route=%3Csip:r.test%3E%26x%3D1',
    );
    assert.equal(parseUri(text).ok, true);
  });

  it('a dialled text is one user part', () => {
    for (const dialled of ['*72#', '100;phone-context=x', 'a b\r\nEvil: 1', '<>@:%', 'Ä\u010a'])
      assert.doesNotMatch(escapeUser(dialled), /[\s<>@:#"]|%(?![0-9A-F]{2})/, dialled);
  });
});
