/** A hundred thousand hostile inputs (conformance C1, L8), and every seed that once found something. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TargetName } from './fuzz.ts';
import { fuzz, sharesOf, summaryOf } from './fuzz.ts';

const INPUTS = 100_000;

/** Without one of these a fuzzer no longer reaches what it is for. */
const OUTCOMES: Readonly<Record<TargetName, readonly string[]>> = {
  messages: ['request', 'response', 'refused'],
  streams: ['messages, end', 'messages, broken', 'messages, incomplete', 'nothing, broken'],
  dns: ['octets read', 'octets malformed', 'directory, some found', 'directory, none found'],
  config: ['lines', 'no line'],
  bodies: ['dialog-info', 'refused'],
  phone: ['phone, attacked by strangers', 'phone, attacked in the path'],
  xml: ['text', 'menu', 'input', 'status', 'execute', 'refused'],
  sound: [
    ...['attacked in the path', 'strangers, in a call', 'strangers, on hold', 'strangers, not answered'],
    'attacked in the path, encrypted',
  ],
};

describe('hostile inputs break no rule', () => {
  let ran = 0;
  for (const [target, inputs] of sharesOf(INPUTS))
    it(`${inputs} of ${target}`, (context) => {
      const fuzzed = fuzz(target, 1, inputs);
      context.diagnostic(summaryOf(fuzzed));
      assert.deepEqual(fuzzed.found, []);
      for (const outcome of OUTCOMES[target])
        assert.ok((fuzzed.outcomes.get(outcome) ?? 0) >= inputs / 200, `${outcome}: too few of ${summaryOf(fuzzed)}`);
      ran += fuzzed.inputs;
    });

  it('and as many were run as were promised', () => assert.ok(ran >= INPUTS, `${ran} inputs`));
});

/** Seeds hold for the grammar that they were found with; each finding has a unit test besides. */
const FOUND: readonly (readonly [TargetName, number, string])[] = [
  ['messages', 1704, 'a control octet in a Request-URI was read as it is and written escaped'],
  ['messages', 1783, 'a NUL in a Call-ID was written as a blank: two messages from one'],
  ['messages', 11_587, 'a datagram that was cut within its last line end counted as whole'],
  ['messages', 1_517_682, 'a NUL in a URI that is no SIP URI was written as a blank'],
  ['phone', 5, 'an answer to port 0'],
  ['phone', 38_083, 'a short request drew the long answer of another with the same branch'],
  ['phone', 61_247, 'each of many rport parameters was filled in: the answer was twice as long'],
  ['phone', 5_016_821, 'an empty value in Via was answered as a quoted one: a long answer to a shorter request'],
  ['phone', 5_073_183, 'a list of Vias was answered with a line for each: an answer of twice the length'],
  ['config', 12_011_561, 'a key for parking could hold a line end: what followed was a line of its own in the file'],
  ['config', 13_011_246, 'a code for picking up could hold a line end'],
  ['phone', 5_023_094, 'an empty Via stood above that of the answer'],
];

describe('what was once found stays mended', () => {
  for (const [target, seed, what] of FOUND)
    it(`${what} (${target}, seed ${seed})`, () => assert.deepEqual(fuzz(target, seed, 1).found, []));
});
