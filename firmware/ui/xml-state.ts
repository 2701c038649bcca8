/** Owns what the panel remembers of XML applications: the screens that were opened, status lines, lamps of keys; and what follows from it. */
import type { LampState } from '../../hal/devices.ts';
import type { Millis } from '../kernel/time.ts';
import { millis } from '../kernel/time.ts';
import type { Entry } from '../xml-api/entry.ts';
import type { MenuItem, Screen } from '../xml-api/objects.ts';

/** A screen, and how far the person is in it. */
export interface Shown {
  readonly screen: Screen;
  /** The item or field that is chosen, or the first row that is shown, from 0. */
  readonly at: number;
  /** What is keyed, a field each. */
  readonly entries: readonly Entry[];
}

export interface XmlMessage {
  readonly session: string;
  readonly index: number;
  readonly text: string;
  readonly isAlert: boolean;
  /** Null = until it is taken away. */
  readonly until: Millis | null;
}

export interface Refresh {
  readonly at: Millis;
  readonly uri: string;
}

/** A screen on its way to the display. */
export interface Arrived {
  readonly screen: Screen;
  readonly refresh: { readonly afterMs: number; readonly uri: string } | null;
}

/** Instants are ms since start. */
export interface Browser {
  /** The last one is shown. */
  readonly stack: readonly Shown[];
  /** A person waits for an answer. */
  readonly loading: boolean;
  /** What comes next takes the place of what is shown: it is the same, refreshed. */
  readonly replaces: boolean;
  readonly closesAt: Millis | null;
  readonly refresh: Refresh | null;
  /** Came while the phone was in use. */
  readonly waiting: Arrived | null;
  readonly messages: readonly XmlMessage[];
  /** By key, as the files name it. */
  readonly lamps: Readonly<Record<string, LampState>>;
  readonly beepUntil: Millis | null;
}

export const NO_BROWSER: Browser = {
  ...{ stack: [], loading: false, replaces: false, closesAt: null, refresh: null },
  ...{ waiting: null, messages: [], lamps: {}, beepUntil: null },
};

/** Our choice: screens to come back to, and status lines of all applications. */
export const STACK_MAX = 8;
export const MESSAGES_MAX = 32;

export const shownOf = ({ stack }: Browser): Shown | null => stack.at(-1) ?? null;

/** The menu's item that is chosen. */
export function itemOf(browser: Browser): MenuItem | null {
  const shown = shownOf(browser);
  return shown?.screen.kind === 'menu' ? (shown.screen.items[shown.at] ?? null) : null;
}

const isLive =
  (now: Millis) =>
  ({ until }: XmlMessage): boolean =>
    until === null || until > now;

/** The last alert that still holds; empty = none. */
export const alertLine = ({ messages }: Pick<Browser, 'messages'>, now: Millis): string =>
  messages.filter(isLive(now)).findLast(({ isAlert }) => isAlert)?.text ?? '';

/** What stands on the idle screen now: the last alert, else the others in turn; empty = nothing. */
export function statusLine({ messages }: Pick<Browser, 'messages'>, now: Millis, turnMs: number): string {
  const live = messages.filter(isLive(now));
  const alert = alertLine({ messages }, now);
  if (alert !== '') return alert;
  return live[Math.floor(now / turnMs) % Math.max(1, live.length)]?.text ?? '';
}

/** When something changes by time alone. `idle`: the screen with the status lines is shown. */
export function browserDeadline(browser: Browser, now: Millis, idle: boolean, turnMs: number): Millis | null {
  const { messages, beepUntil, closesAt, refresh } = browser;
  const ends = messages.flatMap(({ until }) => (until === null ? [] : [until]));
  const turns = idle && messages.length > 1 ? [millis((Math.floor(now / turnMs) + 1) * turnMs)] : [];
  const all = [...ends, ...turns, beepUntil, closesAt, refresh?.at ?? null].filter((at) => at !== null);
  return all.length === 0 ? null : millis(Math.min(...all));
}
