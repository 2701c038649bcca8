/** Owns reading one value by its kind: what is allowed, the one spelling it gets, and the words that say why a value is refused. */
import { parseDialPlan } from '../dialling/dial-plan.ts';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import { isIpv4, isIpv6 } from '../kernel/target.ts';
import { HOST_LABEL_MAX, HOST_NAME_MAX } from './defaults.ts';
import type { Parameter, ParameterKind } from './parameter.ts';

/** The host that means "not configured" (rules 2). */
export const NO_HOST = '0.0.0.0';

/** What a file or a form gives a parameter: nothing at all is its default, as generators mean it that write every name. */
export const readParameter = ({ kind, default: fallback }: Parameter, value: string): Result<string, string> =>
  value === '' && (kind.type === 'integer' || kind.type === 'choice') ? ok(fallback) : readValue(kind, value);

/** The value in its one spelling, or what was expected. */
export function readValue(kind: ParameterKind, value: string): Result<string, string> {
  switch (kind.type) {
    case 'integer':
      return readInteger(kind, value);
    case 'choice':
      return kind.values.includes(value.toLowerCase()) ? ok(value.toLowerCase()) : fail(allowed(kind));
    case 'host':
      return readHost(value);
    case 'address':
      return readAddress(kind, value);
    case 'text':
    case 'secret':
      return readText(kind, value);
    case 'shape':
      return value === '' || kind.pattern.test(value) ? readText(kind, value) : fail(allowed(kind));
    case 'codes':
      return readCodes(kind, value);
    case 'dial-plan': {
      const plan = parseDialPlan(value);
      return plan.ok ? ok(value) : fail(`${allowed(kind)}: ${plan.error}`);
    }
  }
}

/** What a value may be, in words: for messages and for the documentation. */
export function allowed(kind: ParameterKind): string {
  switch (kind.type) {
    case 'integer':
      return `a whole number from ${kind.min} to ${kind.max}${zero(kind)}${raised(kind)}`;
    case 'choice':
      return `one of ${kind.values.join(', ')}`;
    case 'host':
      return 'a DNS name or an IP address';
    case 'address':
      return kind.families === 'IPv4' ? 'an IPv4 address' : 'an IP address';
    case 'text':
    case 'secret':
      return `at most ${kind.max} characters`;
    case 'shape':
      return kind.words;
    case 'codes':
      return 'status codes from 300 to 699 separated by commas, without 401 and 407';
    case 'dial-plan':
      return 'patterns of 0-9 X * # . [2-5] + and ; separated by |';
  }
}

const zero = ({ orZero, zeroIs }: Of<'integer'>): string =>
  orZero === true ? ', or 0' : zeroIs === undefined ? '' : `, or 0 for ${zeroIs}`;

const raised = ({ raiseTo }: Of<'integer'>): string =>
  raiseTo === undefined ? '' : ` (raised to ${raiseTo} at least)`;

type Of<T extends ParameterKind['type']> = Extract<ParameterKind, { readonly type: T }>;

function readInteger(kind: Of<'integer'>, value: string): Result<string, string> {
  if (!/^-?\d{1,10}$/.test(value)) return fail(allowed(kind));
  const number = Number(value);
  if (number === 0 && kind.orZero === true) return ok('0');
  if (number === 0 && kind.zeroIs !== undefined) return ok(String(kind.zeroIs));
  if (number < kind.min || number > kind.max) return fail(allowed(kind));
  return ok(String(Math.max(number, kind.raiseTo ?? kind.min)));
}

/** Names are those of DNS: octets and labels bounded, case-insensitive, a trailing dot allowed (conformance A33; RFC 1035 2.3.4). */
function readHost(value: string): Result<string, string> {
  const bare = value
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  if (bare === '' || isUnspecified(bare)) return ok(NO_HOST);
  // 192.0.2.010 is read in tens, as a person wrote it: other readers would take it for octal.
  if (isIpv4(bare)) return ok(bare.split('.').map(Number).join('.'));
  if (isIpv6(bare)) return ok(bare);
  const why = wrongHost(value, bare);
  return why === null ? ok(bare) : fail(why);
}

const isUnspecified = (bare: string): boolean =>
  (isIpv4(bare) && bare.split('.').every((octet) => Number(octet) === 0)) || (isIpv6(bare) && /^[0:]+$/.test(bare));

function readAddress(kind: Of<'address'>, value: string): Result<string, string> {
  const host = readHost(value);
  const fits = host.ok && (isIpv4(host.value) || (kind.families !== 'IPv4' && isIpv6(host.value)));
  return fits ? host : fail(allowed(kind));
}

function wrongHost(value: string, bare: string): string | null {
  if (/^[^:[\]]+:\d+$/.test(value) || /^\[.*\]:\d+$/.test(value))
    return 'a name or address alone: the port has a parameter of its own';
  if (/^sips?:/i.test(value)) return 'a name or address alone, not a SIP URI';
  if ([...bare].some((letter) => letter > '\u007e')) return 'a name in ASCII: write an international name as xn--…';
  if (bare.length > HOST_NAME_MAX) return `a name of at most ${HOST_NAME_MAX} characters`;
  const labels = bare.split('.');
  if (labels.some((label) => label.length > HOST_LABEL_MAX))
    return `a name whose parts have at most ${HOST_LABEL_MAX} characters`;
  const sound = labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/.test(label));
  // A last label of digits alone is a mistyped address, not a name.
  return sound && !/^\d+$/.test(labels.at(-1) ?? '') ? null : allowed({ type: 'host' });
}

function readText(kind: Of<'text'> | Of<'secret'> | Of<'shape'>, value: string): Result<string, string> {
  if (value.length > kind.max) return fail(allowed(kind));
  if ([...value].some((letter) => letter < ' ' || letter === '\u007f')) return fail('no control characters');
  // Such a value could not be written to a file: the quote would end it, and the rest would be a comment.
  return /"\s*#/.test(value) ? fail('no " that is followed by #') : ok(value);
}

function readCodes(kind: Of<'codes'>, value: string): Result<string, string> {
  const codes = value
    .split(',')
    .map((code) => code.trim())
    .filter((code) => code !== '');
  const sound = codes.every((code) => /^[3-6]\d\d$/.test(code) && code !== '401' && code !== '407');
  return sound ? ok([...new Set(codes)].join(',')) : fail(allowed(kind));
}
