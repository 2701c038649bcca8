/** What strangers can do to a registered phone, and to one that registers: rows L2, L3, L4, L13, L15 and L16 of the conformance matrix. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serialize } from '../../../firmware/sip/message/serialize.ts';
import type { Effect } from '../../../firmware/vocabulary.ts';
import { message } from '../../support/messages.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import { respond, SipPeer } from '../sip-peer.ts';
import { flowOf } from '../trace.ts';
import { World } from '../world.ts';
import { Zone } from '../zone.ts';

const passwords = { '2001': 'secret-2001' };
const STRANGER = { address: '198.51.100.66', port: 5060 };

interface Desk {
  readonly world: World;
  readonly primary: SipPeer;
  readonly backup: SipPeer;
  /** Answers to strangers. */
  readonly replies: Extract<Effect, { kind: 'reply' }>[];
}

function desk(): Desk {
  const primary = new SipPeer({ address: '192.0.2.1', passwords });
  const backup = new SipPeer({ address: '192.0.2.2', passwords });
  const replies: Extract<Effect, { kind: 'reply' }>[] = [];
  const look = () => ({ effect: (effect: Effect) => void (effect.kind === 'reply' && replies.push(effect)) });
  const world = new World({ settings: phoneSettings(), peers: [primary, backup], checkers: [look] });
  return { world, primary, backup, replies };
}

const registered = (): Desk => {
  const made = desk();
  made.world.start().run(60_000);
  assert.equal(made.world.registeredOn('primary'), true);
  return made;
};

const options = (branch: string, filler = ''): string =>
  message([
    'OPTIONS sip:2001@192.0.2.100 SIP/2.0',
    `Via: SIP/2.0/UDP 198.51.100.66:5060;rport;branch=z9hG4bK${branch}${filler}`,
    'From: <sip:x@example.test>;tag=x',
    'To: <sip:2001@192.0.2.100>',
    `Call-ID: ${branch}@198.51.100.66`,
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
  ]);

describe('spoofed answers (L2)', () => {
  for (const status of [200, 302, 401, 403, 503])
    it(`${status} from another port or address, with the right branch, moves nobody`, () => {
      const { world, primary, backup } = desk();
      primary.delayMs = 200;
      world.start().run(100);
      for (const request of world.sent().map((wire) => wire.message))
        for (const from of [STRANGER, { address: '192.0.2.1', port: 5061 }])
          for (const flow of [null, flowOf(primary)])
            world.input({ kind: 'datagram', flow, from, data: serialize(respond(request, status, [])) });
      assert.equal(world.registrar().state, 'trying');
      world.run(1000);
      assert.equal(world.registeredOn('primary'), true);
      assert.equal(backup.seen.length, 0);
    });

  it('from the right place with a guessed branch moves nobody either', () => {
    const { world, primary } = registered();
    const [register] = world.sent('REGISTER').map((wire) => wire.message);
    const answer = serialize(respond(register ?? assert.fail(), 503, []));
    for (let guess = 0; guess < 1000; guess += 1) {
      const data = answer.replace(/branch=z9hG4bK[0-9a-f]+/, `branch=z9hG4bK${guess.toString(16).padStart(32, '0')}`);
      world.input({ kind: 'datagram', flow: flowOf(primary), from: { address: '192.0.2.1', port: 5060 }, data });
    }
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(world.eventsOf('failover').length, 0);
  });
});

describe('branches (L2)', () => {
  it('of requests have at least 64 bits that nobody guesses, and none is used twice', () => {
    const { world } = registered();
    world.run(600_000);
    const branches = world
      .sent()
      .map(({ message: { headers } }) => /branch=(.*)/.exec(headers[0]?.value ?? '')?.[1] ?? '');
    assert.ok(branches.length > 40, `${branches.length} requests`);
    assert.deepEqual(
      branches.filter((branch) => !/^z9hG4bK[0-9a-f]{16,}$/.test(branch)),
      [],
    );
    assert.equal(new Set(branches.map((branch) => branch.slice(0, 24))).size, branches.length);
  });
});

describe('forged ICMP (L3)', () => {
  it('a burst of refusals every tenth of a second for a minute never ends the registration, and home is found at once after', () => {
    const { world, primary } = registered();
    for (let at = 0; at < 60_000; at += 100)
      world.at(at, () => world.input({ kind: 'flow-failed', flow: flowOf(primary), cause: 'refused' }));
    for (let second = 0; second < 60; second += 1) {
      world.run(1000);
      assert.equal(world.registrar().state, 'registered', `after ${second} s`);
    }
    world.until(() => world.registeredOn('primary'), 17_000);
  });

  it('one refusal during a registration costs one step of the walk', () => {
    const { world, primary } = desk();
    primary.delayMs = 200;
    world.start().run(100);
    world.input({ kind: 'flow-failed', flow: flowOf(primary), cause: 'refused' });
    assert.ok(world.until(() => world.registeredOn('backup'), 100) < 20);
    world.until(() => world.registeredOn('primary'), 17_000);
  });
});

describe('a registrar that is not what it was (L4)', () => {
  it('302 is a refusal: nobody else is asked, and no name that it brings is looked up', () => {
    const { world, primary, backup } = desk();
    primary.answer = (request) => respond(request, 302, [{ name: 'Contact', value: '<sip:2001@evil.example.test>' }]);
    world.start().run(60_000);
    assert.equal(world.registrar().state, 'rejected');
    assert.equal(backup.registers().length, 0);
    assert.deepEqual(world.eventsOf('dns'), []);
  });

  it('realms without end make no request without end: four challenges at most are answered at once', () => {
    const { world, primary } = desk();
    let realms = 0;
    const challenges = Array.from({ length: 50 });
    primary.answer = (request) =>
      respond(
        request,
        401,
        challenges.map(() => {
          realms += 1;
          return { name: 'WWW-Authenticate', value: `Digest realm="r${realms}", nonce="n${realms}", qop="auth"` };
        }),
      );
    world.start().run(4 * 3_600_000);
    const answered = world.sent('REGISTER').map(({ data }) => data.match(/^Authorization:/gm)?.length ?? 0);
    assert.equal(Math.max(...answered), 4);
    assert.ok(answered.length > 6, `${answered.length} requests`);
  });

  for (const [what, extra, serves] of [
    ['8,000 octets of a header that nobody knows', [{ name: 'X-Fill', value: 'x'.repeat(8000) }], 'primary'],
    ['more octets than a datagram has', [{ name: 'X-Fill', value: 'x'.repeat(70_000) }], 'backup'],
    ['a thousand headers', Array.from({ length: 1000 }, (_, at) => ({ name: `X-${at}`, value: 'x' })), 'backup'],
    [
      'two hundred Contacts of others before ours',
      Array.from({ length: 200 }, (_, at) => ({ name: 'Contact', value: `<sip:2001@198.51.100.${at}>;expires=60` })),
      'primary',
    ],
  ] as const)
    for (const [whose, status] of [
      ['its 200', null],
      ['its 403', 403],
    ] as const)
      it(`${whose} with ${what}: ${serves === 'primary' ? 'means what it says' : 'is no answer, and the backup serves'}`, () => {
        const { world, primary } = desk();
        const honest = primary.answer.bind(primary);
        primary.answer = (request, now) => {
          const response = status === null ? honest(request, now) : respond(request, status, []);
          if (response === null || request.method !== 'REGISTER' || response.status === 401) return response;
          return { ...response, headers: [...response.headers.slice(0, 1), ...extra, ...response.headers.slice(1)] };
        };
        world.start().run(60_000);
        if (serves === 'backup') assert.equal(world.registeredOn('backup'), true);
        else if (status === null) assert.equal(world.registeredOn('primary'), true);
        else assert.equal(world.registrar().state, 'rejected');
        assert.deepEqual([...new Set(world.eventsOf('problem').map(({ message: text }) => text))], []);
      });

  it('Contacts of others in its 200 are nobody that we talk to', () => {
    const { world, primary } = desk();
    const honest = primary.answer.bind(primary);
    primary.answer = (request, now) => {
      const response = honest(request, now);
      const evil = { name: 'Contact', value: '<sip:2001@198.51.100.66>;expires=3600' };
      return response === null ? null : { ...response, headers: [evil, ...response.headers] };
    };
    world.start().run(60_000);
    assert.equal(world.registeredOn('primary'), true);
    assert.deepEqual([...new Set(world.wires.map(({ flow }) => flow))], [flowOf(primary)]);
  });
});

describe('a zone that names the phone itself (L15)', () => {
  it('is not believed: what would come back to us is refused, and the next target serves', () => {
    const zone = new Zone()
      .srv('_sip._udp.example.test', 'me.example.test', 5060, 10)
      .srv('_sip._udp.example.test', 'pbx.example.test', 5060, 20)
      .a('me.example.test', '192.0.2.100')
      .a('pbx.example.test', '192.0.2.1');
    const primary = new SipPeer({ address: '192.0.2.1', passwords });
    const ourselves = new SipPeer({ address: '192.0.2.100', passwords });
    const registrar = { primary: server('example.test'), backup: null };
    const settings = phoneSettings({ lines: [lineSettings({ registrar })] });
    const world = new World({ settings, zone, peers: [primary, ourselves] });
    world.start().until(() => world.registeredOn('primary'), 1000);
    world.run(60_000);
    assert.deepEqual(ourselves.seen, []);
    assert.equal(world.registeredOn('primary'), true);
  });

  it('but a server of a lab at the same address and another port is taken', () => {
    const neighbour = new SipPeer({ address: '192.0.2.100', port: 5070, passwords });
    const registrar = { primary: server('192.0.2.100', 5070), backup: null };
    const world = new World({ settings: phoneSettings({ lines: [lineSettings({ registrar })] }), peers: [neighbour] });
    world.start().until(() => world.registeredOn('primary'), 1000);
  });
});

describe('floods (L13, L16)', () => {
  it('of requests: each gets one answer, 503 where too many are under way, and the registration is renewed as ever', () => {
    const { world, replies } = registered();
    for (let n = 0; n < 5000; n += 1)
      world.input({ kind: 'datagram', flow: null, from: STRANGER, data: options(`${n}`) });
    assert.equal(replies.length, 5000);
    assert.equal(replies.filter(({ data }) => data.startsWith('SIP/2.0 200 ')).length, 1024);
    assert.equal(replies.filter(({ data }) => data.startsWith('SIP/2.0 503 ')).length, 5000 - 1024);
    world.run(3_600_000);
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(world.eventsOf('failover').length, 0);
    world.input({ kind: 'datagram', flow: null, from: STRANGER, data: options('later') });
    assert.match(replies.at(-1)?.data ?? '', /^SIP\/2\.0 200 /);
  });

  it('a short request with the branch of a long one draws no long answer', () => {
    const { world, replies } = registered();
    const long = options('same', `, SIP/2.0/UDP 192.0.2.9;branch=${'x'.repeat(4000)}`);
    for (const data of [long, long, options('same')])
      world.input({ kind: 'datagram', flow: null, from: STRANGER, data });
    assert.deepEqual(
      replies.map(({ data }) => data.length > 4000),
      [true, true],
    );
  });

  it('what an answer repeats is repeated once: many rport parameters are one', () => {
    const { world, replies } = registered();
    world.input({ kind: 'datagram', flow: null, from: STRANGER, data: options('many', ';rport'.repeat(500)) });
    assert.equal(replies[0]?.data.match(/rport/g)?.length, 1);
  });
});
