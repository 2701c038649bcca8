/** Which numbers the phone dials: emergency numbers above the plan, service codes beside it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DiallingSettings } from '../../../../firmware/config/settings.ts';
import { isEmergency, judgeKeys, numbersOf } from '../../../../firmware/dialling/numbers.ts';

const numbers = (over: Partial<DiallingSettings> = {}) =>
  numbersOf({ plan: 'X+#|XX+*', emergencyPlan: '911|112', sendsTerminator: false, digitTimeoutMs: 4000, ...over });

describe('an emergency number', () => {
  it('is dialled though the plan does not have it', () => {
    assert.deepEqual(judgeKeys(numbers({ plan: '2XX' }), '911'), { kind: 'complete', number: '911' });
    assert.deepEqual(judgeKeys(numbers({ plan: '2XX' }), '91'), { kind: 'incomplete', tone: false });
  });

  it('gets no digits in front', () => {
    assert.deepEqual(judgeKeys(numbers({ plan: 'xxx,0' }), '911'), { kind: 'complete', number: '911' });
    assert.deepEqual(judgeKeys(numbers({ plan: 'xxx,0' }), '912'), { kind: 'complete', number: '0912' });
  });

  it('is not cut short by a shorter number of the plan', () => {
    assert.deepEqual(judgeKeys(numbers({ plan: '91' }), '91'), { kind: 'possible', number: '91', tone: false });
    assert.deepEqual(judgeKeys(numbers({ plan: '91' }), '911'), { kind: 'complete', number: '911' });
  });

  it('waits for the digit time-out where a longer number begins with it', () => {
    assert.deepEqual(judgeKeys(numbers(), '911'), { kind: 'possible', number: '911', tone: false });
    assert.deepEqual(judgeKeys(numbers(), '911#'), { kind: 'complete', number: '911' });
  });

  it('is told from others, also where its plan cannot be read', () => {
    assert.equal(isEmergency(numbers(), '112'), true);
    assert.equal(isEmergency(numbers(), '999'), false);
    assert.equal(isEmergency(numbers({ emergencyPlan: '?' }), '999'), true, 'the default plan has it');
  });
});

describe('a service code', () => {
  it('is sent though the default plan has no pattern for it', () => {
    assert.deepEqual(judgeKeys(numbers(), '*97'), { kind: 'possible', number: '*97', tone: false });
    assert.deepEqual(judgeKeys(numbers(), '*97#'), { kind: 'complete', number: '*97' });
    assert.deepEqual(judgeKeys(numbers(), '*72*5551234#'), { kind: 'complete', number: '*72*5551234' });
  });

  it('is as a plan says that has one', () => {
    assert.deepEqual(judgeKeys(numbers({ plan: '*XX' }), '*97'), { kind: 'complete', number: '*97' });
    assert.deepEqual(judgeKeys(numbers({ plan: '*XX' }), '*97#'), { kind: 'invalid' });
  });
});

it('a plan that cannot be read is replaced by the default', () => {
  assert.deepEqual(judgeKeys(numbers({ plan: 'X++' }), '555#'), { kind: 'complete', number: '555' });
});
