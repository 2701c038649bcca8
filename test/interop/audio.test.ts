/** Sound with another user agent: a tone each way, by frequency and level, in each codec; and tshark's word on the packets. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Baresip, CodecName } from './support/baresip.ts';
import { CODECS, startBaresip } from './support/baresip.ts';
import type { Capture } from './support/capture.ts';
import { startCapture } from './support/capture.ts';
import { createAuthorityIn } from './support/certificates.ts';
import { ADDRESSES } from './support/network.ts';
import type { TestPhone } from './support/phone.ts';
import { untilAsync } from './support/process.ts';
import { DOMAIN, usualZone } from './support/servers.ts';
import type { Stage } from './support/stage.ts';
import { openStage, START_MS } from './support/stage.ts';

const OURS_HZ = 1000;
const THEIRS_HZ = 1400;
/** Far below either tone, and above what a codec adds to silence. */
const SILENT_DBFS = -45;
/** The phone's tone is said at -13 dBov, which is -10 dBFS; baresip's at -12 dBFS. A codec and a window change a little. */
const OURS_DBFS = -10;
const THEIRS_DBFS = -12;
const APART_DB = 3;
const TALK_MS = 60_000;
/** Reports come about every 5 s. */
const REPORT_MS = 60_000;

const NAMES = Object.keys(CODECS) as readonly CodecName[];
const TSHARK: Readonly<Record<CodecName, RegExp>> = { PCMU: /g711U/i, PCMA: /g711A/i, G722: /g722/i };

describe('sound with baresip', () => {
  let stage: Stage;
  let peer: Baresip | null = null;
  let capture: Capture | null = null;

  before(() => {
    stage = openStage();
  });
  after(() => stage.close());
  afterEach(async () => {
    await stage.stopPhone();
    await peer?.running.kill();
    await capture?.end();
    peer = null;
    capture = null;
  });

  const connected = (): Promise<number> =>
    stage.event('the call is connected', ({ event, state }) => event === 'call' && state === 'connected', START_MS);

  /** Both tones arrive, each as loud as it was said, and neither comes back to who said it. */
  async function talk(phone: TestPhone, far: Baresip): Promise<void> {
    phone.say(`tone ${OURS_HZ} ${TALK_MS}`);
    const near = (level: number, wanted: number): boolean => Math.abs(level - wanted) <= APART_DB;
    await untilAsync(
      'the far tone is in the earpiece',
      async () => near(await phone.level(THEIRS_HZ), THEIRS_DBFS),
      START_MS,
    );
    await untilAsync('our tone is at the far side', async () => near(far.level(OURS_HZ), OURS_DBFS), START_MS);
    assert.ok(
      (await phone.level(OURS_HZ)) < SILENT_DBFS,
      `our own tone comes back: ${await phone.level(OURS_HZ)} dBFS`,
    );
    assert.ok(far.level(THEIRS_HZ) < SILENT_DBFS, `its own tone comes back: ${far.level(THEIRS_HZ)} dBFS`);
  }

  /** RFC 3550 6.3.7. */
  const saysGoodbye = (seen: Capture): boolean =>
    seen.reports().some(({ from, types }) => from === ADDRESSES.phone && types.includes(203));

  function judge(codec: CodecName, seen: Capture): void {
    assert.deepEqual(seen.malformed(), []);
    const streams = seen.streams();
    const between = streams.map(({ from, to }) => `${from} > ${to}`).sort();
    assert.deepEqual(between, [`${ADDRESSES.phone} > ${ADDRESSES.peer}`, `${ADDRESSES.peer} > ${ADDRESSES.phone}`]);
    for (const stream of streams) {
      assert.match(stream.payload, TSHARK[codec]);
      assert.equal(stream.lost, 0, `${stream.from}: ${stream.lost} of ${stream.packets} lost`);
      assert.ok(stream.packets > 50, `${stream.packets} packets`);
      assert.ok(Math.abs(stream.meanDeltaMs - 20) < 2, `${stream.from}: ${stream.meanDeltaMs} ms between packets`);
    }
    const ours = seen.reports().filter(({ from }) => from === ADDRESSES.phone);
    assert.ok(ours.length > 0, 'no report of ours');
    // A compound packet begins with a report and names its source (RFC 3550 6.1).
    for (const { types } of ours) assert.ok((types[0] === 200 || types[0] === 201) && types.includes(202), `${types}`);
  }

  for (const codec of NAMES)
    it(`${codec}: it is called, and hears and is heard`, async () => {
      const far = startBaresip(stage.folder, { codec, hz: THEIRS_HZ, calls: null });
      peer = far;
      const phone = stage.startPhone([`sip proxy ip: ${ADDRESSES.peer}`, 'sip proxy port: 5060']);
      await stage.onServer('primary', START_MS);
      const wire = await startCapture(stage.folder, `out-${codec}`);
      capture = wire;
      await phone.ask('dial tester');
      await connected();
      await talk(phone, far);
      const since = phone.events.length;
      await stage.event('its counts are told', ({ event }) => event === 'media', REPORT_MS, since);
      phone.say('hangup');
      await stage.event('the call ends', ({ event, state }) => event === 'call' && state === 'ended', START_MS);
      await untilAsync('its last report says goodbye', async () => saysGoodbye(wire), START_MS);
      await wire.end();
      capture = null;
      judge(codec, wire);
    });

  /** It is called by its name over TLS. */
  async function calledSecurely(mode: 0 | 1 | 2, media: 'srtp' | 'srtp-mand' | null): Promise<Baresip> {
    const authority = createAuthorityIn(stage.folder);
    const pem = authority.issue('peer', [`peer.${DOMAIN}`]);
    const far = startBaresip(stage.folder, { codec: 'G722', hz: THEIRS_HZ, calls: null, secure: { pem, media } });
    peer = far;
    await stage.setZone([...usualZone(), `peer IN A ${ADDRESSES.peer}`]);
    const phone = stage.startPhone([
      ...[`sip proxy ip: peer.${DOMAIN}`, 'sip proxy port: 5061', 'sip registrar ip: 0.0.0.0'],
      ...['sip backup registrar ip: 0.0.0.0', 'sip transport protocol: 4', `sip srtp mode: ${mode}`],
      `sips trusted certificates: ${authority.file}`,
    ]);
    await stage.event('the phone runs', ({ event }) => event === 'dns', START_MS);
    await phone.ask('dial tester');
    return far;
  }

  for (const [media, mode, encrypted] of [
    ['srtp-mand', 2, true],
    ['srtp', 1, true],
    [null, 1, undefined],
  ] as const)
    it(`over TLS, ${media ?? 'without encryption'} there and "sip srtp mode: ${mode}" here: heard both ways, ${encrypted ? 'encrypted' : 'in the clear'}`, async () => {
      const far = await calledSecurely(mode, media);
      await connected();
      const phone = stage.phone();
      assert.equal(phone.events.findLast(({ event }) => event === 'call')?.encrypted, encrypted);
      const wire = await startCapture(stage.folder, `secure-${media}`);
      capture = wire;
      await talk(phone, far);
      await phone.ask('hold');
      await phone.ask('resume');
      await talk(phone, far);
      const lengths = (): readonly number[] => wire.payloads(ADDRESSES.phone);
      await untilAsync('a second of it is captured', async () => lengths().length > 50, START_MS);
      // A tag of 80 bits behind 20 ms of G.722.
      assert.deepEqual([...new Set(lengths())], [encrypted ? 170 : 160]);
    });

  it('it calls, is answered, hears and is heard', async () => {
    const phone = stage.startPhone([]);
    await stage.onServer('primary', START_MS);
    const far = startBaresip(stage.folder, { codec: 'G722', hz: THEIRS_HZ, calls: `sip:2001@${ADDRESSES.phone}` });
    peer = far;
    await stage.event('it rings', ({ event, state }) => event === 'call' && state === 'ringing', START_MS);
    phone.say('answer');
    await connected();
    await talk(phone, far);
  });
});
