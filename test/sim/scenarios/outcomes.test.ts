/**
 * Table X of the conformance list, cell by cell, as far as a registration and a call that goes out reach it: a phone with two
 * targets of the main server and one of the backup meets one outcome, at a fresh REGISTER, a renewal, a removal and an INVITE.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneSettings } from '../../../firmware/config/settings.ts';
import type { OddPeer, Site } from '../outcome-site.ts';
import { EXPIRES_S, site, walk } from '../outcome-site.ts';

/** What is done about an outcome: N = the next target, B = then the backup's, END = nobody else is asked. */
type Deed = 'N,B' | 'END';
const WALKS: Readonly<Record<Deed, string>> = { 'N,B': 'p1 p2 b', END: 'p1' };

interface Row {
  readonly outcome: string;
  readonly befalls: (peer: OddPeer) => void;
  readonly transport?: PhoneSettings['transport'];
  readonly register: Deed;
  readonly invite: Deed;
  /** Where every server answers so: what becomes of the line, and how long it waits before it asks again, s. */
  readonly all: { readonly state: 'waiting' | 'rejected'; readonly waitS: readonly [number, number] };
}

/** RFC 5626 4.5: 30·2 s after the first failure, 50 to 100 % of it. */
const FAILED = { state: 'waiting', waitS: [30, 60] } as const;
/** `sip registration retry timer`. */
const REJECTED = { state: 'rejected', waitS: [1800, 1800] } as const;

const code =
  (status: number, retryAfterS: number | null = null): Row['befalls'] =>
  (peer) => {
    // What is alive answers OPTIONS; the call's own answers are the code too.
    peer.status = status;
    peer.retryAfterS = retryAfterS;
  };
const codes = (list: readonly number[], rest: Omit<Row, 'outcome' | 'befalls'>): readonly Row[] =>
  list.map((status) => ({ outcome: String(status), befalls: code(status), ...rest }));
const fault =
  (kind: OddPeer['fault']): Row['befalls'] =>
  (peer) => {
    peer.fault = kind;
  };

/** What the peer is called in its certificate is not what was configured. */
const otherName: Row['befalls'] = (peer) => {
  peer.certificate = 'other.test';
};

const ROWS: readonly Row[] = [
  { outcome: 'ICMP port unreachable', befalls: fault('killed'), register: 'N,B', invite: 'N,B', all: FAILED },
  { outcome: 'ICMP host unreachable', befalls: fault('unreachable'), register: 'N,B', invite: 'N,B', all: FAILED },
  {
    ...{ outcome: 'TCP connect refused', befalls: fault('killed'), transport: 2 },
    ...{ register: 'N,B', invite: 'N,B', all: FAILED },
  },
  {
    ...{ outcome: 'TCP connect time-out', befalls: fault('silent'), transport: 2 },
    ...{ register: 'N,B', invite: 'N,B', all: FAILED },
  },
  {
    ...{ outcome: 'TLS certificate of another name', befalls: otherName, transport: 4 },
    ...{ register: 'N,B', invite: 'N,B', all: FAILED },
  },
  {
    ...{ outcome: 'connection closed while waiting', transport: 2, register: 'N,B', invite: 'N,B', all: FAILED },
    befalls: (peer) => {
      peer.hangsUp = 'at once';
    },
  },
  { outcome: 'Timer B/F, no response at all', befalls: fault('silent'), register: 'N,B', invite: 'N,B', all: FAILED },
  ...codes([408, 500, 502, 504], { register: 'N,B', invite: 'END', all: FAILED }),
  ...codes([503], { register: 'N,B', invite: 'N,B', all: FAILED }),
  {
    ...{ outcome: '503 with Retry-After', befalls: code(503, 200), register: 'N,B', invite: 'N,B' },
    all: { state: 'waiting', waitS: [200, 200] },
  },
  ...codes(
    [400, 403, 404, 405, 413, 414, 415, 416, 420, 421, 428, 430, 436, 437, 438, 439, 480, 481, 482, 483, 488, 489],
    {
      ...{ register: 'END', invite: 'END', all: REJECTED },
    },
  ),
  ...codes([491, 494, 501, 505, 513, 580, 600, 603, 604, 606], { register: 'END', invite: 'END', all: REJECTED }),
  ...[480, 500, 600].map(
    (status): Row => ({
      outcome: `${status} with Retry-After`,
      befalls: code(status, 2000),
      register: status === 500 ? 'N,B' : 'END',
      invite: 'END',
      all: { state: status === 500 ? 'waiting' : 'rejected', waitS: [2000, 2000] },
    }),
  ),
  {
    outcome: 'malformed response over UDP: dropped, the timers run on',
    befalls: (peer) => {
      peer.mangle = (data) => data.replace('SIP/2.0', 'SIP/2.0 oh');
    },
    ...{ register: 'N,B', invite: 'N,B', all: FAILED },
  },
  {
    outcome: 'a response from another address than the target: dropped, the timers run on',
    befalls: (peer) => {
      peer.answersFrom = '198.51.100.9';
    },
    ...{ register: 'N,B', invite: 'N,B', all: FAILED },
  },
];

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
