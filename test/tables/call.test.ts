/** One call as its user has it: each state meets each input. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginCall, beginIncoming, stepCall } from '../../firmware/call/call.ts';
import type { CallInput } from '../../firmware/call/state.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { CallEnd } from '../../firmware/sip/call-vocabulary.ts';
import {
  ANSWERED,
  agreed,
  CONNECTED,
  call,
  changed,
  context,
  DIALING,
  EARLY,
  ended,
  HELD,
  INCOMING,
  PICKING,
  progress,
  RINGING,
  short,
  step,
  TRYING,
} from './call-figure.ts';

describe('a call that is being made', () => {
  it('begins by asking for it', () => assert.deepEqual(beginCall(call, context).out.map(short), ['call']));

  for (const state of [DIALING, RINGING]) {
    it(`${state.name}: shows the server that is asked, is hung up, answered, ended`, () => {
      assert.deepEqual(step(state, TRYING), ['dialing', 'dialing backup']);
      assert.deepEqual(step(state, { kind: 'hang-up' }), [state.name, 'hang-up']);
      assert.deepEqual(step(state, ANSWERED), ['connected', 'connected primary']);
      assert.deepEqual(step(state, ended({ result: 'unanswered' })), [null, 'ended no-answer']);
    });

    it(`${state.name}: cannot be held or changed`, () => {
      for (const input of [{ kind: 'hold' }, { kind: 'resume' }, changed(true)] as const)
        assert.deepEqual(stepCall(state, input, context), { state, out: [] });
    });
  }

  it('is sent elsewhere: it is dialled anew, and says where it goes', () => {
    for (const state of [DIALING, RINGING]) {
      const next = stepCall(state, { kind: 'call-redirected', call: 'C1', to: '300' }, context);
      assert.deepEqual(next.out.map(short), ['dialing']);
      assert.deepEqual([next.state?.name, next.state?.call.sentTo, next.state?.call.place], ['dialing', '300', null]);
    }
  });

  it('rings by 180, not by 100 or 182', () => {
    assert.deepEqual(step(DIALING, progress(180)), ['ringing', 'ringing']);
    for (const code of [100, 181, 182]) assert.deepEqual(step(DIALING, progress(code)), ['dialing']);
    assert.deepEqual(step(RINGING, progress(180)), ['ringing']);
  });

  it('early media is heard, also after ringing, for as long as SIP says that there is any', () => {
    assert.deepEqual(step(DIALING, progress(183, agreed)), ['ringing', 'early']);
    assert.deepEqual(step(RINGING, progress(183, agreed)), ['ringing', 'early']);
    assert.deepEqual(step(EARLY, progress(180, agreed)), ['ringing']);
    assert.deepEqual(step(EARLY, progress(199)), ['ringing', 'ringing']);
    const later = stepCall(RINGING, progress(183, agreed), context).state;
    assert.equal(later?.call.since, call.since);
  });
});

describe('whom a call has reached', () => {
  const reached: CallInput = { kind: 'call-reached', call: 'C1', name: 'Grace' };

  it('is told where it is news, of a call that is answered', () => {
    for (const [state, word] of [
      [CONNECTED, 'connected'],
      [HELD, 'held'],
    ] as const) {
      const next = stepCall(state, reached, context);
      assert.deepEqual([next.state?.call.name, next.out.map((each) => short(each).split(' ')[0])], ['Grace', [word]]);
      assert.deepEqual(stepCall(next.state ?? state, reached, context).out, []);
    }
    for (const state of [DIALING, RINGING, INCOMING])
      assert.deepEqual(stepCall(state, reached, context), { state, out: [] });
  });
});

describe('a call that comes in', () => {
  const forward = { ms: 1000, to: 'sip:7@x' };

  it('begins by asking whether it can ring, and says so when it does', () => {
    const begun = beginIncoming(INCOMING.call, forward, context);
    assert.deepEqual(begun.out.map(short), ['ring']);
    assert.deepEqual(begun.state?.timers, { forward: millis(6000) });
    assert.deepEqual(beginIncoming(INCOMING.call, null, context).state?.timers, {});
    assert.deepEqual(step(INCOMING, { kind: 'call-ringing', call: 'C1' }), ['incoming', 'ringing']);
  });

  it('is answered once, and is connected when SIP has agreed', () => {
    assert.deepEqual(stepCall(INCOMING, { kind: 'answer' }, context).state, PICKING);
    assert.deepEqual(step(INCOMING, { kind: 'answer' }), ['incoming', 'pick-up']);
    assert.deepEqual(step(PICKING, { kind: 'answer' }), ['incoming']);
    assert.deepEqual(step(PICKING, { kind: 'call-picked-up', call: 'C1', agreed }), ['connected', 'connected']);
  });

  it('is hung up, forwarded when its time is over, and ended', () => {
    assert.deepEqual(step(INCOMING, { kind: 'hang-up' }), ['incoming', 'hang-up']);
    assert.deepEqual(step(INCOMING, { kind: 'timer', timer: 'forward' }), ['incoming', 'redirect']);
    assert.deepEqual(step(INCOMING, ended({ result: 'cancelled' })), [null, 'ended cancelled']);
  });

  it('answers by itself at its moment: the desk is told so once, and of the microphone', () => {
    const auto = { at: millis(7000), microphone: 'open' } as const;
    const begun = beginIncoming({ ...INCOMING.call, auto }, forward, context).state ?? assert.fail();
    assert.deepEqual(begun.timers, { forward: millis(6000), auto: millis(7000) });
    const { state, out } = stepCall(begun, { kind: 'timer', timer: 'auto' }, context);
    assert.deepEqual(state, { ...begun, timers: {} });
    assert.deepEqual(
      out.map((told) => told.to === 'world' && told.event.event === 'call' && [told.event.state, told.event.auto]),
      [['ringing', 'open']],
    );
  });

  it('cannot be held, changed, or answered by the far side', () => {
    for (const input of [{ kind: 'hold' }, { kind: 'resume' }, changed(true), TRYING, ANSWERED, progress(180)] as const)
      assert.deepEqual(stepCall(INCOMING, input, context), { state: INCOMING, out: [] });
  });

  it('no other call is answered or rings here', () => {
    for (const state of [DIALING, RINGING, CONNECTED])
      for (const input of [{ kind: 'answer' }, { kind: 'call-ringing', call: 'C1' }] as const)
        assert.deepEqual(stepCall(state, input, context), { state, out: [] });
  });
});

describe('an answered call', () => {
  it('is held and resumed with a new number each time', () => {
    assert.deepEqual(step(CONNECTED, { kind: 'hold' }), ['connected', 'change to sendonly 2']);
    assert.deepEqual(step(HELD, { kind: 'resume' }), ['connected', 'change to sendrecv 3']);
    assert.deepEqual(step(HELD, { kind: 'hold' }), ['connected']);
    assert.deepEqual(step(CONNECTED, { kind: 'resume' }), ['connected']);
  });

  it('one change at a time', () => {
    const { state } = stepCall(CONNECTED, { kind: 'hold' }, context);
    assert.deepEqual(step(state ?? assert.fail(), { kind: 'hold' }), ['connected']);
    assert.deepEqual(step(state ?? assert.fail(), changed(true)), ['connected', 'held']);
    assert.deepEqual(step(state ?? assert.fail(), changed(false)), ['connected']);
    const refused = stepCall(state ?? assert.fail(), changed(false), context).state;
    assert.deepEqual(step(refused ?? assert.fail(), { kind: 'hold' }), ['connected', 'change to sendonly 3']);
  });

  it('is changed by the far side without a word to the user', () =>
    assert.deepEqual(step(CONNECTED, changed(true)), ['connected']));

  it('is hung up, and ended', () => {
    assert.deepEqual(step(CONNECTED, { kind: 'hang-up' }), ['connected', 'hang-up']);
    assert.deepEqual(step(CONNECTED, ended({ result: 'remote' })), [null, 'ended remote']);
  });

  it('does not ring again', () => {
    for (const input of [progress(180), TRYING, ANSWERED])
      assert.deepEqual(stepCall(CONNECTED, input, context), { state: CONNECTED, out: [] });
  });
});

describe('why a call ended', () => {
  const rejected = (code: number): CallEnd => ({ result: 'rejected', code, reason: '' });
  for (const [end, told] of [
    [{ result: 'hung-up' }, 'ended hangup'],
    [{ result: 'remote' }, 'ended remote'],
    [{ result: 'cancelled' }, 'ended cancelled'],
    [{ result: 'elsewhere' }, 'ended elsewhere'],
    [{ result: 'transferred' }, 'ended transferred'],
    [{ result: 'forwarded' }, 'ended no-answer'],
    [rejected(486), 'ended busy 486'],
    [rejected(600), 'ended busy 600'],
    [rejected(603), 'ended declined 603'],
    [rejected(404), 'ended failed 404'],
    [{ result: 'failed', code: 503, cause: 'code' }, 'ended failed 503'],
    [{ result: 'failed', code: null, cause: 'no-answer' }, 'ended failed'],
    [{ result: 'no-network' }, 'ended failed'],
    [{ result: 'no-audio', detail: '' }, 'ended failed'],
  ] as const)
    it(`${JSON.stringify(end)}: ${told}`, () => assert.deepEqual(step(RINGING, ended(end)), [null, told]));
});
