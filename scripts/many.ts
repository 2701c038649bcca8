/** Owns `npm run many`: a thousand phones restart, fail over and come home; the attempts per second, beside the timers of the original. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { PhoneSettings, Profile } from '../firmware/config/settings.ts';
import type { StormSeen, Verdict } from '../test/sim/crowd.ts';
import { attemptsOf, COUNTED, judge, runCrowd } from '../test/sim/crowd.ts';
import { phoneSettings } from '../test/support/settings.ts';
import type { Panel } from './many/chart.ts';
import { spark, svg } from './many/chart.ts';
import { runReal } from './many/real.ts';
import { kamailioSite, labSite } from './many/sites.ts';

const USAGE = `npm run many -- [--phones 1000] [--profile modern|r2.0|r2.1] [--fault killed|silent] [--expires S]
  [--probe-period S] [--jitter S] [--spread S] [--watch S] [--seed N] [--subscribe] [--against lab|kamailio] [--svg FILE]
  --subscribe: each waits for messages too; --against runs in real time, with real sockets; otherwise the clock is virtual`;
const NUMBERS = {
  phones: 1000,
  // Renewals fall into no storm of `modern`, and are what moves the others.
  expires: 300,
  'probe-period': 15,
  jitter: 60,
  spread: 60,
  watch: 220,
  seed: 1,
} as const;
const PROFILES: readonly Profile[] = ['modern', 'r2.0', 'r2.1'];
const FAULTS = ['killed', 'silent'] as const;
const SITES = { lab: labSite, kamailio: kamailioSite } as const;

type Numbers = Readonly<Record<keyof typeof NUMBERS, number>>;

interface Order extends Numbers {
  readonly profiles: readonly Profile[];
  readonly fault: (typeof FAULTS)[number];
  /** Null: under the virtual clock. */
  readonly against: keyof typeof SITES | null;
  readonly svg: string | null;
  readonly subscribes: boolean;
}

function readOrder(args: readonly string[]): Order {
  const names = [...Object.keys(NUMBERS), 'profile', 'fault', 'against', 'svg'];
  const text = Object.fromEntries(names.map((name) => [name, { type: 'string' }] as const));
  const options = { ...text, subscribe: { type: 'boolean' } } as const;
  const { subscribe = false, ...given } = parseArgs({ args: [...args], options }).values;
  const values = given as Readonly<Record<string, string | undefined>>;
  const numbers = Object.fromEntries(
    Object.entries(NUMBERS).map(([name, standard]) => [name, readNumber(name, values[name], standard)]),
  ) as Numbers;
  const { profile, fault = 'killed', against } = values;
  const site = against === 'lab' || against === 'kamailio' ? against : null;
  const profiles = PROFILES.filter((name) => (profile === undefined ? name !== 'r2.1' : name === profile));
  const known = FAULTS.find((name) => name === fault);
  if (profiles.length === 0 || known === undefined || (against !== undefined && site === null))
    throw new Error('no such profile, fault or servers');
  if (site !== null && known !== 'killed') throw new Error('real servers are killed');
  return { ...numbers, profiles, fault: known, against: site, svg: values['svg'] ?? null, subscribes: subscribe };
}

function readNumber(name: string, text: string | undefined, standard: number): number {
  const value = text === undefined ? standard : Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${name} ${text}: a whole number`);
}

function settingsOf(order: Order, profile: Profile): PhoneSettings {
  const settings = phoneSettings({
    failover: {
      profile,
      probePeriodS: order['probe-period'],
      jitterS: order.jitter,
      startSpreadS: profile === 'modern' ? order.spread : 0,
    },
  });
  const lines = settings.lines.map((line) => ({
    ...line,
    registrationPeriodS: order.expires,
    explicitMwi: order.subscribes,
    proxy: order.subscribes ? line.registrar : line.proxy,
  }));
  return { ...settings, lines, subscriptions: { ...settings.subscriptions, mwiPeriodS: order.expires } };
}

async function run(order: Order): Promise<number> {
  const rows: Panel[][] = [];
  let ok = true;
  for (const profile of order.profiles) {
    const settings = settingsOf(order, profile);
    const started = performance.now();
    const { storms, clock } = await stormsOf(order, settings);
    const took = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`\n${profile}: ${order.phones} phones, primary ${order.fault} (${clock}, ${took} s)\n`);
    const verdicts = storms.map((storm) => judge(storm, order.phones, settings.failover));
    for (const [index, verdict] of verdicts.entries()) tell(verdict, storms[index], order);
    // The original's timers promise nothing: they stand beside ours to be compared.
    ok &&= profile !== 'modern' || verdicts.every((verdict) => verdict.ok);
    rows.push(storms.map((storm, index) => panelOf(profile, storm, verdicts[index])));
  }
  const heading = `${order.phones} phones at one site: REGISTER attempts per second`;
  if (order.svg !== null) writeFileSync(order.svg, svg(rows, order.watch, heading));
  return ok ? 0 : 1;
}

async function stormsOf(
  order: Order,
  settings: PhoneSettings,
): Promise<{ readonly storms: readonly StormSeen[]; readonly clock: string }> {
  const { phones, fault, seed, against } = order;
  const watchMs = order.watch * 1000;
  if (against === null) return { storms: runCrowd({ phones, settings, fault, watchMs, seed }), clock: 'virtual time' };
  const site = await SITES[against](phones);
  // Servers that outlive the run hold their ports.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void site.stop().finally(() => process.exit(1)));
  try {
    return { storms: await runReal({ phones, settings, watchMs }, site), clock: `real time, ${site.name}` };
  } finally {
    await site.stop();
  }
}

function tell(verdict: Verdict, seen: StormSeen | undefined, order: Order): void {
  const { storm, peaks, peak, peakBound, requests, requestsBound, astray } = verdict;
  const promised = peakBound === null ? 'none promised' : `at most ${peakBound.toFixed(1)}`;
  const held = verdict.ok ? 'ok  ' : 'MISS';
  const counted = COUNTED.filter((method) => method === 'REGISTER' || order.subscribes);
  const each = counted.map((method) => `${peaks[method]} ${method}`).join(', ');
  const told = `${String(peak).padStart(4)}${counted.length > 1 ? ` (${each})` : ''}`;
  const stalled = seen?.stalledMs === undefined ? '' : `, this machine stood still for ${seen.stalledMs.toFixed(0)} ms`;
  process.stdout.write(
    `  ${held} ${storm.padEnd(9)} peak ${told} a second (${promised}), ${requests} requests a phone (at most ${requestsBound}), ${astray} astray${stalled}\n`,
  );
  for (const method of counted)
    process.stdout.write(
      `       ${method.padEnd(9)} |${spark(attemptsOf(seen?.sent ?? [], [method]), order.watch, order.phones)}\n`,
    );
}

const panelOf = (profile: Profile, { storm, sent }: StormSeen, verdict: Verdict | undefined): Panel => ({
  title: `${profile}: ${storm} of all`,
  note: `peak ${verdict?.peaks.REGISTER ?? 0} in a second`,
  times: attemptsOf(sent, ['REGISTER']),
  bound: verdict?.peakBound ?? null,
});

try {
  process.exitCode = await run(readOrder(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 2;
}
