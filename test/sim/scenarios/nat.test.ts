/** A phone behind a NAT: the address that a registrar saw, the configured one, and what keeps the way open (conformance E5, E9). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NatSettings, PhoneSettings } from '../../../firmware/config/settings.ts';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { phoneSettings } from '../../support/settings.ts';
import type { Site } from '../outcome-site.ts';
import { EXPIRES_S, site } from '../outcome-site.ts';

const PLAIN: NatSettings = { address: null, port: null, learns: false, keepAliveS: 0 };

/** A NAT with this outer place in front of the phone: what every server sees. */
function behind(place: Site, outer: () => string): void {
  const [address, port] = [(): string => outer().split(':')[0] ?? '', (): string => outer().split(':')[1] ?? ''];
  for (const peer of [place.p1, place.p2, place.b])
    peer.mangle = (data) => data.replace(/;rport(?=;)/, `;received=${address()};rport=${port()}`);
}

const natted = (nat: Partial<NatSettings>, failover: Partial<PhoneSettings['failover']> = {}): Site =>
  site(1, {}, phoneSettings({ nat: { ...PLAIN, ...nat }, failover: { ...phoneSettings().failover, ...failover } }));

const contacts = ({ world }: Site): readonly string[] =>
  world.sent('REGISTER').map(({ message }) => /@([^;>]+)/.exec(headerValue(message, 'Contact') ?? '')?.[1] ?? '');

describe('sip rport: 1', () => {
  it('the address that the registrar saw stands in the Contact: one REGISTER more, and the old Contact is taken back', () => {
    const place = natted({ learns: true });
    behind(place, () => '203.0.113.7:40000');
    place.world.start().run(5000);
    assert.deepEqual(contacts(place), ['192.0.2.100:5060', '203.0.113.7:40000', '192.0.2.100:5060']);
    assert.match(headerValue(place.world.sent('REGISTER')[2]?.message ?? assert.fail(), 'Contact') ?? '', /;expires=0/);
    assert.deepEqual(
      place.p1.location.bindings('2001', place.world.now).map((uri) => /@([^;]+)/.exec(uri)?.[1]),
      ['203.0.113.7:40000'],
    );
  });

  it('a NAT that opens another hole for every answer is followed at renewals, not at once', () => {
    const place = natted({ learns: true });
    let hole = 40_000;
    behind(place, () => {
      hole += 1;
      return `203.0.113.7:${hole}`;
    });
    place.world.start().run(EXPIRES_S * 4000);
    const made = place.world
      .sent('REGISTER')
      .filter(({ message }) => !/expires=0/.test(headerValue(message, 'Contact') ?? ''));
    assert.ok(made.length <= 7, `${made.length} in four renewals`);
    assert.ok(place.world.registeredOn('primary'));
  });

  it('no NAT, nothing more', () => {
    const place = natted({ learns: true });
    place.world.start().run(5000);
    assert.deepEqual(contacts(place), ['192.0.2.100:5060']);
  });

  it('an answer that names no place teaches nothing', () => {
    for (const outer of ['nobody:40000', '203.0.113.7:0', '203.0.113.7:70000', '203.0.113.7:x']) {
      const place = natted({ learns: true });
      behind(place, () => outer);
      place.world.start().run(5000);
      assert.deepEqual(contacts(place), ['192.0.2.100:5060']);
    }
  });

  it('0: what was seen changes nothing', () => {
    const place = natted({});
    behind(place, () => '203.0.113.7:40000');
    place.world.start().run(5000);
    assert.deepEqual(contacts(place), ['192.0.2.100:5060']);
  });

  it('calls show the learnt address as well, where it was learnt', () => {
    const place = natted({ learns: true });
    behind(place, () => '203.0.113.7:40000');
    const { world } = place;
    world.start().run(5000);
    world.input({ kind: 'command', id: 'x', command: { verb: 'dial', target: '200', line: null } });
    world.run(1000);
    const [invite] = world.sent('INVITE');
    assert.match(headerValue(invite?.message ?? assert.fail(), 'Contact') ?? '', /@203\.0\.113\.7:40000/);
  });
});

describe('sip nat ip, sip nat port', () => {
  it('stand in Contact and session', () => {
    const place = natted({ address: '198.51.100.1', port: 6060 });
    const { world } = place;
    world.start().run(1000);
    assert.deepEqual(contacts(place), ['198.51.100.1:6060']);
    world.input({ kind: 'command', id: 'x', command: { verb: 'dial', target: '200', line: null } });
    world.run(1000);
    const [invite] = world.sent('INVITE');
    assert.match(headerValue(invite?.message ?? assert.fail(), 'Contact') ?? '', /@198\.51\.100\.1:6060/);
    assert.match(invite?.message.body ?? '', /c=IN IP4 198\.51\.100\.1\r\n/);
  });

  it('no port: the local one', () => {
    const place = natted({ address: '198.51.100.1' });
    place.world.start().run(1000);
    assert.deepEqual(contacts(place), ['198.51.100.1:5060']);
  });
});

describe('an empty datagram keeps the way open', () => {
  const gaps = ({ world }: Site): readonly number[] => {
    const times = world.datagrams.emptied.map(({ at }) => at);
    return times.slice(1).map((at, index) => at - (times[index] ?? 0));
  };

  it('where no probe goes: every 24 to 29 s, to the server that serves', () => {
    const place = natted({}, { probePeriodS: 0 });
    place.world.start().run(300_000);
    assert.ok(gaps(place).length >= 9);
    for (const gap of gaps(place)) assert.ok(gap >= 24_000 && gap <= 29_001, `${gap} ms`);
    assert.ok(place.world.datagrams.emptied.every(({ target }) => target === 'udp:192.0.2.1:5060'));
    place.p1.fault = 'killed';
    place.p2.fault = 'killed';
    place.world.run(EXPIRES_S * 1000);
    assert.ok(place.world.registeredOn('backup'));
    place.world.run(60_000);
    assert.equal(place.world.datagrams.emptied.at(-1)?.target, 'udp:192.0.2.3:5060');
  });

  it('where probes are further apart than a NAT remembers', () => {
    const place = natted({}, { probePeriodS: 120 });
    place.world.start().run(100_000);
    assert.ok(place.world.datagrams.emptied.length >= 3);
  });

  it('not where probes do it', () => {
    const place = natted({});
    place.world.start().run(300_000);
    assert.equal(place.world.datagrams.emptied.length, 0);
  });

  it('not in r2.0; there, and everywhere, where it is configured (sip nortel nat support)', () => {
    const quiet = natted({}, { profile: 'r2.0' });
    quiet.world.start().run(300_000);
    assert.equal(quiet.world.datagrams.emptied.length, 0);
    const asked = natted({ keepAliveS: 60 }, { profile: 'r2.0' });
    asked.world.start().run(300_000);
    assert.deepEqual([...new Set(gaps(asked).map(Math.round))], [60_000]);
  });

  it('not while the link is down', () => {
    const place = natted({}, { probePeriodS: 0 });
    place.world.start().run(60_000);
    place.world.setLink('down');
    const before = place.world.datagrams.emptied.length;
    place.world.run(120_000);
    assert.equal(place.world.datagrams.emptied.length, before);
  });
});
