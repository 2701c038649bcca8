/** What is too long for a datagram, connections that keep silent, and connections that others open (conformance E1, E2, E8, E13, L13). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ACCEPTED_PER_ADDRESS_MAX, UDP_REQUEST_MAX_OCTETS } from '../../../firmware/config/defaults.ts';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { message } from '../../support/messages.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import { CHECKERS } from '../checkers/all.ts';
import { SipPeer } from '../sip-peer.ts';
import { World } from '../world.ts';

type Listens = ('udp' | 'tcp' | 'tls')[];

/** A line whose user is so long, over UDP, at servers that listen as told. */
function longLine(userLength: number, primaryListens: Listens): { world: World; primary: SipPeer; backup: SipPeer } {
  const userName = 'u'.repeat(userLength);
  const passwords = { [userName]: 'secret-2001' };
  const primary = new SipPeer({ address: '192.0.2.1', passwords, listens: primaryListens });
  const backup = new SipPeer({ address: '192.0.2.2', passwords });
  const settings = phoneSettings({ lines: [lineSettings({ userName, authName: userName })] });
  return { world: new World({ settings, peers: [primary, backup], checkers: CHECKERS }), primary, backup };
}

/** How each REGISTER left: its transport, whether it fits a datagram. */
const registers = (world: World): readonly string[] =>
  world
    .sent('REGISTER')
    .map(({ flow, data }) => `${flow.slice(0, 3)} ${data.length > UDP_REQUEST_MAX_OCTETS ? 'long' : 'short'}`);

describe('a REGISTER over 1300 octets', () => {
  it('goes over TCP to the same server, its Via says so, and the line is registered there', () => {
    const { world, primary } = longLine(450, ['udp', 'tcp']);
    world.start().run(1000);
    assert.deepEqual(registers(world), ['tcp long', 'tcp long']);
    assert.match(headerValue(primary.registers()[0]?.request ?? assert.fail(), 'Via') ?? '', /^SIP\/2\.0\/TCP /);
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(world.registrar().target, 'udp:192.0.2.1:5060');
  });

  it('is counted with its credentials: the answer to the challenge may be the first that is too long', () => {
    const { world } = longLine(220, ['udp', 'tcp']);
    world.start().run(1000);
    assert.deepEqual(registers(world), ['udp short', 'tcp long']);
    assert.equal(world.registeredOn('primary'), true);
  });

  it('goes as a datagram after all where TCP is refused, each time anew', () => {
    const { world, backup } = longLine(450, ['udp']);
    world.start().run(1000);
    assert.deepEqual(registers(world), ['udp long', 'udp long']);
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(backup.seen.length, 0);
  });

  it('finds the backup where the primary is gone altogether', () => {
    const { world, primary } = longLine(450, ['udp', 'tcp']);
    primary.fault = 'killed';
    const took = world.start().until(() => world.registeredOn('backup'), 3000);
    assert.ok(took <= 100, `${took} ms`);
  });
});

interface Quiet {
  readonly world: World;
  readonly primary: SipPeer;
}

/** Over TCP, without probes: nothing but keep-alives travels. */
function quiet(streamKeepAliveS = 30): Quiet {
  const passwords = { '2001': 'secret-2001' };
  const primary = new SipPeer({ address: '192.0.2.1', passwords });
  const backup = new SipPeer({ address: '192.0.2.2', passwords });
  const settings = phoneSettings({ transport: 2, streamKeepAliveS, failover: { probePeriodS: 0 } });
  return { world: new World({ settings, peers: [primary, backup], checkers: CHECKERS }), primary };
}

describe('keep-alive on a connection', () => {
  it('that is answered keeps it for hours', () => {
    const { world, primary } = quiet();
    world.start().run(3_000_000);
    assert.equal(primary.accepts, 1);
    assert.equal(world.registeredOn('primary'), true);
  });

  it('that is not answered within 10 s is the end of it: the line registers anew over another', () => {
    const { world, primary } = quiet();
    world.start().run(1000);
    const asked = primary.registers().length;
    primary.answersPings = false;
    const took = world.until(() => primary.accepts === 2, 60_000);
    assert.ok(took >= 38_000 && took <= 41_000, `${took} ms`);
    primary.answersPings = true;
    world.run(1000);
    assert.ok(primary.registers().length > asked);
    assert.equal(world.registeredOn('primary'), true);
  });

  it('is what a server asked for by Flow-Timer, 80 to 100 % of it, and nothing where nobody did', () => {
    for (const flowTimerS of [null, 100]) {
      const { world, primary } = quiet(0);
      primary.flowTimerS = flowTimerS;
      world.start().run(1000);
      primary.answersPings = false;
      world.run(78_000 + 10_000);
      assert.equal(primary.accepts, 1);
      world.run(23_000);
      assert.equal(primary.accepts, flowTimerS === null ? 1 : 2);
    }
  });

  it('that shows a vanished server: the line is on the backup without any probe', () => {
    const { world, primary } = quiet();
    world.start().run(1000);
    primary.fault = 'silent';
    const took = world.until(() => world.registeredOn('backup'), 60_000);
    assert.ok(took <= 30_000 + 10_000 + 2000, `${took} ms`);
  });
});

const OPTIONS = message([
  'OPTIONS sip:2001@192.0.2.100 SIP/2.0',
  'Via: SIP/2.0/TCP 192.0.2.1:40000;branch=z9hG4bKin',
  'Max-Forwards: 70',
  'From: <sip:pbx@192.0.2.1>;tag=x',
  'To: <sip:2001@192.0.2.100>',
  'Call-ID: in',
  'CSeq: 1 OPTIONS',
  'Content-Length: 0',
]);

describe('a connection that a server opens', () => {
  const tcp = (): Quiet => {
    const primary = new SipPeer({ address: '192.0.2.1', passwords: { '2001': 'secret-2001' } });
    return { world: new World({ settings: phoneSettings({ transport: 2 }), peers: [primary] }).start(), primary };
  };

  it('is answered on itself', () => {
    const { world, primary } = tcp();
    world.run(1000);
    const flow = world.streams.dial(primary, 'tcp', 40_000);
    world.streams.push(flow, OPTIONS.slice(0, 50));
    world.run(5);
    assert.equal(world.replies.length, 0);
    world.streams.push(flow, OPTIONS.slice(50));
    world.run(5);
    assert.deepEqual(
      world.replies.map((reply) => [reply.flow, reply.data.slice(0, 15)]),
      [[flow, 'SIP/2.0 200 OK\r']],
    );
  });

  it('is closed where its octets are no SIP, and the registration stays', () => {
    const { world, primary } = tcp();
    world.run(1000);
    const flow = world.streams.dial(primary, 'tcp', 40_000);
    world.streams.push(flow, `${'\u0000'.repeat(200)}\r\n\r\n`);
    world.run(5);
    assert.equal(world.streams.has(flow), false);
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(primary.accepts, 1);
  });

  it('is borne up to a number from one address', () => {
    const { world, primary } = tcp();
    world.run(1000);
    const flows = Array.from({ length: ACCEPTED_PER_ADDRESS_MAX + 2 }, (_, n) =>
      world.streams.dial(primary, 'tcp', 40_000 + n),
    );
    assert.equal(flows.filter((flow) => world.streams.has(flow)).length, ACCEPTED_PER_ADDRESS_MAX);
  });
});

describe('a line over TLS', () => {
  it('whose servers answer in clear alone sends them nothing, whatever becomes of it', () => {
    for (const fault of ['killed', 'silent', 'frozen'] as const) {
      const certificate = '192.0.2.1';
      const primary = new SipPeer({ address: '192.0.2.1', port: 5061, listens: ['tls'], certificate });
      const clear = [
        new SipPeer({ address: '192.0.2.2', port: 5061, listens: ['udp', 'tcp'] }),
        new SipPeer({ address: '192.0.2.1', port: 5060, listens: ['udp', 'tcp'] }),
        new SipPeer({ address: '192.0.2.2', port: 5060, listens: ['udp', 'tcp'] }),
      ];
      const registrar = { primary: server('192.0.2.1'), backup: server('192.0.2.2') };
      const settings = phoneSettings({ transport: 4, lines: [lineSettings({ registrar })] });
      const world = new World({ settings, peers: [primary, ...clear], checkers: CHECKERS });
      world.start().run(30_000);
      assert.equal(world.registeredOn('primary'), true);
      primary.fault = fault;
      world.run(600_000);
      assert.deepEqual(
        clear.map(({ seen }) => seen.length),
        [0, 0, 0],
      );
      assert.ok(world.sent().every(({ flow }) => flow.startsWith('tls:')));
    }
  });
});

describe('a primary that takes longer to connect than a dead server is waited for, without probes', () => {
  it('is come home to by the renewal that finds it well: the connection is not given up with the wait', () => {
    const certificate = (address: string): SipPeer =>
      new SipPeer({ address, port: 5061, listens: ['tls'], certificate: address, maxExpiresS: 600 });
    const [primary, backup] = [certificate('192.0.2.1'), certificate('192.0.2.2')];
    const registrar = { primary: server('192.0.2.1'), backup: server('192.0.2.2') };
    const settings = phoneSettings({
      ...{ transport: 4, lines: [lineSettings({ registrar })], failover: { probePeriodS: 0 } },
    });
    const weather = { delayMs: 60 };
    const world = new World({ settings, peers: [primary, backup], weather, checkers: CHECKERS });
    primary.fault = 'killed';
    world.start().until(() => world.registeredOn('backup'), 10_000);
    primary.fault = 'none';
    world.until(() => world.registeredOn('primary'), 600_000);
    world.run(10_000);
    assert.deepEqual(backup.location.bindings('2001', world.now), []);
    assert.equal(world.registeredOn('primary'), true);
  });
});
