/** Owns the lists of the phone: who was dialled, who called, the directory; bounded, and kept over a restart (original-phone 6). */
import {
  CALLERS_MAX,
  DIRECTORY_MAX,
  LINES_MAX,
  LIST_NAME_MAX,
  LIST_NUMBER_MAX,
  REDIAL_MAX,
} from '../config/defaults.ts';

export type ListName = 'redial' | 'callers' | 'directory';

export interface Entry {
  /** What is dialled: a number or a SIP URI. */
  readonly number: string;
  /** Empty where none is known. */
  readonly name: string;
  readonly line: number;
  /** Unix time, ms; null = the clock was not set, or it is no call. */
  readonly at: number | null;
  readonly missed: boolean;
  /** How often in a row. */
  readonly times: number;
}

export interface Lists {
  /** Newest first; a number stands once. */
  readonly redial: readonly Entry[];
  /** Newest first; who calls again and again stands once. */
  readonly callers: readonly Entry[];
  /** What was saved at the phone, by name. */
  readonly directory: readonly Entry[];
  /** What the server's lists hold (`directory 1`, `directory 2`); shown in the directory, and never kept with the rest. */
  readonly given: readonly Entry[];
  /** Missed calls since the callers list was looked at. */
  readonly missed: number;
}

export const NO_LISTS: Lists = { redial: [], callers: [], directory: [], given: [], missed: 0 };

const MOST: Readonly<Record<ListName, number>> = {
  redial: REDIAL_MAX,
  callers: CALLERS_MAX,
  directory: DIRECTORY_MAX,
};

type Call = Pick<Entry, 'number' | 'line' | 'at'>;

export function withDialled(lists: Lists, call: Call): Lists {
  const entry = { ...call, name: nameOf(lists, call.number), missed: false, times: 1 };
  const others = lists.redial.filter(({ number }) => number !== call.number);
  return { ...lists, redial: [entry, ...others].slice(0, REDIAL_MAX) };
}

export function withCaller(lists: Lists, call: Call & Pick<Entry, 'name' | 'missed'>): Lists {
  const [last, ...older] = lists.callers;
  const again = last !== undefined && last.number === call.number && last.missed === call.missed;
  const name = call.name === '' ? nameOf(lists, call.number) : call.name;
  const entry = { ...call, name, times: again ? last.times + 1 : 1 };
  const callers = [entry, ...(again ? older : lists.callers)].slice(0, CALLERS_MAX);
  return { ...lists, callers, missed: Math.min(lists.missed + (call.missed ? 1 : 0), CALLERS_MAX) };
}

const nameOf = ({ directory, given }: Lists, wanted: string): string =>
  [...directory, ...given].find(({ number }) => number === wanted)?.name ?? '';

/** Into the directory; a number that is there already takes the new name. */
export function saved(lists: Lists, { number, name, line }: Named): Lists {
  const others = lists.directory.filter((entry) => entry.number !== number);
  if (others.length >= DIRECTORY_MAX) return lists;
  const entry = { number, name, line, at: null, missed: false, times: 1 };
  return { ...lists, directory: sorted([...others, entry]) };
}

const sorted = (entries: readonly Entry[]): readonly Entry[] =>
  [...entries].sort((a, b) => compare(labelOf(a), labelOf(b)) || compare(a.number, b.number));
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const labelOf = ({ name, number }: Entry): string => (name === '' ? number : name);

/** As a person sees it: among the names of the directory are those that the server gives. */
export const shownOf = (lists: Lists, list: ListName): readonly Entry[] =>
  list !== 'directory' || lists.given.length === 0
    ? lists[list]
    : sorted([
        ...lists.directory,
        ...lists.given.filter((entry) => !lists.directory.some((own) => isSame(own, entry))),
      ]);

/** Entries of the server are equal by these three (original-phone 6). */
const isSame = (a: Named, b: Named): boolean => a.name === b.name && a.number === b.number && a.line === b.line;

type Named = Pick<Entry, 'number' | 'name' | 'line'>;

/** The server's names, in place of those it gave before; one that stands twice is one. */
export function withGiven(lists: Lists, entries: readonly Named[]): Lists {
  const given: Entry[] = [];
  for (const { number, name, line } of entries.slice(0, 2 * DIRECTORY_MAX)) {
    const [entry] = readEntry({ number, name, line, at: null, missed: false, times: 1 });
    if (entry !== undefined && given.length < DIRECTORY_MAX && !given.some((other) => isSame(other, entry)))
      given.push(entry);
  }
  return { ...lists, given };
}

/** Without the entry that is shown there; one that the server gives stays. */
export function without(lists: Lists, list: ListName, index: number): Lists {
  const gone = shownOf(lists, list)[index];
  return gone === undefined || !lists[list].includes(gone)
    ? lists
    : { ...lists, [list]: lists[list].filter((entry) => entry !== gone) };
}

export const cleared = (lists: Lists, list: ListName): Lists => ({ ...lists, [list]: [] });

export const looked = (lists: Lists): Lists => (lists.missed === 0 ? lists : { ...lists, missed: 0 });

export const writeLists = ({ given: _server, ...own }: Lists): unknown => ({ version: 1, ...own });

/** What was kept, whatever stands there now: entries that make no sense are left out, and no list is longer than it may be. */
export function readLists(value: unknown): Lists {
  if (!isRecord(value)) return NO_LISTS;
  const { missed } = value;
  const read = (list: ListName): readonly Entry[] => {
    const entries = value[list];
    return Array.isArray(entries) ? entries.slice(0, MOST[list]).flatMap(readEntry) : [];
  };
  const callers = read('callers');
  return {
    ...{ redial: read('redial'), callers, directory: sorted(read('directory')), given: [] },
    missed: isCount(missed, CALLERS_MAX) && callers.length > 0 ? missed : 0,
  };
}

function readEntry(value: unknown): readonly Entry[] {
  if (!isRecord(value)) return [];
  const { number, name, line, at, missed, times } = value;
  if (!isShown(number, LIST_NUMBER_MAX) || number === '' || !isShown(name, LIST_NAME_MAX)) return [];
  if (!isCount(line, LINES_MAX) || !isCount(times, Number.MAX_SAFE_INTEGER)) return [];
  if (typeof missed !== 'boolean' || (at !== null && !isTime(at))) return [];
  return [{ number, name, line, at, missed, times }];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const isCount = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
/** Ms since 1970; a real clock counts fractions of one. */
const isTime = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
/** Text that may stand on a screen and go into a request: bounded, and without control characters. */
const isShown = (value: unknown, most: number): value is string =>
  typeof value === 'string' &&
  value.length <= most &&
  [...value].every((letter) => letter >= ' ' && letter !== '\u007f');

/** What others say of themselves, cut to what a list keeps. */
export const plain = (text: string, most: number): string =>
  [...text]
    .filter((letter) => letter >= ' ' && letter !== '\u007f')
    .join('')
    .slice(0, most);
