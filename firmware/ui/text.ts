/** Owns the small text tools of the screens: cells, clock, countdowns. */
import type { Frame } from '../../hal/devices.ts';
import type { Zone } from '../kernel/zone.ts';
import { minutesWest } from '../kernel/zone.ts';

/** Exactly `width` cells: cut or padded; what the one fixed font cannot show becomes `?`. */
export const fit = (text: string, width: number): string => {
  const plain = text.replace(/[^\u0020-\u007e\u00a0-\u00ff\u2026]/g, '?');
  return plain.length > width ? `${plain.slice(0, Math.max(0, width - 1))}\u2026` : plain.padEnd(width);
};

export const frameOf = (columns: number, rows: number, texts: readonly string[]): Frame => ({
  columns,
  rows: Array.from({ length: rows }, (_row, index) => fit(texts[index] ?? '', columns)),
});

/** Left and right text on one row. */
export const spread = (left: string, right: string, width: number): string =>
  `${fit(left, Math.max(0, width - right.length - 1))} ${right}`;

export const centred = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, Math.floor((width - text.length) / 2))) + text;

/** Breaks a sentence at blanks; further rows are indented. */
export function wrap(text: string, width: number, indent: string): readonly string[] {
  const rows: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width);
    const cut = blank > width / 2 ? blank : width;
    rows.push(rest.slice(0, cut));
    rest = `${indent}${rest.slice(cut).trim()}`;
  }
  return [...rows, rest];
}

/** `0:47`, `12:05`, `1:02:03`. */
export function countdown(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const rest = `${String(Math.floor(s / 60) % 60).padStart(s >= 3600 ? 2 : 1, '0')}:${String(s % 60).padStart(2, '0')}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${rest}` : rest;
}

/** `42 s`, `58 min`, `3 h`. */
export function age(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export interface LocalTime {
  readonly hour: number;
  readonly minute: number;
  readonly weekday: string;
  readonly day: number;
  readonly month: string;
}

/** Calendar time from Unix time by arithmetic alone (proleptic Gregorian), for the core has no Date. */
export function localTime(wallMs: number, zone: Zone): LocalTime {
  const minutes = Math.floor(wallMs / 60_000) - minutesWest(zone, wallMs);
  const days = Math.floor(minutes / 1440);
  const ofDay = minutes - days * 1440;
  // Days since 1 March of year 0, in 400-year eras.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  return {
    hour: Math.floor(ofDay / 60),
    minute: ofDay % 60,
    weekday: DAYS[(((days + 4) % 7) + 7) % 7] ?? '',
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
    month: MONTHS[(marchMonth + 2) % 12] ?? '',
  };
}

export function clock({ hour, minute }: LocalTime, clock24: boolean): string {
  const m = String(minute).padStart(2, '0');
  return clock24
    ? `${String(hour).padStart(2, '0')}:${m}`
    : `${hour % 12 === 0 ? 12 : hour % 12}:${m}${hour < 12 ? 'am' : 'pm'}`;
}

/** Milliseconds until the minute changes. */
export const nextMinute = (wallMs: number): number => 60_000 - (((wallMs % 60_000) + 60_000) % 60_000);
