/**
 * Owns what BroadSoft's servers say of the appearances of a shared line: `Call-Info` of the package call-info (BroadWorks SIP Access Side
 * Extensions, Shared Call Appearance), as the calls that every other watcher of a line reads. Pure and total.
 */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import { parseNameAddr } from '../sip/message/name-addr.ts';
import { paramOf, splitOutside } from '../sip/message/scan.ts';
import type { Watched, WatchedDialog } from './dialog-info.ts';

/** The package, and the type of what is read here. */
export const CALL_INFO = 'call-info';

interface Appearance {
  /** From 1; null = all that are not named. */
  readonly index: number | null;
  /** Null = it is free. */
  readonly dialog: WatchedDialog | null;
}

/** More than this are no phone's. */
const APPEARANCES_MAX = 64;

type Said = Pick<WatchedDialog, 'state' | 'direction' | 'held'>;

const busy = (state: WatchedDialog['state'], direction: WatchedDialog['direction'] = 'initiator'): Said => ({
  ...{ state, direction, held: false },
});
const HELD: Said = { state: 'confirmed', direction: null, held: true };

/** `appearance-state`: what it is to a lamp; `idle` is none. */
const STATES: Readonly<Record<string, Said | null>> = {
  idle: null,
  seized: busy('trying'),
  progressing: busy('proceeding'),
  alerting: busy('early', 'recipient'),
  active: busy('confirmed'),
  'bridge-active': busy('confirmed'),
  held: HELD,
  'held-private': HELD,
  'bridge-held': HELD,
};

/** `text`: the values of all its Call-Info fields. */
export function readCallInfo(text: string): Result<readonly Appearance[], string> {
  const read: Appearance[] = [];
  for (const value of splitOutside(text, ',').slice(0, APPEARANCES_MAX)) {
    const parsed = parseNameAddr(value);
    if (!parsed.ok) return fail(`Call-Info: ${parsed.error}`);
    const appearance = appearanceOf(parsed.value.params);
    if (appearance !== null) read.push(appearance);
  }
  return read.length === 0 ? fail('Call-Info tells of no appearance') : ok(read);
}

function appearanceOf(params: Parameters<typeof paramOf>[0]): Appearance | null {
  const said = paramOf(params, 'appearance-index') ?? '';
  const state = STATES[(paramOf(params, 'appearance-state') ?? '').toLowerCase()];
  if (state === undefined || !/^(?:\*|[1-9]\d{0,2})$/.test(said)) return null;
  const index = said === '*' ? null : Number(said);
  if (state === null || index === null) return { index, dialog: null };
  const peer = paramOf(params, 'appearance-uri') ?? '';
  const nobody = { callId: null, localTag: null, remoteTag: null };
  return { index, dialog: { ...state, ...nobody, id: said, peer, peerUri: '', appearance: index } };
}

/** What is named is as it says; `*` = all others are free. Nothing is numbered: the order is that of CSeq. */
export function foldAppearances(before: Watched | null, said: readonly Appearance[]): Watched {
  const named = new Set(said.map(({ index }) => index));
  const kept = named.has(null) ? [] : (before?.dialogs ?? []).filter(({ appearance }) => !named.has(appearance));
  const dialogs = [...kept, ...said.flatMap(({ dialog }) => dialog ?? [])];
  return { version: null, dialogs: dialogs.slice(0, APPEARANCES_MAX) };
}
