/** Owns that counters never fall, however many failovers there were. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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
});
