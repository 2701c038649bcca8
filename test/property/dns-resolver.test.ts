/** Owns what holds for any behaviour of name servers: every question ends in time, no socket is left, no lie is believed, rates are bounded. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readStored } from '../../firmware/dns/memory.ts';
import type { Resolver } from '../../firmware/dns/resolver.ts';
import { createResolver } from '../../firmware/dns/resolver.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { DnsMessage, DnsQuestion } from '../../firmware/vocabulary.ts';
import type { DnsQuery, Reply } from '../support/name-world.ts';
import {
  a,
  cname,
  FIRST,
  failing,
  good,
  malformed,
  NameWorld,
  refused,
  reply,
  SECOND,
  servfail,
  silent,
} from '../support/name-world.ts';

const SEED = 1035;
const QUESTION: DnsQuestion = { name: 'pbx.example.test', type: 'A' };
const TRUE_ADDRESS = '192.0.2.10';
const LIE = a(QUESTION.name, '198.51.100.66');

/** One way to react to a query. None of them can guess the id, the question and the port at once. */
const reactions: readonly ((query: DnsQuery, message: DnsMessage) => readonly Reply[])[] = [
  good,
  silent,
  servfail,
  refused,
  malformed,
  failing('refused'),
  failing('unreachable'),
  failing('no-network'),
  (query, message) => [reply(query, { ...message, truncated: true, answers: [] })],
  (query, message) => [reply(query, { ...message, rcode: 1, questions: [], answers: [] })],
  (query, message) => [reply(query, { ...message, id: message.id ^ 1, answers: [LIE] }), reply(query, message)],
  (query, message) => [reply(query, { ...message, answers: [LIE] }, { address: '198.51.100.1', port: 53 })],
  (query, message) => [reply(query, { ...message, questions: [{ name: 'x.test', type: 'A' }], answers: [LIE] })],
  (query, message) => [reply(query, { ...message, answers: [a(QUESTION.name, '0.0.0.0')] })],
  (query, message) => [
    reply(query, { ...message, answers: [cname(query.question.name, `next.${query.question.name}`)] }),
  ],
];

const behaviour = fc.record({ reaction: fc.nat(reactions.length - 1), after: fc.integer({ min: 0, max: 4000 }) });

function worldOf(script: readonly { readonly reaction: number; readonly after: number }[]): NameWorld<Resolver> {
  const trust = () => ({ loopback: false, own: [] });
  const world = new NameWorld(createResolver({ nameServers: [FIRST, SECOND], stored: [], trust }));
  world.records.push(a(QUESTION.name, TRUE_ADDRESS));
  let turn = 0;
  world.all((query, message) => {
    const { reaction, after } = script[turn % script.length] ?? { reaction: 0, after: 0 };
    turn += 1;
    return (reactions[reaction] ?? good)(query, message).map((one) => ({ ...one, after }));
  });
  return world;
}

describe('any name servers', () => {
  it('a question is known or failed within 5 s, and no query is left open', () => {
    fc.assert(
      fc.property(fc.array(behaviour, { minLength: 1, maxLength: 12 }), (script) => {
        const world = worldOf(script);
        world.carryOut(world.machine.want(QUESTION, world.context)).run(5000);
        assert.notEqual(world.machine.known(QUESTION, millis(world.now)).state, 'unknown');
        world.carryOut(world.machine.keepOnly(() => false));
        assert.equal(world.open.size, 0);
        assert.equal(world.machine.deadline(), null);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('no lie is believed, once known the address stays known, and the pace is bounded', () => {
    fc.assert(
      fc.property(fc.array(behaviour, { minLength: 1, maxLength: 12 }), (script) => {
        const world = worldOf(script);
        world.carryOut(world.machine.want(QUESTION, world.context));
        let wasKnown = false;
        for (let minute = 0; minute < 20; minute += 1) {
          const before = world.queries.length;
          const known = world.run(60_000).machine.known(QUESTION, millis(world.now));
          const addresses =
            known.state === 'records' ? known.records.map((record) => record.type === 'A' && record.address) : [];
          assert.ok(addresses.every((address) => address === TRUE_ADDRESS));
          if (wasKnown && known.state !== 'negative') assert.equal(known.state, 'records');
          wasKnown = known.state === 'records';
          assert.ok(world.queries.length - before <= 120, `${world.queries.length - before} queries in a minute`);
        }
      }),
      { seed: SEED, numRuns: 150 },
    );
  });
});

describe('any stored JSON', () => {
  it('is read without harm, and what is read is read again the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('A', 'AAAA', 'SRV', 'NAPTR', 'CNAME'), (value, type) => {
        assert.ok(Array.isArray(readStored(value)));
        const entry = {
          name: QUESTION.name,
          type,
          records: [{ type, name: QUESTION.name, ttl: 1, address: value, target: value }],
        };
        const answers = readStored({ answers: [value, entry] });
        assert.deepEqual(readStored({ answers }), answers);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});
