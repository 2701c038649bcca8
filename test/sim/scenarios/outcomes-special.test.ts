/** Table X of the conformance list: the rows with rules of their own, for a REGISTER and, where it is one, an INVITE. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { phoneSettings } from '../../support/settings.ts';
import type { Site } from '../outcome-site.ts';
import { EXPIRES_S, site, walk } from '../outcome-site.ts';
import { watchKey } from '../watch-desk.ts';
import type { World } from '../world.ts';
import type { ZoneFault } from '../zone.ts';
import { Zone } from '../zone.ts';

const fail =
  (fault: ZoneFault) =>
  ({ zone }: World): void => {
    zone.fault = fault;
  };

/** The main server cannot be found. */
const UNFOUND: readonly (readonly [string, (world: World) => void])[] = [
  ['all names NXDOMAIN', ({ zone }) => void zone.records.splice(0)],
  [
    'a single SRV "."',
    ({ zone }) => void zone.records.splice(0, 9, ...new Zone().srv('_sip._udp.pbx.test', '.', 0).records),
  ],
  ['SERVFAIL and nothing known', fail('servfail')],
  ['DNS silent and nothing known', fail('silent')],
];

const WATCHING = phoneSettings({ keys: [watchKey('2002')] });

describe('table X: rows with rules of their own', () => {
  const asked = (place: Site): string => walk(place, 'REGISTER');

  it('401 again to the same nonce: END, a wrong password is not tried elsewhere', () => {
    const place = site(1, { challenge: true, passwords: { '2001': 'another' } });
    place.world.start().run(5000);
    assert.deepEqual([asked(place), place.world.registrar().state, place.p1.registers().length], ['p1', 'rejected', 2]);
  });

  it('423: the same target at once with its Min-Expires; one that is never content is a refusal', () => {
    const place = site(1, { minExpiresS: 7200, maxExpiresS: 9000 });
    place.world.start().run(1000);
    assert.deepEqual([asked(place), place.p1.registers().length], ['p1', 2]);
    assert.ok(place.world.registeredOn('primary'));
    const greedy = site();
    greedy.p1.status = 423;
    greedy.world.start().run(5000);
    assert.deepEqual([asked(greedy), greedy.world.registrar().state], ['p1', 'rejected']);
  });

  for (const status of [300, 301, 302, 305, 380])
    it(`${status} to a REGISTER: END, nobody is asked whom a server names (L4)`, () => {
      const place = site();
      place.p1.status = status;
      place.world.start().run(60_000);
      assert.deepEqual([asked(place), place.world.registrar().state], ['p1', 'rejected']);
    });

  it('2xx without our Contact: taken as bound for a minute, then asked again', () => {
    const place = site();
    const { world, p1 } = place;
    p1.mangle = (data) => data.replace(/^Contact: .*\r\n/m, '');
    world.start().until(() => world.registeredOn('primary'), 1000);
    assert.ok((world.registrar().expiresIn ?? 61) <= 60);
    world.until(() => p1.registers().length > 1, 61_000);
  });

  it('a provisional answer to a REGISTER and no final one: as 408', () => {
    const place = site();
    place.p1.status = 183;
    place.world.start().run(32_500);
    assert.equal(asked(place), 'p1 p2');
    assert.ok(place.world.registeredOn('primary'), 'on the second target of the main server');
  });

  it('no SRV record: the name itself, default port', () => {
    const place = site();
    place.world.zone.remove('SRV', '_sip._udp.pbx.test');
    place.world.zone.a('pbx.test', place.p2.address);
    place.world.start().run(1000);
    assert.equal(asked(place), 'p2');
  });

  it('one SRV target without an address: the next one', () => {
    const place = site();
    place.world.zone.remove('A', 'p1.test');
    place.world.start().run(1000);
    assert.equal(asked(place), 'p2');
  });

  for (const [row, spoil] of UNFOUND)
    it(`${row}: the backup, for a REGISTER, an INVITE and a SUBSCRIBE`, () => {
      const place = site(1, {}, WATCHING);
      spoil(place.world);
      place.world.start().run(20_000);
      assert.equal(asked(place), 'b');
      assert.ok(place.world.registeredOn('backup'));
      place.world.input({ kind: 'command', id: 'x', command: { verb: 'dial', target: '200', line: null } });
      place.world.run(8000);
      assert.deepEqual([walk(place, 'INVITE'), walk(place, 'SUBSCRIBE')], ['b', 'b']);
    });

  for (const fault of ['servfail', 'silent', 'malformed'] as const)
    it(`DNS ${fault} after a good answer: that answer, however old`, () => {
      const place = site();
      const { world } = place;
      world.start().until(() => world.registeredOn('primary'), 1000);
      world.zone.fault = fault;
      const since = world.now;
      world.run(EXPIRES_S * 3000);
      assert.equal(walk(place, 'REGISTER', since), 'p1');
      assert.ok(world.registeredOn('primary'));
    });

  it('a DNS answer with an address that is none: that record is dropped, the next target is asked', () => {
    const place = site();
    place.world.zone.remove('A', 'p1.test');
    place.world.zone.a('p1.test', '0.0.0.0');
    place.world.start().run(1000);
    assert.equal(asked(place), 'p2');
  });

  it('the link goes down: a REGISTER waits for it without a mark, an INVITE ends at once', () => {
    const place = site();
    const { world } = place;
    world.start().until(() => world.registeredOn('primary'), 1000);
    world.setLink('down');
    world.input({ kind: 'command', id: 'x', command: { verb: 'dial', target: '200', line: null } });
    world.run(1);
    assert.equal(world.eventsOf('call').at(-1)?.state, 'ended');
    world.run(EXPIRES_S * 1000);
    assert.equal(world.eventsOf('target-failed').length, 0);
    const since = world.now;
    world.setLink('up');
    world.run(2000);
    assert.equal(walk(place, 'REGISTER', since), 'p1');
    assert.ok(world.registeredOn('primary'));
  });

  it('the clock is set for the first time: certificates can be judged now, so a line that waits asks at once (E12)', () => {
    const place = site(4);
    const { world } = place;
    for (const peer of [place.p1, place.p2, place.b]) peer.certificate = 'not yet';
    world.start().input({ kind: 'wall-clock', wallMs: null });
    world.until(() => world.registrar().state === 'waiting', 5000);
    for (const peer of [place.p1, place.p2]) peer.certificate = 'pbx.test';
    world.run(2000);
    world.input({ kind: 'wall-clock', wallMs: 1_772_534_520_000 });
    world.run(500);
    assert.ok(world.registeredOn('primary'));
  });

  describe('a SUBSCRIBE', () => {
    const shown = ({ world }: Site): string =>
      world
        .status()
        .subscriptions.map(({ state, server, code }) => `${state} ${server} ${code}`)
        .join();

    it('401 again to the same nonce: END, a wrong password is not tried elsewhere', () => {
      const place = site(1, {}, WATCHING);
      place.p1.status = 401;
      place.p1.statusFor = 'SUBSCRIBE';
      place.p1.challengesWith = 'Digest realm="sim", nonce="same", algorithm=MD5, qop="auth"';
      place.world.start().run(5000);
      const sent = place.world.sent('SUBSCRIBE').length;
      assert.deepEqual([walk(place, 'SUBSCRIBE'), sent, shown(place)], ['p1', 2, 'trying null 401']);
    });

    for (const status of [300, 301, 302, 305, 380])
      it(`${status}: END, nobody is asked whom a server names (L4)`, () => {
        const place = site(1, {}, WATCHING);
        place.p1.status = status;
        place.p1.statusFor = 'SUBSCRIBE';
        place.world.start().run(5000);
        assert.deepEqual([walk(place, 'SUBSCRIBE'), shown(place)], ['p1', `trying null ${status}`]);
      });

    it('a provisional answer and no final one: as 408', () => {
      const place = site(1, {}, WATCHING);
      place.p1.status = 183;
      place.p1.statusFor = 'SUBSCRIBE';
      place.world.start().run(32_500);
      assert.deepEqual([walk(place, 'SUBSCRIBE'), shown(place)], ['p1 p2', 'active primary null']);
    });

    it('2xx but wrong: Timer N decides', () => {
      const place = site(1, {}, WATCHING);
      place.p1.notifies = 'never';
      place.p1.mangle = (data) => data.replace(/^Expires: .*\r\n/m, '');
      place.world.start().run(33_000);
      assert.equal(place.world.eventsOf('subscription').at(-1)?.state, 'failed');
    });

    for (const fault of ['servfail', 'silent', 'malformed'] as const)
      it(`DNS ${fault} after a good answer: that answer, however old`, () => {
        const place = site(1, {}, WATCHING);
        place.world.start().run(1000);
        place.world.zone.fault = fault;
        place.world.run(EXPIRES_S * 3000);
        place.p1.end(place.p1.subscribers[0] ?? assert.fail(), 'reason=deactivated');
        const since = place.world.now;
        place.world.run(1000);
        assert.deepEqual([walk(place, 'SUBSCRIBE', since), shown(place)], ['p1', 'active primary null']);
      });

    it('one SRV target without an address, or with one that is none: the next one', () => {
      for (const address of [null, '0.0.0.0']) {
        const place = site(1, {}, WATCHING);
        place.world.zone.remove('A', 'p1.test');
        if (address !== null) place.world.zone.a('p1.test', address);
        place.world.start().run(1000);
        assert.deepEqual([walk(place, 'SUBSCRIBE'), shown(place)], ['p2', 'active primary null']);
      }
    });
  });
});
