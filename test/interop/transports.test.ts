/** IPv6, connections that are kept and used again, and what is too long for a datagram, with Kamailio and BIND (A14, E1, E5, E8, E13). */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { createAuthorityIn } from './support/certificates.ts';
import { ADDRESSES, address6, loadRules } from './support/network.ts';
import { seat } from './support/party.ts';
import { addressZone, DOMAIN, PASSWORD, startRegistrar } from './support/servers.ts';
import type { Stage } from './support/stage.ts';
import { H_MS, openStage, START_MS } from './support/stage.ts';
import { answered, asked } from './support/wire.ts';

const PERIOD_S = 5;
const IDLE_MS = START_MS + 2 * PERIOD_S * 1000;
const PROBING = [`failover probe period: ${PERIOD_S}`];

let stage: Stage;

describe('over IPv6', () => {
  const zone = (families: readonly (4 | 6)[]): readonly string[] => [
    `_sip._udp IN SRV 10 0 5060 primary.${DOMAIN}.`,
    ...(families.includes(4) ? addressZone() : []),
    ...(families.includes(6) ? [`primary IN AAAA ${address6('primary')}`, `backup IN AAAA ${address6('backup')}`] : []),
  ];

  before(() => {
    stage = openStage({
      registrar: (node, folder) =>
        startRegistrar(node, folder, { besides: { head: [`listen=udp:[${address6(node)}]:5060`] } }),
    });
  });
  after(() => stage.close());
  afterEach(() => stage.stopPhone());

  it('alone: registers, moves when the primary is killed, and comes home', async () => {
    await stage.setZone(zone([6]));
    const since = Date.now();
    stage.startPhone(PROBING, { bind: address6('phone') });
    await stage.onServer('primary', START_MS);
    await stage.packet(since, answered(address6('primary')));
    await stage.primary().kill();
    try {
      await stage.onServer('backup', IDLE_MS);
      await stage.packet(since, answered(address6('backup')));
    } finally {
      await stage.setPrimary();
    }
    await stage.onServer('primary', IDLE_MS);
    assert.equal(stage.registersTo(ADDRESSES.primary, since) + stage.registersTo(ADDRESSES.backup, since), 0);
  });

  it('beside IPv4 it comes first, and where it leads nowhere IPv4 of the same server is next', async () => {
    await stage.setZone(zone([4, 6]));
    const begun = Date.now();
    stage.startPhone(PROBING, { bind: '::' });
    await stage.onServer('primary', START_MS);
    await stage.packet(begun, answered(address6('primary')));
    assert.equal(stage.registersTo(ADDRESSES.primary, begun), 0);
    await stage.stopPhone();
    const rules = ['table ip6 holdfast', 'delete table ip6 holdfast'];
    const drop = [
      'table ip6 holdfast {',
      'chain input {',
      'type filter hook input priority 0;',
      'udp dport 5060 drop;',
    ];
    loadRules('primary', [...rules, ...drop, '}', '}', ''].join('\n'));
    try {
      const since = Date.now();
      stage.startPhone(PROBING, { bind: '::' });
      await stage.onServer('primary', START_MS);
      const first = await stage.packet(since, asked(address6('primary')));
      const second = await stage.packet(since, asked(ADDRESSES.primary));
      assert.ok(second - first >= H_MS * 0.9, `IPv4 was asked ${second - first} ms after IPv6`);
      assert.equal(stage.registersTo(address6('backup'), since) + stage.registersTo(ADDRESSES.backup, since), 0);
    } finally {
      loadRules('primary', `${rules.join('\n')}\n`);
    }
  });
});

describe('a REGISTER that is too long for a datagram', () => {
  /** Its name for itself stands in the credentials: the first REGISTER is short, the one that answers the challenge is not. */
  const realm = 'r'.repeat(900);
  const challenging = [
    '  if (is_method("REGISTER")) {',
    `    if (!pv_www_authenticate("${realm}", "${PASSWORD}", "0")) { auth_challenge("${realm}", "0"); exit; }`,
    '    if (!save("location")) { sl_reply_error(); }',
    '    exit;',
    '  }',
  ];
  const PARAMETERS = ['failover probe period: 0'];

  before(async () => {
    stage = openStage({
      registrar: (node, folder) =>
        startRegistrar(node, folder, node === 'primary' ? { besides: { route: challenging } } : {}),
    });
    await stage.primaryStarts();
  });
  after(() => stage.close());
  afterEach(() => stage.stopPhone());

  it('goes over TCP to the same server, and that one alone', async () => {
    const since = Date.now();
    stage.startPhone(PARAMETERS);
    await stage.onServer('primary', START_MS);
    const short = await stage.packet(since, asked(ADDRESSES.primary));
    const connected = await stage.packet(since, asked(ADDRESSES.primary, 'connect 5060'));
    await stage.packet(connected, answered(ADDRESSES.primary));
    assert.ok(short < connected, 'the first REGISTER was a datagram');
    assert.equal(stage.registersTo(ADDRESSES.backup, since), 0);
  });

  it('goes as a datagram after all where TCP is refused', async () => {
    const rules = ['table ip holdfast', 'delete table ip holdfast'];
    const refuse = [
      ...['table ip holdfast {', 'chain input {', 'type filter hook input priority 0;'],
      'tcp dport 5060 reject with tcp reset;',
    ];
    loadRules('primary', [...rules, ...refuse, '}', '}', ''].join('\n'));
    try {
      const since = Date.now();
      stage.startPhone(PARAMETERS);
      await stage.onServer('primary', START_MS);
      await stage.packet(since, asked(ADDRESSES.primary, 'connect 5060'));
      await stage.packet(since, answered(ADDRESSES.primary));
    } finally {
      loadRules('primary', `${rules.join('\n')}\n`);
    }
  });
});

describe('a connection over TLS', () => {
  let folder = '';
  let parameters: readonly string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-authority-'));
    const authority = createAuthorityIn(folder);
    const tls = authority.issue('primary', [DOMAIN]);
    stage = openStage({
      // RFC 5923: what the phone offers in its Via is taken.
      registrar: (node, where) =>
        startRegistrar(node, where, {
          tls,
          carriesCalls: true,
          expiresS: 20,
          besides: { head: ['tcp_accept_aliases=yes'] },
        }),
    });
    await stage.setZone([...addressZone(), `_sips._tcp IN SRV 10 0 5061 primary.${DOMAIN}.`]);
    await stage.primaryStarts();
    parameters = [
      ...['sip transport protocol: 4', `sip proxy ip: ${DOMAIN}`, 'sip proxy port: 0', 'sips persistent tls: 1'],
      ...[`sips trusted certificates: ${authority.file}`, 'sip persistent tls keep alive: 5'],
    ];
  });
  after(async () => {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is kept for renewals, probes and calls, and calls come in by it: there is never a second one', async () => {
    const since = Date.now();
    const called = seat(stage, 'phone', parameters);
    const caller = seat(stage, 'second', parameters);
    await Promise.all([called.on('primary'), caller.on('primary')]);
    const renewals = (): number =>
      called.phone.events.filter(({ event, state }) => event === 'registration' && state === 'registered').length;
    await called.waits('two renewals', () => renewals() >= 3);
    await caller.phone.ask(`dial ${called.user}`);
    await called.call('ringing');
    await called.phone.ask('answer');
    await Promise.all([called.call('connected'), caller.call('connected')]);
    await called.phone.ask('hangup');
    await Promise.all([called.free(), caller.free()]);
    const made = stage.seen().filter(({ at, method }) => at > since && method.startsWith('connect'));
    assert.deepEqual(
      made.map(({ from, to }) => `${from} to ${to}`),
      [`${ADDRESSES.phone} to ${ADDRESSES.primary}`],
    );
  });
});
