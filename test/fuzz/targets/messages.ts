/**
 * Owns what holds for any octets as a SIP message (conformance C1, C3, C17, L8): reading returns, what was read is written and
 * read back the same, nobody else would read another message from it, and no answer is owed to an ACK or a response.
 */
import assert from 'node:assert/strict';
import type { Challenge } from '../../../firmware/sip/auth.ts';
import { authorizationHeader, challengesOf, chooseChallenges } from '../../../firmware/sip/auth.ts';
import { frameAt } from '../../../firmware/sip/message/frame.ts';
import {
  contactsOf,
  expiresOf,
  fromOf,
  headerValues,
  minExpiresOf,
  retryAfterOf,
  toOf,
  vias,
} from '../../../firmware/sip/message/headers.ts';
import type { SipMessage } from '../../../firmware/sip/message/message.ts';
import { nameAddrText, parseNameAddr } from '../../../firmware/sip/message/name-addr.ts';
import { parseMessage } from '../../../firmware/sip/message/parse.ts';
import { serialize } from '../../../firmware/sip/message/serialize.ts';
import { parseUri, sameUri, uriText } from '../../../firmware/sip/message/uri.ts';
import { judge } from '../../../firmware/sip/message/verdict.ts';
import { parseVia, viaText } from '../../../firmware/sip/message/via.ts';
import { testHash } from '../../support/digest.ts';
import type { Chance } from '../chance.ts';
import { mutate } from '../mutate.ts';
import { sipMessage, TORTURE } from '../sip-grammar.ts';

export function checkMessage(chance: Chance): string {
  const data = anyMessage(chance);
  const parsed = parseMessage(data);
  const subject = parsed.ok ? parsed.value : parsed.error;
  checkJudgement(subject);
  if (!parsed.ok) {
    // An answer is made of what could be read.
    if (parsed.error.partial !== null) oneReading(parsed.error.partial, serialize(parsed.error.partial));
    return 'refused';
  }
  roundTrip(parsed.value);
  sameInStream(data, parsed.value);
  checkParts(parsed.value);
  return parsed.value.kind;
}

export function anyMessage(chance: Chance): string {
  if (chance.odds(0.02)) return chance.octets(2000);
  const text = chance.odds(0.8) ? sipMessage(chance) : chance.pick(TORTURE);
  return chance.odds(0.4) ? mutate(text, TORTURE, chance) : text;
}

/** A code is one that a request may be refused with; an ACK and a response get none (RFC 3261 17, 8.1.3). */
function checkJudgement(subject: Parameters<typeof judge>[0]): void {
  const { action, respond } = judge(subject);
  const message = 'code' in subject ? subject.partial : subject;
  assert.equal(action === 'respond', respond !== null);
  if (respond === null) return;
  assert.ok(Number.isInteger(respond) && respond >= 400 && respond <= 699, `answered with ${respond}`);
  assert.equal(message?.kind, 'request', 'an answer to what is no request');
  assert.notEqual(message?.kind === 'request' && message.method, 'ACK', 'an answer to an ACK');
}

function roundTrip(message: SipMessage): void {
  const text = serialize(message);
  oneReading(message, text);
  const again = parseMessage(text);
  assert.ok(again.ok, `what was written is not read: ${again.ok ? '' : again.error.text}\n${JSON.stringify(text)}`);
  assert.deepEqual(parseMessage(serialize(again.value)), again, 'written twice, it differs');
  assert.equal(again.value.body, message.body);
  assert.deepEqual(fields(again.value), fields(message));
}

/** Everything but Content-Length, which is always our own. */
const fields = (message: SipMessage): unknown => [
  message.kind === 'request' ? [message.method, blanked(message.uri)] : [message.status, blanked(message.reason)],
  message.headers
    .filter(({ name }) => name !== 'Content-Length')
    .map(({ name, value }) => `${name}: ${blanked(value)}`),
];

/** A value as it is written: a control octet becomes a blank. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the octets that serialize replaces.
export const blanked = (text: string): string => text.replace(/[\r\n\u0000]/g, ' ').replace(/^[ \t]+|[ \t]+$/g, '');

/** As the plainest reader sees it: one start line, one line for each header, then the body, and not an octet more. */
function oneReading(message: SipMessage, text: string): void {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const lines = head.split('\r\n');
  const own = message.headers.filter(({ name }) => name !== 'Content-Length');
  assert.equal(lines.length, own.length + 2, `a line too many or too few\n${JSON.stringify(head)}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these very octets would end a line for one reader or another.
  assert.doesNotMatch(lines.join(''), /[\r\n\u0000]/);
  for (const [index, { name }] of own.entries())
    assert.ok(lines[index + 1]?.startsWith(`${name}:`), `${name} is not where it was: ${lines[index + 1]}`);
  assert.equal(lines.at(-1), `Content-Length: ${message.body.length}`);
  assert.equal(rest.join('\r\n\r\n'), message.body);
}

/** A datagram with one Content-Length means in a stream what it means alone. */
function sameInStream(data: string, message: SipMessage): void {
  if (headerValues(message, 'Content-Length').length !== 1) return;
  const frame = frameAt(data, 0);
  assert.equal(frame.kind, 'message', `in a stream it is ${frame.kind}`);
  if (frame.kind !== 'message') return;
  assert.deepEqual(parseMessage(frame.text), { ok: true, value: message });
}

/** Every part that the phone reads is written and read back the same. */
function checkParts(message: SipMessage): void {
  for (const read of [expiresOf(message), minExpiresOf(message), retryAfterOf(message)])
    assert.ok(read === null || (Number.isInteger(read) && read >= 0 && read < 2 ** 32), `${read} seconds`);
  const all = vias(message);
  for (const via of all.ok ? all.value : []) {
    const text = viaText(via);
    const again = parseVia(text);
    assert.ok(again.ok && viaText(again.value) === text, `a Via that is not read back: ${text}`);
  }
  const contacts = contactsOf(message);
  const listed = contacts.ok && contacts.value !== '*' ? contacts.value : [];
  for (const read of [fromOf(message), toOf(message), ...listed.map((value) => ({ ok: true, value }) as const)])
    if (read.ok) checkAddress(read.value);
  if (message.kind === 'response')
    for (const challenge of chooseChallenges(challengesOf(message))) checkCredentials(challenge);
}

function checkAddress(address: Parameters<typeof nameAddrText>[0]): void {
  const text = nameAddrText(address);
  const again = parseNameAddr(text);
  assert.ok(again.ok, `an address that is not read back: ${text}`);
  assert.equal(nameAddrText(again.value), text);
  assert.equal(headerValues({ headers: [{ name: 'To', value: text }] }, 'To').length, 1, `two addresses: ${text}`);
  if (address.uri === null) return;
  const uri = parseUri(uriText(address.uri));
  assert.ok(uri.ok && sameUri(uri.value, address.uri), `a URI that is not read back: ${uriText(address.uri)}`);
}

const LOGIN = { username: 'a "b" \\', password: 'never-shown', method: 'REGISTER', body: '', cnonce: 'c', nc: 1 };

/** What a server puts into a challenge never leaves its field in our answer, and the password never stands there. */
function checkCredentials(challenge: Challenge): void {
  const { value } = authorizationHeader(challenge, { ...LOGIN, uri: 'sip:example.test' }, testHash);
  const named = new Map<string, string>();
  for (const [, name = '', , quoted, bare = ''] of value.slice('Digest '.length).matchAll(FIELD)) {
    assert.ok(!named.has(name), `${name} stands twice: ${value}`);
    named.set(name, quoted === undefined ? bare : quoted.replace(/\\(.)/gs, '$1'));
  }
  const onTheWire = (text: string): string => text.replace(/[\r\n]/g, ' ');
  assert.equal(named.get('realm'), onTheWire(challenge.realm), value);
  assert.equal(named.get('nonce'), onTheWire(challenge.nonce), value);
  assert.equal(named.get('username'), LOGIN.username, value);
  assert.equal(named.get('uri'), 'sip:example.test', value);
  assert.ok(!value.includes(LOGIN.password));
}

const FIELD = /([a-z]+)=("((?:[^"\\]|\\.)*)"|[^",\s]+)(?:, |$)/gs;
