/** Owns SIP URIs: parse, write, and equality by the examples of RFC 3261 19.1.4 (C15). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { escapeUser, parseUri, sameUri, uriText } from '../../../../../firmware/sip/message/uri.ts';

function same(a: string, b: string): boolean {
  const left = parseUri(a);
  const right = parseUri(b);
  if (!left.ok || !right.ok) throw new Error(`${a} ${b}`);
  return sameUri(left.value, right.value) && sameUri(right.value, left.value);
}

describe('equality of SIP URIs (RFC 3261 19.1.4)', () => {
  for (const [a, b] of [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['sip:a@[2001:DB8::1]', 'sip:a@[2001:db8::1]'],
    ['sip:a@[2001:db8::1]', 'sip:a@[2001:0db8:0:0::0:1]'],
    ['sip:a@[::ffff:192.0.2.1]', 'sip:a@[::ffff:c000:201]'],
    ['sip:a@example.test.', 'sip:a@example.test'],
    ['sip:a%3bb@example.test', 'sip:a%3Bb@example.test'],
    ['sip:a@example.test;%6Cr', 'sip:a@example.test;lr'],
    ['sip:a@h.test?x=1&x=2', 'sip:a@h.test?X=2&X=1'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
  ] as const)
    it(`${a} equals ${b}`, () => assert.equal(same(a, b), true));

  for (const [a, b] of [
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:2001@192.0.2.1;hf=p', 'sip:2001@192.0.2.1;hf=b'],
    ['sip:a@example.test', 'sips:a@example.test'],
    ['sip:example.test', 'sip:a@example.test'],
    ['sip:a:b@example.test', 'sip:a@example.test'],
    ['sip:a@example.test;maddr=192.0.2.1', 'sip:a@example.test'],
    ['sip:a%3Bb@example.test', 'sip:a;b@example.test'],
    ['sip:a%2541@example.test', 'sip:a%41@example.test'],
    ['sip:a@h.test?x=1&x=1', 'sip:a@h.test?x=1&x=2'],
    ['sip:a@[2001:db8::1]', 'sip:a@[2001:db8::1:1]'],
    ['sip:a@192.0.2.1', 'sip:a@[::ffff:192.0.2.1]'],
  ] as const)
    it(`${a} differs from ${b}`, () => assert.equal(same(a, b), false));
});

describe('parsing', () => {
  it('writes back what it read', () => {
    for (const text of [
      'sip:a:b@example.test:5070;lr;transport=tcp?subject=x',
      'sips:[2001:db8::1]',
      'sip:user;par=1@example.test',
    ])
      assert.equal(
        parseUri(text).ok && uriText((parseUri(text) as { value: Parameters<typeof uriText>[0] }).value),
        text,
      );
  });

  it('takes host names with underscores, as many a LAN has them', () => {
    const uri = parseUri('sip:2001@my_pbx.lan:5070');
    assert.deepEqual(uri.ok && [uri.value.host, uri.value.port], ['my_pbx.lan', 5070]);
  });

  it('a question mark before the @ belongs to the user', () => {
    const uri = parseUri('sip:a?b@h.test?x=1');
    assert.deepEqual(uri.ok && [uri.value.user, uri.value.headers], ['a?b', [{ name: 'x', value: '1' }]]);
  });

  for (const text of [
    'sip:',
    'sip:@example.test',
    'sip:a@',
    'sip:a@exa mple',
    'sip:a@example.test:99999',
    'sip:a@[2001:db8::1',
    'sip:a@2001:db8::1',
    'sip:a@-x-',
    'sip:a<b@example.test',
    'sip:a@example.test;=1',
    'tel:1',
    'sip:a@1.2.3.4.5',
    'sip:a@ example.test',
    'sip:a@example.test :5060',
    'sip:a@[2001:db8::1]x',
    'sip:a@[192.0.2.1]',
    'sip:a@[2001:db8::::1]',
    `sip:a@${'a.'.repeat(150)}test`,
    'sip:a%4@example.test',
    'sip:a:b%zz@example.test',
    'sip:a@example.test;x=',
    'sip:a@example.test?x=<',
  ])
    it(`"${text}" is refused`, () => assert.equal(parseUri(text).ok, false));
});

describe('escaping a user part', () => {
  it('leaves nothing that could end it', () => {
    assert.equal(escapeUser('a@b>\r\n"é'), 'a%40b%3E%0D%0A%22%C3%A9');
  });
});
