/** Three of our phones among two Kamailio servers and BIND: what people do with calls, and what becomes of it when a server dies. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { after, afterEach, before, describe, it } from 'node:test';
import { AT_ONCE_MS, SILENT_MS } from './support/moments.ts';
import { ADDRESSES } from './support/network.ts';
import type { Party } from './support/party.ts';
import { seat } from './support/party.ts';
import { addressZone, DOMAIN, startRegistrar } from './support/servers.ts';
import type { FaultName, Stage } from './support/stage.ts';
import { openStage } from './support/stage.ts';
import { answered, asked } from './support/wire.ts';

const PROXIES = [
  `sip proxy ip: ${DOMAIN}`,
  'sip proxy port: 0',
  `sip backup proxy ip: backup.${DOMAIN}`,
  'sip backup proxy port: 5060',
];
const PROBING = [...PROXIES, 'failover probe period: 5'];
/** It learns of a dead server by its own requests alone. */
const CALLING = [...PROXIES, 'failover probe period: 0'];
const [ANNA_HZ, BEN_HZ, CORA_HZ] = [800, 1200, 2100];

let stage: Stage;
let anna: Party;
let ben: Party;
let cora: Party;

const server = (node: 'primary' | 'backup', folder: string) => startRegistrar(node, folder, { carriesCalls: true });

async function open(): Promise<void> {
  stage = openStage({ registrar: server });
  await stage.primaryStarts();
}

/** Anna calls Ben, who answers. */
async function talk(): Promise<void> {
  await anna.phone.ask(`dial ${ben.user}`);
  await ben.call('ringing');
  await ben.phone.ask('answer');
  await Promise.all([anna.call('connected'), ben.call('connected')]);
}

const within = (t: TestContext, what: string, took: number, boundMs: number): void => {
  t.diagnostic(`${what}: ${(took / 1000).toFixed(3)} s, at most ${boundMs / 1000} s`);
  assert.ok(took <= boundMs, `${what}: ${took} ms, at most ${boundMs} ms`);
};

describe('three phones through Kamailio', () => {
  before(async () => {
    await open();
    anna = seat(stage, 'phone', PROBING);
    ben = seat(stage, 'second', PROBING);
    cora = seat(stage, 'third', PROBING);
    await Promise.all([anna, ben, cora].map((each) => each.on('primary')));
  });
  after(() => stage.close());
  afterEach(async () => {
    for (const each of [anna, ben, cora])
      for (const { id, state } of each.calls()) if (state !== 'ended') each.phone.say(`hangup call=${id}`);
    await Promise.all([anna, ben, cora].map((each) => each.free()));
  });

  it('a call, heard both ways; held and taken back; ended by who was called (RFC 5359 2.1)', async () => {
    await talk();
    anna.says(ANNA_HZ);
    ben.says(BEN_HZ);
    await ben.hears(ANNA_HZ);
    await anna.hears(BEN_HZ);
    await anna.phone.ask('hold');
    await anna.call('held');
    await ben.hearsNot(ANNA_HZ);
    await anna.hearsNot(BEN_HZ);
    await anna.phone.ask('resume');
    await anna.call('connected');
    await ben.hears(ANNA_HZ);
    await anna.hears(BEN_HZ);
    await ben.phone.ask('hangup');
    await Promise.all([anna.free(), ben.free()]);
    assert.equal(anna.calls().at(-1)?.last.cause, 'remote');
  });

  it('a call is passed on without asking: who was called is free, the two others talk (RFC 5359 2.4)', async () => {
    await talk();
    await ben.phone.ask(`transfer ${cora.user}`);
    await cora.call('ringing');
    await cora.phone.ask('answer');
    await cora.call('connected');
    await ben.free();
    await anna.call('connected');
    anna.says(ANNA_HZ);
    cora.says(CORA_HZ);
    await cora.hears(ANNA_HZ);
    await anna.hears(CORA_HZ);
  });

  it('a call is passed on after a word with the third: the two others talk, by Replaces (RFC 5359 2.5)', async () => {
    await talk();
    const first = await ben.call('connected');
    await ben.phone.ask('hold');
    await ben.phone.ask(`dial ${cora.user}`);
    await cora.call('ringing');
    await cora.phone.ask('answer');
    await cora.call('connected');
    await ben.call('connected');
    await ben.phone.ask(`transfer call=${first.id}`);
    await ben.free();
    anna.says(ANNA_HZ);
    cora.says(CORA_HZ);
    await cora.hears(ANNA_HZ);
    await anna.hears(CORA_HZ);
  });

  it('three talk together: each hears the two others', async () => {
    await talk();
    const first = await anna.call('connected');
    await anna.phone.ask('hold');
    await anna.phone.ask(`dial ${cora.user}`);
    await cora.call('ringing');
    await cora.phone.ask('answer');
    await cora.call('connected');
    await anna.phone.ask(`conference call=${first.id}`);
    anna.says(ANNA_HZ);
    ben.says(BEN_HZ);
    cora.says(CORA_HZ);
    await Promise.all([
      ...[BEN_HZ, CORA_HZ].map((hz) => anna.hears(hz)),
      ...[ANNA_HZ, CORA_HZ].map((hz) => ben.hears(hz)),
      ...[ANNA_HZ, BEN_HZ].map((hz) => cora.hears(hz)),
    ]);
    await Promise.all([anna.hearsNot(ANNA_HZ), ben.hearsNot(BEN_HZ), cora.hearsNot(CORA_HZ)]);
  });
});

describe('two phones, and a server that dies', () => {
  let broken: FaultName | null = null;

  before(open);
  after(() => stage.close());
  afterEach(async () => {
    await anna.stop();
    await ben.stop();
    if (broken !== null) await stage.fault(broken).end();
    broken = null;
  });

  async function start(): Promise<void> {
    anna = seat(stage, 'phone', CALLING);
    ben = seat(stage, 'second', PROBING);
    await Promise.all([anna.on('primary'), ben.on('primary')]);
    // Only who has answered a probe is judged by one (rules 4).
    await ben.waits('the primary answers a probe', () =>
      ben.phone.events.some(({ event, ok }) => event === 'probe' && ok === true),
    );
  }
  async function breakPrimary(fault: FaultName): Promise<number> {
    broken = fault;
    const since = Date.now();
    await stage.fault(fault).begin();
    return since;
  }
  /** Ms from the first INVITE to the primary to the callee's ringing that came by the backup. */
  async function foundBackup(since: number): Promise<number> {
    const first = await stage.packet(since, asked(ADDRESSES.primary, 'INVITE'));
    const rings = await stage.packet(first, answered(ADDRESSES.backup, 'INVITE', 180));
    return rings - first;
  }

  for (const [fault, boundMs] of [
    ['killed', AT_ONCE_MS],
    ['503', AT_ONCE_MS],
    ['blackholed', SILENT_MS],
    ['frozen', SILENT_MS],
  ] as const)
    it(`before a call, ${fault}: it rings by the backup, and they talk`, async (t) => {
      await start();
      await breakPrimary(fault);
      await ben.on('backup');
      const since = Date.now();
      await talk();
      within(t, 'primary asked to ringing by the backup', await foundBackup(since), boundMs);
      assert.equal(anna.calls().at(-1)?.last.server, 'backup');
      anna.says(ANNA_HZ);
      await ben.hears(ANNA_HZ);
      await ben.phone.ask('hangup');
      await Promise.all([anna.free(), ben.free()]);
    });

  it('while it rings, killed: who hangs up is free at once, and the next call finds the backup', async (t) => {
    await start();
    await anna.phone.ask(`dial ${ben.user}`);
    await ben.call('ringing');
    await anna.call('ringing');
    await breakPrimary('killed');
    const since = Date.now();
    await anna.phone.ask('hangup');
    await anna.free();
    within(t, 'hung up to free', (anna.calls().at(-1)?.last.at ?? Number.NaN) - since, AT_ONCE_MS);
    const rung = Date.now();
    await ben.phone.ask(`hangup call=${(await ben.call('ringing')).id}`);
    await ben.free();
    within(t, 'refused to free', (ben.calls().at(-1)?.last.at ?? Number.NaN) - rung, AT_ONCE_MS);
    await ben.on('backup');
    await talk();
    assert.equal(anna.calls().at(-1)?.last.server, 'backup');
  });

  for (const fault of ['killed', 'blackholed'] as const)
    it(`in a call, ${fault}: they go on talking, who hangs up is free at once, and the next call finds the backup`, async (t) => {
      await start();
      await talk();
      await breakPrimary(fault);
      await ben.on('backup');
      anna.says(ANNA_HZ);
      ben.says(BEN_HZ);
      await ben.hears(ANNA_HZ);
      await anna.hears(BEN_HZ);
      for (const each of [anna, ben]) {
        const since = Date.now();
        await each.phone.ask('hangup');
        await each.free();
        within(t, `${each.user}: hung up to free`, (each.calls().at(-1)?.last.at ?? Number.NaN) - since, AT_ONCE_MS);
      }
      await talk();
      assert.equal(anna.calls().at(-1)?.last.server, 'backup');
    });

  it('one name whose SRV records name both servers, and no backup configured: the call finds the second record', async (t) => {
    await stage.setZone([
      ...addressZone(),
      ...[
        ['primary', 10],
        ['backup', 20],
      ].map(([node, priority]) => `_sip._udp IN SRV ${priority} 0 5060 ${node}.${DOMAIN}.`),
    ]);
    const alone = ['sip proxy ip: pbx.test', 'sip proxy port: 0', 'sip backup registrar ip: 0.0.0.0'];
    anna = seat(stage, 'phone', [...alone, 'failover probe period: 0']);
    ben = seat(stage, 'second', [...alone, 'failover probe period: 5']);
    await Promise.all([anna.on('primary'), ben.on('primary')]);
    const since = await breakPrimary('killed');
    await stage.packet(since, () => true);
    const moved = () =>
      ben.phone.events.some(
        ({ event, at, target }) =>
          event === 'registration' && at > since && target?.includes(ADDRESSES.backup) === true,
      );
    await ben.waits('its binding is at the second server', moved);
    const dialled = Date.now();
    await talk();
    within(t, 'primary asked to ringing by the second', await foundBackup(dialled), AT_ONCE_MS);
  });
});
