/** Owns the life of a registration beyond the first failover: refusals, waits, clean-up, restarts (rules 3 and 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneSettings } from '../../../firmware/config/settings.ts';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import { cseqRises } from '../checkers/wire.ts';
import type { PeerOptions } from '../sip-peer.ts';
import { Location, SipPeer } from '../sip-peer.ts';
import type { WorldOptions } from '../world.ts';
import { World } from '../world.ts';
import { Zone } from '../zone.ts';

const passwords = Object.fromEntries(
  Array.from({ length: 9 }, (_line, index) => [String(2001 + index), `secret-${2001 + index}`]),
);

interface Duo {
  readonly world: World;
  readonly primary: SipPeer;
  readonly backup: SipPeer;
}

function duo(over: Partial<WorldOptions> & { readonly peer?: Partial<PeerOptions> } = {}): Duo {
  const primary = new SipPeer({ address: '192.0.2.1', passwords, ...over.peer });
  const backup = new SipPeer({ address: '192.0.2.2', passwords, ...over.peer });
  return { world: new World({ settings: phoneSettings(), peers: [primary, backup], ...over }), primary, backup };
}

const settings = (over: Parameters<typeof phoneSettings>[0]): PhoneSettings => phoneSettings(over);

describe('challenges and refusals', () => {
  it('a wrong password is refused, not taken to the backup, and asked again after the retry timer', () => {
    const { world, primary, backup } = duo({
      settings: settings({ lines: [lineSettings({ password: 'wrong' })], timers: { registrationRetryS: 60 } }),
    });
    world.start().run(59_000);
    assert.equal(world.registrar().state, 'rejected');
    assert.equal(world.registrar().code, 401);
    assert.equal(primary.registers().length, 2);
    assert.equal(backup.registers().length, 0);
    world.run(2000);
    assert.ok(primary.registers().length >= 3);
  });

  it('a stale nonce is answered anew without giving up the registration', () => {
    const { world, primary } = duo({ peer: { maxExpiresS: 60 } });
    primary.staleNonces = true;
    world.start().run(300_000);
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(
      world.eventsOf('registration').filter(({ state }) => state !== 'registered' && state !== 'trying').length,
      0,
    );
  });

  it('a known nonce is used again without a challenge, its count going up', () => {
    const { world, primary } = duo({ peer: { maxExpiresS: 60 } });
    world.start().run(100_000);
    const counts = primary
      .registers()
      .map(({ request }) => /nc=([0-9a-f]{8})/.exec(headerValue(request, 'Authorization') ?? '')?.[1]);
    assert.deepEqual(counts.slice(0, 4), [undefined, '00000001', '00000002', '00000003']);
  });

  it('423 raises the interval at once, at the same server', () => {
    const { world, primary, backup } = duo({
      peer: { minExpiresS: 1800 },
      settings: settings({ lines: [lineSettings({ registrationPeriodS: 60 })] }),
    });
    world.start().run(1000);
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(
      primary
        .registers()
        .at(-1)
        ?.request.headers.find(({ name }) => name === 'Expires')?.value,
      '1800',
    );
    assert.equal(backup.registers().length, 0);
  });

  it('a challenge of the backup is answered at the backup with the backup nonce', () => {
    const { world, primary, backup } = duo();
    primary.fault = 'silent';
    world.start().run(5000);
    const answer = backup.registers().at(-1)?.request;
    assert.match(headerValue(answer ?? assert.fail(), 'Authorization') ?? '', /nonce="192\.0\.2\.2-/);
    assert.equal(primary.seen.length, 0);
  });
});

describe('Retry-After', () => {
  it('of a 503 keeps the phone away from that server, and nothing else', () => {
    const { world, primary } = duo({ peer: { maxExpiresS: 30 } });
    primary.status = 503;
    primary.retryAfterS = 100;
    world.start().run(95_000);
    assert.equal(world.registeredOn('backup'), true);
    assert.equal(primary.seen.length, 1);
    primary.status = null;
    assert.ok(world.until(() => world.registeredOn('primary'), 30_000) > 0);
  });

  it('of all servers: the attempt starts when the first ends', () => {
    const { world, primary, backup } = duo();
    for (const [peer, seconds] of [
      [primary, 80],
      [backup, 40],
    ] as const) {
      peer.status = 503;
      peer.retryAfterS = seconds;
    }
    world.start().run(1000);
    assert.equal(world.registrar().state, 'waiting');
    primary.status = null;
    backup.status = null;
    world.run(38_000);
    assert.equal(backup.seen.length + primary.seen.length, 2);
    world.run(40_000);
    assert.equal(world.registrar().state, 'registered');
  });
});

describe('all servers failed', () => {
  it('the waits follow RFC 5626 4.5: min(1800, 30·2^n) s, of which 50 to 100 % is taken', () => {
    const { world } = duo({ settings: settings({ failover: { probePeriodS: 0 } }), peer: {} });
    for (const peer of world.peers as readonly SipPeer[]) peer.fault = 'killed';
    world.start().run(5 * 3600_000);
    const waits = world
      .eventsOf('registration')
      .flatMap(({ state, retryIn }) => (state === 'waiting' && retryIn !== undefined ? [retryIn] : []));
    assert.ok(waits.length >= 8, `${waits.length} waits`);
    for (const [index, wait] of waits.entries()) {
      const full = Math.min(1800, 30 * 2 ** (index + 1));
      assert.ok(wait >= full / 2 - 1 && wait <= full + 1, `wait ${index + 1} is ${wait} s of ${full} s`);
    }
  });

  it('a server that answers a probe again is registered at within a probe period', () => {
    const { world, primary, backup } = duo();
    primary.fault = 'silent';
    backup.fault = 'silent';
    world.start().run(3600_000);
    assert.equal(world.registrar().state, 'waiting');
    backup.fault = 'none';
    const took = world.until(() => world.registeredOn('backup'), 60_000);
    assert.ok(took <= 15_000 + 2 * 2000 + 1000 + 1000, `${took} ms`);
  });

  it('DNS that comes late is noticed within its own retries, without the long timers', () => {
    const zone = new Zone().a('pbx.example.test', '192.0.2.1');
    zone.fault = 'silent';
    const lines = [lineSettings({ registrar: { primary: server('pbx.example.test', 5060), backup: null } })];
    const { world } = duo({ settings: settings({ lines }), zone });
    world.start().run(20_000);
    assert.notEqual(world.registrar().state, 'registered');
    zone.fault = 'none';
    assert.ok(world.until(() => world.registeredOn('primary'), 60_000) <= 40_000);
  });
});

describe('a series', () => {
  it('rises on the wire, though a copy waits for its flow while a late challenge is answered', () => {
    const dead = new SipPeer({ address: '192.0.2.1', passwords });
    const slow = new SipPeer({ address: '192.0.2.2', passwords });
    dead.fault = 'killed';
    slow.delayMs = 6000;
    const zone = new Zone().a('pbx.example.test', '192.0.2.1').a('pbx.example.test', '192.0.2.2');
    const registrar = { primary: server('pbx.example.test', 5060), backup: null };
    const lines = [1, 2].map((line) => {
      const user = String(2000 + line);
      return lineSettings({ line, userName: user, authName: user, password: `secret-${user}`, registrar });
    });
    // Each line's late challenge brings both lines back to the dead target, whose flow must open anew.
    const world = new World({
      settings: settings({ lines, timers: { transactionMs: 1000 } }),
      peers: [dead, slow],
      zone,
      weather: { delayMs: 0.1 },
      checkers: [cseqRises],
    });
    world.start().run(8000);
    assert.ok(world.eventsOf('attempt').some(({ reason, attempt }) => reason === 'challenge' && attempt === 'L1-1'));
    assert.ok(world.eventsOf('attempt').some(({ attempt }) => attempt === 'L1-2'));
  });
});

describe('what is left at the backup', () => {
  for (const shared of [false, true])
    it(`after the return only the primary's binding is left${shared ? ', with one location service behind both' : ''}`, () => {
      const location = new Location();
      const one = new SipPeer({ address: '192.0.2.1', passwords, location });
      const two = new SipPeer({ address: '192.0.2.2', passwords, ...(shared ? { location } : {}) });
      const world = new World({ settings: phoneSettings(), peers: [one, two] });
      one.fault = 'silent';
      world.start().run(30_000);
      one.fault = 'none';
      world.until(() => world.registeredOn('primary'), 20_000);
      world.run(2000);
      assert.deepEqual(one.location.bindings('2001', world.now), ['sip:2001@192.0.2.100:5060;line=1;hf=p']);
      if (!shared) assert.deepEqual(two.location.bindings('2001', world.now), []);
    });

  it('a thawed primary answers late: its 2xx is the return, and the backup is cleaned up', () => {
    const { world, primary, backup } = duo();
    primary.fault = 'frozen';
    world.start().run(5000);
    assert.equal(world.registeredOn('backup'), true);
    world.thaw(primary);
    world.run(3000);
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(
      world.eventsOf('late-answer').some(({ action }) => action === 'return'),
      true,
    );
    assert.deepEqual(backup.location.bindings('2001', world.now), []);
  });

  it('shutting down un-registers, and the phone ends', () => {
    const { world, primary } = duo();
    world.start().run(1000);
    world.input({ kind: 'shutdown' });
    world.run(2000);
    assert.equal(world.exited, true);
    assert.deepEqual(primary.location.bindings('2001', world.now), []);
  });

  it('shutting down while the server is silent ends within two seconds', () => {
    const { world, primary } = duo();
    world.start().run(1000);
    primary.fault = 'silent';
    world.input({ kind: 'shutdown' });
    world.run(2001);
    assert.equal(world.exited, true);
  });

  it('after a restart on the primary the binding that the last run left at the backup is removed', () => {
    const { world, primary, backup } = duo();
    primary.fault = 'silent';
    world.start().run(5000);
    const stored = structuredClone(world.stored);
    primary.fault = 'none';
    const again = new World({ settings: phoneSettings(), peers: [primary, backup], stored, unclean: true, seed: 2 });
    again.start().run(3000);
    assert.equal(again.registeredOn('primary'), true);
    assert.deepEqual(backup.location.bindings('2001', again.now), []);
  });
});

describe('the link', () => {
  it('down and up: no mark is set, and the phone registers again by itself', () => {
    const { world } = duo();
    world.start().run(1000);
    world.setLink('down');
    world.run(4000_000);
    assert.equal(world.registrar().state, 'waiting');
    assert.equal(world.eventsOf('target-failed').length, 0);
    world.setLink('up');
    assert.ok(world.until(() => world.registeredOn('primary'), 5000) <= 1100);
  });
});

describe('an outbound proxy', () => {
  const through = (): PhoneSettings =>
    settings({
      lines: [
        lineSettings({
          registrar: { primary: server('reg1.example.test', 5060), backup: server('reg2.example.test', 5060) },
          outboundProxy: { primary: server('192.0.2.1', 5060), backup: server('192.0.2.2', 5060) },
        }),
      ],
    });

  it('carries requests to both registrars; Request-URI and AOR stay those of the registrar addressed', () => {
    const { world, primary } = duo({ settings: through() });
    primary.status = 503;
    primary.statusFor = 'REGISTER';
    world.start().run(1000);
    const [first, second] = primary.registers().map(({ request }) => request);
    assert.equal(first?.uri, 'sip:reg1.example.test:5060');
    assert.equal(second?.uri, 'sip:reg2.example.test:5060');
    assert.equal(headerValue(first ?? assert.fail(), 'Route'), '<sip:192.0.2.1:5060;lr>');
  });

  it('that is silent is skipped for both registrars; the backup outbound proxy serves the primary registrar', () => {
    const { world, primary, backup } = duo({ settings: through() });
    primary.fault = 'silent';
    world.start().run(5000);
    assert.equal(primary.seen.length, 0);
    assert.equal(backup.registers()[0]?.request.uri, 'sip:reg1.example.test:5060');
    assert.equal(world.registrar().server, 'primary');
  });
});
