/**
 * Owns what holds for a whole registered phone among hostile datagrams (conformance C1, L1, L2, L8, L16): it never throws, it
 * answers only what deserves an answer, once and to where it came from, and strangers cannot move it from its server.
 */
import assert from 'node:assert/strict';
import type { SipMessage } from '../../../firmware/sip/message/message.ts';
import { parseMessage } from '../../../firmware/sip/message/parse.ts';
import type { Effect, Input } from '../../../firmware/vocabulary.ts';
import { SipPeer } from '../../sim/sip-peer.ts';
import type { Observer } from '../../sim/trace.ts';
import { flowOf } from '../../sim/trace.ts';
import { World } from '../../sim/world.ts';
import { phoneSettings } from '../../support/settings.ts';
import type { Chance } from '../chance.ts';
import { ADDRESSES } from '../dns-grammar.ts';
import { mutate } from '../mutate.ts';
import { TORTURE } from '../sip-grammar.ts';
import { anyMessage, blanked } from './messages.ts';

type Datagram = Extract<Input, { kind: 'datagram' }>;
type Reply = Extract<Effect, { kind: 'reply' }>;

const SERVER = { address: '192.0.2.1', port: 5060 };
/** Octets that an answer may have beyond its request: a start line, a tag, and what it says of us. */
const ANSWER_GROWTH = 700;
/** Effects of one datagram of a stranger: a log line, an answer, a few things to show. */
const EFFECTS_MAX = 20;

export function checkPhone(chance: Chance): string {
  const replies: Reply[] = [];
  let effects = 0;
  const look = (): Observer => ({
    effect(effect) {
      effects += 1;
      if (effect.kind === 'reply') replies.push(effect);
    },
  });
  const passwords = { '2001': 'secret-2001' };
  const peers = [SERVER.address, '192.0.2.2'].map((address) => new SipPeer({ address, passwords }));
  const stored = {
    dns: chance.pick([null, [], {}]),
    bindings: chance.pick([null, 7, [{}], { version: 1, lines: [[]] }]),
  };
  const world = new World({ settings: phoneSettings(), peers, seed: chance.below(2 ** 31), stored, checkers: [look] });
  world.start().run(200);
  assert.ok(world.registeredOn('primary'), 'not registered at the start');
  /** One who sits in the path can forge an answer of the server; strangers cannot. */
  const inPath = chance.odds(0.3);
  const asked: Asked = { addresses: new Set(), requests: new Set() };
  for (let left = 1 + chance.below(20); left > 0; left -= 1) {
    if (chance.odds(0.2)) world.run(chance.below(4000));
    if (chance.odds(0.1)) world.input(oddInput(chance));
    const datagram = hostile(world, chance, inPath ? SERVER : null);
    replies.length = 0;
    effects = 0;
    world.input(datagram);
    checkReplies(datagram, replies, asked);
    assert.ok(inPath || effects <= EFFECTS_MAX, `${effects} effects of one datagram`);
  }
  world.run(20_000);
  if (inPath) return 'phone, attacked in the path';
  assert.equal(world.eventsOf('failover').length, 0, 'a stranger moved the phone');
  assert.ok(world.registeredOn('primary'), 'a stranger ended the registration');
  return 'phone, attacked by strangers';
}

/** What the phone never asked for. */
const oddInput = (chance: Chance): Input =>
  chance.pick<Input>([
    { kind: 'wake' },
    { kind: 'opened', flow: 'udp:192.0.2.77:5060', local: SERVER },
    { kind: 'flow-failed', flow: 'udp:192.0.2.77:5060', cause: 'refused' },
    { kind: 'dns-error', id: 4711, cause: 'timeout' },
    { kind: 'dns-answer', id: 4711, from: SERVER, transport: 'udp', message: 'malformed' },
    { kind: 'command', id: 'x', command: { verb: 'register', line: chance.below(12) } },
    { kind: 'wall-clock', wallMs: chance.pick([null, 0, -1, 2 ** 53]) },
  ]);

/** Anything, and things made of what the phone itself said and heard. */
function hostile(world: World, chance: Chance, forged: typeof SERVER | null): Datagram {
  const said = chance.pick(world.wires).data;
  const answers = [
    'SIP/2.0 200 OK',
    'SIP/2.0 503 x',
    'SIP/2.0 302 x',
    'SIP/2.0 401 x',
    'SIP/2.0 100 x',
    'SIP/2.0 423 x',
  ];
  const replayed = chance.odds(0.5) ? said.replace(/^[^\r]*/, chance.pick(answers)) : said;
  const text = chance.odds(0.5) ? anyMessage(chance) : chance.odds(0.5) ? replayed : mutate(replayed, TORTURE, chance);
  const stranger = {
    address: chance.pick(['198.51.100.66', '2001:db8::66', '127.0.0.99']),
    port: 1 + chance.below(65_535),
  };
  // The right address is not enough: a stranger does not hold the right port.
  const from = chance.odds(0.1) ? { ...SERVER, port: 5099 } : stranger;
  const flow = chance.pick([null, null, flowOf(SERVER), 'udp:203.0.113.1:5060']);
  return { kind: 'datagram', flow, from: forged ?? from, data: withContact(text, chance) };
}

/** Now and then a Contact of somebody else. */
const withContact = (text: string, chance: Chance): string =>
  chance.odds(0.1) ? text.replace(/\r\n/, `\r\nContact: <sip:evil@${chance.pick(ADDRESSES)}>;expires=1\r\n`) : text;

/** Who asked what: a request that is repeated, by whomever, is answered as it was the first time (RFC 3261 17.2.3). */
interface Asked {
  readonly addresses: Set<string>;
  readonly requests: Set<string>;
}

const COPIED = ['From', 'Call-ID', 'CSeq'];

/** What an answer takes from its request. */
const copied = ({ headers }: SipMessage): string =>
  COPIED.map((name) => blanked(headers.find((header) => header.name === name)?.value ?? '')).join('|');

/** At most one answer, to an address that asked, of a request that was asked, that says no more than it must (RFC 3261 8.2, 18.2.2). */
function checkReplies({ data, from }: Datagram, replies: readonly Reply[], asked: Asked): void {
  const parsed = parseMessage(data);
  const message = parsed.ok ? parsed.value : parsed.error.partial;
  // A CANCEL is answered, and so is what it cancels (RFC 3261 9.2).
  const most = message?.kind === 'request' && message.method === 'CANCEL' ? 2 : 1;
  assert.ok(replies.length <= most, `${replies.length} answers to one datagram`);
  asked.addresses.add(from.address);
  if (message !== null) asked.requests.add(copied(message));
  const [reply] = replies;
  if (reply === undefined) return;
  assert.ok(message?.kind === 'request' && message.method !== 'ACK', `an answer to ${data.slice(0, 40)}`);
  assert.ok(asked.addresses.has(reply.to.address), `an answer to ${reply.to.address}, which never asked`);
  assert.ok(reply.to.port > 0 && reply.to.port < 65_536, `an answer to port ${reply.to.port}`);
  assert.ok(reply.data.length <= data.length + ANSWER_GROWTH, `${reply.data.length} octets for ${data.length}`);
  assert.match(reply.data, /^SIP\/2\.0 (180|[2-6]\d\d) /);
  if (!parsed.ok) return;
  const answer = parseMessage(reply.data);
  assert.ok(answer.ok && answer.value.kind === 'response', `a bad answer: ${answer.ok ? '' : answer.error.text}`);
  assert.ok(asked.requests.has(copied(answer.value)), `an answer to what nobody asked\n${reply.data}`);
}
