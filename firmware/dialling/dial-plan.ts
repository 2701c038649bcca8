/** Owns the dial plan: its patterns read from their text, and what the keys pressed so far mean by them (original-phone 1.6). */
import { DIAL_PLAN_MAX, DIALLED_KEYS_MAX } from '../config/defaults.ts';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';

/** One place of a pattern: the keys that it takes; `repeated`: none or more of them (`+`). */
interface Place {
  readonly keys: string;
  readonly repeated: boolean;
}

interface Pattern {
  readonly places: readonly Place[];
  /** A second dial tone is heard before these places (`;`). */
  readonly toneBefore: readonly number[];
  /** What is put in front of the number (`,digits`). */
  readonly prepend: string;
}

export interface DialPlan {
  readonly patterns: readonly Pattern[];
}

export type Verdict =
  /** More keys are needed. `tone`: a second dial tone is heard now. */
  | { readonly kind: 'incomplete'; readonly tone: boolean }
  /** May be sent, but more keys may come: the digit time-out decides, or a key that sends. */
  | { readonly kind: 'possible'; readonly number: string; readonly tone: boolean }
  /** Nothing more can come: sent at once. */
  | { readonly kind: 'complete'; readonly number: string }
  | { readonly kind: 'invalid' };

const DIGITS = '0123456789';
const KEYS = `${DIGITS}*#.`;
const TERMINATOR = '#';

/** The error says what was expected, and where. */
export function parseDialPlan(text: string): Result<DialPlan, string> {
  if (text.length > DIAL_PLAN_MAX) return fail(`at most ${DIAL_PLAN_MAX} characters`);
  const patterns: Pattern[] = [];
  for (const alternative of text.split('|')) {
    const pattern = parsePattern(alternative);
    if (!pattern.ok) return fail(`${pattern.error} in "${alternative}"`);
    patterns.push(pattern.value);
  }
  return ok({ patterns });
}

function parsePattern(text: string): Result<Pattern, string> {
  const [body = '', prepend = '', ...more] = text.split(',');
  if (more.length > 0 || (text.includes(',') && !/^[\d*#]+$/.test(prepend)))
    return fail('after a comma: the digits that are put in front');
  const places: Place[] = [];
  const toneBefore: number[] = [];
  for (const symbol of body.match(/\[[^\]]*\]?|[^[]/gu) ?? []) {
    const last = places.at(-1);
    const keys = keysOf(symbol);
    if (keys !== null) places.push({ keys, repeated: false });
    else if (symbol === ';') toneBefore.push(places.length);
    else if (symbol !== '+') return fail(`${symbol} is not a key, X, or a set such as [2-57]`);
    else if (last === undefined || last.repeated || toneBefore.at(-1) === places.length)
      return fail('+ stands after the symbol that it repeats');
    else places[places.length - 1] = { ...last, repeated: true };
  }
  return places.length === 0 ? fail('an empty pattern') : ok({ places, toneBefore, prepend });
}

/** The keys that a symbol stands for; null = no symbol. */
function keysOf(symbol: string): string | null {
  if (symbol === 'X' || symbol === 'x') return DIGITS;
  if (symbol.length === 1) return KEYS.includes(symbol) ? symbol : null;
  const inner = /^\[(.+)\]$/.exec(symbol)?.[1] ?? '';
  if (!/^(?:\d-\d|[\d*#.Xx])+$/.test(inner)) return null;
  let keys = '';
  for (const [part] of inner.matchAll(/\d-\d|[\d*#.Xx]/g)) {
    const range = part.length === 3 ? DIGITS.slice(Number(part[0]), Number(part[2]) + 1) : keysOf(part);
    if (range === null || range === '') return null;
    keys += range;
  }
  return keys;
}

/** Whether a number is meant by the plan from its first key to its last. */
export const matches = ({ patterns }: DialPlan, number: string): boolean =>
  patterns.some((pattern) => ends(pattern, walk(pattern, number)));

/** `sendsTerminator`: the `#` that ends a number is part of it (`sip dial plan terminator`). */
export interface JudgeOptions {
  readonly sendsTerminator: boolean;
}

export function judge(plan: DialPlan, keys: string, options: JudgeOptions): Verdict {
  if (keys === '') return { kind: 'incomplete', tone: false };
  if (keys.length > DIALLED_KEYS_MAX) return { kind: 'invalid' };
  const walks = plan.patterns.map((pattern) => ({ pattern, at: walk(pattern, keys) }));
  const exact = walks.find(({ pattern, at }) => ends(pattern, at));
  const goesOn = walks.some(({ pattern, at }) => [...at].some((place) => place < pattern.places.length));
  if (!goesOn) return exact === undefined ? terminated(plan, keys, options) : complete(exact.pattern, keys, options);
  const tone = plan.patterns.some((pattern) => tonesAfter(pattern, keys));
  const closable = walks.find(
    ({ pattern, at }) => isTerminated(pattern) && ends(pattern, step(pattern, at, TERMINATOR)),
  );
  const open = exact ?? closable;
  if (open === undefined) return { kind: 'incomplete', tone };
  return { kind: 'possible', number: numberOf(open.pattern, keys, options), tone };
}

function complete(pattern: Pattern, keys: string, options: JudgeOptions): Verdict {
  const number = numberOf(pattern, keys, options);
  return number === '' ? { kind: 'invalid' } : { kind: 'complete', number };
}

/** `#` sends what may be sent, also where no pattern names it. */
function terminated(plan: DialPlan, keys: string, options: JudgeOptions): Verdict {
  if (options.sendsTerminator || !keys.endsWith(TERMINATOR)) return { kind: 'invalid' };
  const before = judge(plan, keys.slice(0, -1), options);
  return before.kind === 'possible' ? { kind: 'complete', number: before.number } : { kind: 'invalid' };
}

const isTerminated = ({ places }: Pattern): boolean => places.at(-1)?.keys === TERMINATOR;

/** Whether the last key was the one that a second dial tone follows. */
function tonesAfter(pattern: Pattern, keys: string): boolean {
  const before = walk(pattern, keys.slice(0, -1));
  const key = keys.slice(-1);
  return pattern.toneBefore.some(
    (place) => before.has(place - 1) && pattern.places[place - 1]?.keys.includes(key) === true,
  );
}

function numberOf(pattern: Pattern, keys: string, options: JudgeOptions): string {
  const bare = isTerminated(pattern) && !options.sendsTerminator ? keys.replace(/#$/, '') : keys;
  return bare === '' ? '' : `${pattern.prepend}${bare}`;
}

const ends = ({ places }: Pattern, at: ReadonlySet<number>): boolean => at.has(places.length);

function walk(pattern: Pattern, keys: string): ReadonlySet<number> {
  let at = skipped(pattern, [0]);
  for (const key of keys) {
    if (at.size === 0) break;
    at = step(pattern, at, key);
  }
  return at;
}

/** The places at which the next key may stand; the count of places = the pattern has ended. */
function step(pattern: Pattern, from: ReadonlySet<number>, key: string): ReadonlySet<number> {
  const next: number[] = [];
  for (const index of from) {
    const place = pattern.places[index];
    if (place?.keys.includes(key) !== true) continue;
    next.push(place.repeated ? index : index + 1);
  }
  return skipped(pattern, next);
}

/** A place that may be repeated may also be left out. */
function skipped({ places }: Pattern, from: readonly number[]): ReadonlySet<number> {
  const at = new Set(from);
  for (const index of at) if (places[index]?.repeated === true) at.add(index + 1);
  return at;
}
