/** Owns the simulated DNS: a zone that can be changed and broken while the phone runs (architecture 4.13). */
import type { DnsMessage, DnsQuestion, DnsRecord, Effect, Input } from '../../firmware/vocabulary.ts';

type Query = Extract<Effect, { kind: 'dns-query' }>;
type Answer = Extract<Input, { kind: 'dns-answer' }>;

export type ZoneFault = 'none' | 'silent' | 'servfail' | 'truncated' | 'forged' | 'malformed';

export class Zone {
  readonly records: DnsRecord[] = [];
  fault: ZoneFault = 'none';
  /** Every question that arrived, `TYPE name`. */
  readonly asked: string[] = [];

  a(name: string, address: string, ttl = 60): this {
    this.records.push({ type: 'A', name, ttl, address });
    return this;
  }

  srv(name: string, target: string, port: number, priority = 10, weight = 10, ttl = 60): this {
    this.records.push({ type: 'SRV', name, ttl, priority, weight, port, target });
    return this;
  }

  cname(name: string, target: string, ttl = 60): this {
    this.records.push({ type: 'CNAME', name, ttl, target });
    return this;
  }

  remove(type: DnsQuestion['type'], name: string): void {
    for (let at = this.records.length - 1; at >= 0; at -= 1)
      if (this.records[at]?.type === type && this.records[at]?.name === name) this.records.splice(at, 1);
  }

  /** The answers to a query, in the order in which they arrive; none = silence. */
  answer(query: Query): readonly Answer[] {
    this.asked.push(`${query.question.type} ${query.question.name}`);
    const good = this.#message(query);
    const answer = (message: DnsMessage | 'malformed', from = query.server): Answer => ({ kind: 'dns-answer', id: query.id, from, transport: query.transport, message });
    switch (this.fault) {
      case 'silent':
        return [];
      case 'servfail':
        return [answer({ ...good, rcode: 2, answers: [], authorities: [] })];
      case 'malformed':
        return [answer('malformed')];
      case 'truncated':
        return [answer(query.transport === 'udp' ? { ...good, truncated: true, answers: [] } : good)];
      case 'forged': {
        const lie: DnsMessage = { ...good, answers: good.answers.map((record) => (record.type === 'A' ? { ...record, address: '198.51.100.66' } : record)) };
        return [answer({ ...lie, id: (good.id + 1) % 65_536 }), answer(lie, { address: '198.51.100.53', port: 53 }), answer(good)];
      }
      case 'none':
        return [answer(good)];
    }
  }

  #message({ transactionId, question }: Query): DnsMessage {
    const answers: DnsRecord[] = [];
    let name = question.name;
    for (let depth = 0; depth < 10; depth += 1) {
      const alias = this.records.find((record) => record.type === 'CNAME' && record.name === name);
      if (alias?.type !== 'CNAME') break;
      answers.push(alias);
      name = alias.target;
    }
    answers.push(...this.records.filter((record) => record.type === question.type && record.name === name));
    const exists = this.records.some((record) => record.name === name);
    return {
      id: transactionId,
      response: true,
      truncated: false,
      rcode: exists || answers.length > 0 ? 0 : 3,
      questions: [question],
      answers,
      authorities: [{ type: 'SOA', name: 'example.test', ttl: 30, minimum: 30 }],
      additionals: [],
    };
  }
}
