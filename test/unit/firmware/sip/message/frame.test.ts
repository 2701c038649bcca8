/** Where messages begin and end in a stream: RFC 3261 7.5 and 18.3 (C4, C5, C13). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MESSAGE_MAX_OCTETS } from '../../../../../firmware/config/defaults.ts';
import type { Frame } from '../../../../../firmware/sip/message/frame.ts';
import { frameAt } from '../../../../../firmware/sip/message/frame.ts';
import { message, REGISTER } from '../../../../support/messages.ts';

const register = message(REGISTER, { 'Content-Length': '3' }, 'abc');

function textsOf(data: string): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; ; ) {
    const frame = frameAt(data, at);
    if (frame.kind !== 'message') return texts;
    texts.push(frame.text);
    at = frame.end;
  }
}

const kindOf = (frame: Frame): string =>
  frame.kind === 'broken' || frame.kind === 'incomplete' ? `${frame.kind} ${frame.error.code}` : frame.kind;

describe('a stream of messages', () => {
  it('glued messages come apart; empty lines before and between them are skipped', () => {
    assert.deepEqual(textsOf(`\r\n\r\n${register}${register}\r\n\r\n${register}`), [register, register, register]);
  });

  it('fed octet by octet it is incomplete until the last octet, and never broken', () => {
    for (let end = 1; end < register.length; end += 1)
      assert.equal(frameAt(register.slice(0, end), 0).kind, 'incomplete', `${end} octets`);
    assert.equal(frameAt(register, 0).kind, 'message');
  });

  it('the compact form, a fold and any case say the length too', () => {
    for (const name of ['l', 'CONTENT-LENGTH', 'content-length '])
      assert.deepEqual(textsOf(`${message(REGISTER, { 'Content-Length': null, [name]: '\r\n 3' }, 'abc')}x`).length, 1);
  });

  it('a length that stands in another header or in the body says nothing', () => {
    const tricky = message(REGISTER, { Subject: 'x\r\n Content-Length: 9999', 'Content-Length': '19' });
    assert.deepEqual(textsOf(`${tricky}Content-Length: 5\r\n`), [`${tricky}Content-Length: 5\r\n`]);
  });

  it('nothing but empty lines is the end', () => {
    for (const data of ['', '\r\n', '\r\n\r\n']) assert.equal(kindOf(frameAt(data, 0)), 'end');
  });
});

describe('a stream that cannot be read on', () => {
  for (const [what, changes] of [
    ['no Content-Length', { 'Content-Length': null }],
    ['two of them', { l: '0' }],
    ['a negative one', { 'Content-Length': '-1' }],
    ['one that is no number', { 'Content-Length': 'five' }],
  ] as const)
    it(`${what}: broken, the request deserves 400`, () => {
      const frame = frameAt(message(REGISTER, changes), 0);
      assert.equal(kindOf(frame), 'broken 400');
      assert.equal(frame.kind === 'broken' && frame.error.partial?.kind, 'request');
    });

  it('a first line that is no SIP: broken, with nothing to answer', () => {
    const frame = frameAt('GET / HTTP/1.1\r\nHost: x\r\n\r\n', 0);
    assert.equal(kindOf(frame), 'broken 400');
    assert.equal(frame.kind === 'broken' && frame.error.partial, null);
  });

  it('a body or a head beyond the limit is not waited for', () => {
    assert.equal(kindOf(frameAt(message(REGISTER, { 'Content-Length': '999999' }), 0)), 'broken 513');
    const head = `${REGISTER.join('\r\n')}\r\n${'X: y\r\n'.repeat(MESSAGE_MAX_OCTETS / 6)}`;
    assert.equal(kindOf(frameAt(head, 0)), 'broken 513');
  });
});
