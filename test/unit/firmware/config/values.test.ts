/** One value by its kind: what is allowed, and the one spelling that it gets. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ParameterKind } from '../../../../firmware/config/parameter.ts';
import { choice, FLAG, HOST, integer, secret, shape, text } from '../../../../firmware/config/parameter.ts';
import { PARAMETERS } from '../../../../firmware/config/parameters.ts';
import { allowed, readValue } from '../../../../firmware/config/values.ts';

const read = (kind: ParameterKind, value: string): string | null => {
  const result = readValue(kind, value);
  return result.ok ? result.value : null;
};
const why = (kind: ParameterKind, value: string): string => {
  const result = readValue(kind, value);
  return result.ok ? `accepted as ${result.value}` : result.error;
};

describe('numbers', () => {
  it('are whole and within their range, both ends included', () => {
    const kind = integer(-5, 300);
    for (const value of ['-5', '0', '300']) assert.equal(read(kind, value), value);
    for (const value of ['-6', '301', '1.5', '1e2', '0x10', '', ' 1', '+1', 'ten', '99999999999', '12 s'])
      assert.equal(why(kind, value), 'a whole number from -5 to 300', value);
  });

  it('lose their leading zeros', () => {
    assert.equal(read(integer(0, 9), '007'), '7');
    assert.equal(read(integer(0, 9), '-0'), '0');
  });

  it('are raised where the original raises them, and refused above their range', () => {
    const kind: ParameterKind = { type: 'integer', min: 0, max: 100, raiseTo: 30 };
    assert.equal(read(kind, '29'), '30');
    assert.equal(read(kind, '31'), '31');
    assert.equal(read(kind, '101'), null);
  });

  it('may be 0 below their range where 0 means off', () => {
    const kind: ParameterKind = { type: 'integer', min: 5, max: 300, orZero: true };
    assert.equal(read(kind, '0'), '0');
    assert.equal(why(kind, '4'), 'a whole number from 5 to 300, or 0');
  });

  it('may be 0 below their range where the original means its default by it', () => {
    const kind: ParameterKind = { type: 'integer', min: 100, max: 9000, zeroIs: 500 };
    assert.equal(read(kind, '0'), '500');
    assert.equal(why(kind, '99'), 'a whole number from 100 to 9000, or 0 for 500');
  });
});

describe('choices', () => {
  it('are one of a few words, whatever their case', () => {
    assert.equal(read(choice('modern', 'r2.0'), 'R2.0'), 'r2.0');
    assert.equal(why(FLAG, 'yes'), 'one of 0, 1');
  });
});

describe('hosts (conformance A33)', () => {
  it('are names in one spelling: lower case, without a trailing dot', () => {
    assert.equal(read(HOST, 'PBX.Example.Net.'), 'pbx.example.net');
    for (const name of ['localhost', 'a-b.example', '_sip._udp.example', '3com.example', 'xn--bcher-kva.example'])
      assert.equal(read(HOST, name), name);
  });

  it('are addresses: zeros in front do not make them octal, brackets are taken off', () => {
    assert.equal(read(HOST, '192.000.002.010'), '192.0.2.10');
    assert.equal(read(HOST, '[2001:DB8::1]'), '2001:db8::1');
    assert.equal(read(HOST, '2001:db8::1'), '2001:db8::1');
    assert.equal(read(HOST, '::ffff:192.0.2.1'), '::ffff:192.0.2.1');
  });

  it('are not configured where they are empty or no address at all', () => {
    for (const value of ['', '.', '0.0.0.0', '000.0.0.0', '::', '[::]', '0:0:0:0:0:0:0:0'])
      assert.equal(read(HOST, value), '0.0.0.0', value);
  });

  it('have at most 253 characters, and 63 in a part', () => {
    const label = 'a'.repeat(63);
    const longest = `${label}.${label}.${label}.${'a'.repeat(61)}`;
    assert.equal(longest.length, 253);
    assert.equal(read(HOST, longest), longest);
    assert.equal(read(HOST, `${longest}.`), longest);
    assert.match(why(HOST, `${longest}a`), /253/);
    assert.match(why(HOST, `${label}a.example`), /63/);
  });

  it('are refused with the reason that helps', () => {
    for (const value of ['pbx.example.net:5060', '192.0.2.1:5060', '[2001:db8::1]:5060'])
      assert.match(why(HOST, value), /port has a parameter of its own/, value);
    assert.match(why(HOST, 'sip:pbx.example.net'), /not a SIP URI/);
    assert.match(why(HOST, 'bücher.example'), /xn--/);
    for (const value of [
      'a b',
      '-a.example',
      'a-.example',
      'a..b',
      '.a',
      '1.2.3.400',
      '1.2.3',
      '12345',
      'a/b',
      'fe80::1%eth0',
      ':::',
    ])
      assert.equal(why(HOST, value), 'a DNS name or an IP address', value);
  });
});

describe('text', () => {
  it('is anything without control characters, to a length', () => {
    assert.equal(read(text(5), 'ä # "'), 'ä # "');
    assert.equal(why(text(5), '123456'), 'at most 5 characters');
    assert.equal(why(text(5), 'a\u0000b'), 'no control characters');
    assert.equal(why(secret(5), 'a\u007fb'), 'no control characters');
  });

  it('is nothing that could not be written to a file', () => {
    assert.equal(why(text(9), 'a" # b'), 'no " that is followed by #');
  });
});

describe('a text of a certain form', () => {
  it('is one line all the same: what follows a line end would be a line of its own in the file', () => {
    const pair = shape(/^[^;]+;[^;]+$/, 'two words with ; between');
    assert.equal(read(pair, 'a;b'), 'a;b');
    assert.equal(why(pair, 'a'), 'two words with ; between');
    assert.equal(why(pair, 'a;b\nsip proxy ip: 192.0.2.66'), 'no control characters');
  });
});

describe('failover codes', () => {
  const kind: ParameterKind = { type: 'codes' };
  it('are final codes once each, without the challenges; none is a choice too', () => {
    assert.equal(read(kind, '503, 500,503,'), '503,500');
    assert.equal(read(kind, ''), '');
    for (const value of ['401', '407', '200', '180', '700', '5xx', '503 500'])
      assert.match(why(kind, value), /300 to 699/, value);
  });
});

describe('the table of parameters', () => {
  it('has defaults that are values of their own kind, in their one spelling', () => {
    // An empty one says that nothing is set.
    for (const { name, kind, default: fallback } of PARAMETERS)
      if (fallback !== '') assert.equal(read(kind, fallback), fallback, name);
  });

  it('judges every value: no parameter takes just anything', () => {
    for (const { name, kind } of PARAMETERS) assert.equal(readValue(kind, '\u0001'.repeat(2000)).ok, false, name);
  });

  it('has words for every kind', () => {
    for (const { name, kind } of PARAMETERS) assert.match(allowed(kind), /\w{2}/, name);
    assert.equal(
      allowed({ type: 'integer', min: 0, max: 9, raiseTo: 3 }),
      'a whole number from 0 to 9 (raised to 3 at least)',
    );
  });
});
