/** Owns SIP messages as the grammar of RFC 3261 25 allows them, as old phones write them, and a little beyond. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Chance } from './chance.ts';

const torture = (folder: string): readonly string[] => {
  const path = fileURLToPath(new URL(`../fixtures/sip/${folder}/`, import.meta.url));
  return readdirSync(path).map((name) => readFileSync(path + name, 'latin1'));
};

/** The torture messages: every one of them was once read wrong by somebody. */
export const TORTURE: readonly string[] = [...torture('rfc4475'), ...torture('ipv6')];

const METHODS = [
  ...['OPTIONS', 'INVITE', 'ACK', 'BYE', 'CANCEL', 'REGISTER', 'NOTIFY', 'SUBSCRIBE', 'REFER', 'MESSAGE', 'INFO'],
  ...['UPDATE', 'PRACK', 'PUBLISH', 'options', 'INVITE2', "!interesting-Method0123456789_*+`.%indeed'~"],
];
const HOSTS = ['example.test', '192.0.2.1', '[2001:db8::1]', '[::ffff:192.0.2.1]', 'a-b.c_d', 'h', 'h.', '127.0.0.1'];
const NO_HOSTS = ['[::1', '1.2.3', '256.1.1.1', '-a.test', 'a..b', '', '[fe80::1%25eth0]', '*', 'a b', 'x'.repeat(300)];
const COMPACT: Readonly<Record<string, string>> = {
  ...{ Via: 'v', From: 'f', To: 't', Contact: 'm', 'Call-ID': 'i', 'Content-Length': 'l', 'Content-Type': 'c' },
};

/** One of the right ones; one that is wrong now and then. */
const mostly = (chance: Chance, right: readonly string[], wrong: readonly string[]): string =>
  chance.pick(chance.odds(0.98) ? right : wrong);

const host = (chance: Chance): string => mostly(chance, HOSTS, NO_HOSTS);

const user = (chance: Chance): string =>
  mostly(
    chance,
    ['2001', 'a%20b', 'a;b=c', 'a:secret', '%00', 'user?x', '+358-555-1234567;postd=pp22'],
    ['', 'J\xfcrgen', 'a@b'],
  );

const port = (chance: Chance): string =>
  chance.odds(0.6) ? '' : mostly(chance, [':5060', ':0', ':65535', ':1'], [`:${chance.number()}`]);

const token = (chance: Chance): string =>
  chance.pick(['a', 'tag', 'branch', 'x-1', 'expires', 'lr', 'rport', 'received', 'maddr', 'q', 'transport', 'ttl']);

const quoted = (chance: Chance): string =>
  mostly(
    chance,
    ['""', '"a"', '"a;b,c"', '"<sip:x@y>"', '"\\""', '"\\\\"', `"${'x'.repeat(300)}"`],
    ['"\\', '"', '"a\r\n b"', '"a"b"'],
  );

const params = (chance: Chance): string =>
  chance
    .some(4, () => {
      const value = ['', `=${chance.number().trim()}`, `=${token(chance)}`, `=${quoted(chance)}`];
      return `${mostly(chance, [';', ' ; ', ';\t'], [';;', ','])}${token(chance)}${mostly(chance, value, ['=', ' = v', '=<', '=a b'])}`;
    })
    .join('');

export function uri(chance: Chance): string {
  const scheme = mostly(chance, ['sip', 'sip', 'sips', 'SIP'], ['tel', 'http', 'x', '']);
  const who = chance.odds(0.7) ? `${user(chance)}@` : '';
  const uriParams = chance.some(
    3,
    () => `;${token(chance)}${mostly(chance, ['', '=1', '=%41', '=udp'], ['=', '="x"'])}`,
  );
  const headers = chance.odds(0.05) ? `?Subject=${mostly(chance, ['x', '%0d%0aVia:x'], ['&&', '='])}` : '';
  return `${scheme}:${who}${host(chance)}${port(chance)}${uriParams.join('')}${headers}`;
}

export function nameAddr(chance: Chance): string {
  const display = mostly(chance, ['', 'Anna ', `${quoted(chance)} `, 'J\xc3\xbcrgen ', '\xff '], ['a,b ', '(c) ', '"']);
  const bare = chance.odds(0.2);
  return `${bare ? uri(chance) : `${display}<${uri(chance)}>`}${chance.odds(0.7) ? ';tag=1' : ''}${params(chance)}`;
}

const via = (chance: Chance): string =>
  `${mostly(chance, ['SIP/2.0/UDP', 'SIP / 2.0 / TCP', 'SIP/2.0/tls'], ['SIP/3.0/UDP', 'x'])} ${host(chance)}${port(chance)}${mostly(chance, [';branch=z9hG4bK1', ''], [';branch=z9hG4bK', ';branch='])}${params(chance)}`;

const challenge = (chance: Chance): string =>
  `Digest realm=${quoted(chance)}, nonce=${quoted(chance)}${chance.pick([', qop="auth"', ', qop="auth,auth-int"', ', stale=TRUE', ', opaque=""', ', algorithm=SHA-256', ', algorithm=MD5-sess', ', realm="b"', ''])}`;

const list = (chance: Chance, element: (chance: Chance) => string): string =>
  [element(chance), ...chance.some(3, () => element(chance))].join(mostly(chance, [',', ', ', ' ,\t'], [',,', '']));

const OTHERS: readonly (readonly [string, (chance: Chance) => string])[] = [
  ['Contact', (chance) => (chance.odds(0.1) ? '*' : list(chance, nameAddr))],
  ['Record-Route', (chance) => list(chance, nameAddr)],
  ['Path', (chance) => list(chance, nameAddr)],
  ['Expires', (chance) => chance.number()],
  ['Min-Expires', (chance) => chance.number()],
  ['Retry-After', (chance) => `${chance.number()}${chance.pick(['', ' (busy)', ';duration=5', '('])}`],
  ['WWW-Authenticate', challenge],
  ['Proxy-Authenticate', (chance) => `${challenge(chance)}, ${challenge(chance)}`],
  ['Require', (chance) => chance.pick(['path', '100rel', 'a,b,c', ''])],
  ['Content-Type', (chance) => chance.pick(['application/sdp', 'multipart/mixed;boundary="x"', 'text/plain', ''])],
  ['Content-Encoding', (chance) => chance.pick(['gzip', 'identity', ''])],
  ['Accept', (chance) => chance.pick(['application/sdp', '*/*', 'text/plain;q=0', ''])],
  ['Subject', (chance) => chance.octets(60)],
  ['X-Unknown', (chance) => chance.octets(60)],
];

/** A message that is right in most of its parts; each part is wrong now and then. */
export function sipMessage(chance: Chance): string {
  const method = chance.pick(METHODS);
  const request = chance.odds(0.6);
  const start = request
    ? `${method} ${uri(chance)} SIP/2.0`
    : `SIP/2.0 ${chance.odds(0.98) ? 100 + chance.below(600) : chance.number()} ${chance.pick(['OK', '', 'G\xc3\xbcltig'])}`;
  const body = chance.odds(0.3) ? chance.octets(200) : '';
  const length = chance.odds(0.97) ? String(body.length) : chance.number();
  const own = chance.odds(0.98) ? method : chance.pick(METHODS);
  const headers: (readonly [string, string])[] = [
    ['Via', chance.odds(0.8) ? 'SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKa;rport' : list(chance, via)],
    ['From', chance.odds(0.5) ? '<sip:2001@example.test>;tag=a' : nameAddr(chance)],
    ['To', chance.odds(0.5) ? '<sip:2001@example.test>' : nameAddr(chance)],
    ['Call-ID', chance.odds(0.98) ? '1@192.0.2.9' : chance.octets(20)],
    ['CSeq', `${chance.odds(0.97) ? '1' : chance.number()} ${own}`],
    ...(chance.odds(0.9) ? [['Content-Length', length] as const] : []),
    ...(chance.odds(0.5) ? [['Max-Forwards', chance.odds(0.95) ? '70' : chance.number()] as const] : []),
    ...chance.some(6, () => {
      const [name, make] = chance.pick(OTHERS);
      return [name, make(chance)] as const;
    }),
  ];
  const lines = headers.flatMap(([name, value]) => (chance.odds(0.99) ? [headerLine(name, value, chance)] : []));
  const end = chance.odds(0.95) ? '\r\n' : '\n';
  return `${chance.odds(0.05) ? '\r\n' : ''}${[start, ...lines].join(end)}${end}${end}${body}${chance.odds(0.05) ? chance.octets(30) : ''}`;
}

function headerLine(name: string, value: string, chance: Chance): string {
  const written = chance.odds(0.15) ? (COMPACT[name] ?? name.toLowerCase()) : name;
  const colon = mostly(chance, [': ', ': ', ':', ' : ', '\t:\t', ':\r\n '], [' ', ': \r\n\t', '::']);
  const folded = chance.odds(0.03) ? value.replace(' ', '\r\n ') : value;
  return `${written}${colon}${folded}`;
}
