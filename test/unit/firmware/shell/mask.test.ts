/** What a kept message may show: no digest answer, password, media key or keyed digit, and every length as it was. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maskMessage } from '../../../../firmware/shell/mask.ts';

const HEAD = 'INFO sip:a@h SIP/2.0\r\nContent-Length: 24\r\n';
const message = (type: string, body: string): string => `${HEAD}Content-Type: ${type}\r\n\r\n${body}`;

describe('a kept message', () => {
  it('hides what logs in, folded or not, in any case', () => {
    for (const [before, after] of [
      ['Authorization: Digest username="u", nonce="n", response="0123456789abcdef", uri="sip:h"', '****************'],
      ['proxy-authorization : Digest realm="r",\r\n response = "secret"', '******'],
      ['Authorization: Basic dXNlcjpwYXNz', '************'],
      ['Authentication-Info: qop=auth, rspauth="0123456789abcdef", cnonce="c"', '****************'],
    ] as const) {
      const masked = maskMessage(`REGISTER sip:h SIP/2.0\r\n${before}\r\n\r\n`);
      assert.ok(masked.includes(after), masked);
      assert.doesNotMatch(masked, /0123|secret|dXNl/);
    }
    assert.match(
      maskMessage('INVITE sip:a:pass@h SIP/2.0\r\nTo: <sips:b:word@h>\r\n\r\n'),
      /sip:a:\*{4}@h.*sips:b:\*{4}@h/s,
    );
  });

  it('hides media keys', () => {
    const masked = maskMessage(
      'INVITE sip:a@h SIP/2.0\r\n\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0a2V5|2^20\r\n',
    );
    assert.match(masked, /inline:X{12}\|2\^20/);
  });

  it('hides keyed digits in each form, and leaves other bodies alone', () => {
    assert.match(
      maskMessage(message('application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n')),
      /Signal=\*\r\nDuration=160/,
    );
    assert.match(maskMessage(message('application/dtmf', '5')), /\r\n\r\n\*$/);
    assert.ok(maskMessage(message('text/plain', 'Signal=5')).endsWith('Signal=5'));
  });

  it('is as long as it was, and one without secrets is the same', () => {
    const text = message('application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n').replace(
      '\r\n',
      '\r\nAuthorization: Digest response="abc"\r\n',
    );
    assert.equal(maskMessage(text).length, text.length);
    const plain = 'OPTIONS sip:h:5060;transport=udp SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::1]:5060\r\n\r\n';
    assert.equal(maskMessage(plain), plain);
  });

  it('costs a bounded time, whatever it is', () => {
    for (const odd of ['Authorization: ', 'sip:', 'inline:', 'Authorization: response="', 'a=\r\n ']) {
      const start = process.cpuUsage().user;
      maskMessage(odd.repeat(10_000));
      assert.ok(process.cpuUsage().user - start < 5_000_000, odd);
    }
  });
});
