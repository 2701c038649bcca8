/** Answers to a call that nobody waits for any more, whatever has become of its INVITE: nobody is left ringing or off-hook (rules 3.7). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LATE_BRANCH_MEMORY_MS } from '../../../firmware/config/defaults.ts';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { serialize } from '../../../firmware/sip/message/serialize.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites } from '../call-desk.ts';
import type { CallPeer } from '../call-peer.ts';
import { sdpOf } from '../call-peer.ts';
import { respond } from '../sip-peer.ts';

/** Dialled, and thought better of at once. */
function withdrawn(script: Desk['primary']['script'], before?: (all: Desk) => void): Desk {
  const all = desk();
  all.primary.script = script;
  before?.(all);
  all.dial();
  all.world.run(100);
  all.hangUp();
  return all;
}

/** What was sent of the call, its first INVITE apart. */
const sentAfterwards = (all: Desk): readonly string[] => all.sent().slice(1);

const told = (all: Desk): readonly unknown[] =>
  all.world.eventsOf('late-answer').map(({ attempt, target, code, action }) => [attempt, target, code, action]);

/** The server's process is away for a moment, and the socket that a probe leaves by takes the INVITE's transaction with it. */
function refusedMeanwhile(all: Desk): void {
  all.primary.fault = 'killed';
  const failed = (): number => all.world.eventsOf('target-failed').filter(({ cause }) => cause === 'refused').length;
  all.order({ verb: 'dial', target: '201', line: null });
  all.world.until(() => failed() > 0, 60_000);
  all.hangUp();
  all.primary.fault = 'none';
}

/** An answer of the callee whose INVITE was sent first; `next`: what befalls the server meanwhile. */
function answer(
  all: Desk,
  status: number,
  { from = all.primary, next = 'none' }: { readonly from?: CallPeer; readonly next?: CallPeer['fault'] } = {},
): void {
  const [invite] = invites(all);
  const contact = { name: 'Contact', value: `<sip:callee@${all.primary.address}:5060>` };
  const typed = { name: 'Content-Type', value: 'application/sdp' };
  const response = respond(invite ?? assert.fail('no INVITE'), status, [contact, typed]);
  from.push(serialize({ ...response, body: sdpOf('192.0.2.1') }));
  from.fault = next;
  all.world.run(50);
  from.fault = 'none';
}

describe('after hang-up, with the INVITE’s transaction gone because its socket was refused', () => {
  it('a late 200 is acknowledged and ended', () => {
    const all = withdrawn([[8000, 200]]);
    refusedMeanwhile(all);
    all.world.run(10_000);
    assert.equal(all.primary.callees[0]?.state, 'over');
    assert.deepEqual(
      all.sent().filter((one) => /ACK|BYE/.test(one)),
      ['ACK 192.0.2.1', 'BYE 192.0.2.1'],
    );
    assert.deepEqual(told(all), [['C1', 'udp:192.0.2.1:5060', 200, 'ack-bye']]);
  });

  it('a late 180 is cancelled, and the 487 to it acknowledged', () => {
    const all = withdrawn([
      [8000, 180],
      [9000, 180],
      [20_000, 200],
    ]);
    refusedMeanwhile(all);
    all.world.run(30_000);
    assert.equal(all.primary.busy, 0);
    const last = all.sent().filter((one) => /CANCEL|ACK|BYE/.test(one));
    assert.deepEqual(last, ['CANCEL 192.0.2.1', 'ACK 192.0.2.1']);
    assert.deepEqual(told(all), [['C1', 'udp:192.0.2.1:5060', 180, 'cancel']]);
  });
});

describe('a callee that first speaks when 64·T1 after the hang-up are over', () => {
  it('with 180 is cancelled', () => {
    const all = withdrawn([
      [40_000, 180],
      [60_000, 200],
    ]);
    all.world.run(70_000);
    assert.equal(all.primary.busy, 0);
    assert.deepEqual(sentAfterwards(all), ['CANCEL 192.0.2.1', 'ACK 192.0.2.1']);
  });

  it('with 180, and says it again: cancelled once, and told of once', () => {
    const all = withdrawn([]);
    all.world.run(40_000);
    for (const status of [180, 180, 183]) answer(all, status);
    assert.deepEqual(sentAfterwards(all), ['CANCEL 192.0.2.1', 'ACK 192.0.2.1']);
    assert.deepEqual(told(all), [['C1', 'udp:192.0.2.1:5060', 180, 'cancel']]);
  });

  it('with 200 is acknowledged and ended', () => {
    const all = withdrawn([[40_000, 200]]);
    all.world.run(41_000);
    assert.equal(all.primary.callees[0]?.state, 'over');
    assert.deepEqual(sentAfterwards(all), ['ACK 192.0.2.1', 'BYE 192.0.2.1']);
  });

  it('says so again where the ACK was lost: acknowledged again, ended once', () => {
    const all = withdrawn([]);
    all.world.run(40_000);
    for (let n = 0; n < 3; n += 1) answer(all, 200);
    const [one, two, three, four] = sentAfterwards(all);
    assert.deepEqual(
      [one, two, three, four],
      ['ACK', 'BYE', 'ACK', 'ACK'].map((method) => `${method} 192.0.2.1`),
    );
    const bye = all.world.sent().find(({ message }) => message.method === 'BYE')?.message;
    assert.equal(bye === undefined ? null : headerValue(bye, 'CSeq'), '2 BYE');
  });

  it('is told again where the BYE could not be said', () => {
    const all = withdrawn([]);
    all.world.run(40_000);
    answer(all, 200, { next: 'killed' });
    answer(all, 200);
    answer(all, 200);
    assert.equal(sentAfterwards(all).filter((one) => one.startsWith('BYE')).length, 2);
  });

  it('is nobody that we know after ten minutes', () => {
    const all = withdrawn([]);
    all.world.run(LATE_BRANCH_MEMORY_MS + 64_000);
    answer(all, 200);
    assert.deepEqual(sentAfterwards(all), []);
  });
});

describe('an answer from somewhere else, or of a call that is on', () => {
  it('counts for nothing where its INVITE did not go there', () => {
    const all = withdrawn([]);
    all.world.run(40_000);
    answer(all, 200, { from: all.backup });
    assert.deepEqual(sentAfterwards(all), []);
  });

  it('is acknowledged once more where its ACK was lost, and ends nothing', () => {
    const all = desk();
    all.dial();
    all.world.run(1000);
    for (let n = 0; n < 3; n += 1) answer(all, 200);
    assert.equal(all.sent().filter((one) => one.startsWith('ACK')).length, 4);
    assert.ok(!all.sent().some((one) => one.startsWith('BYE')));
  });

  it('ends no call that was answered, however late it comes again', () => {
    const all = desk();
    all.dial();
    all.world.run(120_000);
    answer(all, 200);
    assert.equal(all.states().at(-1), 'connected');
    assert.ok(!all.sent().some((one) => one.startsWith('BYE')));
  });
});

it('a proxy that has given up, and then says that somebody answers after all: acknowledged and ended (RFC 3261 16.7)', () => {
  const all = desk();
  all.primary.script = [
    [5, 100],
    [1000, 408],
  ];
  all.dial();
  all.world.run(3000);
  assert.equal(all.states().at(-1), 'ended');
  answer(all, 200);
  assert.deepEqual(sentAfterwards(all), ['ACK 192.0.2.1', 'ACK 192.0.2.1', 'BYE 192.0.2.1']);
});

it('a way that is cut while it rings: the call is over, and whoever rings is let go over a new one', () => {
  const all = desk();
  all.primary.script = [
    [20, 180],
    [30_000, 200],
  ];
  all.dial();
  all.world.run(100);
  all.world.input({ kind: 'flow-failed', flow: 'udp:192.0.2.1:5060', cause: 'refused' });
  all.world.run(1000);
  assert.equal(all.states().at(-1), 'ended');
  assert.equal(all.primary.busy, 0);
});
