/** IPv6 alone, both families, and a family that leads nowhere (rules 2; RFC 5118, RFC 7984; conformance A16). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServerSetting, TransportChoice } from '../../../firmware/config/settings.ts';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import { CHECKERS } from '../checkers/all.ts';
import { primaryIsFirst } from '../checkers/attempts.ts';
import { SipPeer } from '../sip-peer.ts';
import type { WorldOptions } from '../world.ts';
import { World } from '../world.ts';
import { Zone } from '../zone.ts';

const passwords = { '2001': 'secret-2001' };
const peerAt = (address: string): SipPeer => new SipPeer({ address, passwords });

interface Where {
  readonly primary: ServerSetting;
  readonly backup: ServerSetting | null;
  readonly transport?: TransportChoice;
}

function world(
  { primary, backup, transport = 1 }: Where,
  peers: readonly SipPeer[],
  over: Partial<WorldOptions> = {},
): World {
  const settings = phoneSettings({ transport, lines: [lineSettings({ registrar: { primary, backup } })] });
  return new World({ settings, peers, checkers: CHECKERS, ...over });
}

for (const [transport, via] of [
  [1, 'UDP'],
  [2, 'TCP'],
] as const)
  describe(`a phone with IPv6 alone, over ${via}`, () => {
    const literals = { primary: server('2001:db8::1'), backup: server('2001:db8::2'), transport };

    it('registers at a literal server: brackets stand in Request-URI, Via and Contact', () => {
      const primary = peerAt('2001:db8::1');
      const here = world(literals, [primary, peerAt('2001:db8::2')], { families: ['AAAA'] });
      here.start().run(1000);
      assert.equal(here.registeredOn('primary'), true);
      const { request } = primary.registers()[0] ?? assert.fail();
      assert.equal(request.uri, 'sip:[2001:db8::1]');
      assert.match(headerValue(request, 'Via') ?? '', new RegExp(`^SIP/2\\.0/${via} \\[2001:db8::100\\]:5060;`));
      assert.match(headerValue(request, 'Contact') ?? '', /<sip:2001@\[2001:db8::100\]:5060[;>]/);
      assert.match(headerValue(request, 'To') ?? '', /<sip:2001@\[2001:db8::1\]>/);
    });

    it('finds the backup and comes home as any other', () => {
      const primary = peerAt('2001:db8::1');
      const here = world(literals, [primary, peerAt('2001:db8::2')], { families: ['AAAA'] });
      primary.fault = 'silent';
      assert.ok(here.start().until(() => here.registeredOn('backup'), 2000) <= 1600);
      primary.fault = 'none';
      assert.ok(here.until(() => here.registeredOn('primary'), 20_000) <= 17_000);
    });

    it('asks DNS for AAAA alone, and uses no address of IPv4', () => {
      const zone = new Zone().a('pbx.test', '192.0.2.1').a('pbx.test', '2001:db8::1');
      const peers = [peerAt('192.0.2.1'), peerAt('2001:db8::1')];
      const here = world({ primary: server('pbx.test', 5060), backup: null, transport }, peers, {
        zone,
        families: ['AAAA'],
      });
      here.start().run(1000);
      assert.deepEqual(here.registrar().lists.primary.length, 1);
      assert.equal(here.registeredOn('primary'), true);
      assert.deepEqual([peers[0]?.seen.length, zone.asked.includes('A pbx.test')], [0, false]);
    });

    it('with a server of IPv4 alone is on the backup at once: there is no way to the primary', () => {
      const peers = [peerAt('192.0.2.1'), peerAt('2001:db8::2')];
      const primary = server('192.0.2.1');
      // Nothing can be sent to the primary, so nothing is: the checker of first sends would miss it.
      const checkers = CHECKERS.filter((checker) => checker !== primaryIsFirst);
      const here = world({ ...literals, primary }, peers, { families: ['AAAA'], checkers });
      const took = here.start().until(() => here.registeredOn('backup'), 1000);
      assert.ok(took <= 20, `${took} ms`);
      assert.equal(here.eventsOf('target-failed')[0]?.cause, 'unreachable');
    });
  });

describe('a phone with both families', () => {
  const zone = (): Zone => new Zone().a('pbx.test', '192.0.2.1').a('pbx.test', '2001:db8::1').a('b.test', '192.0.2.2');
  const peers = (): readonly SipPeer[] => ['192.0.2.1', '2001:db8::1', '192.0.2.2'].map(peerAt);
  const named = { primary: server('pbx.test', 5060), backup: server('b.test', 5060) };

  it('tries IPv6 first, then IPv4 of the same server, before any backup', () => {
    const here = world(named, peers(), { zone: zone(), families: ['A', 'AAAA'] });
    here.start().run(500);
    assert.deepEqual(here.registrar().lists.primary, ['udp:[2001:db8::1]:5060', 'udp:192.0.2.1:5060']);
    assert.equal(here.registrar().target, 'udp:[2001:db8::1]:5060');
  });

  it('of which IPv6 leads nowhere is on IPv4 of the same server after H, and the backup hears nothing', () => {
    const all = peers();
    for (const peer of all) if (peer.address.includes(':')) peer.fault = 'silent';
    const here = world(named, all, { zone: zone(), families: ['A', 'AAAA'] });
    const took = here.start().until(() => here.registeredOn('primary'), 3000);
    assert.ok(took >= 1500 && took <= 1600, `${took} ms`);
    assert.equal(here.registrar().target, 'udp:192.0.2.1:5060');
    assert.equal(all[2]?.seen.length, 0);
  });

  it('says in Via and Contact the address of the family that carries the request', () => {
    const all = peers();
    const here = world(named, all, { zone: zone(), families: ['A', 'AAAA'] });
    for (const peer of all) if (peer.address.includes(':')) peer.fault = 'killed';
    here.start().run(1000);
    const { request } = all[0]?.registers()[0] ?? assert.fail();
    assert.match(headerValue(request, 'Via') ?? '', /UDP 192\.0\.2\.100:5060;/);
    assert.match(headerValue(request, 'Contact') ?? '', /@192\.0\.2\.100:5060/);
  });

  it('whose AAAA questions are answered by nothing uses what A gave', () => {
    const only = new Zone().a('pbx.test', '192.0.2.1').a('b.test', '192.0.2.2');
    const here = world(named, peers(), { zone: only, families: ['A', 'AAAA'] });
    here.start().run(1000);
    assert.deepEqual(here.registrar().lists.primary, ['udp:192.0.2.1:5060']);
    assert.equal(here.registeredOn('primary'), true);
  });
});
