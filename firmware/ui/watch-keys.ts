/** Owns keys that watch a number, their own or the next of a list: their lamp, their label, and what a press does (original-phone 4.3, 6). */
import type { LampState } from '../../hal/devices.ts';
import type { KeySetting } from '../config/key-settings.ts';
import type { ListedStatus, SubscriptionStatus, WatchedState } from '../status.ts';
import { dial, dialer, holdActive, withPath } from './lines.ts';
import type { Turn, UiSnapshot } from './state.ts';
import { change, order } from './state.ts';

/** original-phone 4.3: idle off, ringing fast, busy on, held slow. */
const LAMPS: Readonly<Record<WatchedState, LampState>> = {
  idle: 'off',
  ringing: 'fast-flash',
  busy: 'on',
  held: 'slow-flash',
};

const watchOf = (key: KeySetting, view: UiSnapshot): Told | undefined =>
  key.type === 'list'
    ? listedAt(key, view)
    : view.status.subscriptions.find(
        ({ kind, line, resource }) => kind === 'blf' && line === key.line && resource === key.value,
      );

/** The keys of a line take the numbers of its list in their order (original-phone 6). */
function listedAt(key: KeySetting, view: UiSnapshot): ListedStatus | undefined {
  const place = view.keys
    .filter(({ type, line }) => type === 'list' && line === key.line)
    .findIndex(({ name }) => name === key.name);
  return listOf(key, view)[place];
}

/** Empty = nobody has told it yet, or any more. */
const listOf = ({ line }: KeySetting, { status }: UiSnapshot): readonly ListedStatus[] =>
  status.subscriptions.find((each) => each.kind === 'list' && each.line === line)?.entries ?? [];

/** What the other phones of a shared line do with it (original-phone 4.3). */
export function sharedLamp(line: number, { status }: UiSnapshot): LampState {
  const shared = status.subscriptions.find(
    (each) => (each.kind === 'bla' || each.kind === 'sca') && each.line === line,
  );
  const presence = shared?.presence ?? null;
  return presence === null ? 'off' : LAMPS[presence];
}

/** What nobody knows is dark. */
export function watchLamp(key: KeySetting, view: UiSnapshot): LampState {
  const presence = watchOf(key, view)?.presence ?? null;
  return presence === null ? 'off' : LAMPS[presence];
}

/** A dark lamp that says nothing has a mark on its label. */
export function watchLabel(key: KeySetting, view: UiSnapshot): string {
  const told = watchOf(key, view);
  // More keys than numbers: the last ones are free.
  if (key.type === 'list' && told === undefined && listOf(key, view).length > 0) return key.label;
  const own = key.type === 'list' ? listedName(listedAt(key, view)) : key.value;
  const name = key.label === '' ? own : key.label;
  return (told?.presence ?? null) === null ? `${name}?` : name;
}

const listedName = (entry: ListedStatus | undefined): string =>
  entry === undefined ? 'List' : entry.name === '' ? numberIn(entry.resource) : entry.name;

/** A list names its numbers by their URIs: what is a number in them is called as one, at the line's own servers. */
const numberIn = (uri: string): string => (/^[0-9*#+]+$/.test(userOf(uri)) ? userOf(uri) : uri);

/** A number goes out as it is written. */
export function speedDial(turn: Turn, number: string, line: number): Turn {
  const known = turn.view.status.lines.some((candidate) => candidate.line === line) ? line : null;
  const { intercom } = turn.ui;
  const called = dial(change(dialer(turn, { kind: 'close' }), { intercom }), { number, line: known });
  return change(called, { intercom: 'off' });
}

/** A call that rings there is picked up where and how the configuration says, else the number is called. */
export function watchPress(turn: Turn, key: KeySetting): Turn {
  if (key.type !== 'list') return pressed(turn, { number: key.value, line: key.line }, watchOf(key, turn.view));
  const entry = listedAt(key, turn.view);
  return entry === undefined ? turn : pressed(turn, { number: numberIn(entry.resource), line: key.line }, entry);
}

type Told = Pick<SubscriptionStatus, 'presence' | 'takeOver'>;

/** A prefix comes first: who has set one has a server that wants it. */
function pressed(turn: Turn, { number, line }: { readonly number: string; readonly line: number }, told?: Told): Turn {
  const { prefix, replaces } = turn.view.pickup;
  if (told?.presence !== 'ringing') return speedDial(turn, number, line);
  if (prefix !== '') return speedDial(turn, `${prefix}${userOf(number)}`, line);
  return replaces && told.takeOver != null ? takeOver(turn, told.takeOver, line) : speedDial(turn, number, line);
}

/** What another phone of a shared line holds is taken up here, by the key of the line; null = nothing is held there (original-phone 6, "BLA"). */
export function takeShared(turn: Turn, line: number): Turn | null {
  // A call of our own is told of as well: it is no other phone's.
  if (turn.ui.calls.some((call) => call.line === line)) return null;
  const told = turn.view.status.subscriptions.find((each) => each.kind === 'bla' && each.line === line);
  return told?.presence === 'held' && told.takeOver != null ? takeOver(turn, told.takeOver, line) : null;
}

/** A call of somebody else becomes ours (RFC 3891). */
function takeOver(turn: Turn, { to, replaces }: NonNullable<Told['takeOver']>, line: number): Turn {
  const free = holdActive(dialer(turn, { kind: 'close' }));
  return order(withPath(free), { verb: 'dial', target: to, line, replaces });
}

/** A prefix stands in front of a number, not of a URI. */
const userOf = (number: string): string => /^sips?:([^@;]+)@/i.exec(number)?.[1] ?? number;
