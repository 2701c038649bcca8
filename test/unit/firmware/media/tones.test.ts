/** Tones by country, keys and rings: frequencies and cadences measured from what is played. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PERIOD_SAMPLES, RATE_HZ } from '../../../../firmware/media/format.ts';
import { levelAt, levelOf } from '../../../../firmware/media/pcm.ts';
import { DTMF_KEYS } from '../../../../firmware/media/telephone-event.ts';
import { ringOf, TONE_SETS, toneOf } from '../../../../firmware/media/tone-sets.ts';
import type { ToneSpec } from '../../../../firmware/media/tones.ts';
import { createTone, keyTone } from '../../../../firmware/media/tones.ts';

/** Periods of a tone; it ends early where the tone does. */
function played(spec: ToneSpec, ms: number): readonly Int16Array[] {
  const tone = createTone(spec);
  const out: Int16Array[] = [];
  for (let at = 0; at < ms; at += 10) {
    const mix = new Float64Array(PERIOD_SAMPLES);
    const goesOn = tone.addTo(mix);
    out.push(Int16Array.from(mix));
    if (!goesOn) break;
  }
  return out;
}

/** Lengths of sound and of silence in turn, ms. */
function cadence(spec: ToneSpec, ms: number): readonly number[] {
  const lengths: number[] = [];
  let was: boolean | null = null;
  for (const period of played(spec, ms)) {
    const sounds = levelOf(period) > -50;
    if (sounds !== was) lengths.push(0);
    was = sounds;
    lengths[lengths.length - 1] = (lengths.at(-1) ?? 0) + 10;
  }
  return lengths;
}

describe('a tone set', () => {
  const rows: readonly (readonly [
    (typeof TONE_SETS)[number],
    Parameters<typeof toneOf>[1],
    number,
    readonly number[],
  ])[] = [
    ['us', 'ring-back', 12_000, [2000, 4000, 2000, 4000]],
    ['us', 'busy', 2000, [500, 500, 500, 500]],
    ['us', 'reorder', 1000, [250, 250, 250, 250]],
    ['europe', 'ring-back', 5000, [1000, 4000]],
    ['uk', 'ring-back', 3000, [400, 200, 400, 2000]],
    ['germany', 'busy', 1920, [480, 480, 480, 480]],
    ['italy', 'dial', 2000, [200, 200, 600, 1000]],
    ['australia', 'ring-back', 3000, [400, 200, 400, 2000]],
    ['us', 'dial', 5000, [5000]],
  ];
  for (const [set, tone, ms, lengths] of rows)
    it(`has the cadence of ${set}: ${tone}`, () => assert.deepEqual(cadence(toneOf(set, tone), ms), lengths));

  it('stutters three times and goes on as a dial tone', () => {
    for (const set of TONE_SETS) {
      const lengths = cadence(toneOf(set, 'stutter'), 5000);
      assert.deepEqual(lengths, [100, 100, 100, 100, 100, 100, 4400], set);
    }
  });

  it('sounds at its frequencies and at no others', () => {
    const all = played(toneOf('us', 'dial'), 1000);
    const samples = Int16Array.from(all.flatMap((period) => [...period]));
    for (const hz of [350, 440]) assert.ok(levelAt(samples, hz, RATE_HZ) > -20);
    for (const hz of [300, 400, 480, 620, 1000]) assert.ok(levelAt(samples, hz, RATE_HZ) < -60);
  });

  it('is complete in every country, and never louder than full scale', () => {
    for (const set of TONE_SETS)
      for (const tone of [
        'dial',
        'second-dial',
        'trying',
        'ring-back',
        'busy',
        'reorder',
        'call-waiting',
        'intercom',
      ] as const) {
        const loudest = played(toneOf(set, tone), 1000).reduce((most, period) => Math.max(most, levelOf(period)), -100);
        assert.ok(loudest > -40 && loudest < -10, `${set} ${tone}: ${loudest} dBov`);
      }
  });
});

describe('rings', () => {
  it('follow a rhythm of their own: ring and pause in turn, for ever or once', () => {
    const spec = ringOf(0, [800, 400, 400, 4000]);
    const ms = (spec?.beats ?? []).reduce((sum, each) => sum + each.ms, 0);
    assert.deepEqual([ms, spec?.repeat], [5600, 'forever']);
    assert.deepEqual(
      (spec?.beats ?? []).filter(({ hz }) => hz.length === 0).map((each) => each.ms),
      [400, 4000],
    );
    assert.equal(ringOf(0, [500, -1])?.repeat, 'once');
    assert.equal(ringOf(5, [500, -1]), null);
  });

  it('are five, each of its own, and none', () => {
    const heard = [0, 1, 2, 3, 4].map((ring) => {
      const spec = ringOf(ring);
      assert.ok(spec !== null);
      assert.deepEqual(cadence(spec, 12_000).length > 2, true);
      return JSON.stringify(spec.beats.slice(0, 2));
    });
    assert.equal(new Set(heard).size, 5);
    assert.equal(ringOf(5), null);
  });
});

describe('keys as sound', () => {
  it('are two frequencies each, sixteen pairs in all (ITU-T Q.23)', () => {
    const pairs = [...DTMF_KEYS].map((key) => keyTone(key, 100).beats[0]?.hz.join('+'));
    assert.equal(new Set(pairs).size, 16);
    assert.equal(keyTone('5', 100).beats[0]?.hz.join('+'), '770+1336');
    assert.equal(keyTone('#', 100).beats[0]?.hz.join('+'), '941+1477');
  });

  it('end after their time; what is no key is silent', () => {
    assert.equal(played(keyTone('1', 100), 1000).length, 11);
    assert.ok(played(keyTone('x', 100), 1000).every((period) => levelOf(period) < -90));
  });
});
