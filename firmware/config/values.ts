/** Owns reading one value by its kind: what is allowed, and the sentence that says why a value is not. */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import { isIpv4, isIpv6 } from '../kernel/target.ts';
import type { ParameterKind } from './parameters.ts';

/** The value in its one spelling, or what was expected. */
export function readValue(kind: ParameterKind, value: string): Result<string, string> {
  switch (kind.type) {
    case 'integer':
      return readInteger(kind, value);
    case 'choice':
      return kind.values.includes(value.toLowerCase())
        ? ok(value.toLowerCase())
        : fail(`one of ${kind.values.join(', ')}`);
    case 'host':
      return readHost(value);
    case 'text':
    case 'secret':
      return readText(kind.max, value);
    case 'codes':
      return readCodes(value);
  }
}

function readInteger(kind: Extract<ParameterKind, { type: 'integer' }>, value: string): Result<string, string> {
  const range = `a whole number from ${kind.min} to ${kind.max}`;
  if (!/^-?\d{1,10}$/.test(value)) return fail(range);
  const number = Number(value);
  if (number < kind.min || number > kind.max) return fail(range);
  return ok(String(kind.raiseTo === undefined ? number : Math.max(number, kind.raiseTo)));
}

/** A name is a DNS name of at most 253 octets, labels of at most 63 (conformance A33). */
function readHost(value: string): Result<string, string> {
  const bare = value
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  if (bare === '' || bare === '0.0.0.0') return ok('');
  if (isIpv4(bare) || isIpv6(bare)) return ok(bare);
  if (/^[^:[\]]+:\d+$/.test(value) || /^\[.*\]:\d+$/.test(value))
    return fail('a name or address alone: the port has a parameter of its own');
  if (/^sips?:/i.test(value)) return fail('a name or address alone, not a SIP URI');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every octet beyond ASCII is meant.
  if (/[^\x00-\x7f]/.test(bare)) return fail('a name in ASCII: write an international name in its xn-- form');
  const labels = bare.split('.');
  const sound = bare.length <= 253 && labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  if (!sound || /^\d+$/.test(labels.at(-1) ?? '')) return fail('a DNS name or an IP address');
  return ok(bare);
}

function readText(max: number, value: string): Result<string, string> {
  if (value.length > max) return fail(`at most ${max} characters`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
  return /[\u0000-\u001f\u007f]/.test(value) ? fail('no control characters') : ok(value);
}

function readCodes(value: string): Result<string, string> {
  const codes = value
    .split(',')
    .map((code) => code.trim())
    .filter((code) => code !== '');
  const sound = codes.every((code) => /^[3-6]\d\d$/.test(code) && code !== '401' && code !== '407');
  return sound
    ? ok([...new Set(codes)].join(','))
    : fail('status codes from 300 to 699 separated by commas, without 401 and 407');
}
