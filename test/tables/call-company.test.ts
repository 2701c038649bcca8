/** One call and others: handed over, asked for by the far side of another, in a conference. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginCall, stepCall } from '../../firmware/call/call.ts';
import type { CallInput, CallState } from '../../firmware/call/state.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { CallEnd } from '../../firmware/sip/call-vocabulary.ts';
import {
  ANSWERED,
  agreed,
  CONNECTED,
  call,
  changed,
  context,
  ended,
  HELD,
  INCOMING,
  progress,
  short,
  step,
} from './call-figure.ts';

describe('a call and others', () => {
  const TO = { uri: 'sip:300@x' } as const;
  const HANDED: CallState = { ...CONNECTED, transfer: TO };
  const refer = (code: number, over = code >= 200): CallInput => ({ kind: 'call-refer', call: 'C1', code, over });

  it('is handed over: the far side is asked once', () => {
    assert.deepEqual(step(CONNECTED, { kind: 'transfer', to: TO }), ['connected', 'refer', 'connected']);
    assert.deepEqual(step(HANDED, { kind: 'transfer', to: TO }), ['connected']);
    assert.deepEqual(step(CONNECTED, refer(200)), ['connected']);
  });

  it('what is told on the way changes nothing; the end does', () => {
    assert.deepEqual(step(HANDED, refer(180)), ['connected']);
    assert.deepEqual(step(HANDED, refer(200)), ['connected', 'hang-up']);
    assert.deepEqual(step(HANDED, refer(486)), ['connected', 'connected 486']);
    const joined: CallState = { ...CONNECTED, transfer: { replacing: 'C2' } };
    assert.deepEqual(step(joined, refer(200)), ['connected', 'hang-up', 'hang-up C2']);
  });

  it('its end tells whether it was taken', () => {
    assert.deepEqual(step({ ...CONNECTED, transfer: 'done' }, ended({ result: 'hung-up' })), [
      null,
      'ended transferred',
    ]);
    assert.deepEqual(step(HANDED, ended({ result: 'remote' })), [null, 'ended transferred']);
    assert.deepEqual(step(HANDED, ended({ result: 'hung-up' })), [null, 'ended hangup']);
  });

  it('who asked for it hears how it goes', () => {
    const asked = { ...call, referral: { by: 'C0', replaces: null, referredBy: null }, takes: 'C0' };
    assert.deepEqual(beginCall(asked, context).out.map(short), ['call', 'refer-told']);
    const dialing: CallState = { name: 'dialing', timers: {}, call: asked };
    assert.deepEqual(step(dialing, progress(180)), ['ringing', 'ringing', 'refer-told']);
    assert.deepEqual(step(dialing, ANSWERED), ['connected', 'connected primary', 'refer-told', 'leave C0']);
    const codeOf = (end: CallEnd): readonly number[] =>
      stepCall(dialing, ended(end), context).out.flatMap((output) =>
        output.to === 'stack' && output.command.kind === 'refer-told' ? [output.command.code] : [],
      );
    assert.deepEqual(codeOf({ result: 'no-network' }), [503]);
    assert.deepEqual(codeOf({ result: 'hung-up' }), [487]);
    assert.deepEqual(codeOf({ result: 'rejected', code: 486, reason: '' }), [486]);
  });

  it('whom its far side wanted called has answered: it is over for the person, and has 2 s to be hung up by the far side', () => {
    assert.deepEqual(step(CONNECTED, { kind: 'leave' }), ['left', 'ended transferred']);
    assert.deepEqual(stepCall(CONNECTED, { kind: 'leave' }, context).state?.timers, { bye: millis(7000) });
    const LEFT: CallState = { name: 'left', timers: { bye: millis(7000) }, call };
    assert.deepEqual(step(LEFT, ended({ result: 'remote' })), [null]);
    assert.deepEqual(step(LEFT, { kind: 'timer', timer: 'bye' }), ['left', 'hang-up']);
    assert.deepEqual(stepCall(LEFT, { kind: 'timer', timer: 'bye' }, context).state?.timers, {});
    assert.deepEqual(step(LEFT, { kind: 'hang-up' }), ['left', 'hang-up']);
    assert.deepEqual(step(LEFT, { kind: 'refer-refused', code: 603 }), ['left', 'refer-told']);
    for (const input of [{ kind: 'hold' }, { kind: 'answer' }, changed(true), refer(200)] as const)
      assert.deepEqual(stepCall(LEFT, input, context), { state: LEFT, out: [] });
  });

  it('who was asked and tells nothing more for 200 s gives the call back', () => {
    const told = stepCall(HANDED, refer(180), context).state ?? assert.fail();
    assert.deepEqual(told.timers, { refer: millis(205_000) });
    assert.deepEqual(step(told, { kind: 'timer', timer: 'refer' }), ['connected', 'connected 408']);
    for (const code of [200, 486]) assert.deepEqual(stepCall(told, refer(code), context).state?.timers, {});
  });

  it('takes the place of another once it is answered', () => {
    const incoming: CallState = { ...INCOMING, call: { ...INCOMING.call, takes: 'C0' } };
    const picked: CallInput = { kind: 'call-picked-up', call: 'C1', agreed };
    assert.deepEqual(step(incoming, picked), ['connected', 'connected', 'hang-up C0']);
  });

  it('whom the far side wants called and cannot be is told so', () =>
    assert.deepEqual(step(CONNECTED, { kind: 'refer-refused', code: 404 }), ['connected', 'refer-told']));

  it('joins a conference and leaves it; who was held is taken back', () => {
    assert.deepEqual(step(CONNECTED, { kind: 'join' }), ['connected', 'connected']);
    assert.deepEqual(step(HELD, { kind: 'join' }), ['connected', 'held', 'change to sendrecv 3']);
    const inIt: CallState = { ...CONNECTED, conference: 'in' };
    assert.deepEqual(step(inIt, { kind: 'join' }), ['connected']);
    assert.deepEqual(step(inIt, { kind: 'part' }), ['connected', 'connected']);
    assert.deepEqual(step(CONNECTED, { kind: 'part' }), ['connected']);
  });
});
