/** Subscriptions on the wire: how they begin, are refreshed, refused, ended, and found again (RFC 6665 4.1; conformance H1-H21; rules 3.2). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { server } from '../../support/settings.ts';
import type { WatchDesk } from '../watch-desk.ts';
import { answered, LINE, subscriber, watchDesk } from '../watch-desk.ts';
import { Zone } from '../zone.ts';

const reasons = ({ world }: WatchDesk): readonly string[] =>
  world.eventsOf('subscription').map(({ state, reason }) => (reason === undefined ? state : `${state} ${reason}`));

describe('a subscription begins', () => {
  it('with the NOTIFY that overtakes its 2xx', () => {
    const desk = watchDesk();
    desk.primary.notifies = 'before';
    desk.world.run(20);
    assert.equal(desk.on(), 'active primary');
    desk.world.run(5000);
    assert.deepEqual(desk.asked(), ['primary fresh 3600']);
  });

  it('by that NOTIFY, and is silent when the link goes down before its 2xx', () => {
    const desk = watchDesk();
    desk.primary.notifies = 'before';
    desk.world.run(20);
    desk.world.setLink('down');
    desk.world.run(10_000);
    assert.equal(desk.world.sent('SUBSCRIBE').length, 1);
  });

  it('and is none where Timer N passes without a NOTIFY: its failure is told, a late one draws 481', () => {
    const desk = watchDesk();
    desk.primary.notifies = 'never';
    desk.world.run(31_000);
    assert.equal(desk.on(), 'trying nowhere');
    assert.deepEqual(reasons(desk), []);
    desk.world.run(2000);
    assert.deepEqual(reasons(desk), ['failed unnotified']);
    desk.primary.notify(subscriber(desk), {});
    desk.world.run(20);
    assert.equal(answered(desk), 481);
  });

  for (const notifies of ['after', 'before'] as const)
    it(`takes the first of forked notifiers, and tells the second that it has none (NOTIFY ${notifies} the 2xx)`, () => {
      const desk = watchDesk();
      desk.primary.notifies = notifies;
      desk.world.run(notifies === 'after' ? 100 : 20);
      const first = subscriber(desk);
      desk.primary.notify({ ...first, own: 'fork', cseq: 0 }, {});
      desk.world.run(10);
      assert.equal(answered(desk), 481);
      desk.primary.notify(first, {});
      desk.world.run(10);
      assert.equal(answered(desk), 200);
    });

  it('asks for longer where 423 says so', () => {
    const desk = watchDesk({}, {});
    desk.primary.leastS = 7200;
    desk.world.run(200);
    assert.deepEqual(desk.asked(), ['primary fresh 3600', 'primary fresh 7200']);
    assert.equal(desk.on(), 'active primary');
  });

  for (const [code, wait] of [
    [403, 1800],
    [404, 1800],
    [489, 1800],
    [480, 30],
    [482, 30],
  ] as const)
    it(`${code} is waited out: not before ${wait / 2} s, then asked again`, () => {
      const desk = watchDesk();
      desk.primary.status = code;
      desk.primary.statusFor = 'SUBSCRIBE';
      desk.world.run(wait * 500 - 1000);
      assert.deepEqual(desk.asked(), ['primary fresh 3600']);
      assert.equal(desk.on(), 'trying nowhere');
      desk.primary.status = null;
      desk.world.run(wait * 500 + 3000);
      assert.equal(desk.on(), 'active primary');
    });

  for (const code of [405, 416, 420])
    it(`${code} ends it until a person asks`, () => {
      const desk = watchDesk();
      desk.primary.status = code;
      desk.primary.statusFor = 'SUBSCRIBE';
      desk.world.run(7_200_000);
      assert.equal(desk.asked().length, 1);
      assert.equal(desk.on(), 'stopped nowhere');
      desk.primary.status = null;
      desk.world.input({
        kind: 'command',
        id: 'x',
        command: { verb: 'subscribe', kind: 'blf', target: '2002', line: null },
      });
      desk.world.run(200);
      assert.equal(desk.on(), 'active primary');
    });

  for (const code of [408, 500, 502, 503, 504])
    it(`${code} of the primary leads to the backup`, () => {
      const desk = watchDesk();
      desk.primary.status = code;
      desk.primary.statusFor = 'SUBSCRIBE';
      desk.world.run(300);
      assert.deepEqual(desk.asked(), ['primary fresh 3600', 'backup fresh 3600']);
      assert.equal(desk.on(), 'active backup');
      const [one, two] = desk.world.sent('SUBSCRIBE').map(({ message }) => message.headers);
      for (const name of ['Call-ID', 'CSeq'])
        assert.equal(
          one?.find((header) => header.name === name)?.value,
          two?.find((header) => header.name === name)?.value,
          name,
        );
    });
});

describe('a subscription in force', () => {
  it('is refreshed in its dialog before it runs out, and no sooner than half of its time', () => {
    const desk = watchDesk();
    desk.primary.grantsS = 120;
    desk.world.run(59_000);
    assert.deepEqual(desk.asked(), ['primary fresh 3600']);
    desk.world.run(61_000);
    assert.deepEqual(desk.asked(), ['primary fresh 3600', 'primary refresh 3600']);
    desk.world.run(3_600_000);
    assert.equal(desk.on(), 'active primary');
    assert.equal(desk.world.eventsOf('subscription').length, 1);
  });

  it('is refreshed for longer where 423 says so', () => {
    const desk = watchDesk();
    desk.primary.grantsS = 120;
    desk.world.run(1000);
    desk.primary.leastS = 7200;
    desk.world.until(() => desk.asked().length === 3, 120_000);
    desk.world.run(1000);
    assert.deepEqual(desk.asked(), ['primary fresh 3600', 'primary refresh 3600', 'primary refresh 7200']);
    assert.equal(desk.on(), 'active primary');
  });

  for (const code of [404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604])
    it(`that a refresh finds gone (${code}) begins anew at once, with a new Call-ID`, () => {
      const desk = watchDesk();
      desk.primary.grantsS = 120;
      desk.world.run(1000);
      desk.primary.refreshStatus = code;
      desk.world.until(() => desk.asked().length === 3, 130_000);
      desk.primary.refreshStatus = null;
      desk.world.run(200);
      assert.deepEqual(desk.asked().slice(1), ['primary refresh 3600', 'primary fresh 3600']);
      assert.equal(desk.on(), 'active primary');
      const callIds = new Set(
        desk.world
          .sent('SUBSCRIBE')
          .map(({ message }) => message.headers.find(({ name }) => name === 'Call-ID')?.value),
      );
      assert.equal(callIds.size, 2);
    });

  for (const fault of ['silent', 'killed'] as const)
    it(`whose refresh finds its server ${fault} goes on in its dialog at the next target of its route, then afresh`, () => {
      const zone = new Zone();
      for (const [at, target] of ['n1.example.test', 'n2.example.test'].entries()) {
        zone.srv('_sip._udp.example.test', target, 5060, 10 * (at + 1));
        zone.a(target, `192.0.2.${at + 1}`);
      }
      const proxy = { primary: server('example.test'), backup: null };
      const desk = watchDesk({ lines: [{ ...LINE, proxy }], failover: { probePeriodS: 0 } }, { zone });
      Object.assign(desk.primary, { grantsS: 120, notifies: 'never' });
      desk.world.run(20);
      desk.primary.notify(subscriber(desk), { more: ['Record-Route: <sip:example.test;lr>'] });
      desk.world.run(50_000);
      desk.primary.fault = fault;
      desk.world.until(() => desk.asked().length === 4, 70_000);
      // The other name of this server is "backup" here.
      assert.deepEqual(desk.asked().slice(1, 3), ['primary refresh 3600', 'backup refresh 3600']);
      assert.match(desk.asked()[3] ?? '', / fresh 3600$/);
    });

  it('whose refresh is refused otherwise is held until it runs out, while a fresh one is asked for', () => {
    const desk = watchDesk();
    desk.primary.grantsS = 120;
    desk.primary.set('2002', 'busy');
    desk.world.run(1000);
    desk.primary.refreshStatus = 403;
    desk.primary.status = 403;
    desk.primary.statusFor = 'INVITE';
    desk.world.until(() => desk.asked().length === 3, 130_000);
    desk.world.run(100);
    assert.equal(desk.lamp(), 'on');
    assert.equal(desk.on(), 'active primary');
  });

  it('that nobody renews goes dark when it runs out, and its label says so', () => {
    const desk = watchDesk();
    desk.primary.grantsS = 120;
    desk.primary.set('2002', 'busy');
    desk.world.run(1000);
    assert.equal(desk.lamp(), 'on');
    for (const peer of [desk.primary, desk.backup]) {
      peer.status = 403;
      peer.statusFor = 'SUBSCRIBE';
      peer.refreshStatus = 403;
    }
    desk.world.run(118_000);
    assert.equal(desk.lamp(), 'on');
    desk.world.run(3000);
    assert.equal(desk.lamp(), 'off');
    assert.match(desk.world.lcd.at(-1) ?? '', /2002\?/);
    assert.equal(desk.world.eventsOf('watched').at(-1)?.state, 'unknown');
  });

  it('is made by 202 as by 200, and bears parameters of Event that say nothing', () => {
    const desk = watchDesk();
    desk.primary.acceptsWith = 202;
    desk.world.run(100);
    assert.equal(desk.on(), 'active primary');
    const mine = subscriber(desk);
    desk.primary.states.set('2002', 'busy');
    desk.primary.notify({ ...mine, event: 'dialog;shared=no;include-session-description', cseq: 9, version: 9 }, {});
    desk.world.run(20);
    assert.deepEqual([answered(desk), desk.lamp()], [200, 'on']);
  });

  it('whose last NOTIFY is lost is over all the same', () => {
    const desk = watchDesk();
    desk.world.run(100);
    const mine = subscriber(desk);
    const target = { kind: 'blf', target: '2002', line: null } as const;
    desk.primary.fault = 'mute';
    desk.world.input({ kind: 'command', id: 'x', command: { verb: 'unsubscribe', ...target } });
    desk.world.run(40_000);
    assert.equal(desk.on(), 'nothing');
    desk.primary.fault = 'none';
    desk.primary.notify(mine, {});
    desk.world.run(20);
    assert.equal(answered(desk), 481);
  });

  it('is ended in its dialog by command: Expires 0, a last NOTIFY, nothing after it', () => {
    const desk = watchDesk();
    desk.world.run(100);
    const target = { kind: 'blf', target: '2002', line: null } as const;
    desk.world.input({ kind: 'command', id: 'x', command: { verb: 'unsubscribe', ...target } });
    desk.world.run(100);
    assert.equal(desk.asked()[1], 'primary refresh 0');
    assert.equal(answered(desk), 200);
    assert.equal(desk.on(), 'nothing');
    desk.world.run(7_200_000);
    assert.equal(desk.asked().length, 2);
  });
});
