/** G.722 against FFmpeg 5.1, octet for octet and sample for sample; the digests are of what it made of the same signal. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createG722Decoder, createG722Encoder } from '../../../../firmware/media/g722.ts';
import { levelAt, levelOf } from '../../../../firmware/media/pcm.ts';
import { digestOf, sine } from '../../../support/sound.ts';

/** Triangles, noise from full scale to a few bits, overload, squares and silence, in whole numbers alone. */
function signal(): Int16Array {
  let state = 0x2545f491;
  return Int16Array.from({ length: 32_000 }, (_none, index) => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    const noise = (state >>> 16) - 32_768;
    const part = Math.floor(index / 4000);
    const triangle = Math.abs(((index * (3 + part * 7)) % 400) - 200) * 300 - 30_000;
    const square = Math.floor(index / 40) % 2 === 1 ? 32_767 : -32_768;
    const parts = [triangle, noise, noise >> 4, triangle >> 5, noise >> 10, (triangle + noise) >> 1, square, 0];
    return Math.min(32_767, Math.max(-32_768, parts[part] ?? 0));
  });
}

describe('G.722', () => {
  it('encodes as FFmpeg does', () => {
    assert.equal(digestOf(signal()), '54780b70622ce3f979dd0bf9e6b9a0f5e4c6deaba3bdf687155610b62916dfa3');
    const octets = createG722Encoder().encode(signal());
    assert.equal(octets.length, 16_000);
    assert.equal(digestOf(octets), '3acf984a5df16c6c3e0eecd32d3924f7682d651b8de3de16f103756146fdf4b4');
  });

  it('decodes what it encoded as FFmpeg does, packet by packet or at once', () => {
    const octets = createG722Encoder().encode(signal());
    const expected = '73286b13c058c01d512f0f03ef6979c9779751407f84ed9b5c862ae95b1a930b';
    assert.equal(digestOf(createG722Decoder().decode(octets)), expected);
    const decoder = createG722Decoder();
    const whole = new Int16Array(32_000);
    for (let at = 0; at < 16_000; at += 160) whole.set(decoder.decode(octets.subarray(at, at + 160)), 2 * at);
    assert.equal(digestOf(whole), expected);
  });

  it('decodes any octets as FFmpeg does, codes that nobody sends included', () => {
    const octets = Uint8Array.from({ length: 16_000 }, (_none, i) => i * i * 7 + i * 131 + (i >> 3) * 89);
    assert.equal(
      digestOf(createG722Decoder().decode(octets)),
      '5ac462b45c3006cfe8afb048736bf07f26d30e39e963c7a2b7f3603d29349ea0',
    );
  });

  for (const hz of [300, 1000, 3400, 6000]) {
    it(`carries ${hz} Hz at its level, with little beside it`, () => {
      const heard = createG722Decoder().decode(createG722Encoder().encode(sine(hz, -20, 16_000, 16_000)));
      const settled = heard.subarray(1600);
      assert.ok(Math.abs(levelAt(settled, hz, 16_000) - -20) < 0.5);
      assert.ok(Math.abs(levelOf(settled) - -20) < 0.5);
    });
  }
});
