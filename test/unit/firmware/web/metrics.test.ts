/** Owns that counters never fall, however many failovers there were. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TargetStatus } from '../../../../firmware/status.ts';
import { createCounters, metricsText } from '../../../../firmware/web/metrics.ts';

const status = {
  profile: 'modern',
  model: '57i',
  version: 'test',
  uptime: 0,
  link: 'up',
  lines: [],
  subscriptions: [],
  targets: [],
  dns: [],
} as const;

describe('metrics', () => {
  it('remember the probes of a bounded number of targets, the latest ones', () => {
    const counters = createCounters();
    for (let count = 0; count < 1000; count += 1)
      counters.count({ event: 'probe', target: `udp:192.0.2.1:${count}`, ok: true, took: count });
    assert.deepEqual([counters.probes.size, counters.probes.get('udp:192.0.2.1:999')], [64, 0.999]);
  });

  it('count thousands of failovers, each in every bucket that it fits', () => {
    const counters = createCounters();
    for (let count = 0; count < 2500; count += 1)
      counters.count({
        event: 'failover',
        line: 1,
        role: 'registrar',
        from: 'a',
        to: 'b',
        cause: 'no"answer',
        took: 300,
      });
    counters.count({ event: 'stopped', code: 0 });
    const text = metricsText(status, counters);
    for (const line of [
      'sip_failovers_total{reason="no\\"answer"} 2500',
      'sip_failover_duration_seconds_bucket{le="0.1"} 0',
      'sip_failover_duration_seconds_bucket{le="0.5"} 2500',
      'sip_failover_duration_seconds_bucket{le="35"} 2500',
      'sip_failover_duration_seconds_count 2500',
    ])
      assert.ok(text.split('\n').includes(line), line);
  });

  it('are text as a scraper reads it (exposition format 0.0.4): each family said once, typed, complete, every sample a number', () => {
    const registrar = {
      ...{
        state: 'registered' as const,
        server: 'backup' as const,
        target: 'udp:192.0.2.2:5060',
        since: 1,
        expiresIn: 60,
        code: 200,
      },
      ...{ retryIn: null, switching: false, reason: 'x', lists: { primary: [], backup: [] } },
    } as const;
    const line = { line: 1, aor: 'sip:a@b', screenName: '', userName: 'a', messages: null, proxy: null, registrar };
    const dns = [{ name: 'a"\\\n.test', type: 'SRV', age: 1.5, ttl: 3, source: 'live' }] as const;
    const counters = createCounters();
    counters.count({ event: 'failover', line: 1, role: 'registrar', from: 'a', to: 'b', cause: 'x', took: 1502 });
    counters.count({ event: 'probe', target: 'udp:192.0.2.1:5060', ok: true, took: 12 });
    counters.count({ event: 'probe', target: 'udp:192.0.2.9:5060', ok: true, took: 12 });
    counters.count({ event: 'probe', target: 'udp:192.0.2.1:5060', ok: false, took: 1500, cause: 'no-answer' });
    const target: TargetStatus = {
      ...{ target: 'udp:192.0.2.1:5060', via: null, server: 'primary', name: 'main', health: 'live', cause: null },
      ...{ code: null, deadSince: null, retryAfter: null, probeable: true, nextProbeIn: 1, hMs: 100, lastAnswerAge: 1 },
    };
    // Two servers behind one outbound proxy, of which one name is there twice, with ports of their own.
    const targets: readonly TargetStatus[] = [
      target,
      ...(['main', 'backup', 'backup'] as const).map((name, at) => ({
        ...target,
        ...{ name, via: 'proxy', health: at === 1 ? ('dead' as const) : ('live' as const) },
      })),
    ];
    const heard = { call: 'a', concealed: 0, jitterMs: 1, delayMs: 20 };
    counters.count({ event: 'media', ...heard, packets: 0, lost: 0 });
    counters.count({ event: 'media', ...heard, packets: 150, lost: 50 });
    const families = scraped(metricsText({ ...status, lines: [line, { ...line, line: 2 }], dns, targets }, counters));
    for (const [name, type] of [
      ['sip_registration_state', 'gauge'],
      ['sip_active_server', 'gauge'],
      ['sip_failovers_total', 'counter'],
      ['sip_failover_duration_seconds', 'histogram'],
      ['dns_answer_age_seconds', 'gauge'],
      ['sip_target_dead', 'gauge'],
      ['sip_probe_rtt_seconds', 'gauge'],
      ['rtp_loss_ratio', 'gauge'],
    ] as const)
      assert.equal(families.get(name)?.type, type, name);
    const samples = (name: string): readonly Sample[] => families.get(name)?.samples ?? [];
    assert.deepEqual(
      samples('sip_registration_state').map(({ labels, value }) => `${labels['line']} ${labels['server']} ${value}`),
      ['1 primary 0', '1 backup 1', '2 primary 0', '2 backup 1'],
    );
    assert.equal(samples('dns_answer_age_seconds')[0]?.labels['name'], 'a"\\\n.test', 'what is escaped reads back');
    assert.deepEqual(
      samples('sip_target_dead').map(({ labels, value }) => `${labels['target']} ${labels['for']} ${value}`),
      ['udp:192.0.2.1:5060 undefined 0', 'udp:192.0.2.1:5060 main 0', 'udp:192.0.2.1:5060 backup 1'],
    );
    assert.deepEqual(samples('sip_probe_rtt_seconds'), [{ labels: { target: 'udp:192.0.2.1:5060' }, value: 0.012 }]);
    assert.deepEqual(samples('rtp_loss_ratio'), [{ labels: {}, value: 0.25 }]);
    const buckets = samples('sip_failover_duration_seconds').filter(({ labels }) => labels['le'] !== undefined);
    assert.ok(buckets.every(({ value }, index) => index === 0 || value >= (buckets[index - 1]?.value ?? 0)));
    assert.equal(buckets.at(-1)?.labels['le'], '+Inf');
    assert.equal(buckets.at(-1)?.value, 1);
  });
});

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** As strict as a scraper: an unknown line, a family that comes twice, a sample without one, a sample said twice ends it. */
function scraped(text: string): ReadonlyMap<string, { readonly type: string; readonly samples: Sample[] }> {
  assert.ok(text.endsWith('\n'));
  const families = new Map<string, { type: string; samples: Sample[] }>();
  const seen = new Set<string>();
  let current = '';
  for (const row of text.slice(0, -1).split('\n')) {
    const [, help] = /^# HELP ([a-zA-Z_:][\w:]*) \S.*$/.exec(row) ?? [];
    const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(row) ?? [];
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(row) ?? [];
    if (help !== undefined) {
      assert.ok(!families.has(help), `${help} comes twice`);
      families.set(help, { type: '', samples: [] });
      current = help;
    } else if (typed !== undefined) {
      assert.equal(typed, current);
      families.set(typed, { type: type ?? '', samples: [] });
    } else {
      assert.ok(
        name !== undefined &&
          name.replace(/_(?:bucket|sum|count)$/, '') === current.replace(/_(?:bucket|sum|count)$/, ''),
        row,
      );
      assert.ok(!seen.has(`${name}{${labels}}`), `${row} comes twice`);
      seen.add(`${name}{${labels}}`);
      const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/g)];
      assert.equal(pairs.map(([all]) => all).join(''), labels, row);
      assert.match(value ?? '', /^-?\d+(?:\.\d+)?(?:e-?\d+)?$/);
      const entries = pairs.map(([, key = '', held = '']) => [
        key,
        held.replace(/\\(.)/g, (_all, sign: string) => (sign === 'n' ? '\n' : sign)),
      ]);
      families
        .get(current)
        ?.samples.push({ labels: Object.fromEntries(entries) as Record<string, string>, value: Number(value) });
    }
  }
  return families;
}
