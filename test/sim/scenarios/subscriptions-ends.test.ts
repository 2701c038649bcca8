/** Subscriptions that the server ends, each by its reason, and those that live on the backup (RFC 6665 4.1.3; conformance H5, H10; rules 3.2). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WatchDesk } from '../watch-desk.ts';
import { answered, LINE, subscriber, watchDesk } from '../watch-desk.ts';

describe('a subscription that the server ends', () => {
  const AT_ONCE = ['reason=deactivated', 'reason=timeout', '', 'reason=strange'];
  for (const said of AT_ONCE)
    it(`(${said === '' ? 'no reason' : said}) is asked for again at once`, () => {
      const desk = watchDesk();
      desk.world.run(20_000);
      desk.primary.end(subscriber(desk), said);
      desk.world.run(200);
      assert.deepEqual(desk.asked(), ['primary fresh 3600', 'primary fresh 3600']);
      assert.equal(desk.on(), 'active primary');
    });

  for (const said of ['reason=probation;retry-after=60', 'reason=giveup;retry-after=60', 'retry-after=60'])
    it(`(${said}) is asked for when that time is over`, () => {
      const desk = watchDesk();
      desk.world.run(20_000);
      desk.primary.end(subscriber(desk), said);
      desk.world.run(59_000);
      assert.equal(desk.asked().length, 1);
      assert.equal(desk.lamp(), 'off');
      desk.world.run(2000);
      assert.equal(desk.on(), 'active primary');
    });

  for (const said of ['reason=probation', 'reason=giveup'])
    it(`(${said}) without a time is waited for by the back-off`, () => {
      const desk = watchDesk();
      desk.world.run(20_000);
      desk.primary.end(subscriber(desk), said);
      desk.world.run(14_000);
      assert.equal(desk.asked().length, 1);
      desk.world.run(17_000);
      assert.equal(desk.on(), 'active primary');
    });

  for (const said of ['reason=rejected', 'reason=noresource', 'reason=invariant'])
    it(`(${said}) is not asked for again`, () => {
      const desk = watchDesk();
      desk.world.run(20_000);
      desk.primary.end(subscriber(desk), said);
      desk.world.run(7_200_000);
      assert.equal(desk.asked().length, 1);
      assert.equal(desk.on(), 'stopped nowhere');
    });

  it('as soon as it was made is not chased: the second attempt waits', () => {
    const desk = watchDesk();
    desk.primary.firstState = 'terminated;reason=deactivated';
    desk.world.run(60_000);
    assert.ok(desk.asked().length <= 3, String(desk.asked().length));
  });
});

describe('with proxies that register nobody', () => {
  it('a subscription that both left goes on as soon as one answers again: a dead proxy is watched, though nothing is in force there', () => {
    const line = { ...LINE, registrar: { primary: null, backup: null } };
    const desk = watchDesk({ lines: [line] });
    desk.world.run(40_000);
    assert.equal(desk.on(), 'active primary');
    for (const peer of [desk.primary, desk.backup]) peer.fault = 'silent';
    desk.world.run(3 * 3_600_000);
    assert.equal(desk.on(), 'trying nowhere');
    const before = desk.asked().length;
    desk.backup.fault = 'none';
    desk.world.run(20_000);
    assert.equal(desk.on(), 'active backup');
    assert.ok(desk.asked().length - before <= 4, desk.asked().slice(before).join('\n'));
  });
});

describe('on the backup', () => {
  const moved = (grantsS = 600): WatchDesk => {
    const desk = watchDesk({ failover: { probePeriodS: 0 } });
    for (const peer of [desk.primary, desk.backup]) peer.grantsS = grantsS;
    desk.primary.fault = 'silent';
    desk.world.until(() => desk.on() === 'active backup', 10_000);
    return desk;
  };

  it('each refresh asks the primary first, afresh; silence costs H, then the dialog is refreshed', () => {
    const desk = moved();
    const before = desk.asked().length;
    desk.world.until(() => desk.asked().length === before + 2, 600_000);
    assert.deepEqual(desk.asked().slice(before), ['primary fresh 3600', 'backup refresh 3600']);
    assert.equal(desk.on(), 'active backup');
  });

  it('a primary that refuses leaves it there, and is asked again next time', () => {
    const desk = moved();
    desk.primary.fault = 'none';
    desk.primary.status = 403;
    desk.primary.statusFor = 'SUBSCRIBE';
    const before = desk.asked().length;
    desk.world.run(1_300_000);
    const after = desk.asked().slice(before);
    assert.deepEqual(after.slice(0, 4), [
      'primary fresh 3600',
      'backup refresh 3600',
      'primary fresh 3600',
      'backup refresh 3600',
    ]);
    assert.equal(desk.on(), 'active backup');
  });

  it('a primary that takes it is home with its first NOTIFY; until then the backup drives the lamp, then it is unsubscribed', () => {
    const desk = moved();
    desk.primary.fault = 'none';
    desk.primary.notifies = 'never';
    const before = desk.asked().length;
    desk.world.until(() => desk.asked().length === before + 1, 600_000);
    desk.world.run(1000);
    desk.backup.set('2002', 'busy');
    desk.world.run(50);
    assert.equal(desk.lamp(), 'on');
    assert.equal(desk.on(), 'active backup');
    desk.primary.notify(desk.primary.subscribers.at(-1) ?? assert.fail(), {});
    desk.world.run(50);
    assert.equal(desk.on(), 'active primary');
    assert.equal(desk.asked().at(-1), 'backup refresh 0');
    desk.world.run(100);
    assert.equal(desk.lamp(), 'on');
    assert.equal(answered(desk), 200);
  });
});
