/** Owns the Prometheus text: counters from events, gauges from the status (interfaces 4). */
import type { PhoneEvent } from '../events.ts';
import type { PhoneStatus } from '../status.ts';

/** What grows with the events of a running phone, and never falls. */
export interface Counters {
  /** Failovers by reason. */
  readonly failovers: ReadonlyMap<string, number>;
  /** How long they took: for each of `BUCKETS_S` those that were not longer. */
  readonly durations: { readonly within: readonly number[]; readonly count: number; readonly sumS: number };
  /** By target, what the last good probe took, s. */
  readonly probes: ReadonlyMap<string, number>;
  /** Of the call whose sound was told of last: lost packets of those that should have come; null = there was none. */
  readonly sound: { readonly lossRatio: number | null };
}

/** Targets whose last probe is remembered: DNS may bring new ones for years. */
const PROBED_MAX = 64;

const BUCKETS_S = [0.05, 0.1, 0.5, 1, 2, 5, 10, 35];

export function createCounters(): Counters & { count(event: PhoneEvent): void } {
  const failovers = new Map<string, number>();
  const durations = { within: BUCKETS_S.map(() => 0), count: 0, sumS: 0 };
  const probes = new Map<string, number>();
  const sound = { lossRatio: null as number | null };
  return {
    failovers,
    durations,
    probes,
    sound,
    count(event) {
      if (event.event === 'media') sound.lossRatio = event.lost / Math.max(1, event.packets + event.lost);
      if (event.event === 'probe' && event.ok) {
        probes.delete(event.target);
        probes.set(event.target, event.took / 1000);
        const [oldest] = probes.keys();
        if (oldest !== undefined && probes.size > PROBED_MAX) probes.delete(oldest);
      }
      if (event.event !== 'failover') return;
      failovers.set(event.cause, (failovers.get(event.cause) ?? 0) + 1);
      const seconds = event.took / 1000;
      durations.within = durations.within.map((count, index) => count + (seconds <= (BUCKETS_S[index] ?? 0) ? 1 : 0));
      durations.count += 1;
      durations.sumS += seconds;
    },
  };
}

const label = (text: string): string => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

export function metricsText(status: PhoneStatus, { failovers, durations, probes, sound }: Counters): string {
  const lines: string[] = [];
  const metric = (name: string, type: string, help: string, rows: readonly string[]): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...rows);
  };
  const registrars = status.lines.flatMap(({ line, registrar }) => (registrar === null ? [] : [{ line, registrar }]));
  metric(
    'sip_registration_state',
    'gauge',
    '1 where the line is registered on that server',
    registrars.flatMap(({ line, registrar }) =>
      (['primary', 'backup'] as const).map(
        (server) =>
          `sip_registration_state{line="${line}",server="${server}"} ${registrar.state === 'registered' && registrar.server === server ? 1 : 0}`,
      ),
    ),
  );
  metric(
    'sip_active_server',
    'gauge',
    '0 none, 1 primary, 2 backup',
    registrars.map(
      ({ line, registrar }) =>
        `sip_active_server{line="${line}"} ${registrar.server === null ? 0 : registrar.server === 'primary' ? 1 : 2}`,
    ),
  );
  metric(
    'sip_failovers_total',
    'counter',
    'Moves to a further server',
    [...failovers].map(([reason, n]) => `sip_failovers_total{reason="${label(reason)}"} ${n}`),
  );
  metric('sip_failover_duration_seconds', 'histogram', 'From the start of the attempt to the binding', [
    ...BUCKETS_S.map((le, index) => `sip_failover_duration_seconds_bucket{le="${le}"} ${durations.within[index] ?? 0}`),
    `sip_failover_duration_seconds_bucket{le="+Inf"} ${durations.count}`,
    `sip_failover_duration_seconds_sum ${durations.sumS}`,
    `sip_failover_duration_seconds_count ${durations.count}`,
  ]);
  metric(
    'dns_answer_age_seconds',
    'gauge',
    'Age of the answer in use',
    status.dns.map(({ name, type, age }) => `dns_answer_age_seconds{name="${label(name)}",type="${type}"} ${age}`),
  );
  metric('sip_target_dead', 'gauge', '1 where the target is known to be dead', deadRows(status));
  metric(
    'sip_probe_rtt_seconds',
    'gauge',
    'What the last good probe took',
    [...new Set(status.targets.map(({ target }) => target))].flatMap((target) =>
      probes.has(target) ? [`sip_probe_rtt_seconds{target="${label(target)}"} ${probes.get(target)}`] : [],
    ),
  );
  metric(
    'rtp_loss_ratio',
    'gauge',
    'Lost packets of those that should have come, of the last call',
    sound.lossRatio === null ? [] : [`rtp_loss_ratio ${sound.lossRatio}`],
  );
  return `${lines.join('\n')}\n`;
}

/** Behind an outbound proxy several servers have one target: each is told with the name of its server, and none twice. */
function deadRows({ targets }: PhoneStatus): readonly string[] {
  const rows = new Map<string, boolean>();
  for (const { target, via, name, health } of targets) {
    const series = `sip_target_dead{target="${label(target)}"${via === null ? '' : `,for="${label(name)}"`}}`;
    rows.set(series, rows.get(series) === true || health === 'dead');
  }
  return [...rows].map(([series, dead]) => `${series} ${dead ? 1 : 0}`);
}
