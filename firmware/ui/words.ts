/** Owns the words and tags that screens share: what a state is called, and the one-line news of the idle screen. */
import { FIRST_PASSWORD_PLACE } from '../config/defaults.ts';
import { CAUSE_WORDS } from '../decisions.ts';
import type { FailureCause, LineStatus, PhoneStatus, ServerName } from '../status.ts';
import type { WebPages } from '../vocabulary.ts';
import type { UiSnapshot, UiState } from './state.ts';
import { clock, countdown, localTime } from './text.ts';

export const serverWord = (server: ServerName): string => (server === 'primary' ? 'Main' : 'Backup');

export const causeText = (cause: FailureCause | null, code: number | null): string =>
  code !== null ? `answers ${code}` : cause === null ? 'dead' : CAUSE_WORDS[cause];

/** `P` primary, `B` backup, `…` switching, `!` no service, `?` DNS stale, blank = no registrar (experience 4.2). */
export function tagOf({ registrar }: LineStatus, status: PhoneStatus): string {
  if (registrar === null) return ' ';
  if (registrar.state === 'registered' && registrar.server !== null) {
    if (status.dns.some(({ source }) => source === 'stale')) return '?';
    return registrar.server === 'primary' ? 'P' : 'B';
  }
  return registrar.switching || registrar.state === 'trying' ? '\u2026' : '!';
}

/** What a person should know at once; empty when all is well. */
export function idleNews(snapshot: UiSnapshot): readonly string[] {
  const { status } = snapshot;
  if (status.link === 'down') return ['Network Disconnected'];
  const registrars = status.lines.flatMap(({ registrar }) => (registrar === null ? [] : [registrar]));
  const news: string[] = [];
  const out = registrars.filter(({ state, switching }) => state !== 'registered' && state !== 'off' && !switching);
  if (out.length > 0) news.push('No Service', ...noServiceReason(out));
  const backup = registrars.find(({ state, server }) => state === 'registered' && server === 'backup');
  if (backup !== undefined) news.push(`Backup server since ${sinceText(backup.since, snapshot)}`, ...checkText(status));
  if (status.dns.some(({ source }) => source === 'stale'))
    news.push('DNS does not answer: the last good addresses are used');
  return news;
}

/** How to log in to the Web UI for the first time; the small screen has room for the password alone. */
export const firstLoginText = ({ web }: UiState, { address, desk }: UiSnapshot): readonly string[] =>
  web?.firstLogin === 'due' && desk.webPages === 'on'
    ? [`Web pages: ${webUrl(web, address)}`, `Name admin, password ${FIRST_PASSWORD_PLACE}`]
    : [];
export const smallFirstLogin = ({ web }: UiState, { desk }: UiSnapshot): string =>
  web?.firstLogin === 'due' && desk.webPages === 'on' ? `pw ${FIRST_PASSWORD_PLACE}` : '';

/** Pages on every address of the phone are named by the one that it knows of itself. */
export const webUrl = ({ url }: WebPages, address: string | null): string =>
  url.replace(/\/\/(0\.0\.0\.0|\[::\])(?=[:/])/, `//${address ?? 'no-address-yet'}`);

export const missedText = ({ lists }: UiState, { desk }: UiSnapshot): readonly string[] =>
  lists.missed === 0 || desk.missedIndicator === 'off'
    ? []
    : [`${lists.missed} missed call${lists.missed === 1 ? '' : 's'}`];

/** On which lines messages wait; a line that is not registered shows none (original-phone 4.3). */
export const waitingLines = ({ status }: UiSnapshot): readonly LineStatus[] =>
  status.lines.filter(({ messages, registrar }) => messages?.waiting === true && registrar?.state === 'registered');

export function messageText(snapshot: UiSnapshot): readonly string[] {
  const waiting = waitingLines(snapshot);
  if (waiting.length === 0) return [];
  const counts = waiting.map(({ messages }) => messages?.new ?? null);
  if (counts.includes(null)) return ['Messages waiting'];
  const sum = counts.reduce<number>((all, count) => all + (count ?? 0), 0);
  return [`${sum} new message${sum === 1 ? '' : 's'}`];
}

function noServiceReason(
  out: readonly { readonly state: string; readonly code: number | null; readonly retryIn: number | null }[],
): readonly string[] {
  const rejected = out.find(({ state, code }) => state === 'rejected' && code !== null);
  const next = out.find(({ retryIn }) => retryIn !== null)?.retryIn;
  const when = next == null ? [] : [`Next attempt in ${countdown(next)}`];
  return rejected === undefined
    ? ['No server answers', ...when]
    : [`The server refused with ${rejected.code}`, ...when];
}

function sinceText(since: number | null, { wallMs, now, zone, clock24 }: UiSnapshot): string {
  if (since === null) return 'now';
  if (wallMs === null) return `${countdown((now - since) / 1000)} ago`;
  return clock(localTime(wallMs - (now - since), zone), clock24);
}

function checkText({ targets }: PhoneStatus): readonly string[] {
  const main = targets.find(({ server, nextProbeIn }) => server === 'primary' && nextProbeIn !== null);
  return main?.nextProbeIn == null ? [] : [`Main checked again in ${countdown(main.nextProbeIn)}`];
}
