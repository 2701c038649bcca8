/** How a message finds its transaction (RFC 3261 17.1.3, 17.2.3; conformance D8, D9). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SipResponse } from '../../../../../firmware/sip/message/message.ts';
import { clientKey, responseKey, serverKey } from '../../../../../firmware/sip/transaction/key.ts';

const base = { branch: 'z9hG4bKabc', sentBy: 'pc.example.com:5060', method: 'OPTIONS' };

describe('a response finds its transaction', () => {
  it('by branch and method, so that a CANCEL with the branch of its INVITE has one of its own', () => {
    assert.equal(clientKey('z9hG4bK1', 'INVITE'), clientKey('z9hG4bK1', 'INVITE'));
    assert.notEqual(clientKey('z9hG4bK1', 'INVITE'), clientKey('z9hG4bK1', 'CANCEL'));
    assert.notEqual(clientKey('z9hG4bK1', 'INVITE'), clientKey('z9hG4bK2', 'INVITE'));
  });
});

describe('a response names its transaction', () => {
  const VIA = 'SIP/2.0/UDP pc.example.com;rport;branch=z9hG4bK1';
  const keyOf = (...headers: readonly (readonly [string, string])[]): string | null =>
    responseKey({
      ...{ kind: 'response', status: 200, reason: 'OK', body: '' },
      headers: headers.map(([name, value]) => ({ name, value })),
    } satisfies SipResponse);

  it('by the branch of its one Via and the method of its CSeq', () =>
    assert.equal(keyOf(['Via', VIA], ['CSeq', '7 INVITE']), clientKey('z9hG4bK1', 'INVITE')));

  for (const [what, headers] of [
    ['no Via', [['CSeq', '7 INVITE']]],
    [
      'a Via that is none',
      [
        ['Via', 'SIP'],
        ['CSeq', '7 INVITE'],
      ],
    ],
    [
      'a Via without branch',
      [
        ['Via', 'SIP/2.0/UDP pc.example.com'],
        ['CSeq', '7 INVITE'],
      ],
    ],
    [
      'a second Via, so it is for somebody behind us (RFC 3261 18.1.2)',
      [
        ['Via', VIA],
        ['Via', VIA],
        ['CSeq', '7 INVITE'],
      ],
    ],
    ['no CSeq', [['Via', VIA]]],
    [
      'a CSeq that is none',
      [
        ['Via', VIA],
        ['CSeq', 'INVITE'],
      ],
    ],
  ] as const)
    it(`to nobody with ${what}`, () => assert.equal(keyOf(...headers), null));
});

describe('a request finds its transaction', () => {
  it('by branch, sent-by and method; the case of the host does not matter', () => {
    assert.equal(serverKey(base), serverKey({ ...base, sentBy: 'PC.Example.COM:5060' }));
    for (const other of [{ branch: 'z9hG4bKabd' }, { sentBy: 'pc.example.com:5062' }, { method: 'NOTIFY' }])
      assert.notEqual(serverKey(base), serverKey({ ...base, ...other }));
  });

  it('with the cookie by nothing else: another Call-ID is the same transaction', () =>
    assert.equal(
      serverKey({ ...base, callId: 'a', cseq: 1, uri: 'sip:x' }),
      serverKey({ ...base, callId: 'b', cseq: 2, uri: 'sip:y' }),
    ));

  it('the ACK to a refusal belongs to its INVITE', () =>
    assert.equal(serverKey({ ...base, method: 'ACK' }), serverKey({ ...base, method: 'INVITE' })));

  it('without the cookie by Call-ID, CSeq and Request-URI too (RFC 2543)', () => {
    const old = { ...base, branch: '1', callId: 'a', cseq: 7, uri: 'sip:x' };
    assert.equal(serverKey(old), serverKey({ ...old, branch: '2' }));
    for (const other of [
      { callId: 'b' },
      { cseq: 8 },
      { uri: 'sip:y' },
      { method: 'NOTIFY' },
      { sentBy: 'other:5060' },
    ])
      assert.notEqual(serverKey(old), serverKey({ ...old, ...other }));
    assert.notEqual(serverKey({ ...base, branch: '1' }), serverKey(base));
  });
});
