/** Owns a world of name servers around a resolver or a directory: virtual time, one zone, servers that behave as told. */
import assert from 'node:assert/strict';
import type { PhoneEvent } from '../../firmware/events.ts';
import type { Random } from '../../firmware/kernel/random.ts';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import type { Endpoint } from '../../firmware/kernel/target.ts';
import type { Millis } from '../../firmware/kernel/time.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { DnsMessage, DnsQuestion, DnsRecord, Effect, Input } from '../../firmware/vocabulary.ts';

export type DnsQuery = Extract<Effect, { kind: 'dns-query' }>;
export type DnsInput = Extract<Input, { kind: 'dns-answer' | 'dns-error' }>;
type DnsEvent = Extract<PhoneEvent, { event: 'dns' }>;

interface Context {
  readonly now: Millis;
  readonly random: Random;
}

/** What a resolver and a directory have in common. */
interface Machine {
  handle(input: DnsInput, context: Context): readonly Output[];
  wake(context: Context): readonly Output[];
  deadline(): Millis | null;
}

type Output =
  | Effect
  | { readonly kind: 'changed' }
  | { readonly kind: 'located'; readonly server: { readonly name: string; readonly port: number } };

/** What comes back for a query; `after` in ms, 1 where it is not given. */
export interface Reply {
  readonly after?: number;
  readonly input: DnsInput;
}

/** `good` is the true answer of the zone. */
export type Behaviour = (query: DnsQuery, good: DnsMessage) => readonly Reply[];

export const FIRST: Endpoint = { address: '192.0.2.53', port: 53 };
export const SECOND: Endpoint = { address: '192.0.2.54', port: 53 };

export class NameWorld<M extends Machine> {
  readonly machine: M;
  readonly records: DnsRecord[] = [];
  /** By address of the name server; a server that is not named here is good. */
  readonly behaviours = new Map<string, Behaviour>();
  readonly queries: { readonly at: number; readonly query: DnsQuery }[] = [];
  readonly events: DnsEvent[] = [];
  readonly logs: Extract<Effect, { kind: 'log' }>[] = [];
  readonly stored: unknown[] = [];
  readonly located: string[] = [];
  /** Queries that are not done. */
  readonly open = new Set<number>();
  now = 0;
  /** The bounds of every draw, the ids of queries (65536) included. */
  readonly bounds: number[] = [];
  readonly #random: Random;
  #coming: { readonly at: number; readonly input: DnsInput }[] = [];

  constructor(machine: M, seed = 1) {
    this.machine = machine;
    const random = createRandom(seedFrom(seed));
    this.#random = {
      ...random,
      below: (bound) => {
        this.bounds.push(bound);
        return random.below(bound);
      },
    };
  }

  get context(): Context {
    return { now: millis(this.now), random: this.#random };
  }

  /** `TYPE name`, one for each packet out. */
  get asked(): readonly string[] {
    return this.queries.map(({ query: { question } }) => `${question.type} ${question.name}`);
  }

  /** Name servers in the order in which they were asked. */
  get servers(): readonly string[] {
    return this.queries.map(({ query }) => query.server.address);
  }

  all(behaviour: Behaviour, ...servers: readonly Endpoint[]): void {
    for (const { address } of servers.length > 0 ? servers : [FIRST, SECOND]) this.behaviours.set(address, behaviour);
  }

  carryOut(outputs: readonly Output[]): this {
    for (const output of outputs) this.#take(output);
    return this;
  }

  /** Runs everything up to `ms` from now; answers come before timers. */
  run(ms: number): this {
    const end = this.now + ms;
    for (;;) {
      const coming = this.#coming.reduce((soon, one) => (one.at < soon.at ? one : soon), NEVER);
      const deadline = this.machine.deadline() ?? Number.POSITIVE_INFINITY;
      assert.ok(deadline >= this.now, 'no timer lies in the past');
      const next = Math.min(coming.at, deadline);
      if (next > end) break;
      this.now = next;
      if (coming.at <= next) this.#arrive(coming);
      else this.carryOut(this.machine.wake(this.context));
    }
    this.now = end;
    return this;
  }

  #arrive(coming: { readonly at: number; readonly input: DnsInput }): void {
    this.#coming = this.#coming.filter((other) => other !== coming);
    this.carryOut(this.machine.handle(coming.input, this.context));
  }

  #take(output: Output): void {
    switch (output.kind) {
      case 'dns-query':
        return this.#query(output);
      case 'dns-done':
        assert.ok(this.open.delete(output.id), 'only an open query is done');
        return;
      case 'event':
        if (output.event.event === 'dns') this.events.push(output.event);
        return;
      case 'log':
        this.logs.push(output);
        return;
      case 'store':
        this.stored.push(structuredClone(output.value));
        return;
      case 'located':
        this.located.push(`${output.server.name}:${output.server.port}`);
        return;
      default:
        return;
    }
  }

  #query(query: DnsQuery): void {
    assert.ok(!this.open.has(query.id), 'ids are new');
    this.open.add(query.id);
    this.queries.push({ at: this.now, query });
    const behaviour = this.behaviours.get(query.server.address) ?? good;
    for (const { after = 1, input } of behaviour(query, messageFrom(this.records, query)))
      this.#coming.push({ at: this.now + after, input });
  }
}

const NEVER = { at: Number.POSITIVE_INFINITY, input: { kind: 'dns-error', id: 0, cause: 'timeout' } } as const;

const messageFrom = (records: readonly DnsRecord[], { question, transactionId }: DnsQuery): DnsMessage => {
  const alias = records.find(({ type, name }) => type === 'CNAME' && name === question.name);
  const answers =
    alias === undefined
      ? records.filter(({ type, name }) => type === question.type && name === question.name)
      : [alias];
  const exists = records.some(({ name }) => name === question.name);
  return messageWith(question, { id: transactionId, rcode: exists ? 0 : 3, answers });
};

/** A response without records, but for what is given. */
export const messageWith = (question: DnsQuestion, rest: Partial<DnsMessage>): DnsMessage => ({
  ...{ id: 0, response: true, truncated: false, rcode: 0, questions: [question] },
  ...{ answers: [], authorities: [], additionals: [] },
  ...rest,
});

export const reply = (query: DnsQuery, message: DnsMessage | 'malformed', from = query.server): Reply => ({
  input: { kind: 'dns-answer', id: query.id, from, transport: query.transport, message },
});

export const good: Behaviour = (query, message) => [reply(query, message)];
export const silent: Behaviour = () => [];
export const slow =
  (after: number): Behaviour =>
  (query, message) => [{ ...reply(query, message), after }];
export const withCode =
  (rcode: number): Behaviour =>
  (query, message) => [reply(query, { ...message, rcode, answers: [] })];
export const servfail = withCode(2);
export const refused = withCode(5);
export const malformed: Behaviour = (query) => [reply(query, 'malformed')];
export const failing =
  (cause: Extract<DnsInput, { kind: 'dns-error' }>['cause']): Behaviour =>
  ({ id }) => [{ input: { kind: 'dns-error', id, cause } }];

export const a = (name: string, address: string, ttl = 60): DnsRecord => ({ type: 'A', name, ttl, address });
export const aaaa = (name: string, address: string, ttl = 60): DnsRecord => ({ type: 'AAAA', name, ttl, address });
export const cname = (name: string, target: string, ttl = 60): DnsRecord => ({ type: 'CNAME', name, ttl, target });
export const soa = (minimum: number, ttl = minimum): DnsRecord => ({ type: 'SOA', name: 'example.test', ttl, minimum });
/** `rest` is priority, weight, port, target, as in a zone file. */
export const srv = (name: string, rest: string, ttl = 60): Extract<DnsRecord, { type: 'SRV' }> => {
  const [priority, weight, port, target = ''] = rest.split(' ');
  return { type: 'SRV', name, ttl, priority: Number(priority), weight: Number(weight), port: Number(port), target };
};
/** `rest` is order, preference, flags, services, replacement. */
export const naptr = (name: string, rest: string, regexp = ''): DnsRecord => {
  const [order, preference, flags = '', services = '', replacement = ''] = rest.split(' ');
  return {
    type: 'NAPTR',
    name,
    ttl: 60,
    order: Number(order),
    preference: Number(preference),
    flags,
    services,
    regexp,
    replacement,
  };
};
