/** How long a subscription lasts: what was asked, what a 2xx granted, and what its NOTIFYs say (RFC 6665 4.1.2.1, 4.2.2; conformance H3). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WatchDesk } from '../watch-desk.ts';
import { answered, subscriber, watchDesk } from '../watch-desk.ts';

const expiresIn = ({ world }: WatchDesk): number =>
  world.status().subscriptions[0]?.expiresIn ?? assert.fail('it is over');

describe('a subscription in force', () => {
  for (const notifies of ['after', 'before'] as const)
    it(`takes what the 2xx grants where a NOTIFY (${notifies} it) says nothing of time`, () => {
      const desk = watchDesk();
      Object.assign(desk.primary, { grantsS: 120, firstState: 'active', notifies });
      desk.world.run(59_000);
      assert.equal(desk.asked().length, 1);
      desk.world.run(50_000);
      assert.equal(desk.asked()[1], 'primary refresh 3600');
    });

  it('takes what the NOTIFY says of the time that is left', () => {
    const desk = watchDesk();
    desk.world.run(100);
    desk.primary.notify(subscriber(desk), { state: 'active;expires=100' });
    desk.world.run(49_000);
    assert.equal(desk.asked().length, 1);
    desk.world.run(45_000);
    assert.equal(desk.asked()[1], 'primary refresh 3600');
  });

  it('lasts no longer than was asked for, whatever a 2xx grants, to the first SUBSCRIBE as to a refresh', () => {
    const desk = watchDesk();
    const { primary } = desk;
    const usual = primary.answer.bind(primary);
    primary.answer = (request, now) => {
      const response = usual(request, now);
      if (response === null || request.method !== 'SUBSCRIBE') return response;
      const headers = response.headers.filter(({ name }) => name !== 'Expires');
      return { ...response, headers: [...headers, { name: 'Expires', value: '9000' }] };
    };
    primary.firstState = 'active';
    desk.world.run(20);
    assert.equal(expiresIn(desk), 3600);
    primary.notify = () => undefined;
    desk.world.until(() => desk.asked().length === 2, 3_600_000);
    desk.world.run(20);
    assert.equal(expiresIn(desk), 3600);
  });

  it('is not made longer by a NOTIFY that was long under way, and may be made shorter by it', () => {
    const desk = watchDesk();
    desk.primary.grantsS = 120;
    desk.world.run(30_000);
    desk.primary.notify(subscriber(desk), { state: 'active;expires=120' });
    desk.world.run(1000);
    assert.equal(expiresIn(desk), 89);
    desk.primary.notify(subscriber(desk), { state: 'active;expires=80' });
    desk.world.run(1000);
    assert.equal(expiresIn(desk), 79);
    desk.primary.notify(subscriber(desk), { state: 'active;expires=120' });
    desk.world.run(1000);
    assert.equal(expiresIn(desk), 87);
  });

  it('is counted from its SUBSCRIBE where the first NOTIFY was long under way', () => {
    const desk = watchDesk();
    desk.primary.notifies = 'never';
    desk.world.run(20_000);
    desk.primary.notify(subscriber(desk), { state: 'active;expires=3600' });
    desk.world.run(1000);
    assert.equal(expiresIn(desk), 3579);
  });

  it('lasts, before any 2xx, no longer than was asked for, and after it no longer than was granted', () => {
    const desk = watchDesk();
    Object.assign(desk.primary, { notifies: 'before', grantsS: 120 });
    const toldMore = (): number => {
      desk.primary.notify(subscriber(desk), { state: 'active;expires=9000' });
      desk.world.run(20);
      return expiresIn(desk);
    };
    desk.world.run(20);
    assert.equal(toldMore(), 3600);
    desk.world.run(60);
    assert.equal(expiresIn(desk), 120);
    assert.equal(toldMore(), 120);
  });

  it('whose refresh has no answer yet is made no longer by a NOTIFY, and by the 2xx that follows', () => {
    const desk = watchDesk();
    desk.primary.grantsS = 120;
    desk.world.until(() => desk.asked().length === 2, 120_000);
    desk.primary.delayMs = 1000;
    const left = expiresIn(desk);
    desk.primary.notify(subscriber(desk), { state: 'active;expires=9000' });
    desk.world.run(10);
    assert.ok(expiresIn(desk) <= left);
    desk.world.run(1000);
    assert.ok(expiresIn(desk) > 100);
  });

  it('whose refresh is refused after a NOTIFY that was long under way ends when the last 2xx said', () => {
    const desk = watchDesk();
    Object.assign(desk.primary, { grantsS: 120, refreshStatus: 403 });
    const began = desk.world.now;
    desk.world.until(() => desk.asked().length === 2, 120_000);
    Object.assign(desk.primary, { delayMs: 500, status: 403, statusFor: 'SUBSCRIBE' });
    // Sent when the subscription was young, and come only now.
    desk.primary.notify(subscriber(desk), { state: 'active;expires=110' });
    desk.world.run(2000);
    assert.equal(desk.on(), 'active primary');
    desk.world.run(120_000 - (desk.world.now - began) + 100);
    assert.equal(desk.on(), 'trying nowhere');
  });

  it('whose notifier says that no time is left has run out: it is asked for anew, and not in a hurry', () => {
    const desk = watchDesk();
    desk.world.run(20_000);
    desk.primary.notify(subscriber(desk), { state: 'active;expires=0' });
    desk.world.run(100);
    assert.equal(answered(desk), 200);
    assert.equal(desk.on(), 'active primary');
    desk.world.run(60_000);
    assert.deepEqual(desk.asked(), ['primary fresh 3600', 'primary fresh 3600']);
  });
});
