/** What is under way of calls when the cable is out: it goes on over the sockets that are opened then, and over no other (rules 4, "Link down"). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import type { Desk } from '../call-desk.ts';
import { desk, talking } from '../call-desk.ts';

/** Two calls that are hung up on at the same moment; the server hears nothing of it for 100 ms. */
function bothHungUp(): Desk {
  const all = desk();
  for (const target of ['201', '202']) {
    all.dial(target);
    all.world.run(1000);
  }
  all.primary.fault = 'silent';
  for (const call of ['C1', 'C2']) all.order({ verb: 'hangup', call });
  all.world.run(100);
  all.primary.fault = 'none';
  return all;
}

const byes = ({ world }: Desk): number => world.sent('BYE').length;

describe('two requests to one server that are due for repetition at the same moment', () => {
  it('while the link is down: neither leaves', () => {
    const all = bothHungUp();
    all.world.setLink('down');
    all.world.run(60_000);
    assert.equal(byes(all), 2);
  });

  it('when the link was gone for a moment: both leave as soon as their new socket is open', () => {
    const all = bothHungUp();
    all.world.setLink('down');
    all.world.setLink('up');
    all.world.run(500);
    assert.equal(byes(all), 4);
    assert.deepEqual(
      all.primary.callees.map(({ state }) => state),
      ['over', 'over'],
    );
  });
});

it('a change of the call that is refused when the link was gone for a moment: the refusal is acknowledged', () => {
  const all = talking();
  Object.assign(all.primary, { changeStatus: 488, delayMs: 100 });
  all.order({ verb: 'hold', call: null });
  all.world.run(50);
  all.world.setLink('down');
  all.world.run(10);
  all.world.setLink('up');
  all.world.run(300);
  assert.deepEqual(
    all.primary.acks.map((ack) => headerValue(ack, 'CSeq')),
    ['1 ACK', '2 ACK'],
  );
});
