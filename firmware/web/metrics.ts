/** Owns the Prometheus text: counters from events, gauges from the status (interfaces 4). */
import type { PhoneEvent } from '../events.ts';
import type { PhoneStatus } from '../status.ts';

/** What grows with the events of a running phone, and never falls. */
export interface Counters {
  /** Failovers by reason. */
  readonly failovers: ReadonlyMap<string, number>;
  /** How long they took: for each of `BUCKETS_S` those that were not longer. */
  readonly durations: { readonly within: readonly number[]; readonly count: number; readonly sumS: number };
}

const BUCKETS_S = [0.05, 0.1, 0.5, 1, 2, 5, 10, 35];

export function createCounters(): Counters & { count(event: PhoneEvent): void } {
  const failovers = new Map<string, number>();
  const durations = { within: BUCKETS_S.map(() => 0), count: 0, sumS: 0 };
  return {
    failovers,
    durations,
    count(event) {
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

export function metricsText(status: PhoneStatus, { failovers, durations }: Counters): string {
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
  metric(
    'sip_target_dead',
    'gauge',
    '1 where the target is known to be dead',
    status.targets.map(
      ({ target, health }) => `sip_target_dead{target="${label(target)}"} ${health === 'dead' ? 1 : 0}`,
    ),
  );
  return `${lines.join('\n')}\n`;
}
