/** Answered calls that are kept alive (RFC 4028), and what a dead proxy means to them (rules 3.3). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue, headerValues } from '../../../firmware/sip/message/headers.ts';
import type { Header, SipRequest } from '../../../firmware/sip/message/message.ts';
import { lineSettings, phoneSettings } from '../../support/settings.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites, LINE } from '../call-desk.ts';
import { ANSWERS, sdpOf } from '../call-peer.ts';
import { PAIR, rung } from '../rung.ts';

const timed = (sessionTimerS: number, lines = [LINE]) =>
  phoneSettings({ lines, calls: { ...phoneSettings().calls, sessionTimerS } });
const expires = (value: string): Header => ({ name: 'Session-Expires', value });
const ALLOWS_UPDATE: Header = { name: 'Allow', value: 'INVITE, ACK, BYE, UPDATE' };

/** A call that its far side has answered like this. */
function talking(extra: readonly Header[], settings = timed(600)): Desk {
  const all = desk(settings);
  all.primary.extra = extra;
  all.dial();
  all.world.run(1000);
  assert.equal(all.states().at(-1), 'connected');
  return all;
}

const seen = ({ primary }: Desk, method: string): readonly SipRequest[] =>
  primary.seen.map(({ request }) => request).filter((request) => request.method === method);
const times = ({ primary }: Desk, method: string): readonly number[] =>
  primary.seen.flatMap(({ at, request }) => (request.method === method ? [Math.round(at / 1000)] : []));
const said = (request: SipRequest | undefined): string | null =>
  request === undefined ? null : headerValue(request, 'Session-Expires');

describe('a session timer of ours', () => {
  it('is asked for in the INVITE where it is configured; that we know of it is said in any', () => {
    for (const [seconds, header] of [
      [600, '600'],
      [0, null],
    ] as const) {
      const [invite] = invites(talking([], timed(seconds)));
      assert.equal(said(invite), header);
      assert.ok(invite !== undefined && headerValues(invite, 'Supported').includes('timer'));
    }
  });

  it('refreshes at half its interval, by UPDATE where the far side takes it, and says nothing of media', () => {
    const all = talking([expires('600;refresher=uac'), ALLOWS_UPDATE]);
    all.primary.followExtra = [expires('600;refresher=uac')];
    all.world.run(901_000);
    assert.deepEqual(times(all, 'UPDATE'), [301, 601, 901]);
    const [update] = seen(all, 'UPDATE');
    assert.deepEqual([said(update), update?.body], ['600;refresher=uac', '']);
    assert.equal(all.states().at(-1), 'connected');
  });

  it('refreshes by a re-INVITE with the same description elsewhere, and where UPDATE is refused', () => {
    for (const extra of [[expires('600;refresher=uac')], [expires('600;refresher=uac'), ALLOWS_UPDATE]]) {
      const all = talking(extra);
      all.primary.followStatus = 405;
      all.primary.followExtra = [expires('600;refresher=uac')];
      all.world.run(400_000);
      const [first, second] = invites(all);
      assert.equal(second?.body, first?.body);
      assert.equal(invites(all).length, 2);
      assert.equal(seen(all, 'ACK').length, 2);
      assert.deepEqual(all.states().at(-1), 'connected');
    }
  });

  it('is off where the answer says nothing of it', () => {
    const all = talking([]);
    all.world.run(7_200_000);
    assert.deepEqual([seen(all, 'UPDATE').length, invites(all).length, all.states().at(-1)], [0, 1, 'connected']);
  });

  it('a hold while a refresh is under way follows it', () => {
    const all = talking([expires('600;refresher=uac')]);
    all.primary.followExtra = [expires('600;refresher=uac')];
    all.world.run(300_000);
    all.order({ verb: 'hold', call: null });
    all.world.run(1000);
    assert.equal(all.states().at(-1), 'held');
    assert.match(invites(all).at(-1)?.body ?? '', /a=sendonly/);
    assert.equal(invites(all).length, 3);
  });

  it('asks for longer ones where somebody on the way wants that (422), at the same place', () => {
    const all = desk(timed(90));
    all.primary.behaviour = () =>
      all.primary.callees.length === 0
        ? { script: [[10, 422]], extra: [{ name: 'Min-SE', value: '300' }] }
        : { script: ANSWERS };
    all.dial();
    all.world.run(1000);
    const [, second] = invites(all);
    assert.deepEqual([said(second), second === undefined ? null : headerValue(second, 'Min-SE')], ['300', '300']);
    assert.deepEqual([all.states().at(-1), all.backup.seen.length], ['connected', 0]);
  });

  it('that is asked for longer without end is refused', () => {
    const all = desk(timed(90));
    let least = 100;
    all.primary.behaviour = () => {
      least += 100;
      return { script: [[10, 422]], extra: [{ name: 'Min-SE', value: String(least) }] };
    };
    all.dial();
    all.world.run(5000);
    assert.ok(invites(all).length <= 4);
    assert.deepEqual([all.states().at(-1), all.world.eventsOf('call').at(-1)?.code], ['ended', 422]);
  });
});

describe('a refresh that fails', () => {
  const refreshed = (): Desk => {
    const all = talking([expires('600;refresher=uac'), ALLOWS_UPDATE]);
    all.primary.followExtra = [expires('600;refresher=uac')];
    return all;
  };

  it('with 481 ends the call', () => {
    const all = refreshed();
    all.primary.followStatus = 481;
    all.world.run(301_000);
    assert.deepEqual([all.states().at(-1), all.cause(), seen(all, 'BYE').length], ['ended', 'remote', 0]);
  });

  it('with 503 is tried again, not often, and the call goes on when it is answered', () => {
    const all = refreshed();
    all.primary.followStatus = 503;
    all.world.run(450_000);
    const tried = times(all, 'UPDATE');
    assert.deepEqual(tried, [301, 435]);
    all.primary.followStatus = 200;
    all.world.run(1_000_000);
    assert.equal(all.states().at(-1), 'connected');
  });

  it('because its proxy is dead is asked of nobody else; the call goes on until its interval ends, 32 s before', () => {
    const all = refreshed();
    all.world.run(200_000);
    all.primary.fault = 'silent';
    all.world.run(360_000);
    assert.equal(all.states().at(-1), 'connected');
    assert.ok(all.backup.seen.every(({ request }) => request.method === 'OPTIONS'));
    all.world.run(10_000);
    assert.deepEqual([all.states().at(-1), all.cause()], ['ended', 'lost']);
    assert.ok(all.backup.seen.every(({ request }) => request.method === 'OPTIONS'));
  });

  it('for a while only is no matter: the proxy comes back, and the call goes on', () => {
    const all = refreshed();
    all.world.run(290_000);
    all.primary.fault = 'silent';
    all.world.run(60_000);
    all.primary.fault = 'none';
    all.world.run(1_200_000);
    assert.equal(all.states().at(-1), 'connected');
  });
});

describe('a session timer of the far side', () => {
  const settings = timed(0, [lineSettings({ registrar: PAIR, proxy: PAIR })]);
  const picked = (headers: readonly Header[], configured = settings) => {
    const all = rung({ headers }, configured);
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    all.caller.ack();
    all.world.run(10);
    return all;
  };
  const SUPPORTED: Header = { name: 'Supported', value: 'timer' };
  const agreed = (all: ReturnType<typeof rung>): readonly (string | null)[] => {
    const answer = all.caller.answers().at(-1) ?? assert.fail();
    return [headerValue(answer, 'Session-Expires'), headerValue(answer, 'Require')];
  };

  it('is agreed to: the caller refreshes where it can, we where it leaves that to us or knows no timers', () => {
    assert.deepEqual(agreed(picked([SUPPORTED, expires('300')])), ['300;refresher=uac', 'timer']);
    assert.deepEqual(agreed(picked([SUPPORTED, expires('300;refresher=uas')])), ['300;refresher=uas', null]);
    assert.deepEqual(agreed(picked([expires('300')])), ['300;refresher=uas', null]);
    assert.deepEqual(agreed(picked([])), [null, null]);
  });

  it('is asked for by us where it is configured', () => {
    const configured = timed(900, [lineSettings({ registrar: PAIR, proxy: PAIR })]);
    assert.deepEqual(agreed(picked([SUPPORTED], configured)), ['900;refresher=uac', 'timer']);
  });

  it('that is too short is refused with 422', () => {
    const all = rung({ headers: [SUPPORTED, expires('60')] }, settings);
    const answer = all.caller.answers().at(-1);
    assert.deepEqual([answer?.status, answer === undefined ? null : headerValue(answer, 'Min-SE')], [422, '90']);
  });

  it('that nobody refreshes ends the call with a BYE', () => {
    const all = picked([SUPPORTED, expires('300;refresher=uac')]);
    all.world.run(267_000);
    assert.equal(all.states().at(-1), 'connected');
    all.world.run(2000);
    assert.deepEqual([all.states().at(-1), all.cause(), all.sent().at(-1)], ['ended', 'lost', 'BYE 192.0.2.1']);
  });

  it('is refreshed by a re-INVITE or an UPDATE, and goes on', () => {
    for (const body of [sdpOf('192.0.2.1'), '']) {
      const all = picked([SUPPORTED, expires('300;refresher=uac')]);
      all.world.run(200_000);
      all.caller.refresh(body, [SUPPORTED, expires('300;refresher=uac')]);
      all.world.run(10);
      if (body !== '') all.caller.ack();
      all.world.run(200_000);
      assert.equal(all.states().at(-1), 'connected');
    }
  });
});
