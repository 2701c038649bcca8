/** Owns what the keypad writes into a field of an input screen, how it looks, and whether it may be sent. */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import type { FieldType, InputField } from './objects.ts';
import { XML_API_LIMITS } from './objects.ts';

/** What is keyed of one field. */
export interface Entry {
  /** As keyed: of a date or time the digits alone. */
  readonly keys: string;
  readonly letters: 'abc' | 'ABC' | '123';
  /** Second half of the day, of a time in twelve hours. */
  readonly pm: boolean;
  /** The key that the next press may turn into its next letter. */
  readonly tap: { readonly key: string; readonly at: number; readonly index: number } | null;
}

/** A second press of a key within this time is its next letter, ms: our choice, as mobile phones have it. */
const TAP_MS = 1000;

const LETTERS: Readonly<Record<string, string>> = {
  ...{ '1': ".,:;=_-'&@()1", '2': 'abc2', '3': 'def3', '4': 'ghi4', '5': 'jkl5', '6': 'mno6', '7': 'pqrs7' },
  ...{ '8': 'tuv8', '9': 'wxyz9', '0': ' +0', '*': '*/\\', '#': '#?!%$' },
};

/** Where separators stand, and how many digits there are. */
const SHAPES: Readonly<Partial<Record<FieldType, { readonly separator: string; readonly groups: readonly number[] }>>> =
  {
    timeus: { separator: ':', groups: [2, 2, 2] },
    timeint: { separator: ':', groups: [2, 2, 2] },
    dateus: { separator: '/', groups: [2, 2, 4] },
    dateint: { separator: '/', groups: [2, 2, 4] },
  };

export function entryOf({ type, value }: InputField): Entry {
  const keys = SHAPES[type] === undefined ? value : value.replaceAll(/\D/g, '');
  return { keys, letters: type === 'string' ? 'abc' : '123', pm: /p/i.test(value) && type === 'timeus', tap: null };
}

/** A key of the keypad, at `now` ms. */
export function keyed(entry: Entry, type: FieldType, key: string, now: number): Entry {
  const { keys } = entry;
  const shape = SHAPES[type];
  if (shape !== undefined) {
    if (!/^\d$/.test(key)) return type === 'timeus' ? { ...entry, pm: !entry.pm } : entry;
    const most = shape.groups.reduce((sum, group) => sum + group, 0);
    return keys.length < most ? { ...entry, keys: `${keys}${key}` } : entry;
  }
  if (type === 'ip') return key === '#' ? entry : added(entry, key === '*' ? '.' : key);
  if (type === 'number' || entry.letters === '123') return added(entry, key);
  return lettered(entry, key, now);
}

const added = (entry: Entry, text: string): Entry =>
  entry.keys.length < XML_API_LIMITS.field ? { ...entry, keys: `${entry.keys}${text}`, tap: null } : entry;

function lettered(entry: Entry, key: string, now: number): Entry {
  const letters = LETTERS[key] ?? key;
  const again = entry.tap !== null && entry.tap.key === key && now - entry.tap.at < TAP_MS;
  const index = again && entry.tap !== null ? (entry.tap.index + 1) % letters.length : 0;
  const letter = letters[index] ?? key;
  const base = again ? { ...entry, keys: entry.keys.slice(0, -1) } : entry;
  const next = added(base, entry.letters === 'ABC' ? letter.toUpperCase() : letter);
  return next === base ? entry : { ...next, tap: { key, at: now, index } };
}

export const erased = (entry: Entry): Entry => ({ ...entry, keys: entry.keys.slice(0, -1), tap: null });

const NEXT = { abc: 'ABC', ABC: '123', '123': 'abc' } as const;
export const turned = (entry: Entry): Entry => ({ ...entry, letters: NEXT[entry.letters], tap: null });

/** As it is shown and sent: `12:05:00 PM`. */
export function textOf({ keys, pm }: Entry, type: FieldType): string {
  const shape = SHAPES[type];
  if (shape === undefined) return keys;
  const starts = shape.groups.map((_length, index) => shape.groups.slice(0, index).reduce((sum, one) => sum + one, 0));
  const groups = shape.groups.map((length, index) => keys.slice(starts[index], (starts[index] ?? 0) + length));
  return `${groups.filter((group) => group !== '').join(shape.separator)}${type === 'timeus' && keys !== '' ? ` ${pm ? 'PM' : 'AM'}` : ''}`;
}

export const shownOf = (entry: Entry, { type, masked }: InputField): string => {
  const value = textOf(entry, type);
  return masked ? '*'.repeat(value.length) : value;
};

/** The value as it is sent; the error says what is wrong with it. */
export function checked(entry: Entry, type: FieldType): Result<string, string> {
  const value = textOf(entry, type);
  const [first = 0, second = 0, third = 0] = entry.keys.match(/\d{2}/g)?.map(Number) ?? [];
  switch (type) {
    case 'ip':
      return isAddress(value) ? ok(value) : fail('This is no IP address');
    case 'timeint':
      return entry.keys.length === 6 && first < 24 && second < 60 && third < 60 ? ok(value) : fail('This is no time');
    case 'timeus':
      return entry.keys.length === 6 && first >= 1 && first <= 12 && second < 60 && third < 60
        ? ok(value)
        : fail('This is no time');
    case 'dateus':
      return isDate(entry.keys, first, second) ? ok(value) : fail('This is no date');
    case 'dateint':
      return isDate(entry.keys, second, first) ? ok(value) : fail('This is no date');
    default:
      return ok(value);
  }
}

const isAddress = (text: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) < 256);

function isDate(keys: string, month: number, day: number): boolean {
  const year = Number(keys.slice(4));
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return keys.length === 8 && day >= 1 && day <= days;
}
