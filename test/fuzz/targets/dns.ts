/**
 * Owns what holds for any DNS answer (conformance L15, A18-A23): octets become a message or `malformed`, no lie becomes a target, and
 * however name servers behave the questions asked of them stay few.
 */
import assert from 'node:assert/strict';
import { RECORDS_MAX } from '../../../firmware/dns/limits.ts';
import { isLoopback } from '../../../firmware/dns/soundness.ts';
import { isIpv4, isIpv6 } from '../../../firmware/kernel/target.ts';
import { decodeMessage } from '../../../firmware/shell/dns-wire.ts';
import type { DnsMessage, DnsRecord } from '../../../firmware/vocabulary.ts';
import { want, worldOf } from '../../support/directory-world.ts';
import type { Behaviour } from '../../support/name-world.ts';
import { messageWith, reply } from '../../support/name-world.ts';
import type { Chance } from '../chance.ts';
import { ADDRESSES, dnsOctets, dnsRecord, NAMES } from '../dns-grammar.ts';
import { mutate } from '../mutate.ts';

export const checkDns = (chance: Chance): string => (chance.odds(0.9) ? checkOctets(chance) : checkDirectory(chance));

function checkOctets(chance: Chance): string {
  const right = dnsOctets(chance);
  const octets = chance.odds(0.4) ? mutate(right, [dnsOctets(chance)], chance) : right;
  const message = decodeMessage(Buffer.from(octets, 'latin1'));
  if (message === 'malformed') return 'octets malformed';
  assert.ok(inRange(message.id, 16) && inRange(message.rcode, 4) && message.questions.length <= 1);
  for (const section of [message.answers, message.authorities, message.additionals]) {
    assert.ok(section.length <= RECORDS_MAX, `${section.length} records`);
    for (const record of section) checkRecord(record);
  }
  return 'octets read';
}

const inRange = (number: number, bits: number): boolean =>
  Number.isInteger(number) && number >= 0 && number < 2 ** bits;

function checkRecord(record: DnsRecord): void {
  assert.equal(record.name, record.name.toLowerCase());
  assert.ok(inRange(record.ttl, 32), `a TTL of ${record.ttl}`);
  switch (record.type) {
    case 'A':
      return assert.ok(isIpv4(record.address), record.address);
    case 'AAAA':
      return assert.ok(isIpv6(record.address), record.address);
    case 'SRV':
      return assert.ok([record.priority, record.weight, record.port].every((part) => inRange(part, 16)));
    case 'NAPTR':
      return assert.ok([record.order, record.preference].every((part) => inRange(part, 16)));
    case 'SOA':
      return assert.ok(inRange(record.minimum, 32));
    case 'CNAME':
    case 'NS':
      return;
  }
}

const SERVERS = ['example.test', 'pbx.example.test/5060', 'a.test', '192.0.2.9', 'b.test/0'];
const WATCHED_MS = 60_000;
/** Ten times what five names with all their retries ask for in a minute. */
const QUERIES_MAX = 1000;

/** A directory among name servers that lie: no throw, no unsound target, few questions, and each of them ends. */
function checkDirectory(chance: Chance): string {
  const records = chance.some(6, () => dnsRecord({ name: chance.pick(NAMES), type: 'A' }, chance));
  const stored = chance.odds(0.3) ? storedJunk(chance) : null;
  const dnsQueryType = chance.pick([0, 1, 2] as const);
  const families = chance.pick([['A'], ['A', 'AAAA']] as const);
  const world = worldOf(records, { stored, dnsQueryType, families }, chance.below(2 ** 31));
  world.all(liar(chance));
  want(world, ...SERVERS).run(WATCHED_MS);
  let found = 0;
  for (const text of SERVERS) {
    const [name = '', port = '0'] = text.split('/');
    const place = world.machine.locate({ name, port: Number(port) });
    // What the last run kept may be a lab's.
    for (const { address, port: at } of place.state === 'ready' ? place.targets : []) {
      if (address === '192.0.2.9') continue;
      found += 1;
      assert.ok(isIpv4(address) || isIpv6(address), `a target at ${address}`);
      assert.ok(at > 0 && inRange(at, 16), `a target at port ${at}`);
      assert.ok(stored !== null || !isLoopback(address), `a target at ${address}`);
      assert.doesNotMatch(address, /^(0|22[4-9]|23\d|24\d|25\d)\.|^ff|^fe8|^::/, `a target at ${address}`);
    }
  }
  assert.ok(world.queries.length <= QUERIES_MAX, `${world.queries.length} queries in a minute`);
  // What is still open was asked within the time that a question may take.
  assert.ok(world.open.size <= 2 * SERVERS.length * 4, `${world.open.size} queries are open`);
  world.machine.status(world.context.now);
  return found > 0 ? 'directory, some found' : 'directory, none found';
}

/** Name servers that answer anything: true, changed, twice, late, from elsewhere, to another question. */
function liar(chance: Chance): Behaviour {
  return (query, good) => {
    const lie = (): DnsMessage => {
      const count = chance.odds(0.05) ? 200 : 6;
      const answers = chance.some(count, () => dnsRecord(query.question, chance));
      return messageWith(query.question, {
        id: chance.odds(0.9) ? query.transactionId : chance.below(65_536),
        rcode: chance.odds(0.8) ? 0 : chance.below(16),
        truncated: chance.odds(0.1),
        response: chance.odds(0.95),
        questions: chance.odds(0.9) ? [query.question] : [{ name: chance.pick(NAMES), type: 'A' }],
        answers,
        authorities: chance.some(3, () => dnsRecord(query.question, chance)),
        additionals: chance.some(3, () => dnsRecord(query.question, chance)),
      });
    };
    const from = (): typeof query.server =>
      chance.odds(0.9) ? query.server : { address: chance.pick(ADDRESSES), port: 53 };
    return chance.some(3, () => ({
      ...reply(query, chance.odds(0.1) ? 'malformed' : chance.odds(0.2) ? good : lie(), from()),
      after: chance.below(4000),
    }));
  };
}

/** What a disk may give back: nearly what was kept, or anything else. */
function storedJunk(chance: Chance): unknown {
  const any = (): unknown =>
    chance.pick([null, 0, -1, 1.5, '', 'A', [], {}, { length: 5 }, '__proto__', 1e300, true, [[]]]);
  const entry = (): unknown => {
    const asked = { name: chance.pick(NAMES), type: chance.pick(['A', 'SRV', 'NAPTR', 'CNAME', 'x']) };
    return chance.odds(0.2) ? any() : { ...asked, records: chance.odds(0.9) ? [dnsRecord(asked, chance)] : any() };
  };
  return chance.odds(0.2) ? any() : { version: 1, answers: chance.odds(0.9) ? chance.some(20, entry) : any() };
}
