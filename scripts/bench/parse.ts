/** Owns how fast SIP messages are read and written, beside npm `sip` in the same run: only the ratio means anything elsewhere. */
import sip from 'sip';
import { contactsOf, vias } from '../../firmware/sip/message/headers.ts';
import type { SipMessage } from '../../firmware/sip/message/message.ts';
import { parseMessage } from '../../firmware/sip/message/parse.ts';
import { serialize } from '../../firmware/sip/message/serialize.ts';

/** Messages a second; `ratio` is ours over theirs, the median of the rounds. */
export interface Beside {
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
}

const ROUNDS = 15;
const MESSAGES_A_ROUND = 4000;

const COMMON = [
  'Via: SIP/2.0/UDP 192.0.2.100:5060;rport;branch=z9hG4bKd41d8cd98f00b204e9800998ecf8427e',
  'Max-Forwards: 70',
  'From: "Front desk" <sip:2001@pbx.example.test>;tag=9fd8c0a1b2c3d4e5',
  'To: <sip:2001@pbx.example.test>',
  'Call-ID: 6f1ed002ab559585@192.0.2.100',
  'Contact: <sip:2001@192.0.2.100:5060;line=1>;expires=3600',
  'User-Agent: Bench/1',
];
const CREDENTIALS =
  'Digest username="2001", realm="pbx.example.test", nonce="c60f3082ee1212b402a21831ae", uri="sip:pbx.example.test", ' +
  'response="1949323746fe6a43ef61f9606e7febea", algorithm=MD5, cnonce="0a4f113b", qop=auth, nc=00000001';
const SDP =
  'v=0\r\no=- 1 1 IN IP4 192.0.2.100\r\ns=-\r\nc=IN IP4 192.0.2.100\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 9\r\n';

const textOf = (start: string, own: readonly string[], body = ''): string =>
  `${[start, ...COMMON, ...own, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`;

/** What a phone meets all day. */
const TEXTS = [
  textOf('REGISTER sip:pbx.example.test SIP/2.0', ['CSeq: 2 REGISTER', `Authorization: ${CREDENTIALS}`]),
  textOf('SIP/2.0 401 Unauthorized', [
    'CSeq: 1 REGISTER',
    'WWW-Authenticate: Digest realm="pbx.example.test", nonce="c6"',
  ]),
  textOf('SIP/2.0 200 OK', ['CSeq: 2 REGISTER', 'Expires: 3600']),
  textOf('INVITE sip:2002@pbx.example.test SIP/2.0', ['CSeq: 1 INVITE', 'Content-Type: application/sdp'], SDP),
];

/** As much as theirs reads at once: the structure of the addresses and hops, too. */
function readOurs(text: string): SipMessage {
  const parsed = parseMessage(text);
  if (!parsed.ok || !contactsOf(parsed.value).ok || !vias(parsed.value).ok) throw new Error(`not read: ${text}`);
  return parsed.value;
}

function readTheirs(text: string): ReturnType<typeof sip.parse> & object {
  const parsed = sip.parse(text);
  if (parsed === undefined) throw new Error(`not read by npm sip: ${text}`);
  return parsed;
}

export function benchParse(): { readonly parse: Beside; readonly serialize: Beside } {
  const ours = TEXTS.map(readOurs);
  const theirs = TEXTS.map(readTheirs);
  return {
    parse: beside(
      (n) => readOurs(pick(TEXTS, n)),
      (n) => readTheirs(pick(TEXTS, n)),
    ),
    serialize: beside(
      (n) => serialize(pick(ours, n)),
      (n) => sip.stringify(pick(theirs, n)),
    ),
  };
}

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

/** Both take turns, so that what else the machine does falls on both. */
function beside(ours: (n: number) => unknown, theirs: (n: number) => unknown): Beside {
  for (const warm of [ours, theirs]) perSecond(warm);
  const rounds = Array.from({ length: ROUNDS }, () => ({ ours: perSecond(ours), theirs: perSecond(theirs) }));
  return {
    ours: median(rounds.map((round) => round.ours)),
    theirs: median(rounds.map((round) => round.theirs)),
    ratio: median(rounds.map((round) => round.ours / round.theirs)),
  };
}

function perSecond(act: (n: number) => unknown): number {
  const start = performance.now();
  for (let n = 0; n < MESSAGES_A_ROUND; n += 1) act(n);
  return (MESSAGES_A_ROUND * 1000) / (performance.now() - start);
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
