/** Owns the whole stage of a file of tests: the network, the servers on it, the phone among them, and what is waited for. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildNetwork, filter, plug, removeNetwork } from './network.ts';
import type { PhoneEventLine, Seat, TestBoard, TestPhone } from './phone.ts';
import { SEATS, startPhone, stateOf } from './phone.ts';
import type { Running } from './process.ts';
import { until } from './process.ts';
import { hasStarted, setStatus, startBind, startRegistrar, usualZone, writeZone } from './servers.ts';
import type { Seen } from './wire.ts';
import { asked, watchWire } from './wire.ts';

/** Kamailio, BIND and Node start on a loaded host, ms. */
export const START_MS = 30_000;
export const H_MS = 1500;

export const FAULTS = ['killed', 'frozen', 'vanished', 'blackholed', 'unreachable', '503', '500'] as const;

export type FaultName = (typeof FAULTS)[number];

export interface Fault {
  readonly begin: () => Promise<void> | void;
  readonly end: () => Promise<void> | void;
}

export interface Stage {
  readonly folder: string;
  /** What befalls the primary. */
  readonly fault: (name: FaultName) => Fault;
  readonly primary: () => Running;
  /** Waits until the usual registrar at the primary's place would answer: before that nothing can be broken. */
  primaryStarts(): Promise<number>;
  /** Starts the server at the primary's place anew: `start`, or the usual registrar. */
  setPrimary(start?: (folder: string) => Running): Promise<void>;
  /** The name server with other records, or dead (null). */
  setZone(records: readonly string[] | null): Promise<void>;
  /** With `keepsState` what an earlier phone has stored is there. */
  startPhone(
    parameters: readonly string[],
    options?: {
      readonly keepsState?: boolean;
      readonly seat?: Seat['node'];
      readonly board?: TestBoard;
      readonly bind?: string;
    },
  ): TestPhone;
  stopPhone(seat?: Seat['node']): Promise<void>;
  /** The one that the rest of this looks at. */
  phone(): TestPhone;
  /** What was on the phone's wire so far. */
  seen(): readonly Seen[];
  /** How many REGISTERs went to that address after `since`. */
  registersTo(address: string, since: number): number;
  /** Waits until the phone is registered there by its own word; ms it took. */
  onServer(server: 'primary' | 'backup', limitMs: number): Promise<number>;
  /** Waits for an event after the first `past` ones. */
  event(what: string, fits: (event: PhoneEventLine) => boolean, limitMs: number, past?: number): Promise<number>;
  /** Ms since 1970 of the first such packet from `since` on; the capture prints a packet later than the phone's event. */
  packet(since: number, fits: (seen: Seen) => boolean): Promise<number>;
  /** The servers that REGISTERs went to, or waited for a connection to, in order and by the events from `begin` on: what waits for an ARP answer is on no wire. */
  walked(begin: number): readonly (string | undefined)[];
  close(): Promise<void>;
}

export interface StageOptions {
  /** Both registrars, as the tests of a file want them. */
  readonly registrar?: (node: 'primary' | 'backup', folder: string) => Running;
}

export function openStage({ registrar = startRegistrar }: StageOptions = {}): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-interop-'));
  buildNetwork();
  writeZone(folder, 1, usualZone());
  let serial = 1;
  let primary = registrar('primary', folder);
  const backup = registrar('backup', folder);
  let bind = startBind(folder);
  const wire = watchWire();
  const phones = new Map<Seat['node'], TestPhone>();
  /** What the phone told last, but for what it looks up. */
  const told = (): string =>
    JSON.stringify(
      running()
        .events.filter(({ event }) => event !== 'dns' && event !== 'probe')
        .slice(-12),
    );
  const running = (): TestPhone => phones.get('phone') ?? assert.fail('no phone runs');

  const primaryStarts: Stage['primaryStarts'] = () =>
    until('the primary opens its sockets', () => hasStarted('primary', folder), START_MS);
  const setPrimary: Stage['setPrimary'] = async (start) => {
    await primary.kill();
    primary = (start ?? ((where) => registrar('primary', where)))(folder);
    if (start !== undefined) return;
    await primaryStarts();
  };
  const answering = (status: number): Fault => ({
    begin: () => setStatus('primary', folder, status),
    end: () => setStatus('primary', folder, 0),
  });
  const faults: Readonly<Record<FaultName, Fault>> = {
    killed: { begin: () => primary.kill(), end: () => setPrimary() },
    frozen: { begin: () => primary.signal('SIGSTOP'), end: () => primary.signal('SIGCONT') },
    vanished: { begin: () => plug('primary', 'down'), end: () => plug('primary', 'up') },
    blackholed: { begin: () => filter('primary', 'drop'), end: () => filter('primary', null) },
    unreachable: {
      begin: () => filter('primary', 'reject with icmp type host-unreachable'),
      end: () => filter('primary', null),
    },
    503: answering(503),
    500: answering(500),
  };
  return {
    folder,
    fault: (name) => faults[name],
    primary: () => primary,
    primaryStarts,
    setPrimary,
    async setZone(records) {
      await bind.kill();
      if (records === null) return;
      serial += 1;
      writeZone(folder, serial, records);
      bind = startBind(folder);
    },
    startPhone(parameters, { keepsState = false, seat = 'phone', board = 'headless', bind: at } = {}) {
      if (!keepsState) rmSync(stateOf(folder, SEATS[seat]), { recursive: true, force: true });
      const phone = startPhone(folder, parameters, SEATS[seat], board, at);
      phones.set(seat, phone);
      return phone;
    },
    async stopPhone(seat = 'phone') {
      await phones.get(seat)?.running.kill();
      phones.delete(seat);
    },
    phone: running,
    seen: () => wire.seen,
    registersTo: (address, since) => wire.seen.filter((seen) => seen.at > since && asked(address)(seen)).length,
    onServer: (server, limitMs) =>
      until(`registered on the ${server}`, () => running().serving() === server, limitMs).catch((error: unknown) =>
        assert.fail(`${(error as Error).message}\n${told()}\n${running().running.errors()}\n${primary.errors()}`),
      ),
    event: (what, fits, limitMs, past = 0) =>
      until(what, () => running().events.slice(past).some(fits), limitMs).catch((error: unknown) =>
        assert.fail(`${(error as Error).message}\n${told()}`),
      ),
    async packet(since, fits) {
      const first = () => wire.seen.find((one) => one.at >= since && fits(one));
      await until('a packet on the wire', () => first() !== undefined, START_MS);
      return first()?.at ?? Number.NaN;
    },
    walked: (begin) =>
      running()
        .events.slice(begin)
        .filter(({ event, method }) => (event === 'attempt' || event === 'connecting') && method === 'REGISTER')
        .map(({ server }) => server)
        .filter((server, at, all) => server !== all[at - 1]),
    async close() {
      await Promise.all([...phones.values()].map(({ running: process }) => process.kill()));
      await Promise.all([wire.close(), ...[primary, backup, bind].map((each) => each.kill())]);
      removeNetwork();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
