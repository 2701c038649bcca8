/** Owns how an answer is told: the public `dns` event (docs/interfaces.md 3). */
import type { DnsFailure, DnsRecordView, PhoneEvent } from '../events.ts';
import type { DnsQuestion, DnsRecord } from '../vocabulary.ts';

type DnsEvent = Extract<PhoneEvent, { event: 'dns' }>;

export const dnsEvent = (
  { name, type }: DnsQuestion,
  result: readonly DnsRecord[] | DnsFailure,
  ttl: number,
  source: DnsEvent['source'],
): { readonly kind: 'event'; readonly event: DnsEvent } => ({
  kind: 'event',
  event: { event: 'dns', name, type, result: typeof result === 'string' ? result : result.map(viewOf), ttl, source },
});

function viewOf(record: DnsRecord): DnsRecordView {
  const { name } = record;
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return { name, address: record.address };
    case 'SRV':
      return { name, target: record.target, port: record.port, priority: record.priority, weight: record.weight };
    case 'NAPTR':
      return { name, target: record.replacement };
    default:
      return { name };
  }
}
