/** Owns measuring parse and serialise beside npm `sip`, on the same message in the same run. */
import sip from 'sip';
import { parseMessage } from '../../firmware/sip/message/parse.ts';
import { serialize } from '../../firmware/sip/message/serialize.ts';
import type { Row } from './row.ts';

const MESSAGE = [
  'REGISTER sip:example.test SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.100:5060;rport;branch=z9hG4bK776asdhds',
  'Max-Forwards: 70',
  'From: "Reception" <sip:2001@example.test>;tag=1928301774',
  'To: <sip:2001@example.test>',
  'Call-ID: a84b4c76e66710@192.0.2.100',
  'CSeq: 314159 REGISTER',
  'Contact: <sip:2001@192.0.2.100:5060;line=1>;expires=3600',
  'Authorization: Digest username="2001", realm="example.test", nonce="84a4cc6f3082121f32b42a2187831a9e", uri="sip:example.test", response="7587245234b3434cc3412213e5f113a5"',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

const ROUND_MS = 300;
const ROUNDS = 5;

/** Calls a second, the median of rounds taken in turn, so that a drifting machine hurts both alike. */
function inTurn(a: () => void, b: () => void): readonly [number, number] {
  const rates = [a, b].map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, work] of [a, b].entries()) rates[index]?.push(rate(work));
  const median = (list: readonly number[]): number => [...list].sort((x, y) => x - y)[Math.floor(list.length / 2)] ?? 0;
  return [median(rates[0] ?? []), median(rates[1] ?? [])];
}

function rate(work: () => void): number {
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < ROUND_MS) {
    for (let n = 0; n < 100; n += 1) work();
    calls += 100;
  }
  return (calls / (performance.now() - start)) * 1000;
}

export async function benchMessages(): Promise<readonly Row[]> {
  const ours = parseMessage(MESSAGE);
  const theirs = sip.parse(MESSAGE);
  if (!ours.ok || theirs === undefined) throw new Error('the message is not read');
  const [parse, sipParse] = inTurn(
    () => void parseMessage(MESSAGE),
    () => void sip.parse(MESSAGE),
  );
  const [write, sipWrite] = inTurn(
    () => void serialize(ours.value),
    () => void sip.stringify(theirs),
  );
  const unit = 'messages/s';
  return [
    { name: 'parse, with every mandatory header checked', value: parse, unit, against: sipParse, beside: 'npm sip' },
    { name: 'serialise', value: write, unit, against: sipWrite, beside: 'npm sip' },
  ];
}
