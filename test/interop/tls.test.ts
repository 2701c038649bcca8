/** TLS to two Kamailio registrars: the certificate is checked by the configured name, and nothing ever goes in clear. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { createAuthorityIn } from './support/certificates.ts';
import { ADDRESSES } from './support/network.ts';
import { addressZone, DOMAIN, startRegistrar } from './support/servers.ts';
import type { Stage } from './support/stage.ts';
import { openStage, START_MS } from './support/stage.ts';
import { asked } from './support/wire.ts';

const PERIOD_S = 5;
const IDLE_MS = START_MS + 2 * PERIOD_S * 1000;

let stage: Stage;
let folder = '';
let authority: ReturnType<typeof createAuthorityIn>;

const parameters = () => [
  'sip transport protocol: 4',
  'sip backup registrar port: 5061',
  `sips trusted certificates: ${authority.file}`,
  `failover probe period: ${PERIOD_S}`,
  'sip registration period: 60',
];

const inClear = (since: number): number =>
  stage.registersTo(ADDRESSES.primary, since) + stage.registersTo(ADDRESSES.backup, since);

describe('two Kamailio registrars over TLS', () => {
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-authority-'));
    authority = createAuthorityIn(folder);
    // RFC 5922 7.3: the name that was configured must stand in the certificate, not the one that SRV led to.
    const tls = {
      primary: authority.issue('primary', [DOMAIN]),
      backup: authority.issue('backup', [`backup.${DOMAIN}`]),
    };
    stage = openStage({ registrar: (node, where) => startRegistrar(node, where, { tls: tls[node] }) });
    await stage.setZone([...addressZone(), `_sips._tcp IN SRV 10 0 5061 primary.${DOMAIN}.`]);
  });
  after(async () => {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => stage.stopPhone());

  it('registers at what _sips._tcp names, and nothing goes in clear', async () => {
    const since = Date.now();
    stage.startPhone(parameters());
    await stage.onServer('primary', START_MS);
    await stage.packet(since, asked(ADDRESSES.primary, 'connect 5061'));
    assert.equal(inClear(since), 0);
  });

  it('a primary that dies is noticed by its connection, and home is found again over TLS', async (t) => {
    const since = Date.now();
    stage.startPhone(parameters());
    await stage.onServer('primary', START_MS);
    await stage.primary().kill();
    try {
      const moved = await stage.onServer('backup', IDLE_MS);
      t.diagnostic(`on the backup after ${Math.round(moved)} ms, by events`);
    } finally {
      await stage.setPrimary();
    }
    await stage.onServer('primary', IDLE_MS);
    assert.equal(inClear(since), 0);
  });

  it('a primary that shows the name which SRV led to, not the configured one, is left for the backup', async () => {
    const wrong = authority.issue('wrong', [`primary.${DOMAIN}`]);
    await stage.setPrimary((where) => startRegistrar('primary', where, { tls: wrong }));
    const since = Date.now();
    try {
      const { events } = stage.startPhone(parameters());
      await stage.onServer('backup', START_MS);
      const failed = events.find(({ event }) => event === 'target-failed');
      assert.equal(failed?.cause, 'tls');
      assert.equal(inClear(since), 0);
    } finally {
      await stage.setPrimary();
    }
  });

  it('authorities that issued neither certificate: no server is used, and nothing goes in clear', async () => {
    const since = Date.now();
    const elsewhere = mkdtempSync(join(folder, 'other-'));
    const stranger = createAuthorityIn(elsewhere);
    const { events } = stage.startPhone([...parameters(), `sips trusted certificates: ${stranger.file}`]);
    await stage.event(
      'the walk has failed',
      ({ event, outcome }) => event === 'attempt-ended' && outcome === 'failed',
      START_MS,
    );
    assert.ok(!events.some(({ event, state }) => event === 'registration' && state === 'registered'));
    assert.equal(inClear(since), 0);
  });
});
