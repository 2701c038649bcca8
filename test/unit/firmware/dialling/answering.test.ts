/** Do not disturb and forwards: what becomes of a call that comes in, and what of a stored state is believed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Answering } from '../../../../firmware/dialling/answering.ts';
import {
  ANSWERS_ALL,
  forwardProblem,
  readAnswering,
  treatmentOf,
  withForward,
  writeAnswering,
} from '../../../../firmware/dialling/answering.ts';

const DND: Answering = { ...ANSWERS_ALL, dnd: 'on' };
const RING = { kind: 'ring', after: null };

describe('a call that comes in', () => {
  it('rings at a desk that is free, and finds a busy one busy', () => {
    assert.deepEqual(treatmentOf(ANSWERS_ALL, 'free'), RING);
    assert.deepEqual(treatmentOf(ANSWERS_ALL, 'busy'), { kind: 'busy' });
  });

  it('is refused as busy by do not disturb, or goes where busy calls go', () => {
    assert.deepEqual(treatmentOf(DND, 'free'), { kind: 'busy' });
    assert.deepEqual(treatmentOf(withForward(DND, 'busy', '300'), 'free'), { kind: 'forward', to: '300' });
  });

  it('goes where all calls go, whatever else is set', () => {
    const all = withForward(withForward(DND, 'busy', '300'), 'all', '400');
    for (const desk of ['free', 'busy'] as const)
      assert.deepEqual(treatmentOf(all, desk), { kind: 'forward', to: '400' });
  });

  it('rings three times before it goes on unanswered', () => {
    const late = withForward(ANSWERS_ALL, 'noanswer', '300');
    assert.deepEqual(treatmentOf(late, 'free'), { kind: 'ring', after: { ms: 18_000, to: '300' } });
    assert.deepEqual(treatmentOf(late, 'busy'), { kind: 'busy' });
  });

  it('rings as often as was said, and as usual where what was kept makes no sense', () => {
    const late = withForward(ANSWERS_ALL, 'noanswer', '300', 5);
    assert.deepEqual(treatmentOf(late, 'free'), { kind: 'ring', after: { ms: 30_000, to: '300' } });
    assert.equal(readAnswering(JSON.parse(JSON.stringify(writeAnswering(late)))).rings, 5);
    assert.match(forwardProblem(null, 21) ?? '', /^a call rings 1 to 20 times/);
    assert.equal(forwardProblem('300', 20), null);
    for (const rings of [0, 21, 1.5, '5']) assert.equal(readAnswering({ ...ANSWERS_ALL, rings }).rings, 3);
  });

  it('rings here again once the forward is off, which keeps its number', () => {
    const off = withForward(withForward(ANSWERS_ALL, 'all', '300'), 'all', null);
    assert.deepEqual(treatmentOf(off, 'free'), RING);
    assert.deepEqual(off.forward.all, { on: false, to: '300' });
  });
});

describe('what is kept', () => {
  it('comes back as it was', () => {
    const set = withForward(withForward(DND, 'busy', 'sip:ada@example.test'), 'noanswer', '300');
    assert.deepEqual(readAnswering(JSON.parse(JSON.stringify(writeAnswering(set)))), set);
  });

  it('is off where it makes no sense', () => {
    for (const to of ['', '3\r\n00', '3 0', 7, null, '3'.repeat(257)])
      assert.deepEqual(readAnswering({ dnd: 'yes', forward: { all: { on: true, to } } }), ANSWERS_ALL);
  });

  it('whatever stands in the file, something is read', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (value, inner) => {
        for (const kept of [value, { forward: inner }, { forward: { all: inner } }])
          assert.deepEqual(readAnswering(writeAnswering(readAnswering(kept))), readAnswering(kept));
      }),
    );
  });
});
