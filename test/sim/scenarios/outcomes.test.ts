/**
 * Table X of the conformance list, cell by cell, as far as a registration and a call that goes out reach it: a phone with two
 * targets of the main server and one of the backup meets one outcome, at a fresh REGISTER, a renewal, a removal and an INVITE.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Row } from '../outcome-rows.ts';
import { ROWS, WALKS } from '../outcome-rows.ts';
import type { Site } from '../outcome-site.ts';
import { EXPIRES_S, site, walk } from '../outcome-site.ts';

/** It befalls both targets of the main server while they serve: codes only what is asked for by this method. */
function befall({ world, p1, p2 }: Site, befalls: Row['befalls'], method: string): void {
  for (const peer of [p1, p2]) {
    befalls(peer);
    peer.statusFor = peer.status === null ? null : method;
    world.streams.hangUp(peer);
  }
}

describe('table X: a fresh REGISTER (RF)', () => {
  for (const { outcome, befalls, transport, register, all } of ROWS) {
    it(`${outcome}: ${register}`, () => {
      const place = site(transport);
      befalls(place.p1);
      befalls(place.p2);
      place.world.start().run(70_000);
      assert.equal(walk(place, 'REGISTER'), WALKS[register]);
      if (register === 'N,B') assert.ok(place.world.registeredOn('backup'));
      else assert.equal(place.world.registrar().state, 'rejected');
    });

    it(`${outcome} from all: ${all.state}, asked again after ${all.waitS.join(' to ')} s`, () => {
      const place = site(transport);
      for (const peer of [place.p1, place.p2, place.b]) befalls(peer);
      place.world.start();
      place.world.until(() => place.world.registrar().state === all.state, 120_000);
      const end = place.world.now;
      const [low, high] = all.waitS;
      const took = place.world.until(() => walk(place, 'REGISTER', end) !== '', 4_000_000) / 1000;
      assert.ok(took > low - 1 && took < high + 1, `${took} s`);
      assert.equal(walk(place, 'REGISTER', end).split(' ')[0], 'p1', 'then the first is asked first');
    });
  }
});

describe('table X: a renewal (RR)', () => {
  for (const { outcome, befalls, transport, register } of ROWS) {
    it(`${outcome}: ${register}; the binding is kept until it runs out`, () => {
      const place = site(transport);
      const { world } = place;
      world.start().until(() => world.registeredOn('primary'), 10_000);
      befall(place, befalls, 'REGISTER');
      const begun = world.now;
      world.until(() => walk(place, 'REGISTER', begun) !== '', EXPIRES_S * 1000);
      world.run(register === 'END' ? 2000 : 30_000);
      assert.equal(walk(place, 'REGISTER', begun), WALKS[register]);
      if (register === 'N,B') return assert.ok(world.registeredOn('backup'));
      assert.equal(world.registrar().state, 'rejected');
      const runsOut = EXPIRES_S * 1000 - (world.now - begun);
      const gone = outcome === '403';
      assert.equal(world.registrar().expiresIn === null, gone, 'the word of the registrar ends it, a refusal does not');
      world.run(runsOut + 1000);
      assert.equal(world.registrar().expiresIn, null);
    });
  }
});

describe('table X: a removal (RU)', () => {
  for (const { outcome, befalls, transport } of ROWS) {
    it(`${outcome}: END, and the phone stops within seconds`, () => {
      const place = site(transport);
      const { world, b } = place;
      world.start().until(() => world.registeredOn('primary'), 10_000);
      const before = world.sent('REGISTER').length;
      befall(place, befalls, 'REGISTER');
      world.input({ kind: 'shutdown' });
      const took = world.until(() => world.exited, 10_000);
      assert.ok(took <= 5000, `${took} ms`);
      assert.equal(b.registers().length, 0, 'nobody else is told');
      assert.ok(world.sent('REGISTER').length > before || transport !== undefined);
    });
  }
});

describe('table X: an INVITE that goes out', () => {
  for (const { outcome, befalls, transport, invite } of ROWS) {
    it(`${outcome}: ${invite}`, () => {
      const place = site(transport);
      const { world } = place;
      world.start().until(() => world.registeredOn('primary'), 10_000);
      befall(place, befalls, 'INVITE');
      const begun = world.now;
      world.input({ kind: 'command', id: 'x', command: { verb: 'dial', target: '200', line: null } });
      world.run(8000);
      assert.equal(walk(place, 'INVITE', begun), WALKS[invite]);
      const last = world.eventsOf('call').at(-1);
      assert.equal(last?.state, invite === 'END' ? 'ended' : 'connected');
    });
  }
});
