/** Owns what the notifications of one subscription have come to mean: the calls of a number, or of each number of a list. Pure. */
import type { Result } from '../kernel/result.ts';
import { ok } from '../kernel/result.ts';
import type { WatchedState } from '../status.ts';
import { CALL_INFO, foldAppearances, readCallInfo } from './call-info.ts';
import type { Watched, WatchedDialog } from './dialog-info.ts';
import { foldDialogs, presenceOf, readDialogInfo } from './dialog-info.ts';
import type { WatchedList } from './resource-list.ts';
import { dialogsOf, foldList, readResourceList } from './resource-list.ts';

export interface Meaning {
  /** The dialog that it is of: versions count within it. Empty = none yet. */
  readonly usage: string;
  readonly watched: Watched | null;
  readonly list: WatchedList | null;
}

export const NOTHING_KNOWN: Meaning = { usage: '', watched: null, list: null };

interface Said {
  readonly usage: string;
  readonly type: string;
  readonly body: string;
}

/** What it means now; `gap`: the whole must be asked for; `old`: it tells of an earlier time. */
export function withSaid(
  before: Meaning,
  isList: boolean,
  { usage, type, body }: Said,
): Result<Meaning | 'gap' | 'old', string> {
  const known = before.usage === usage ? before : NOTHING_KNOWN;
  if (isList) {
    const read = readResourceList(type, body);
    if (!read.ok) return read;
    const list = foldList(known.list, read.value);
    return ok(typeof list === 'string' ? list : { usage, watched: null, list });
  }
  if (type === CALL_INFO) {
    const read = readCallInfo(body);
    return read.ok ? ok({ usage, watched: foldAppearances(known.watched, read.value), list: null }) : read;
  }
  const read = readDialogInfo(body);
  if (!read.ok) return read;
  const watched = foldDialogs(known.watched, read.value);
  return ok(typeof watched === 'string' ? watched : { usage, watched, list: null });
}

/** All calls that are known of. */
export const allDialogs = ({ watched, list }: Meaning): readonly WatchedDialog[] => [
  ...(watched?.dialogs ?? []),
  ...(list?.entries ?? []).flatMap((entry) => dialogsOf(entry) ?? []),
];

/** What each number does; of a list those that are named. */
export function statesOf({ watched, list }: Meaning, resource: string): ReadonlyMap<string, WatchedState | 'unknown'> {
  if (list === null) return new Map([[resource, watched === null ? 'unknown' : presenceOf(watched.dialogs)]]);
  return new Map(
    list.entries.map((entry) => {
      const dialogs = dialogsOf(entry);
      return [entry.uri, dialogs === null ? 'unknown' : presenceOf(dialogs)];
    }),
  );
}
