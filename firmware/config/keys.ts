/** Owns the programmable keys: their rows in the table of parameters, how they become settings, and which are locked (original-phone 1.8). */
import { KEY_LABEL_MAX, KEY_STATES, PROGRAMMABLE_KEYS } from './defaults.ts';
import type { KeySetting, KeyState, KeyType, ParkingCode } from './key-settings.ts';
import type { Parameter } from './parameter.ts';
import { choice, FLAG, integer, rows, shape, text } from './parameter.ts';
import type { PhoneModel } from './settings.ts';

/** What this release does something with. */
const KEY_TYPES: readonly KeyType[] = [
  ...(['line', 'speeddial', 'speeddialxfer', 'speeddialconf', 'blf', 'list', 'blfxfer', 'dnd', 'callforward'] as const),
  ...(['callers', 'directory', 'redial', 'lcr', 'spre', 'icom', 'park', 'pickup', 'conf', 'xfer'] as const),
  ...(['save', 'delete', 'empty', 'xml', 'services'] as const),
];

/** Types that the original has and this phone does not, each with its reason. */
const IDLE_TYPES: Readonly<Record<string, string>> = {
  acd: 'agents log in by their own servers only; a speeddial or spre key with the code does the same',
  dcp: 'directed pick-up by their own servers only; a blf key with "directed call pickup" or its prefix does the same',
  flash: 'nothing is told of a hook flash; hold, transfer and conference are done here, by their keys',
  phonelock: 'the panel cannot be locked; what may be changed at it is bounded by "locked" and "!"',
  paging: 'nothing is sent to or heard from multicast groups; an icom key calls a phone that answers by itself',
};

const ALL_TYPES = ['none', ...KEY_TYPES, ...Object.keys(IDLE_TYPES)];

/** The keys of each model, in the order in which they are shown. */
const FAMILIES: Readonly<Record<PhoneModel, readonly ('topsoftkey' | 'softkey' | 'prgkey')[]>> = {
  '57i': ['topsoftkey', 'softkey'],
  '53i': ['prgkey'],
};

/** The small model's keys are there, and printed on, whether a file programs them or not [K]; with `none` one stays what it was; the callers stand in for services. */
const SMALL_USUAL: readonly KeyType[] = ['save', 'delete', 'directory', 'callers', 'xfer', 'conf'];

const PARTS = ['type', 'label', 'value', 'line', 'states'] as const;

const KEY_ROWS = (key: string) =>
  [
    [`${key} type`, choice(...ALL_TYPES), 'none', '', 'What the key does'],
    [`${key} label`, text(KEY_LABEL_MAX), '', '', 'What stands above it; empty = its value, or what it does'],
    [
      `${key} value`,
      text(256),
      '',
      '',
      'The number that it calls or watches; of park and pickup: server;code; of xml: an address',
    ],
    [`${key} line`, integer(1, 9), '1', '', 'The line that it uses'],
    [`${key} locked`, FLAG, '0', '', '1 in a server file = nothing of the key is changed at the phone'],
  ] as const;

const STATES = shape(
  new RegExp(`^\\s*((${KEY_STATES.join('|')})[\\s,]*)*$`, 'i'),
  `words out of ${KEY_STATES.join(', ')}`,
);

const PARKING = shape(/^([^;]+;[^;]+(;[^;]+)?)?$/, 'park code;pickup code;server, or server;code');

export const KEY_PARAMETERS: readonly Parameter[] = [
  ...['topsoftkeyN', 'softkeyN', 'prgkeyN'].flatMap((key) =>
    rows('original-phone 1.8', { scope: 'family', set: null, active: true }, KEY_ROWS(key)),
  ),
  ...rows('original-phone 1.8', { scope: 'family', set: null, active: true }, [
    ['softkeyN states', STATES, '', '', 'When the key is shown; empty = as usual for its type'],
  ]),
  ...rows('original-phone 1.8', { scope: 'line', set: null, active: true }, [
    ['sip park pickup config', PARKING, '', '', 'How calls are parked and picked up: park code;pickup code;server'],
  ]),
  ...rows('original-phone 1.8', { scope: 'global', set: null, active: true }, [
    ['sprecode', PARKING, '', '', 'How a park key without a value parks: server;code'],
    ['pickupsprecode', PARKING, '', '', 'How a pickup key without a value picks up: server;code'],
  ]),
];

/** Types that do nothing without a value. */
const NEEDS_VALUE: ReadonlySet<KeyType> = new Set<KeyType>([
  ...(['speeddial', 'speeddialxfer', 'speeddialconf', 'blf', 'blfxfer', 'spre', 'xml'] as const),
]);

/** Pickup may only be there where a call can begin (original-phone 1.8). */
const PICKUP_STATES: readonly KeyState[] = ['idle', 'outgoing'];

type Value = (name: string) => string;

export function keySettings(value: Value, model: PhoneModel): readonly KeySetting[] {
  return FAMILIES[model].flatMap((family) =>
    Array.from({ length: PROGRAMMABLE_KEYS[family] }, (_key, index) => `${family}${index + 1}`).flatMap(
      (name, index) => {
        const given = value(`${name} type`);
        const type = KEY_TYPES.find((candidate) => candidate === given);
        const usual = family === 'prgkey' && given === 'none' ? SMALL_USUAL[index] : undefined;
        return keySetting(name, type ?? usual, value);
      },
    ),
  );
}

/** Free keys and speed dials that no file locks; the lower ones of the large model first, for the upper ones have the watched numbers. */
export const settableKeys = (
  { value, fixed }: { readonly value: Value; readonly fixed: (name: string) => boolean },
  model: PhoneModel,
): readonly string[] =>
  [...FAMILIES[model]]
    .reverse()
    .flatMap((family) => Array.from({ length: PROGRAMMABLE_KEYS[family] }, (_key, index) => `${family}${index + 1}`))
    .filter(
      (name) =>
        ['none', 'speeddial'].includes(value(`${name} type`)) &&
        value(`${name} locked`) !== '1' &&
        !PARTS.some((part) => fixed(`${name} ${part}`)),
    );

function keySetting(name: string, type: KeyType | undefined, value: Value): readonly KeySetting[] {
  const number = value(`${name} value`);
  if (type === undefined || (NEEDS_VALUE.has(type) && number === '')) return [];
  if (type === 'list' && value('list uri') === '') return [];
  const plain = { name, type, label: value(`${name} label`), value: number, line: Number(value(`${name} line`)) };
  const key = type === 'icom' ? intercomKey(plain, value) : plain;
  if (key === null) return [];
  const states = statesOf(name, type, value);
  return [
    {
      ...key,
      ...(states === null ? {} : { states }),
      ...(type === 'park' || type === 'pickup' ? { parking: parkingOf(type, number, value) } : {}),
    },
  ];
}

/** By the server it is a code like any other (original-phone 6, "Intercom out"); null = intercom is off. */
function intercomKey(key: KeySetting, value: Value): KeySetting | null {
  const how = value('sip intercom type');
  const prefix = value('sip intercom prefix code');
  const line = Number(value('sip intercom line'));
  if (how === '1') return { ...key, line };
  if (how !== '2' || prefix === '') return null;
  const label = key.label === '' ? 'Icom' : key.label;
  return { ...key, type: key.value === '' ? 'spre' : 'speeddial', label, value: `${prefix}${key.value}`, line };
}

function statesOf(name: string, type: KeyType, value: Value): readonly KeyState[] | null {
  if (!/^softkey/.test(name)) return null;
  const words = value(`${name} states`).toLowerCase();
  const given = KEY_STATES.filter((state) => words.includes(state));
  if (given.length === 0) return null;
  return type === 'pickup' ? given.filter((state) => PICKUP_STATES.includes(state)) : given;
}

const LINES = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** By line, the first that says how: the line's own setting, that for all lines, the key, the old setting for all keys. */
function parkingOf(type: 'park' | 'pickup', own: string, value: Value): readonly (ParkingCode | null)[] {
  const old = value(type === 'park' ? 'sprecode' : 'pickupsprecode');
  const shared = [value('sip park pickup config'), own, old];
  return LINES.map((line) => {
    const texts = [value(`sip line${line} park pickup config`), ...shared];
    return texts.map((candidate) => parkingCode(type, candidate)).find((code) => code !== null) ?? null;
  });
}

/** `70;71;asterisk` holds for both, `asterisk;70` for the key that has it; null = it says nothing. */
function parkingCode(type: 'park' | 'pickup', written: string): ParkingCode | null {
  const [first = '', second = '', third] = written.split(';').map((part) => part.trim());
  const [server, code] = third === undefined ? [first, second] : [third, type === 'park' ? first : second];
  return server === '' || code === '' ? null : { server: server.toLowerCase(), code };
}

type Named = ReadonlyMap<string, { readonly value: string; readonly line: number }>;

type Idle = readonly [parameter: string, code: string, message: string];

/** Keys that a file gives a type and that do nothing: their parameter, and why, for lint. */
export const idleKeys = (effective: Named): readonly Idle[] =>
  [...effective].flatMap(([name, { value, line }]) => {
    const found =
      line > 0 && value !== 'none' && /^(?:topsoftkey|softkey|prgkey)\d+ type$/.test(name)
        ? whyIdle(name, value, effective)
        : null;
    return found === null ? [] : [[name, ...found] as const];
  });

function whyIdle(name: string, written: string, effective: Named): readonly [code: string, message: string] | null {
  const type = KEY_TYPES.find((candidate) => candidate === written);
  if (type === undefined) return ['key-not-acted-on', `a key of type ${written} is not shown: ${IDLE_TYPES[written]}`];
  const number = effective.get(name.replace(/ type$/, ' value'))?.value ?? '';
  if (NEEDS_VALUE.has(type) && number === '')
    return ['key-without-value', `a key of type ${type} does nothing without a value: it is not shown`];
  if (type === 'list' && (effective.get('list uri')?.value ?? '') === '')
    return ['key-without-value', 'keys of type list show nothing without a "list uri"'];
  if (type === 'icom') return whyNoIntercom((other) => effective.get(other)?.value ?? '');
  if (type !== 'park' && type !== 'pickup') return null;
  const codes = parkingOf(type, number, (other) => effective.get(other)?.value ?? '');
  if (codes.some((code) => code !== null)) return null;
  return ['key-without-value', `nothing says how to ${type}: a value such as asterisk;70 does`];
}

function whyNoIntercom(value: Value): readonly [code: string, message: string] | null {
  const how = value('sip intercom type');
  if (how === '2' && value('sip intercom prefix code') === '')
    return ['key-without-value', 'intercom by the server needs a "sip intercom prefix code": the key is not shown'];
  if (how === '1' || how === '2') return null;
  return ['key-without-value', 'intercom is off ("sip intercom type" is 3): the key is not shown'];
}

/** The key that a parameter belongs to, null = to none. */
const keyOf = (name: string): string | null =>
  new RegExp(`^((?:topsoftkey|softkey|prgkey)\\d+) (?:${PARTS.join('|')}|locked)$`).exec(name)?.[1] ?? null;

/** The file that locks what this parameter belongs to, null = none does. */
export function keyLock(
  named: ReadonlyMap<string, { readonly value: string; readonly from: string }>,
  name: string,
): string | null {
  const key = keyOf(name);
  const lock = key === null ? undefined : named.get(`${key} locked`);
  return lock?.value === '1' ? lock.from : null;
}

/** All parameters of the keys that are locked. */
export const lockedParts = (named: ReadonlyMap<string, { readonly value: string }>): readonly string[] =>
  [...named].flatMap(([name, { value }]) => {
    const key = / locked$/.test(name) && value === '1' ? keyOf(name) : null;
    return key === null ? [] : [...PARTS, 'locked'].map((part) => `${key} ${part}`);
  });
