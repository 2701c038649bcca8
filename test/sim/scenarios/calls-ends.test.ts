/** How calls end, and what is undone: one winner, nobody left ringing, hanging up, hold (rules 3.3, 3.7). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { phoneSettings } from '../../support/settings.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites, LINE, talking } from '../call-desk.ts';
import { RINGS } from '../call-peer.ts';

describe('one winner: no callee is left ringing or off-hook', () => {
  it('a primary that rings late is cancelled', () => {
    const all = desk();
    all.primary.script = [
      [1700, 180],
      [4000, 200],
    ];
    all.dial();
    all.world.run(10_000);
    assert.equal(all.states().at(-1), 'connected');
    assert.equal(all.world.eventsOf('call').at(-1)?.server, 'backup');
    assert.deepEqual([all.primary.busy, all.backup.busy], [0, 0]);
    assert.ok(all.sent().includes('CANCEL 192.0.2.1'));
    assert.deepEqual(
      all.world.eventsOf('late-answer').map(({ action, code }) => [action, code]),
      [['cancel', 180]],
    );
  });

  it('a primary that is picked up late is acknowledged and ended', () => {
    const all = desk();
    all.primary.script = [[1700, 200]];
    all.backup.script = RINGS;
    all.dial();
    all.world.run(5000);
    assert.equal(all.states().at(-1), 'ringing');
    assert.deepEqual([all.primary.busy, all.primary.callees[0]?.state], [0, 'over']);
  });

  it('a primary that answers first after all keeps the call; the backup is asked no more', () => {
    const all = desk();
    all.primary.script = [
      [1520, 180],
      [3000, 200],
    ];
    all.backup.script = [
      [500, 180],
      [9000, 200],
    ];
    all.dial();
    all.world.run(20_000);
    assert.equal(all.world.eventsOf('call').at(-1)?.server, 'primary');
    assert.equal(all.states().at(-1), 'connected');
    assert.deepEqual([all.primary.busy, all.backup.busy], [0, 0]);
  });

  it('a frozen primary that is thawed rings nobody', () => {
    const all = desk();
    all.primary.fault = 'frozen';
    all.dial();
    all.world.run(3000);
    assert.equal(all.states().at(-1), 'connected');
    all.world.thaw(all.primary);
    all.world.run(2000);
    assert.equal(all.primary.busy, 0);
  });
});

describe('hanging up', () => {
  it('while it rings cancels, and the user is free at once', () => {
    const all = desk();
    all.primary.script = RINGS;
    all.dial();
    all.world.run(100);
    all.hangUp();
    assert.deepEqual([all.states().at(-1), all.cause()], ['ended', 'hangup']);
    all.world.run(1000);
    assert.deepEqual(all.sent(), ['INVITE 192.0.2.1', 'CANCEL 192.0.2.1', 'ACK 192.0.2.1']);
    assert.equal(all.primary.busy, 0);
  });

  it('before anybody has answered sends nothing; a late ring is cancelled, a late pick-up ended', () => {
    for (const script of [[[800, 180]], [[800, 200]]] as const) {
      const all = desk();
      all.primary.script = script;
      all.dial();
      all.world.run(100);
      all.hangUp();
      all.world.run(600);
      assert.deepEqual(all.sent(), ['INVITE 192.0.2.1']);
      all.world.run(2000);
      assert.equal(all.primary.busy, 0);
      assert.equal(all.backup.callees.length, 0);
    }
  });

  it('of a live call frees the user at once, also when every server and DNS is dead', () => {
    const all = desk();
    all.dial();
    all.world.run(1000);
    all.primary.fault = 'silent';
    all.backup.fault = 'silent';
    all.world.zone.fault = 'silent';
    all.world.run(120_000);
    assert.equal(all.states().at(-1), 'connected');
    all.hangUp();
    assert.equal(all.cause(), 'hangup');
    all.world.run(60_000);
    assert.ok(!all.sent().includes('BYE 192.0.2.2'), 'a dialog is never moved to the backup');
  });

  it('by the link going down ends a call that is being made, not one that stands', () => {
    const all = desk();
    all.primary.script = RINGS;
    all.dial();
    all.world.run(100);
    all.world.setLink('down');
    assert.equal(all.states().at(-1), 'ended');
    const standing = desk();
    standing.dial();
    standing.world.run(1000);
    standing.world.setLink('down');
    standing.world.run(1000);
    standing.world.setLink('up');
    standing.world.run(1000);
    assert.equal(standing.states().at(-1), 'connected');
    standing.hangUp();
    standing.world.run(100);
    assert.equal(standing.primary.callees[0]?.state, 'over');
  });

  it('at the end of the phone ends every call', () => {
    const all = desk();
    all.dial();
    all.world.run(1000);
    all.world.input({ kind: 'shutdown' });
    all.world.run(100);
    assert.equal(all.primary.callees[0]?.state, 'over');
    assert.equal(all.world.exited, true);
  });
});

describe('an answered call', () => {
  it('is held and resumed by a new offer each time', () => {
    const all = desk();
    all.dial();
    all.world.run(1000);
    all.order({ verb: 'hold', call: null });
    all.world.run(100);
    assert.equal(all.states().at(-1), 'held');
    all.order({ verb: 'resume', call: 'C1' });
    all.world.run(100);
    assert.equal(all.states().at(-1), 'connected');
    const bodies = invites(all).map(({ body }) => [/o=- \d+ (\d+)/.exec(body)?.[1], /a=(send\w+)/.exec(body)?.[1]]);
    assert.deepEqual(bodies, [
      ['1', 'sendrecv'],
      ['2', 'sendonly'],
      ['3', 'sendrecv'],
    ]);
    assert.equal(all.primary.acks.length, 3);
  });

  it('acknowledges each repetition of the answer to its hold', () => {
    const all = desk();
    all.dial();
    all.world.run(1000);
    all.order({ verb: 'hold', call: null });
    all.world.run(100);
    const before = all.primary.acks.length;
    all.primary.repeatChange();
    all.primary.repeatChange();
    all.world.run(100);
    const cseqs = all.primary.acks.slice(before - 1).map((ack) => headerValue(ack, 'CSeq'));
    assert.deepEqual(cseqs, ['2 ACK', '2 ACK', '2 ACK']);
    assert.equal(all.states().at(-1), 'held');
  });

  it('shows in its ACK the credentials of its INVITE (K8)', () => {
    const all = desk();
    all.primary.asksPassword = true;
    all.dial();
    all.world.run(1000);
    const invite = invites(all).at(-1) ?? assert.fail('an INVITE');
    const ack = all.primary.acks.at(-1) ?? assert.fail('an ACK');
    assert.match(headerValue(ack, 'Proxy-Authorization') ?? '', /^Digest /);
    assert.equal(headerValue(ack, 'Proxy-Authorization'), headerValue(invite, 'Proxy-Authorization'));
  });

  it('whose hold is refused stays as it was', () => {
    const all = desk();
    all.dial();
    all.world.run(1000);
    all.primary.changeStatus = 488;
    all.order({ verb: 'hold', call: null });
    all.world.run(1000);
    assert.equal(all.states().at(-1), 'connected');
  });

  it('whose hold meets the far side’s own is tried once more after 2.1 to 4 s', () => {
    const all = desk();
    all.dial();
    all.world.run(1000);
    all.primary.changeStatus = 491;
    all.order({ verb: 'hold', call: null });
    all.world.run(100);
    all.primary.changeStatus = 200;
    const took = all.world.until(() => all.states().at(-1) === 'held', 5000);
    assert.ok(took >= 2000 && took <= 4100, `${took} ms`);
  });

  it('that the far side does not know any more is over', () => {
    const all = desk();
    all.dial();
    all.world.run(1000);
    all.primary.changeStatus = 481;
    all.order({ verb: 'hold', call: null });
    all.world.run(100);
    assert.equal(all.cause(), 'remote');
  });
});

it('given up before a slow server has spoken: it is cancelled when it does, whatever `sip transaction timer` says', () => {
  const timers = { ...phoneSettings().timers, transactionMs: 4000 };
  const all = desk(phoneSettings({ lines: [LINE], timers }));
  all.primary.script = [
    [6000, 180],
    [9000, 200],
  ];
  all.dial();
  all.world.run(10);
  all.hangUp();
  all.world.run(8000);
  assert.deepEqual([all.primary.callees[0]?.state, all.sent().includes('CANCEL 192.0.2.1')], ['over', true]);
});

describe('hung up while the cable is pulled for a moment', () => {
  const pulled = (forMs: number): Desk => {
    const all = desk();
    all.dial();
    all.world.run(1000);
    all.primary.fault = 'silent';
    all.hangUp();
    all.world.run(600);
    all.world.setLink('down');
    all.primary.fault = 'none';
    all.world.run(forMs);
    return all;
  };

  it('the far side hears of it once the cable is back', () => {
    const all = pulled(100);
    all.world.setLink('up');
    all.world.run(5000);
    assert.equal(all.primary.callees[0]?.state, 'over');
  });

  it('and nothing is sent while it is not', () => {
    const all = pulled(0);
    const before = all.sent().length;
    all.world.run(60_000);
    assert.equal(all.sent().length, before);
  });
});

it('a Retry-After with which a BYE is refused closes no server: the next call goes to the primary first', () => {
  const all = talking();
  Object.assign(all.primary, { status: 503, statusFor: 'BYE', retryAfterS: 120 });
  all.hangUp();
  all.world.run(1000);
  const { length } = all.sent();
  assert.equal(all.sent().at(-1), 'BYE 192.0.2.1');
  all.dial();
  all.world.run(600);
  assert.equal(all.sent()[length], 'INVITE 192.0.2.1');
});
