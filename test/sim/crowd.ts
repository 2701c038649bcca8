/**
 * Owns a crowd of simulated phones through the three storms of a site: all start after a power cut, all lose their primary at one
 * instant, all go home; and what of it the servers have to carry (rules 4). Phones do not know one another: each has a world of its
 * own, and equal instants make the crowd.
 */
import type { FailoverSettings, PhoneSettings } from '../../firmware/config/settings.ts';
import { cseqOf, expiresOf, headerValue } from '../../firmware/sip/message/headers.ts';
import { branchOf } from './checkers/wire.ts';
import { Notifier } from './notifier.ts';
import type { PeerFault } from './sip-peer.ts';
import { World } from './world.ts';

export type Storm = 'restart' | 'failover' | 'way home';
export const STORMS: readonly Storm[] = ['restart', 'failover', 'way home'];

/** `first`: begins an attempt; `copy`: goes to a further server in it; `remove`: takes a binding away; `repeat`: answers a challenge. */
export type SentKind = 'first' | 'copy' | 'remove' | 'repeat' | 'probe';

export interface Sent {
  /** Since the storm began, ms. */
  readonly at: number;
  readonly phone: number;
  readonly kind: SentKind;
  readonly method: string;
}

export interface CrowdOptions {
  readonly phones: number;
  readonly settings: PhoneSettings;
  readonly fault: Exclude<PeerFault, 'none'>;
  /** How long each storm is watched, ms. */
  readonly watchMs: number;
  readonly seed?: number;
  /** `row` (the usual): a delivery of phones, numbered on by their maker; `drawn`: nobody knows their numbers. */
  readonly macs?: 'row' | 'drawn';
}

export interface StormSeen {
  readonly storm: Storm;
  /** Oldest first; retransmissions left out. */
  readonly sent: readonly Sent[];
  /** Phones that were registered where they belong when the storm had passed, and had the subscriptions they want there. */
  readonly settled: number;
  /** In real time: the longest that the phones' own process stood still, ms: what was due meanwhile left together. */
  readonly stalledMs?: number;
}

export function runCrowd(options: CrowdOptions): readonly StormSeen[] {
  const seen = STORMS.map((storm) => ({ storm, sent: [] as Sent[], settled: 0 }));
  for (let phone = 0; phone < options.phones; phone += 1) runOne(phone, options, seen);
  for (const { sent } of seen) sent.sort((a, b) => a.at - b.at);
  return seen;
}

/** A maker's numbers, one after the other; any run begins somewhere else. */
export const macInRow = (phone: number, seed: number): string =>
  `00085D${((seed * 7919 + phone) % 2 ** 24).toString(16).padStart(6, '0').toUpperCase()}`;

function runOne(
  phone: number,
  { settings: all, fault, watchMs, seed = 1, macs = 'row' }: CrowdOptions,
  seen: readonly { sent: Sent[]; settled: number }[],
): void {
  const settings = macs === 'row' ? { ...all, mac: macInRow(phone, seed) } : all;
  const passwords = { '2001': 'secret-2001' };
  const there = (): World => world;
  const primary = new Notifier('192.0.2.1', there, passwords);
  const backup = new Notifier('192.0.2.2', there, passwords);
  const world: World = new World({ settings, peers: [primary, backup], unclean: true, seed: seed * 100_000 + phone });
  for (const peer of [primary, backup]) peer.attach(world);
  const begin = [
    () => world.start(),
    () => {
      primary.fault = fault;
      // A new process: what was bound there is lost.
      primary.restart(world.now);
    },
    () => {
      primary.fault = 'none';
    },
  ];
  for (const [index, storm] of seen.entries()) {
    const from = world.now;
    const before = world.wires.length;
    begin[index]?.();
    world.run(watchMs);
    storm.sent.push(...sentIn(world, before, from, phone));
    if (isServed(world, settings, index === 1 ? 'backup' : 'primary')) storm.settled += 1;
  }
}

function isServed(world: World, settings: PhoneSettings, server: 'primary' | 'backup'): boolean {
  const wants = settings.lines.some(({ explicitMwi }) => explicitMwi);
  const last = world.eventsOf('subscription').findLast(({ state }) => state === 'active');
  return world.registeredOn(server) && (!wants || last?.server === server);
}

/** What the phone sent from the `first` wire on, by kind. */
function sentIn(world: World, first: number, from: number, phone: number): readonly Sent[] {
  const branches = new Map<string, 'first' | 'copy'>();
  const attempts = new Set<string>();
  for (const { event } of world.events) {
    if (event.event !== 'attempt') continue;
    branches.set(event.branch, attempts.has(event.attempt) ? 'copy' : 'first');
    attempts.add(event.attempt);
  }
  const challenged = new Set<string>();
  const known = new Set<string>();
  return world.wires.flatMap(({ at, way, flow, message }, index): readonly Sent[] => {
    const cseq = cseqOf(message);
    const series = `${flow} ${headerValue(message, 'Call-ID')}`;
    const number = cseq.ok ? cseq.value.number : 0;
    if (message.kind === 'response') {
      if (message.status === 401) challenged.add(`${series} ${number + 1}`);
      return [];
    }
    const branch = branchOf(message);
    if (index < first || way === 'received' || known.has(branch)) return [];
    known.add(branch);
    const sent = (kind: SentKind): readonly Sent[] => [{ at: at - from, phone, kind, method: message.method }];
    if (message.method === 'OPTIONS') return sent('probe');
    if (challenged.has(`${series} ${number}`)) return sent('repeat');
    return sent(expiresOf(message) === 0 ? 'remove' : (branches.get(branch) ?? 'copy'));
  });
}

/** What is counted apart: how often a phone asks to be registered, and to be told of something. */
export const COUNTED = ['REGISTER', 'SUBSCRIBE'] as const;
export type Counted = (typeof COUNTED)[number];

export interface Verdict {
  readonly storm: Storm;
  /** The most attempts of each method that began in any second. */
  readonly peaks: Readonly<Record<Counted, number>>;
  /** Of both together, and the most that may; null = no bound is promised. */
  readonly peak: number;
  readonly peakBound: number | null;
  /** Requests of the busiest phone before the storm has passed, challenge repeats and probes left out, and the most that may be. */
  readonly requests: number;
  readonly requestsBound: number;
  /** Phones that were not where they belong in the end. */
  readonly astray: number;
  readonly ok: boolean;
}

const REQUESTS_BOUND = 4;

/** A site of N phones whose storm is spread over S seconds sees at most 2·N/S attempts in any second, and 4 requests a phone in all. */
export function judge({ storm, sent, settled }: StormSeen, phones: number, failover: FailoverSettings): Verdict {
  const { probePeriodS, jitterS, startSpreadS, profile } = failover;
  const spreadS = storm === 'restart' ? startSpreadS : Math.max(probePeriodS, jitterS, startSpreadS);
  const peakBound = profile !== 'modern' || spreadS === 0 ? null : (2 * phones) / spreadS;
  const [REGISTER, SUBSCRIBE] = COUNTED.map((method) => peakOf(attemptsOf(sent, [method]))) as [number, number];
  const peak = peakOf(attemptsOf(sent, COUNTED));
  // What is watched and what is registered have a window each, after the last phone has noticed; then come the usual renewals.
  const passedMs = profile === 'modern' ? (2 * spreadS + probePeriodS) * 1000 : Number.POSITIVE_INFINITY;
  const requests = Math.max(0, ...requestsByPhone(sent.filter(({ at }) => at <= passedMs)).values());
  const astray = phones - settled;
  const holds = peakBound === null || peak <= peakBound;
  const ok = astray === 0 && requests <= REQUESTS_BOUND && holds;
  return {
    storm,
    peaks: { REGISTER, SUBSCRIBE },
    peak,
    peakBound,
    requests,
    requestsBound: REQUESTS_BOUND,
    astray,
    ok,
  };
}

/** When attempts of that method began, oldest first. */
export const attemptsOf = (sent: readonly Sent[], wanted: readonly string[]): readonly number[] =>
  sent.filter(({ kind, method }) => kind === 'first' && wanted.includes(method)).map(({ at }) => at);

function requestsByPhone(sent: readonly Sent[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { phone, kind } of sent)
    if (kind !== 'repeat' && kind !== 'probe') counts.set(phone, (counts.get(phone) ?? 0) + 1);
  return counts;
}

/** The most in any second that begins with one of them. Times rise. */
export function peakOf(times: readonly number[]): number {
  let peak = 0;
  let oldest = 0;
  for (const [index, at] of times.entries()) {
    while ((times[oldest] ?? at) <= at - 1000) oldest += 1;
    peak = Math.max(peak, index - oldest + 1);
  }
  return peak;
}
