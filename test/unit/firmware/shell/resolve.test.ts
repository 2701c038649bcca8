/** Owns the proof of `holdfast resolve`: which rule, which DNS steps, which targets, and its exit codes. Name servers on loopback. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import type { Answer } from 'dns-packet';
import { decode, encode } from 'dns-packet';
import { answerResolve } from '../../../../firmware/shell/commands/resolve.ts';

const ZONE: readonly Answer[] = [
  {
    type: 'SRV',
    name: '_sip._udp.example.test',
    ttl: 60,
    data: { priority: 20, weight: 0, port: 5064, target: 'second.example.test' },
  },
  {
    type: 'SRV',
    name: '_sip._udp.example.test',
    ttl: 60,
    data: { priority: 10, weight: 0, port: 5062, target: 'first.example.test' },
  },
  {
    type: 'SRV',
    name: '_sips._tcp.example.test',
    ttl: 60,
    data: { priority: 10, weight: 0, port: 5071, target: 'first.example.test' },
  },
  { type: 'SRV', name: '_sip._tcp.example.test', ttl: 60, data: { priority: 0, weight: 0, port: 0, target: '.' } },
  { type: 'A', name: 'first.example.test', ttl: 30, data: '192.0.2.11' },
  { type: 'A', name: 'second.example.test', ttl: 30, data: '192.0.2.21' },
];
const NXDOMAIN = 3;
const SERVFAIL = 2;

const server = createSocket('udp4');
let dns = '';

before(async () => {
  server.on('message', (octets, { address, port }) => {
    const { id, questions = [] } = decode(octets);
    const answers = ZONE.filter(({ name, type }) =>
      questions.some((asked) => asked.name === name && asked.type === type),
    );
    const code = questions.some(({ name }) => name.includes('broken')) ? SERVFAIL : answers.length > 0 ? 0 : NXDOMAIN;
    server.send(encode({ type: 'response', id, questions, answers, flags: code }), port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  dns = `127.0.0.1:${server.address().port}`;
});
after(() => server.close());

/** From an IPv4 address, whatever this machine has. */
const run = (...args: readonly string[]): ReturnType<typeof answerResolve> =>
  answerResolve(['--bind', '127.0.0.1', ...args]);
const json = async (...args: readonly string[]): Promise<{ readonly code: number; readonly found: unknown }> => {
  const { code, out } = await run(...args, '--dns', dns, '--json');
  return { code, found: JSON.parse(out) };
};

describe('holdfast resolve', () => {
  it('tells rule, steps and targets as JSON', async () => {
    const { code, found } = await json('Example.TEST.', '--backup', '192.0.2.9');
    assert.equal(code, 0);
    const services = [
      { name: '_sip._udp.example.test', priority: 20, weight: 0, port: 5064, target: 'second.example.test' },
      { name: '_sip._udp.example.test', priority: 10, weight: 0, port: 5062, target: 'first.example.test' },
    ];
    const addressOf = (name: string, address: string): object => ({
      question: `A ${name}`,
      result: [{ name, address }],
      ttl: 30,
      source: 'live',
    });
    assert.deepEqual(found, {
      rule: 'SRV lookup of _sip._udp, because port is 0',
      backupRule: 'address with port 0: port 5060, no DNS',
      steps: [
        { question: 'SRV _sip._udp.example.test', result: services, ttl: 60, source: 'live' },
        addressOf('first.example.test', '192.0.2.11'),
        addressOf('second.example.test', '192.0.2.21'),
      ],
      primary: ['udp:192.0.2.11:5062', 'udp:192.0.2.21:5064'],
      backup: ['udp:192.0.2.9:5060'],
    });
  });

  it('tells a person the same in words', async () => {
    const { code, out } = await run('example.test', '--backup', 'first.example.test:5070', '--dns', dns);
    assert.equal(code, 0);
    const [primary, first, second, backup, only, ...steps] = out.split('\n');
    assert.deepEqual(
      [primary, first, second],
      [
        'primary example.test: SRV lookup of _sip._udp, because port is 0',
        '  1. udp:192.0.2.11:5062',
        '  2. udp:192.0.2.21:5064',
      ],
    );
    assert.deepEqual(
      [backup, only],
      ['backup first.example.test: A lookup, because port 5070 is set', '  1. udp:192.0.2.11:5070'],
    );
    assert.deepEqual(steps.sort(), [
      '',
      '',
      '  A first.example.test: 192.0.2.11 (TTL 30 s)',
      '  A second.example.test: 192.0.2.21 (TTL 30 s)',
      '  SRV _sip._udp.example.test: 20 0 5064 second.example.test, 10 0 5062 first.example.test (TTL 60 s)',
      'DNS',
    ]);
  });

  it('asks by transport', async () => {
    const { found } = await json('example.test', '--transport', 'tls');
    assert.deepEqual((found as { readonly primary: unknown }).primary, ['tls:192.0.2.11:5071']);
  });

  it('from both families asks for both, and refuses what is no address', async () => {
    const { out } = await run('first.example.test', '--port', '5070', '--dns', dns, '--bind', '::');
    assert.match(out, /AAAA and A lookup, because port 5070 is set\n {2}1\. udp:192\.0\.2\.11:5070/);
    assert.equal((await run('first.example.test', '--bind', 'eth0')).code, 2);
  });

  it('of an address asks no DNS', async () => {
    const { code, out } = await run('[2001:db8::1]', '--port', '5070', '--dns', dns);
    assert.deepEqual(
      [code, out],
      [
        0,
        'primary 2001:db8::1: address and port as configured, no DNS\n  1. udp:[2001:db8::1]:5070\n\nDNS\n  was not asked\n',
      ],
    );
  });

  it('exits 1 where nothing is found, and says why', async () => {
    for (const [args, words] of [
      [['gone.test'], 'DNS has no address for it'],
      [['broken.test'], 'DNS does not answer'],
      [['example.test', '--transport', 'tcp'], 'DNS says that it is not offered'],
    ] as const) {
      const { code, out } = await run(...args, '--dns', dns);
      assert.equal(code, 1);
      assert.ok(out.includes(words), out);
    }
  });

  it('exits 0 where the backup alone is found', async () => {
    const { code, found } = await json('gone.test', '--backup', 'first.example.test:5070');
    assert.equal(code, 0);
    assert.deepEqual((found as { readonly primary: unknown }).primary, []);
  });

  it('asks the next name server where the first is dead', async () => {
    const { code } = await run('example.test', '--dns', '127.0.0.1:1', '--dns', dns);
    assert.equal(code, 0);
  });

  it('asks the system where no name server is given: the hosts file knows localhost', async () => {
    const { code, out } = await run('localhost', '--port', '5070');
    assert.equal(code, 0);
    assert.match(out, /udp:127\.0\.0\.1:5070/);
    assert.match(out, /A localhost: 127\.0\.0\.1 \(hosts file\)/);
  });

  for (const args of [
    [],
    ['a.test', 'b.test'],
    ['a.test', '--port', 'x'],
    ['a.test', '--port', '65536'],
    ['a.test', '--transport', 'sctp'],
    ['a.test', '--backup', 'b.test:x'],
    ['a.test', '--backup', 'b.test:1:2'],
    ['a.test', '--dns', 'dns.test'],
    ['a.test', '--dns', '127.0.0.1:0'],
    ['a.test', '--nonsense'],
  ])
    it(`"${args.join(' ')}" is a mistake: one line and the usage, exit 2`, async () => {
      const { code, out, err } = await run(...args);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, /^holdfast resolve: [^\n]+\nholdfast resolve NAME [^\n]+\n$/);
    });
});
