/** Proves SRTP and SRTCP (RFC 3711; conformance J9): one known packet, each way of being wrong, and numbers that begin anew. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toBase64 } from '../../../../firmware/kernel/base64.ts';
import { serializeRtp } from '../../../../firmware/media/rtp.ts';
import type { Opener, Sealer } from '../../../../firmware/media/srtp.ts';
import { createOpener, createSealer } from '../../../../firmware/media/srtp.ts';
import type { MediaKeys } from '../../../../firmware/media-vocabulary.ts';
import { cipher } from '../../../support/cipher.ts';

const LONG = 'AES_CM_128_HMAC_SHA1_80';
const SHORT = 'AES_CM_128_HMAC_SHA1_32';
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
/** RFC 3711 B.3. */
const KEY = toBase64(hex('e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6'));
const OTHER = toBase64(new Uint8Array(30).fill(7));

const keys = (suite: string, sends = KEY, receives = KEY): MediaKeys => ({
  ...{ suite, sends: { masterKey: sends }, receives: { masterKey: receives } },
});

const ends = (suite = LONG): { readonly sealer: Sealer; readonly opener: Opener } => ({
  sealer: createSealer(cipher, keys(suite)),
  opener: createOpener(cipher, keys(suite)),
});

const packet = (sequence: number, ssrc = 0xcafebabe, payload = hex('abcdef')): Uint8Array =>
  serializeRtp({ marker: false, payloadType: 0, sequence, timestamp: 160 * sequence, ssrc, payload });

/** A receiver report with nothing in it. */
const REPORT = hex('80c90001cafebabe');
const SENDER_REPORT = hex('80c80006cafebabe000102030405060708090a0b0c0d0e0f10111213');

describe('SRTP', () => {
  it('seals as others do: the packet that libsrtp is tested with, under the key of RFC 3711 B.3', () => {
    const plain = hex('800f1234decafbadcafebabeabababababababababababababababab');
    const sealed = hex('800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb');
    const { sealer, opener } = ends();
    assert.deepEqual(sealer.rtp(plain), sealed);
    assert.deepEqual(opener.rtp(sealed), plain);
  });

  for (const [suite, tag] of [
    [LONG, 10],
    [SHORT, 4],
  ] as const)
    it(`${suite}: a tag of ${tag} octets, of reports always 10 and a number of 4 (RFC 4568 6.2)`, () => {
      const { sealer, opener } = ends(suite);
      const [rtp, rtcp] = [sealer.rtp(packet(1)), sealer.rtcp(SENDER_REPORT)];
      assert.equal(rtp.length, packet(1).length + tag);
      assert.equal(rtcp.length, SENDER_REPORT.length + 14);
      assert.deepEqual(opener.rtp(rtp), packet(1));
      assert.deepEqual(opener.rtcp(rtcp), SENDER_REPORT);
      assert.notDeepEqual(rtcp.subarray(8, 28), SENDER_REPORT.subarray(8));
    });

  it('one changed bit anywhere, and it is not taken', () => {
    const { sealer } = ends();
    const [rtp, rtcp] = [sealer.rtp(packet(1)), sealer.rtcp(SENDER_REPORT)];
    fc.assert(
      fc.property(fc.nat(rtp.length * 8 - 1), fc.nat(rtcp.length * 8 - 1), (inRtp, inRtcp) => {
        const flipped = (octets: Uint8Array, bit: number): Uint8Array =>
          octets.map((octet, at) => (at === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));
        const { opener } = ends();
        assert.equal(opener.rtp(flipped(rtp, inRtp)), null);
        assert.equal(opener.rtcp(flipped(rtcp, inRtcp)), null);
        assert.deepEqual(opener.rtp(rtp), packet(1));
      }),
    );
  });

  it('anything at all comes to an end, and is not taken', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const { opener } = ends();
        assert.equal(opener.rtp(octets), null);
        assert.equal(opener.rtcp(octets), null);
      }),
    ));

  it('of another key, or in the clear, is not taken', () => {
    const opener = createOpener(cipher, keys(LONG, OTHER, KEY));
    assert.equal(opener.rtp(createSealer(cipher, keys(LONG, OTHER)).rtp(packet(1))), null);
    assert.equal(opener.rtp(packet(1)), null);
    assert.deepEqual(opener.rtp(createSealer(cipher, keys(LONG)).rtp(packet(1))), packet(1));
  });

  it('is taken once, late by 63 packets at most (3.3.2)', () => {
    const { sealer, opener } = ends();
    const sealed = Array.from({ length: 100 }, (_, at) => sealer.rtp(packet(at + 1)));
    const take = (sequence: number): boolean => opener.rtp(sealed[sequence - 1] as Uint8Array) !== null;
    assert.deepEqual(
      [take(1), take(1), take(70), take(7), take(7), take(6), take(70)],
      [true, false, true, true, false, false, false],
    );
    const report = sealer.rtcp(REPORT);
    assert.deepEqual([opener.rtcp(report), opener.rtcp(report)], [REPORT, null]);
  });

  it('goes on where the numbers begin anew, with some lost and some late (3.3.1)', () => {
    const { sealer, opener } = ends();
    const inOrder = [65_000, 65_530, 65_534, 65_535, 0, 1, 30_000, 60_000, 65_535, 2, 3];
    const sealed = inOrder.map((sequence) => sealer.rtp(packet(sequence)));
    for (const at of [0, 1, 3, 4, 2, 5, 6, 7, 8, 10, 9])
      assert.deepEqual(opener.rtp(sealed[at] as Uint8Array), packet(inOrder[at] as number), `${inOrder[at]}`);
  });

  it('what was sent before the first that came is not taken for something of long after', () => {
    const { sealer, opener } = ends();
    const [late, first] = [sealer.rtp(packet(65_535)), sealer.rtp(packet(0))];
    assert.equal(opener.rtp(first), null);
    assert.deepEqual(opener.rtp(late), packet(65_535));
    assert.deepEqual(opener.rtp(first), packet(0));
  });

  it('another source has numbers of its own; a fifth makes it forget the first', () => {
    const { sealer, opener } = ends();
    const first = sealer.rtp(packet(9, 1));
    assert.notEqual(opener.rtp(first), null);
    assert.equal(opener.rtp(first), null);
    for (const ssrc of [2, 3, 4, 5]) assert.notEqual(opener.rtp(sealer.rtp(packet(1, ssrc))), null);
    assert.notEqual(opener.rtp(first), null);
  });

  it('a report in the clear was not agreed on (RFC 4568 6.3.2)', () => {
    const sealed = ends().sealer.rtcp(REPORT);
    assert.equal(ends().opener.rtcp(sealed.map((octet, at) => (at === 8 ? octet & 0x7f : octet))), null);
  });
});
