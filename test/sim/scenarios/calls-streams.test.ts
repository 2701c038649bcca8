/** Calls over TCP: one connection for all of a call, what a broken one ends and what it does not (rules 3.7; conformance E10, E15). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { phoneSettings } from '../../support/settings.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites, LINE } from '../call-desk.ts';
import { RINGS } from '../call-peer.ts';

const overTcp = (): Desk => desk(phoneSettings({ transport: 2, lines: [LINE], failover: { probePeriodS: 0 } }));

/** A call that is being talked in. */
function talking(): Desk {
  const all = overTcp();
  all.dial();
  all.world.until(() => all.states().at(-1) === 'connected', 2000);
  all.world.run(100);
  assert.equal(all.primary.callees[0]?.state, 'talking');
  return all;
}

describe('a call over TCP', () => {
  it('is made, acknowledged and ended on one connection, and nothing is said twice', () => {
    const all = talking();
    all.world.run(60_000);
    all.hangUp();
    all.world.run(1000);
    assert.deepEqual(all.sent(), ['INVITE 192.0.2.1', 'ACK 192.0.2.1', 'BYE 192.0.2.1']);
    assert.equal(all.primary.accepts, 1);
    assert.equal(all.primary.callees[0]?.state, 'over');
  });

  it('goes to the backup at once where the primary refuses the connection, after 1.5 s where it hangs', () => {
    for (const [fault, ms] of [
      ['killed', 0],
      ['silent', 1500],
    ] as const) {
      const all = overTcp();
      all.primary.fault = fault;
      all.dial();
      const took = all.world.until(() => all.backup.callees.length === 1, 3000);
      assert.ok(took >= ms && took <= ms + 50, `${fault}: ${took} ms`);
    }
  });

  it('that was passed over while its connection was made never leaves: no second callee rings', () => {
    const all = overTcp();
    all.primary.fault = 'silent';
    all.backup.script = RINGS;
    all.dial();
    all.world.run(2000);
    all.primary.fault = 'none';
    all.world.run(10_000);
    assert.deepEqual([all.primary.callees.length, all.backup.callees.length], [0, 1]);
    assert.equal(invites(all).length, 1);
  });
});

describe('a connection that breaks', () => {
  it('while two people talk ends nothing: hanging up opens another, and the callee is freed', () => {
    const all = talking();
    all.world.streams.hangUp(all.primary);
    all.world.run(30_000);
    assert.equal(all.states().at(-1), 'connected');
    all.hangUp();
    all.world.run(1000);
    assert.equal(all.primary.callees[0]?.state, 'over');
    assert.equal(all.primary.accepts, 2);
  });

  it('before the callee was heard of: the INVITE goes once more over another, and one callee rings', () => {
    const all = overTcp();
    all.primary.script = [];
    all.dial();
    all.world.until(() => all.primary.callees.length === 1, 100);
    all.primary.script = [[20, 180]];
    all.world.streams.hangUp(all.primary);
    all.world.run(1000);
    const branches = new Set(invites(all).map(({ headers }) => headers.find(({ name }) => name === 'Via')?.value));
    assert.deepEqual([invites(all).length, branches.size, all.primary.accepts], [2, 1, 2]);
  });

  it('after it began to ring ends the attempt: nobody else is rung', () => {
    const all = overTcp();
    all.primary.script = RINGS;
    all.dial();
    all.world.until(() => all.states().at(-1) === 'ringing', 1000);
    all.world.streams.hangUp(all.primary);
    all.world.run(5000);
    assert.equal(all.states().at(-1), 'ended');
    assert.equal(all.backup.callees.length, 0);
  });
});
