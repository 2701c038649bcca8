/** Proves base64 (RFC 4648 4, 10) against its own examples and against Node's. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fromBase64, toBase64 } from '../../../../firmware/kernel/base64.ts';

describe('base64', () => {
  it('as in RFC 4648 10', () => {
    const words = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'];
    const expected = ['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy'];
    assert.deepEqual(
      words.map((word) => toBase64(Buffer.from(word))),
      expected,
    );
    assert.deepEqual(
      expected.map((text) => Buffer.from(fromBase64(text) ?? []).toString()),
      words,
    );
  });

  it('of any octets, as Node has it, there and back', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (octets) => {
        assert.equal(toBase64(octets), Buffer.from(octets).toString('base64'));
        assert.deepEqual(fromBase64(toBase64(octets)), octets);
      }),
    ));

  it('what is none is nothing', () => {
    for (const text of ['Zg', 'Zg=', 'Z===', 'Zm9v!mFy', 'Zm 9', '=Zm9', 'Zm9\n'])
      assert.equal(fromBase64(text), null, text);
  });
});
