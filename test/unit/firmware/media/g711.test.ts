/** Both laws of G.711 against other people's tables, and against what a law must do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Law } from '../../../../firmware/media/g711.ts';
import { decodeG711, encodeG711 } from '../../../../firmware/media/g711.ts';
import { digestOf } from '../../../support/sound.ts';

const EVERY_CODE = Uint8Array.from({ length: 256 }, (_none, code) => code);
const EVERY_SAMPLE = Int16Array.from({ length: 65_536 }, (_none, index) => index - 32_768);
const LAWS: readonly Law[] = ['mu', 'A'];

describe('G.711', () => {
  it('decodes every code as FFmpeg 5.1 and CPython audioop 3.11 do', () => {
    assert.equal(
      digestOf(decodeG711('A', EVERY_CODE)),
      'e04788d110e58ff8c70c93b8480190d973e3b67876b6119abbaec766cc75c174',
    );
    assert.equal(
      digestOf(decodeG711('mu', EVERY_CODE)),
      '3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827',
    );
  });

  it('encodes every sample to A-law as CPython audioop 3.11 does', () =>
    assert.equal(
      digestOf(encodeG711('A', EVERY_SAMPLE)),
      '38488f6fd710f4686360edc4d38639f96c491595ef93f8eb8d62d5e07ca6ce7b',
    ));

  it('has the decision values of Table 2a: the least loudness of a code belongs to it, one less does not', () => {
    // Decision values of the 14-bit scale at the ends of the eight segments, times 4.
    for (const [index, value] of [31, 95, 223, 479, 991, 2015, 4063].entries()) {
      const [below, at] = encodeG711('mu', Int16Array.of(4 * value - 1, 4 * value));
      assert.equal(at, 0xef - 16 * index);
      assert.equal(below, 0xf0 - 16 * index);
    }
  });

  for (const law of LAWS) {
    it(`${law}-law: what was decoded is encoded to the same code again, but for the two zeros of mu-law`, () => {
      const again = encodeG711(law, decodeG711(law, EVERY_CODE));
      for (const code of EVERY_CODE) assert.equal(again[code], law === 'mu' && code === 0x7f ? 0xff : code);
    });

    it(`${law}-law: every sample comes back within half a step of its segment, and louder is never softer`, () => {
      const back = decodeG711(law, encodeG711(law, EVERY_SAMPLE));
      for (const [index, sample] of EVERY_SAMPLE.entries()) {
        const heard = back[index] ?? 0;
        const isCut = law === 'mu' && Math.abs(sample) > 32_635;
        const step = Math.max(16, Math.abs(sample) / 16);
        assert.ok(Math.abs(heard - sample) <= (isCut ? 1024 : step), `${sample} came back as ${heard}`);
        assert.ok(index === 0 || heard >= (back[index - 1] ?? 0));
      }
    });
  }
});
