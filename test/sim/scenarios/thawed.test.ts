/** Servers that stood still go on, and answer all that came meanwhile: no second binding is left that nobody knows of (rules 3.6). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import { CHECKERS } from '../checkers/all.ts';
import { Location, SipPeer } from '../sip-peer.ts';
import { World } from '../world.ts';

interface Case {
  readonly lines: number;
  readonly shared: boolean;
  readonly transport: 1 | 2;
  /** Whether it stood still from the start, or while the phone was registered there. */
  readonly who: 'main' | 'both, main first' | 'both, backup first';
  readonly frozen: 'at start' | 'in service';
}

/** After how long it goes on, ms: before the walk leaves it, within Timer F, after it, after what is remembered of a branch. */
const THAWS = [1000, 1600, 5000, 31_000, 33_000, 120_000, 700_000];
/** Probe period, two hedges, jitter, a second more, and the clean-up. */
const SETTLED_MS = 15_000 + 2 * 1500 + 1000 + 1000 + 2000;

const CASES = [1, 2, 9].flatMap((lines) =>
  [true, false].flatMap((shared) =>
    ([1, 2] as const).flatMap((transport) =>
      (['main', 'both, main first', 'both, backup first'] as const).flatMap((who) =>
        (['at start', 'in service'] as const).map((frozen): Case => ({ lines, shared, transport, who, frozen })),
      ),
    ),
  ),
);

const title = ({ lines, shared, transport, who, frozen }: Case): string =>
  `${lines} lines, ${shared ? 'one location service' : 'each server its own bindings'}, ${transport === 1 ? 'UDP' : 'TCP'}, ${who}, ${frozen}`;

/** All bindings of each line, wherever they are. */
function bound(world: World, peers: readonly SipPeer[], count: number): readonly number[] {
  const places = [...new Set(peers.map(({ location }) => location))];
  return Array.from({ length: count }, (_, index) =>
    places.reduce((sum, location) => sum + location.bindings(`200${index + 1}`, world.now).length, 0),
  );
}

function thawed({ lines: count, shared, transport, who, frozen }: Case, afterMs: number): void {
  const location = shared ? { location: new Location() } : {};
  const users = Array.from({ length: count }, (_, index) => `200${index + 1}`);
  const passwords = Object.fromEntries(users.map((user) => [user, `secret-${user}`]));
  const peers = ['192.0.2.1', '192.0.2.2'].map((address) => new SipPeer({ address, passwords, ...location }));
  const [primary, backup] = peers;
  if (primary === undefined || backup === undefined) throw new Error('two servers are needed');
  const registrar = { primary: server('192.0.2.1', 5060), backup: server('192.0.2.2', 5060) };
  const lines = users.map((user, index) =>
    lineSettings({ line: index + 1, userName: user, authName: user, password: `secret-${user}`, registrar }),
  );
  const world = new World({ settings: phoneSettings({ lines, transport }), peers, checkers: CHECKERS });
  const still = who === 'main' ? [primary] : who === 'both, main first' ? [primary, backup] : [backup, primary];
  if (frozen === 'at start') for (const peer of still) peer.fault = 'frozen';
  world.start();
  if (frozen === 'in service') {
    world.run(5000);
    assert.deepEqual(
      bound(world, peers, count),
      users.map(() => 1),
    );
    for (const peer of still) peer.fault = 'frozen';
    // A server in service is asked nothing but by a probe, a renewal, or a person.
    world.input({ kind: 'command', id: 'x', command: { verb: 'register', line: 1 } });
  }
  world.run(afterMs);
  for (const peer of still) {
    world.thaw(peer);
    world.run(700);
  }
  world.run(SETTLED_MS);
  for (const line of users.keys()) assert.ok(world.registeredOn('primary', line + 1), `line ${line + 1} is home`);
  assert.deepEqual(
    bound(world, peers, count),
    users.map(() => 1),
  );
  assert.equal(backup.location.bindings('2001', world.now).length, shared ? 1 : 0);
}

describe('servers that stood still and go on', () => {
  for (const one of CASES)
    for (const afterMs of THAWS) it(`${title(one)}, after ${afterMs / 1000} s`, () => thawed(one, afterMs));
});
