/**
 * Owns the four moments at which a fault of the primary meets a phone: a fresh registration, a renewal, idle, the way home.
 * Each is timed from packets (TLS, which hides them, from events) and held against the bounds of the rules.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Pem } from './certificates.ts';
import { createAuthorityIn } from './certificates.ts';
import { ADDRESSES } from './network.ts';
import type { PhoneEventLine } from './phone.ts';
import type { Transport } from './presence.ts';
import type { RegistrarOptions } from './servers.ts';
import { addressZone, DOMAIN, startRegistrar } from './servers.ts';
import type { Fault, FaultName, Stage } from './stage.ts';
import { H_MS, openStage, START_MS } from './stage.ts';
import { answered, asked } from './wire.ts';

export const PERIOD_S = 5;
export const EXPIRES_S = 12;
/** The rules' bounds are met by a host that does nothing else; tests run beside others. */
const LOADED = 3;
/** rules 4: with a request in hand and one silent target, H and round trips, connections and challenges among them. */
export const SILENT_MS = LOADED * (H_MS + 500);
/** At once: well before silence would have been noticed; a connection and its certificates take their time. */
export const AT_ONCE_MS = H_MS / 2;
const AT_ONCE_TLS_MS = 2 * H_MS;
/** rules 4: noticed while idle. */
export const IDLE_MS = LOADED * (PERIOD_S * 1000 + 2 * H_MS + 500);
/** rules 4: the way home with the default jitter. */
export const HOME_MS = LOADED * (PERIOD_S * 1000 + 1000 + 1000);
/** Two renewals, on a loaded host. */
export const RENEWALS_MS = START_MS + 2 * EXPIRES_S * 1000;

export const PROBING = [`failover probe period: ${PERIOD_S}`, 'sip registration period: 60'];
export const RENEWING = ['failover probe period: 0', `sip registration period: ${EXPIRES_S}`];

const CHOICES: Readonly<Record<Transport, (authority: string) => readonly string[]>> = {
  udp: () => [],
  tcp: () => ['sip transport protocol: 2'],
  tls: (authority) => [
    'sip transport protocol: 4',
    'sip backup registrar port: 5061',
    'sip backup proxy port: 5061',
    `sips trusted certificates: ${authority}`,
  ],
};

/** What is noticed at once by an answer, by ICMP that reaches the socket, or by the end of a connection. */
const AT_ONCE: Readonly<Record<Transport, readonly FaultName[]>> = {
  udp: ['killed', '503', '500'],
  tcp: ['killed', 'unreachable', '503', '500'],
  tls: ['killed', 'unreachable', '503', '500'],
};

export const said = (t: TestContext, what: string, took: number, boundMs: number): void => {
  t.diagnostic(`${what}: ${(took / 1000).toFixed(3)} s, at most ${boundMs / 1000} s`);
  assert.ok(took <= boundMs, `${what}: ${took} ms, at most ${boundMs} ms`);
};

/** The same fault, whose end does nothing where it never began: a test that failed early may not have come to it. */
export function whileBroken(fault: () => Fault): {
  readonly begin: () => Promise<void>;
  readonly end: () => Promise<void>;
} {
  let isBroken = false;
  return {
    async begin() {
      isBroken = true;
      await fault().begin();
    },
    async end() {
      if (isBroken) await fault().end();
      isBroken = false;
    },
  };
}

/** Declares the tests of one fault over one transport. */
export function describeFault(name: FaultName, transport: Transport = 'udp'): void {
  let stage: Stage;
  let choice: readonly string[] = [];
  const isQuick = AT_ONCE[transport].includes(name);
  const boundMs = isQuick ? (transport === 'tls' ? AT_ONCE_TLS_MS : AT_ONCE_MS) : SILENT_MS;

  const { begin: breakPrimary, end: mend } = whileBroken(() => stage.fault(name));

  const event = async (since: number, fits: (event: PhoneEventLine) => boolean, limitMs: number): Promise<number> => {
    const found = (one: PhoneEventLine): boolean => one.at >= since && fits(one);
    await stage.event(`${name}, ${transport}`, found, limitMs);
    return stage.phone().events.find(found)?.at ?? Number.NaN;
  };
  /** When the walk that ended at `until` began at the primary: what waits for a connection or for ARP is no REGISTER on the wire. */
  const walked = async (since: number, until: number): Promise<number> => {
    if (transport === 'tls')
      return event(since, (one) => /^(attempt|connecting)$/.test(one.event) && one.method === 'REGISTER', START_MS);
    const began = ['REGISTER', 'connect 5060', 'ARP']
      .map((what) => stage.seen().find((one) => one.at >= since && asked(ADDRESSES.primary, what)(one)))
      .find((seen) => seen !== undefined && seen.at < until);
    return began?.at ?? assert.fail('the primary was not asked');
  };
  const bound = async (server: 'primary' | 'backup', since: number, limitMs: number): Promise<number> => {
    const at = await event(since, (one) => one.event === 'registration' && one.server === server, limitMs);
    return transport === 'tls' ? at : stage.packet(since, answered(ADDRESSES[server]));
  };
  const unregistered = (since: number): Promise<number> =>
    event(since, (one) => one.event === 'unregistered' && one.server === 'backup', HOME_MS);
  /** From the moment that the primary would answer. */
  const goesHome = async (t: TestContext, limitMs: number): Promise<void> => {
    // A thawed server may have answered before this process has looked at its clock.
    const before = Date.now();
    await mend();
    const since = Date.now();
    said(t, 'way home', Math.max(0, (await bound('primary', before, limitMs)) - since), limitMs);
    await unregistered(before);
  };

  describe(`primary ${name}, over ${transport}`, () => {
    before(async () => {
      ({ stage, choice } = await openOver(transport));
      await stage.primaryStarts();
    });
    after(() => stage.close());
    afterEach(async () => {
      await stage.stopPhone();
      await mend();
    });

    it('fresh registration and way home; then idle, and home again', async (t) => {
      await breakPrimary();
      const start = Date.now();
      const phone = stage.startPhone([...PROBING, ...choice]);
      const moved = await bound('backup', start, START_MS + SILENT_MS);
      said(t, 'fresh registration', moved - (await walked(start, moved)), boundMs);
      assert.deepEqual(stage.walked(0).slice(0, 2), ['primary', 'backup'], 'the primary is asked first');
      await goesHome(t, HOME_MS);

      const home = Date.now();
      await event(home, (one) => one.event === 'probe' && one.ok === true, START_MS);
      const past = phone.events.length;
      const broken = Date.now();
      await breakPrimary();
      said(t, 'noticed while idle', (await bound('backup', broken, IDLE_MS)) - broken, IDLE_MS);
      assert.deepEqual(stage.walked(past).slice(0, 2), ['primary', 'backup'], 'the primary is asked first');
      await goesHome(t, HOME_MS);
    });

    it('renewal, and home at a later renewal', async (t) => {
      const start = Date.now();
      stage.startPhone([...RENEWING, ...choice]);
      await bound('primary', start, START_MS);
      await breakPrimary();
      const broken = Date.now();
      const moved = await bound('backup', broken, RENEWALS_MS);
      said(t, 'renewal', moved - (await walked(broken, moved)), boundMs);
      await goesHome(t, RENEWALS_MS);
    });
  });
}

/** A stage whose servers are reached so, and what the phone is told for it. */
export async function openOver(
  transport: Transport,
  options: RegistrarOptions = {},
): Promise<{ readonly stage: Stage; readonly choice: readonly string[] }> {
  if (transport !== 'tls')
    return {
      stage: openStage({ registrar: (node, folder) => startRegistrar(node, folder, options) }),
      choice: CHOICES[transport](''),
    };
  let authority = '';
  const certificates = new Map<string, Pem>();
  const stage = openStage({
    registrar(node, folder) {
      if (authority === '') {
        const vouching = createAuthorityIn(folder);
        authority = vouching.file;
        certificates.set('primary', vouching.issue('primary', [DOMAIN]));
        certificates.set('backup', vouching.issue('backup', [`backup.${DOMAIN}`]));
      }
      const tls = certificates.get(node);
      return startRegistrar(node, folder, tls === undefined ? options : { ...options, tls });
    },
  });
  await stage.setZone([...addressZone(), `_sips._tcp IN SRV 10 0 5061 primary.${DOMAIN}.`]);
  return { stage, choice: CHOICES.tls(authority) };
}
