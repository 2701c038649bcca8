/** What BIND answers, and where the phone goes by it: priorities, NAPTR, CNAME, truncated answers, "not offered here". */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ADDRESSES } from './support/network.ts';
import { addressZone, DOMAIN, usualZone } from './support/servers.ts';
import type { Stage } from './support/stage.ts';
import { openStage, START_MS } from './support/stage.ts';
import { answered, asked } from './support/wire.ts';

const PARAMETERS = ['failover probe period: 0', 'sip registration period: 60'];
const SRV = '_sip._udp IN SRV';

let stage: Stage;

/** A phone that starts with this zone; Ms since 1970 of its start. */
async function startWith(records: readonly string[], parameters: readonly string[] = []): Promise<number> {
  await stage.setZone([...addressZone(), ...records]);
  const since = Date.now();
  stage.startPhone([...PARAMETERS, ...parameters]);
  return since;
}

describe('where BIND sends the phone', () => {
  before(() => {
    stage = openStage();
  });
  after(() => stage.close());
  afterEach(() => stage.stopPhone());

  it('two targets of one name: the lower priority first, the other when that one is dead', async () => {
    await stage.primary().kill();
    try {
      const since = await startWith([`${SRV} 10 0 5060 primary.${DOMAIN}.`, `${SRV} 20 0 5060 backup.${DOMAIN}.`]);
      await stage.onServer('primary', START_MS);
      const first = await stage.packet(since, asked(ADDRESSES.primary));
      const second = await stage.packet(since, asked(ADDRESSES.backup));
      assert.ok(first <= second, 'priority 10 before priority 20');
    } finally {
      await stage.setPrimary();
    }
  });

  it('an answer over 512 octets is asked for again over TCP', async () => {
    const many = Array.from(
      { length: 60 },
      (_, at) => `${SRV} 20 0 5060 a-long-name-of-a-further-server-${at}.${DOMAIN}.`,
    );
    const since = await startWith([`${SRV} 10 0 5060 primary.${DOMAIN}.`, ...many]);
    await stage.onServer('primary', START_MS);
    await stage.packet(since, asked(ADDRESSES.dns, 'connect 53'));
    assert.equal(stage.registersTo(ADDRESSES.backup, since), 0);
  });

  it('a name that is a CNAME to a name with NAPTR and SRV', async () => {
    await startWith(
      [
        `alias IN CNAME main.${DOMAIN}.`,
        `main IN NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.main.${DOMAIN}.`,
        `_sip._udp.main IN SRV 10 0 5060 primary.${DOMAIN}.`,
      ],
      [`sip registrar ip: alias.${DOMAIN}`, 'sip dns query type: 2'],
    );
    await stage.onServer('primary', START_MS);
  });

  it('a NAPTR record of lower order leads to its SRV records', async () => {
    const since = await startWith(
      [
        `@ IN NAPTR 20 10 "s" "SIP+D2U" "" _sip._udp.second.${DOMAIN}.`,
        `@ IN NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.first.${DOMAIN}.`,
        `_sip._udp.first IN SRV 10 0 5060 primary.${DOMAIN}.`,
        `_sip._udp.second IN SRV 10 0 5060 backup.${DOMAIN}.`,
      ],
      ['sip dns query type: 2'],
    );
    await stage.onServer('primary', START_MS);
    assert.equal(stage.registersTo(ADDRESSES.backup, since), 0);
  });

  it('an SRV target that is a CNAME', async () => {
    await startWith([`other IN CNAME primary.${DOMAIN}.`, `${SRV} 10 0 5060 other.${DOMAIN}.`]);
    await stage.onServer('primary', START_MS);
  });

  it('a single target ".": the service is not offered, the backup is used', async () => {
    const since = await startWith([`${SRV} 0 0 0 .`]);
    await stage.onServer('backup', START_MS);
    assert.equal(stage.registersTo(ADDRESSES.primary, since), 0);
  });

  it('no SRV record: the address of the name at port 5060', async () => {
    await startWith([`@ IN A ${ADDRESSES.primary}`]);
    await stage.onServer('primary', START_MS);
  });

  it('transport 0, SRV of UDP and of TCP: UDP', async () => {
    const records = [`${SRV} 10 0 5060 primary.${DOMAIN}.`, `_sip._tcp IN SRV 10 0 5060 backup.${DOMAIN}.`];
    const since = await startWith(records, ['sip transport protocol: 0']);
    await stage.onServer('primary', START_MS);
    await stage.packet(since, answered(ADDRESSES.primary));
    assert.ok(!stage.seen().some((seen) => seen.at >= since && asked(ADDRESSES.primary, 'connect 5060')(seen)));
  });

  it('transport 0, SRV of TCP alone: TCP, and the refused one is left for the backup', async () => {
    const since = await startWith([`_sip._tcp IN SRV 10 0 5060 primary.${DOMAIN}.`], ['sip transport protocol: 0']);
    await stage.onServer('primary', START_MS);
    const opened = await stage.packet(since, asked(ADDRESSES.primary, 'connect 5060'));
    assert.ok(opened <= (await stage.packet(since, asked(ADDRESSES.primary))));
    await stage.primary().kill();
    try {
      await stage.onServer('backup', START_MS);
    } finally {
      await stage.setPrimary();
    }
  });

  it('name servers that come only after the phone: it registers by itself', async () => {
    await stage.setZone(null);
    stage.startPhone(PARAMETERS);
    await stage.event('a question that nobody answered', ({ event }) => event === 'dns', START_MS);
    await stage.setZone(usualZone());
    await stage.onServer('primary', 2 * START_MS);
  });
});
