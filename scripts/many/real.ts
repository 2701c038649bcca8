/**
 * Owns the same three storms in real time: phones of the shell in this process, each with sockets of its own, against registrars that
 * are killed and started again; what they send is told by their own events.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { PhoneSettings } from '../../firmware/config/settings.ts';
import type { PhoneEvent } from '../../firmware/events.ts';
import { ok } from '../../firmware/kernel/result.ts';
import { createLog } from '../../firmware/shell/log.ts';
import type { RunningPhone } from '../../firmware/shell/run.ts';
import { startPhone } from '../../firmware/shell/run.ts';
import type { StateFolder } from '../../firmware/shell/state-folder.ts';
import type { Sent, StormSeen } from '../../test/sim/crowd.ts';
import { macInRow, STORMS } from '../../test/sim/crowd.ts';

/** Where the phones register. */
export interface Site {
  readonly name: string;
  /** The settings with the servers and the account of one phone. */
  place(settings: PhoneSettings, phone: number): PhoneSettings;
  kill(): Promise<void>;
  revive(): Promise<void>;
  stop(): Promise<void>;
}

/** Nothing is kept: each run begins after a power cut. */
const FORGETFUL: StateFolder = {
  path: '',
  unclean: true,
  stored: {},
  problems: [],
  store: () => Promise.resolve(ok(null)),
  close: () => Promise.resolve(),
};

export interface RealOptions {
  readonly phones: number;
  readonly settings: PhoneSettings;
  readonly watchMs: number;
}

export async function runReal({ phones, settings, watchMs }: RealOptions, site: Site): Promise<readonly StormSeen[]> {
  let sent: Sent[] = [];
  let began = performance.now();
  const running: RunningPhone[] = [];
  const stalls = monitorEventLoopDelay({ resolution: 20 });
  stalls.enable();
  const watch = async (storm: StormSeen['storm'], home: 'primary' | 'backup'): Promise<StormSeen> => {
    await new Promise((resolve) => setTimeout(resolve, watchMs - (performance.now() - began)));
    const settled = running.filter(({ host }) => {
      const { lines, subscriptions } = host.status();
      const registrar = lines[0]?.registrar;
      const served = subscriptions.every(({ state, server }) => state === 'active' && server === home);
      return registrar?.state === 'registered' && registrar.server === home && served;
    });
    const seen: StormSeen = { storm, sent, settled: settled.length, stalledMs: stalls.max / 1e6 };
    stalls.reset();
    sent = [];
    began = performance.now();
    return seen;
  };
  const [restart = 'restart', failover = 'failover', wayHome = 'way home'] = STORMS;
  try {
    for (let phone = 0; phone < phones; phone += 1) {
      // Making a phone waits for nothing but itself: the timers of those before it must have their turn.
      await new Promise((resolve) => setImmediate(resolve));
      running.push(
        await startOne(site.place({ ...settings, mac: macInRow(phone, 1) }, phone), (what) =>
          sent.push({ at: performance.now() - began, phone, ...what }),
        ),
      );
    }
    const storms = [await watch(restart, 'primary')];
    await site.kill();
    storms.push(await watch(failover, 'backup'));
    await site.revive();
    storms.push(await watch(wayHome, 'primary'));
    return storms;
  } finally {
    stalls.disable();
    await Promise.all(running.map((phone) => phone.abort()));
  }
}

async function startOne(
  settings: PhoneSettings,
  tell: (what: Pick<Sent, 'kind' | 'method'>) => void,
): Promise<RunningPhone> {
  const phone = await startPhone({
    effective: { settings, problems: [], effective: new Map(), beneath: new Map() },
    bind: '127.0.0.1',
    nameServers: [],
    hosts: {},
    state: FORGETFUL,
    log: createLog('silent'),
    devices: {},
    tls: { files: { authorities: null, certificate: null, key: null }, problems: [] },
    version: 'many',
    seed: null,
    recording: null,
  });
  const attempts = new Set<string>();
  const note = (event: PhoneEvent): void => {
    if (event.event === 'probe') tell({ kind: 'probe', method: 'OPTIONS' });
    if (event.event === 'unregistered') tell({ kind: 'remove', method: 'REGISTER' });
    if (event.event !== 'attempt') return;
    const kind = event.reason === 'challenge' ? 'repeat' : attempts.has(event.attempt) ? 'copy' : 'first';
    tell({ kind, method: event.method });
    attempts.add(event.attempt);
  };
  phone.events.subscribe(({ event }) => note(event));
  phone.events.open({ http: null, https: null });
  return phone;
}
