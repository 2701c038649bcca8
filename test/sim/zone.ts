/** Owns the simulated DNS: a zone that can be changed and broken while the phone runs (architecture 4.13). */
import type { DnsMessage, DnsQuestion, DnsRecord, Effect, Input } from '../../firmware/vocabulary.ts';

type Query = Extract<Effect, { kind: 'dns-query' }>;
type Answer = Extract<Input, { kind: 'dns-answer' }>;

/** `forged`: before the true answer come lies with a wrong id, and from a wrong source. */
export type ZoneFault =
  | 'none'
  | 'silent'
  | 'servfail'
  | 'nxdomain'
  | 'truncated'
  | 'forged'
  | 'malformed'
  | 'no-edns'
  | 'landing-page';

/** What a lying name server says; nothing may ever be sent there. */
export const FORGED_ADDRESS = '198.51.100.66';
/** What a captive portal answers for every name. */
export const LANDING_ADDRESS = '198.51.100.80';

export class Zone {
  readonly records: DnsRecord[] = [];
  fault: ZoneFault = 'none';
  /** Name servers that never answer. */
  readonly deadServers = new Set<string>();
  /** Every question that arrived, `TYPE name`. */
  readonly asked: string[] = [];

  a(name: string, address: string, ttl = 60): this {
    this.records.push({ type: address.includes(':') ? 'AAAA' : 'A', name, ttl, address });
    return this;
  }

  srv(name: string, target: string, port: number, priority = 10, rest: { weight?: number; ttl?: number } = {}): this {
    const { weight = 10, ttl = 60 } = rest;
    this.records.push({ type: 'SRV', name, ttl, priority, weight, port, target });
    return this;
  }

  cname(name: string, target: string, ttl = 60): this {
    this.records.push({ type: 'CNAME', name, ttl, target });
    return this;
  }

  remove(type: DnsQuestion['type'], name: string): readonly DnsRecord[] {
    const gone = this.records.filter((record) => record.type === type && record.name === name);
    for (const record of gone) this.records.splice(this.records.indexOf(record), 1);
    return gone;
  }

  /** The answers to a query, in the order in which they arrive; none = silence. */
  answer(query: Query): readonly Answer[] {
    this.asked.push(`${query.question.type} ${query.question.name}`);
    if (this.deadServers.has(query.server.address)) return [];
    const good = this.#message(query);
    const answer = (message: DnsMessage | 'malformed', from = query.server): Answer => ({
      kind: 'dns-answer',
      id: query.id,
      from,
      transport: query.transport,
      message,
    });
    switch (this.fault) {
      case 'silent':
        return [];
      case 'servfail':
        return [answer({ ...good, rcode: 2, answers: [], authorities: [] })];
      case 'nxdomain':
        return [answer({ ...good, rcode: 3, answers: [] })];
      case 'malformed':
        return [answer('malformed')];
      case 'truncated':
        return [answer(query.transport === 'udp' ? { ...good, truncated: true, answers: [] } : good)];
      case 'no-edns':
        return [answer(query.edns ? { ...good, rcode: 1, questions: [], answers: [], authorities: [] } : good)];
      case 'landing-page':
        return [answer(lying(query, good, LANDING_ADDRESS))];
      case 'forged': {
        const lie = lying(query, good, FORGED_ADDRESS);
        const stranger = { address: '198.51.100.53', port: 53 };
        return [answer({ ...lie, id: (good.id + 1) % 65_536 }), answer(lie, stranger), answer(good)];
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

/** The answer of somebody who owns every name. */
function lying({ question }: Query, good: DnsMessage, address: string): DnsMessage {
  const { name, type } = question;
  const lie: readonly DnsRecord[] = type === 'A' ? [{ type, name, ttl: 60, address }] : [];
  return { ...good, rcode: 0, answers: lie };
}
