/** Owns the clock DS1307 (Maxim data sheet, table 2): its time as milliseconds since 1970 UTC, and setting it. */
import type { I2cBus } from '../ports.ts';

const FIRST_REGISTER = 0;
const TIME_OCTETS = 7;
const HALTED = 0x80;
const TWELVE_HOURS = 0x40;
const AFTERNOON = 0x20;
const DAY_MS = 86_400_000;
/** The chip counts two digits of the year. */
const CENTURY = 2000;

/** Null where the chip does not answer, its oscillator stood still, or what it holds is no time. */
export function readClock(bus: I2cBus, address: number, done: (wallMs: number | null) => void): void {
  bus.transfer({ address, write: Uint8Array.of(FIRST_REGISTER), readLength: TIME_OCTETS }, (answer) =>
    done(answer.ok ? timeOf(answer.octets) : null),
  );
}

/** Also starts the oscillator. */
export function setClock(bus: I2cBus, address: number, wallMs: number, done: (ok: boolean) => void): void {
  bus.transfer({ address, write: Uint8Array.of(FIRST_REGISTER, ...octetsOf(wallMs)), readLength: 0 }, ({ ok }) =>
    done(ok),
  );
}

function timeOf(octets: Uint8Array): number | null {
  const [seconds = HALTED, minutes = 0xff, hours = 0xff, , day = 0, month = 0, year = 0xff] = octets;
  const fields = [seconds, minutes, hourOf(hours), day, month, year].map(fromBcd);
  const [s, m, h, d, mo, y] = fields;
  if (s === undefined || m === undefined || h === undefined || d === undefined || mo === undefined || y === undefined)
    return null;
  const wellFormed = !fields.includes(Number.NaN) && s < 60 && m < 60 && h < 24 && mo >= 1 && mo <= 12 && d >= 1;
  if (!wellFormed || d > daysIn(CENTURY + y, mo)) return null;
  return daysSince1970(CENTURY + y, mo, d) * DAY_MS + ((h * 60 + m) * 60 + s) * 1000;
}

/** The hour as the 24-hour form would hold it. */
function hourOf(octet: number): number {
  if ((octet & TWELVE_HOURS) === 0) return octet;
  const hour = fromBcd(octet & 0x1f) % 12;
  return toBcd(hour + ((octet & AFTERNOON) === 0 ? 0 : 12));
}

function octetsOf(wallMs: number): readonly number[] {
  const days = Math.floor(wallMs / DAY_MS);
  const seconds = Math.floor((wallMs - days * DAY_MS) / 1000);
  const { year, month, day } = civil(days);
  const weekday = ((days + 4) % 7) + 1;
  return [
    seconds % 60,
    Math.floor(seconds / 60) % 60,
    Math.floor(seconds / 3600),
    weekday,
    day,
    month,
    year - CENTURY,
  ].map(toBcd);
}

const toBcd = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10);

/** Not a number where a digit is none. */
const fromBcd = (octet: number): number =>
  (octet & 0x0f) > 9 || octet >> 4 > 9 ? Number.NaN : 10 * (octet >> 4) + (octet & 0x0f);

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const daysIn = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

/** By counting: a year of a desk phone is never far from 1970. */
function daysSince1970(year: number, month: number, day: number): number {
  let days = day - 1;
  for (let y = 1970; y < year; y += 1) days += isLeap(y) ? 366 : 365;
  for (let m = 1; m < month; m += 1) days += daysIn(year, m);
  return days;
}

function civil(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  let rest = days;
  let year = 1970;
  for (; rest >= (isLeap(year) ? 366 : 365); year += 1) rest -= isLeap(year) ? 366 : 365;
  let month = 1;
  for (; rest >= daysIn(year, month); month += 1) rest -= daysIn(year, month);
  return { year, month, day: rest + 1 };
}
