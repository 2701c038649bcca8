/**
 * Owns the moments at which a fault of the primary meets ten subscriptions (busy lamps, a shared line, waiting messages): while
 * idle, at the way home, at the start, at a renewal. Lamps are read from the phone, times from packets and from its own clock.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { after, afterEach, before, describe, it } from 'node:test';
import {
  EXPIRES_S,
  HOME_MS,
  IDLE_MS,
  openOver,
  PROBING,
  RENEWALS_MS,
  RENEWING,
  SILENT_MS,
  said,
  whileBroken,
} from './moments.ts';
import { ADDRESSES } from './network.ts';
import type { PhoneEventLine } from './phone.ts';
import type { Transport } from './presence.ts';
import { publisher } from './presence.ts';
import { until } from './process.ts';
import { DOMAIN } from './servers.ts';
import type { FaultName, Stage } from './stage.ts';
import { START_MS } from './stage.ts';
import { answered, asked } from './wire.ts';

export type ServerName = 'primary' | 'backup';

/** Ten subscriptions: keys, the number of a shared line, a mailbox. */
const NUMBERS = Array.from({ length: 8 }, (_number, at) => String(2002 + at));
const SHARED = '2900';
const MAILBOX = '2001';
const RESOURCES = [...NUMBERS, SHARED, MAILBOX];

/** The rules' half second, on a host that does other things besides. */
const TOGETHER_MS = 10 * 500;

export const WATCHING = [
  `sip proxy ip: ${DOMAIN}`,
  'sip proxy port: 0',
  `sip backup proxy ip: backup.${DOMAIN}`,
  'sip backup proxy port: 5060',
  'sip explicit mwi subscription: 1',
  'sip mode: 3',
  `sip bla number: ${SHARED}`,
  ...NUMBERS.flatMap((number, at) => [`softkey${at + 1} type: blf`, `softkey${at + 1} value: ${number}`]),
];

export interface Watcher {
  /** Waits until each subscription is in force at that server by the phone's own word; when the last was, ms of its clock. */
  all(server: ServerName, past: number, limitMs: number): Promise<number>;
  /** Tells a server what every resource does; it shows at the lamps once the server feeds them. */
  publish(server: ServerName, states: 'first' | 'second'): void;
  /** Waits until the lamps say what was published so. */
  lit(states: 'first' | 'second'): Promise<void>;
}

const STATES = {
  first: { 2002: 'ringing', 2003: 'busy', 2004: 'idle', [MAILBOX]: { waiting: 2 } },
  second: { 2002: 'busy', 2003: 'idle', 2004: 'ringing', [MAILBOX]: { waiting: 0 } },
} as const;
const LAMPS = {
  first: { softkey1: 'fast-flash', softkey2: 'on', softkey3: 'off', message: 'on' },
  second: { softkey1: 'on', softkey2: 'off', softkey3: 'fast-flash', message: 'off' },
} as const;

export function watcher(stage: Stage): Watcher {
  const tell = { primary: publisher('primary', DOMAIN), backup: publisher('backup', `backup.${DOMAIN}`) };
  const held = (server: ServerName, past: number): readonly PhoneEventLine[] =>
    RESOURCES.flatMap((resource) => {
      const { events } = stage.phone();
      const last = events.slice(past).findLast((one) => one.event === 'subscription' && one.resource === resource);
      return last?.state === 'active' && last.server === server ? [last] : [];
    });
  const lamp = (name: string): string =>
    stage.phone().events.findLast((one) => one.event === 'lamp' && one.name === name)?.state ?? 'off';

  return {
    async all(server, past, limitMs) {
      await until(`all on the ${server}`, () => held(server, past).length === RESOURCES.length, limitMs).catch(
        (error: unknown) =>
          assert.fail(
            `${(error as Error).message}: ${held(server, past).length} of ${RESOURCES.length}\n` +
              `${JSON.stringify(stage.phone().events.slice(-12))}\n${stage.phone().running.errors()}`,
          ),
      );
      return Math.max(...held(server, past).map(({ t }) => t));
    },
    publish(server, states) {
      for (const [user, what] of Object.entries(STATES[states])) tell[server](user, what);
    },
    async lit(states) {
      for (const [name, state] of Object.entries(LAMPS[states]))
        await until(`${name} is ${state}`, () => lamp(name) === state, START_MS);
    },
  };
}

interface Notified {
  readonly dialogs: number;
  readonly last: number;
}

/** When the last of the dialogs that a server notified from `since` on had its first NOTIFY, and how many there were; by the wire. */
function notifiedOnWire(stage: Stage, server: ServerName, since: number): Notified {
  const first = new Map<string, number>();
  for (const { at, from, method, status, callId } of stage.seen())
    if (at >= since && from === ADDRESSES[server] && method === 'NOTIFY' && status === null && !first.has(callId))
      first.set(callId, at);
  return { dialogs: first.size, last: Math.max(...first.values()) };
}

/** The same by the phone's word: TLS hides it from the wire. */
function notifiedInside(stage: Stage, server: ServerName, since: number): Notified {
  const first = new Map<string, number>();
  for (const one of stage.phone().events)
    if (one.at >= since && one.event === 'subscription' && one.state === 'active' && one.server === server)
      first.set(one.resource ?? '', first.get(one.resource ?? '') ?? one.at);
  return { dialogs: first.size, last: Math.max(...first.values()) };
}

/** Declares the tests of one fault. */
export function describeLamps(name: FaultName, transport: Transport = 'udp'): void {
  let stage: Stage;
  let watching: readonly string[] = WATCHING;
  let watch: Watcher;
  const isHidden = transport === 'tls';
  const notified = (server: ServerName, since: number): Notified =>
    isHidden ? notifiedInside(stage, server, since) : notifiedOnWire(stage, server, since);
  /** When the backup was first asked. */
  async function tried(since: number): Promise<number> {
    if (!isHidden) return stage.packet(since, asked(ADDRESSES.backup, 'SUBSCRIBE'));
    const found = (one: PhoneEventLine): boolean =>
      one.at >= since && one.event === 'attempt' && one.method === 'SUBSCRIBE' && one.server === 'backup';
    await stage.event('the backup is asked', found, START_MS);
    return stage.phone().events.find(found)?.at ?? Number.NaN;
  }
  const { begin: breakPrimary, end: mend } = whileBroken(() => stage.fault(name));

  /** What a server keeps in memory dies with it. */
  const mendWith = async (states: 'first' | 'second'): Promise<void> => {
    await mend();
    watch.publish('primary', states);
  };
  const moved = (event: 'failover' | 'failback', past: number): PhoneEventLine =>
    stage
      .phone()
      .events.slice(past)
      .find((one) => one.event === event && one.role === 'proxy') ?? assert.fail(`no ${event} of the proxy`);

  /** The whole ten, by the phone's clock and on the wire. */
  async function together(t: TestContext, past: number, since: number, limitMs: number): Promise<void> {
    const last = await watch.all('backup', past, limitMs);
    said(t, 'from failover of the proxy to ten on the backup', last - moved('failover', past).t, TOGETHER_MS);
    const began = await tried(since);
    // The capture may lag behind the phone's own word.
    await until('ten dialogs in the capture', () => notified('backup', since).dialogs >= RESOURCES.length, START_MS);
    const { dialogs, last: told } = notified('backup', since);
    assert.equal(dialogs, RESOURCES.length);
    said(t, 'first SUBSCRIBE at the backup to the tenth first NOTIFY, on the wire', told - began, TOGETHER_MS);
  }

  async function goesHome(t: TestContext, past: number, limitMs: number): Promise<void> {
    const since = Date.now();
    await mendWith('first');
    const back = Date.now();
    await watch.all('primary', past, limitMs);
    const { last } = notified('primary', since);
    said(t, 'way home of all ten', Math.max(0, last - back), limitMs);
    await watch.lit('first');
    if (isHidden) return;
    const left = (): number =>
      new Set(
        stage
          .seen()
          .filter((one) => one.at >= since && answered(ADDRESSES.backup, 'SUBSCRIBE')(one))
          .map(({ callId }) => callId),
      ).size;
    await until('the backup is unsubscribed', () => left() >= RESOURCES.length, START_MS);
  }

  /** The stage of a block of tests. */
  function withPresence(expiresS: number): void {
    before(async () => {
      // What they grant is short where renewals are waited for.
      const opened = await openOver(transport, { presence: transport, expiresS });
      ({ stage } = opened);
      watching = [...WATCHING, ...opened.choice];
      watch = watcher(stage);
      await stage.primaryStarts();
    });
    after(() => stage.close());
    afterEach(async () => {
      await stage.stopPhone();
      await mend();
    });
  }

  describe(`lamps, primary ${name}, over ${transport}`, () => {
    withPresence(60);

    it('noticed while idle: ten move together, their lamps go on; home again; and a start without the primary', async (t) => {
      watch.publish('primary', 'first');
      watch.publish('backup', 'first');
      const phone = stage.startPhone([...PROBING, ...watching], { board: 'virtual' });
      await watch.all('primary', 0, START_MS);
      await watch.lit('first');
      // Kamailio knows the package of shared lines, and tells nothing in it: its first NOTIFY has no body.
      const shared = phone.events.find((one) => one.event === 'subscription' && one.resource === SHARED)?.callId;
      if (!isHidden) await stage.packet(0, ({ method, callId }) => method === 'NOTIFY' && callId === shared);
      await stage.event('a probe is answered', ({ event }) => event === 'probe', START_MS);

      const past = phone.events.length;
      const broken = Date.now();
      await breakPrimary();
      await together(t, past, broken, IDLE_MS);
      said(t, 'noticed while idle, to the tenth NOTIFY', notified('backup', broken).last - broken, IDLE_MS);
      await watch.lit('first');
      watch.publish('backup', 'second');
      await watch.lit('second');
      await goesHome(t, phone.events.length, HOME_MS);

      await stage.stopPhone();
      await breakPrimary();
      const start = Date.now();
      stage.startPhone([...PROBING, ...watching], { board: 'virtual' });
      await watch.all('backup', 0, START_MS + SILENT_MS);
      const began = await tried(start);
      said(
        t,
        'a start: first SUBSCRIBE at the backup to the tenth NOTIFY',
        notified('backup', start).last - began,
        SILENT_MS,
      );
      await watch.lit('second');
      await goesHome(t, stage.phone().events.length, HOME_MS);
    });
  });

  describe(`renewals of lamps, primary ${name}, over ${transport}`, () => {
    withPresence(EXPIRES_S);

    it('a renewal that fails begins anew at the backup, and a later one comes home', async (t) => {
      const phone = stage.startPhone([...RENEWING, ...watching], { board: 'virtual' });
      await watch.all('primary', 0, START_MS);
      const since = Date.now();
      if (!isHidden) await stage.packet(since, answered(ADDRESSES.primary, 'SUBSCRIBE'));
      const past = phone.events.length;
      const broken = Date.now();
      await breakPrimary();
      await together(t, past, broken, RENEWALS_MS);
      watch.publish('backup', 'second');
      await watch.lit('second');
      await goesHome(t, phone.events.length, RENEWALS_MS);
    });
  });
}
