/** Registration over TCP and TLS: connections that are refused, hang, break or lie, and the way home (rules 2 and 4; conformance E). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneSettings } from '../../../firmware/config/settings.ts';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import { CHECKERS } from '../checkers/all.ts';
import type { PeerOptions } from '../sip-peer.ts';
import { SipPeer } from '../sip-peer.ts';
import type { WorldOptions } from '../world.ts';
import { World } from '../world.ts';
import { Zone } from '../zone.ts';

const passwords = Object.fromEntries(Array.from({ length: 9 }, (_line, n) => [`${2001 + n}`, `secret-${2001 + n}`]));

interface Duo {
  readonly world: World;
  readonly primary: SipPeer;
  readonly backup: SipPeer;
}

type Over = Partial<Omit<WorldOptions, 'settings'>> & {
  readonly settings?: Parameters<typeof phoneSettings>[0];
  readonly peer?: Partial<PeerOptions>;
};

function duo({ settings, peer, ...over }: Over = {}): Duo {
  const primary = new SipPeer({ address: '192.0.2.1', passwords, ...peer });
  const backup = new SipPeer({ address: '192.0.2.2', passwords, ...peer });
  const tcp: PhoneSettings = phoneSettings({ transport: 2, ...settings });
  return {
    world: new World({ settings: tcp, peers: [primary, backup], checkers: CHECKERS, ...over }),
    primary,
    backup,
  };
}

const nineLines = Array.from({ length: 9 }, (_line, n) =>
  lineSettings({
    line: n + 1,
    userName: `${2001 + n}`,
    authName: `${2001 + n}`,
    password: `secret-${2001 + n}`,
  }),
);

const flows = (world: World): readonly string[] => [...new Set(world.sent().map(({ flow }) => flow))];

describe('a registration over TCP', () => {
  it('goes over one connection: Via and Contact say so, nothing is retransmitted', () => {
    const { world, primary, backup } = duo();
    world.start().run(60_000);
    assert.equal(world.registeredOn('primary'), true);
    const [first] = primary.registers();
    assert.match(headerValue(first?.request ?? assert.fail(), 'Via') ?? '', /^SIP\/2\.0\/TCP 192\.0\.2\.100:5060;/);
    assert.match(headerValue(first?.request ?? assert.fail(), 'Contact') ?? '', /;transport=tcp/);
    assert.equal(primary.registers().length, 2);
    assert.deepEqual([primary.accepts, backup.accepts], [1, 0]);
    assert.deepEqual(flows(world), ['tcp:192.0.2.1:5060']);
  });

  it('tells whom the walk has chosen before the connection is there, and tells the attempt when it is sent', () => {
    const { world, primary } = duo({ weather: { delayMs: 100 } });
    primary.fault = 'silent';
    world.start().until(() => world.registeredOn('backup'), 3000);
    const told = world.events.flatMap(({ event }) =>
      event.event === 'connecting' || event.event === 'attempt' ? [`${event.event} ${event.server}`] : [],
    );
    assert.deepEqual(told, ['connecting primary', 'connecting backup', 'attempt backup', 'attempt backup']);
  });

  it('of nine lines goes over one connection too, and their probes with it', () => {
    const { world, primary } = duo({ settings: { lines: nineLines } });
    world.start().run(120_000);
    for (const { line } of nineLines) assert.equal(world.registeredOn('primary', line), true);
    assert.ok(primary.options().length >= 7);
    assert.equal(primary.accepts, 1);
  });

  it('is the same however the octets are cut and glued', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const { world, primary } = duo({ seed, settings: { lines: nineLines }, weather: { cut: 0.9 } });
      world.start().run(60_000);
      for (const { line } of nineLines) assert.equal(world.registeredOn('primary', line), true, `seed ${seed}`);
      assert.equal(primary.accepts, 1);
    }
  });

  it('refused by the primary is on the backup at once', () => {
    const { world, primary, backup } = duo();
    primary.fault = 'killed';
    const took = world.start().until(() => world.registeredOn('backup'), 100);
    assert.ok(took <= 20, `${took} ms`);
    assert.deepEqual([primary.accepts, backup.accepts], [0, 1]);
    assert.equal(world.eventsOf('target-failed')[0]?.cause, 'refused');
    assert.equal(world.eventsOf('failover').length, 1);
  });

  it('with a primary that does not take the connection is on the backup after 1.5 s', () => {
    const { world, primary } = duo();
    primary.fault = 'silent';
    const took = world.start().until(() => world.registeredOn('backup'), 2000);
    assert.ok(took >= 1500 && took <= 1550, `${took} ms`);
  });

  it('with a primary that takes the connection and says nothing is on the backup after H, counted from the connection', () => {
    const { world, primary } = duo({ weather: { delayMs: 100 } });
    primary.fault = 'frozen';
    const took = world.start().until(() => world.registeredOn('backup'), 3000);
    assert.ok(took >= 1500 + 180 && took <= 1500 + 880, `${took} ms`);
  });
});

describe('an established connection', () => {
  it('that breaks is noticed at once: the line registers anew, and is on the backup where the primary is gone', () => {
    const { world, primary, backup } = duo();
    world.start().run(60_000);
    world.kill(primary);
    const took = world.until(() => world.registeredOn('backup'), 100);
    assert.ok(took <= 20, `${took} ms`);
    assert.equal(world.eventsOf('failover').length, 1);
    primary.restart(world.now);
    primary.fault = 'none';
    const home = world.until(() => world.registeredOn('primary'), 20_000);
    assert.ok(home <= 17_000, `${home} ms`);
    world.run(1000);
    assert.deepEqual(backup.location.bindings('2001', world.now), []);
  });

  it('that breaks because the server started anew: all nine lines register again on one new connection', () => {
    const { world, primary, backup } = duo({ settings: { lines: nineLines } });
    world.start().run(60_000);
    primary.restart(world.now);
    world.streams.hangUp(primary);
    world.run(2000);
    for (const { userName } of nineLines)
      assert.equal(primary.location.bindings(userName, world.now).length, 1, userName);
    assert.equal(primary.accepts, 2);
    assert.equal(backup.accepts, 0);
  });

  it('that breaks twice within seconds is noticed both times: the second time the server is gone', () => {
    const { world, primary } = duo();
    world.start().run(60_000);
    world.streams.hangUp(primary);
    world.run(5000);
    assert.equal(world.registeredOn('primary'), true);
    world.kill(primary);
    const took = world.until(() => world.registeredOn('backup'), 100);
    assert.ok(took <= 20, `${took} ms`);
  });

  it('that is half dead is noticed by probe, and given up', () => {
    const { world, primary } = duo();
    world.start().run(60_000);
    primary.fault = 'silent';
    const noticed = world.until(() => world.registeredOn('backup'), 20_000);
    assert.ok(noticed <= 15_000 + 2 * 1500 + 500, `${noticed} ms`);
    primary.fault = 'none';
    const home = world.until(() => world.registeredOn('primary'), 20_000);
    assert.ok(home <= 17_000, `${home} ms`);
  });

  it('of a server that always hangs up is not opened without end', () => {
    const { world, primary } = duo({ settings: { lines: nineLines } });
    primary.hangsUp = 'after an answer';
    world.start().run(600_000);
    assert.ok(primary.accepts <= 20 + 2 * (600 / 12), `${primary.accepts} connections in ten minutes`);
    for (const { line } of nineLines) assert.equal(world.registrar(line).state, 'registered');
  });
});

for (const profile of ['r2.0', 'r2.1'] as const)
  describe(`${profile} over TCP`, () => {
    it('waits 4 s for a primary that does not take the connection', () => {
      const { world, primary } = duo({ settings: { failover: { profile } } });
      primary.fault = 'silent';
      const took = world.start().until(() => world.registeredOn('backup'), 10_000);
      assert.ok(took >= 4000 && took <= 4100, `${took} ms`);
    });

    it('waits for its renewal when a connection breaks', () => {
      const { world, primary } = duo({ settings: { failover: { profile } } });
      world.start().run(60_000);
      const asked = primary.registers().length;
      world.streams.hangUp(primary);
      world.run(600_000);
      assert.equal(primary.registers().length, asked);
      world.until(() => primary.registers().length > asked, 3_600_000);
      assert.equal(world.registeredOn('primary'), true);
    });
  });

const TLS = { listens: ['tls'], certificate: 'sip.example.test', port: 5061 } as const;

function tls(peer: Partial<PeerOptions> = {}): Duo {
  const zone = new Zone().a('one.example.test', '192.0.2.1').a('two.example.test', '192.0.2.2');
  zone.srv('_sips._tcp.sip.example.test', 'one.example.test', 5061, 10);
  zone.srv('_sips._tcp.sip.example.test', 'two.example.test', 5061, 20);
  zone.srv('_sip._tcp.sip.example.test', 'two.example.test', 5060);
  const registrar = { primary: server('sip.example.test', 0), backup: null };
  return duo({ zone, peer: { ...TLS, ...peer }, settings: { transport: 4, lines: [lineSettings({ registrar })] } });
}

describe('a registration over TLS', () => {
  it('asks _sips._tcp and shows the configured name as the one that the certificate must bear', () => {
    const { world, primary } = tls();
    world.start().run(1000);
    assert.equal(world.registeredOn('primary'), true);
    assert.ok(world.zone.asked.includes('SRV _sips._tcp.sip.example.test'));
    const [first] = primary.registers();
    assert.match(headerValue(first?.request ?? assert.fail(), 'Via') ?? '', /^SIP\/2\.0\/TLS 192\.0\.2\.100:5061;/);
  });

  it('goes on to the next server where the certificate is of somebody else, and sends that one nothing', () => {
    const { world, primary, backup } = tls();
    Object.assign(primary, { certificate: 'one.example.test' });
    const took = world.start().until(() => world.registrar().state === 'registered', 1000);
    assert.ok(took <= 100, `${took} ms`);
    assert.equal(primary.seen.length, 0);
    assert.ok(backup.registers().length > 0);
    assert.equal(world.eventsOf('target-failed')[0]?.cause, 'tls');
  });

  it('is never made in clear, though TCP would answer', () => {
    const { world, primary, backup } = tls({ listens: ['udp', 'tcp'] });
    world.start().run(300_000);
    assert.equal(world.registrar().state, 'waiting');
    assert.deepEqual([primary.seen.length, backup.seen.length, world.sent().length], [0, 0, 0]);
  });
});
