/**
 * Owns what the phone asks XML applications for, and what it takes from them: addresses with their variables, how many answers are
 * awaited, what may be pushed, the poll. The panel shows what comes.
 */
import type { Surroundings } from './actions/actions.ts';
import { activeProxyOf, addressOf, lineVariables, registrationWords, userOf } from './actions/actions.ts';
import type { PhoneSettings } from './config/settings.ts';
import type { Result } from './kernel/result.ts';
import { fail, ok } from './kernel/result.ts';
import type { Millis } from './kernel/time.ts';
import { after } from './kernel/time.ts';
import type { PhoneStatus } from './status.ts';
import type { Appearance } from './ui/appearances.ts';
import type { UiInput, XmlCommand } from './ui/state.ts';
import type { Effect, Input } from './vocabulary.ts';
import { readObject, readRefresh } from './xml-api/read.ts';

export interface PhoneXmlOptions {
  readonly settings: () => PhoneSettings;
  readonly status: (now: Millis) => PhoneStatus;
  readonly localIp: () => string | null;
  /** The call that variables tell of, its times in ms since start. */
  readonly call: () => Appearance | null;
  readonly emit: (effect: Effect) => void;
  readonly desk: (input: UiInput, now: Millis) => void;
}

export interface PhoneXml {
  command(command: XmlCommand, now: Millis): Result<unknown, string>;
  /** The answer to a `fetch`; one that nobody waits for any more is dropped. */
  fetched(input: Extract<Input, { kind: 'fetched' }>, now: Millis): void;
  /** An object from a server that may push, or the answer to an action URI. */
  pushed(document: string, now: Millis): void;
  /** A configured server says that there is something (event `aastra-xml`). */
  notified(now: Millis): void;
  configure(now: Millis): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

interface Awaited {
  readonly asked: boolean;
  readonly depth: number;
  readonly host: string;
  readonly trusted: boolean;
}

/** Answers awaited at once, and objects that may lead to one another without a person: our choice. */
const AWAITED_MAX = 4;
const DEPTH_MAX = 4;

export function createPhoneXml({ settings, status, localIp, call, emit, desk }: PhoneXmlOptions): PhoneXml {
  const awaited = new Map<number, Awaited>();
  let lastId = 0;
  let pollAt: Millis | null = null;
  let polled = '';

  /** Servers that the configuration names: they learn who asks, and may restart the phone. */
  function isOurs(host: string): boolean {
    const { xml, keys } = settings();
    const { uri, notifyUri, poll, postList } = xml;
    const ofKeys = keys.filter(({ type }) => type === 'xml').map(({ value }) => value);
    const named = [uri, notifyUri ?? '', poll?.uri ?? '', ...ofKeys].map(hostOf);
    return host !== '' && (named.includes(host) || postList.includes(host.replace(/:\d+$/, '')));
  }

  function get(uri: string, way: Pick<Awaited, 'asked' | 'depth'>, now: Millis): Result<unknown, string> {
    if (way.depth > DEPTH_MAX) return fail(`more than ${DEPTH_MAX} objects lead to one another`);
    const url = addressOf(uri, variablesNow(now));
    if (url === null) return fail('This is no address of HTTP');
    if (way.asked) forget(({ asked }) => asked);
    if (awaited.size >= AWAITED_MAX) return fail('Too many answers are awaited');
    lastId += 1;
    const host = hostOf(url);
    const trusted = isOurs(host);
    awaited.set(lastId, { ...way, host, trusted });
    emit({ kind: 'fetch', id: lastId, url, timeoutMs: settings().xml.getTimeoutMs, identified: trusted });
    return ok(null);
  }

  /** Of the call in focus and its line, else of the first line. */
  function variablesNow(now: Millis): Readonly<Record<string, string>> {
    const { lines } = settings();
    const told = status(now);
    const around: Surroundings = {
      ...{ now, lines, localIp: localIp() ?? '' },
      activeProxy: (line) => activeProxyOf(lines, told, line),
    };
    const active = call();
    const line = active?.line ?? lines[0]?.line ?? 1;
    const { registrar = null } = told.lines.find((one) => one.line === line) ?? {};
    const words = registrar === null ? null : registrationWords(registrar);
    return {
      ...lineVariables(line, around),
      REGISTRATIONSTATE: words?.[0] ?? '',
      REGISTRATIONCODE: words?.[1] ?? '',
      ...(active === null ? {} : callVariables(active, told.uptime)),
    };
  }

  function forget(which: (one: Awaited) => boolean): void {
    for (const [id, one] of awaited)
      if (which(one)) {
        awaited.delete(id);
        emit({ kind: 'fetch-done', id });
      }
  }

  function take(document: string, from: Omit<Awaited, 'host'>, refresh: string | null, now: Millis): string | null {
    // Nothing to show: the original's blank page.
    if (document.trim() === '' && from.asked) desk({ kind: 'xml', object: NOTHING, ...from, refresh: null }, now);
    if (document.trim() === '') return null;
    const read = readObject(document);
    if (!read.ok) return read.error;
    desk({ kind: 'xml', object: read.value, ...from, refresh: refresh === null ? null : readRefresh(refresh) }, now);
    return null;
  }

  const problem = (error: string): void =>
    emit({ kind: 'log', level: 'warn', name: 'xml-refused', fields: { error: error.slice(0, 200) } });

  function ask(uri: string, now: Millis): void {
    if (uri === '' || [...awaited.values()].some(({ asked }) => !asked)) return;
    const begun = get(uri, { asked: false, depth: 0 }, now);
    if (!begun.ok) problem(begun.error);
  }

  return {
    command(command, now) {
      if (command.verb === 'xml-get') return get(command.uri, command, now);
      if (command.verb === 'xml-stop') forget(({ asked }) => asked);
      else emit({ kind: 'event', event: { event: 'check-sync', reboot: true } });
      return ok(null);
    },
    fetched({ id, answer }, now) {
      const one = awaited.get(id);
      if (one === undefined) return;
      awaited.delete(id);
      const { host, ...from } = one;
      const error = 'error' in answer ? answer.error : take(answer.document, from, answer.refresh, now);
      if (error === null) return;
      problem(`${host}: ${error}`);
      desk({ kind: 'xml-failed', error: `${host}: ${error}`, asked: one.asked }, now);
    },
    pushed(document, now) {
      const error = take(document, { asked: false, depth: 0, trusted: true }, null, now);
      if (error !== null) problem(error);
    },
    notified: (now) => ask(settings().xml.notifyUri ?? '', now),
    configure(now) {
      const { poll } = settings().xml;
      const text = JSON.stringify(poll);
      if (text === polled) return;
      polled = text;
      pollAt = poll === null ? null : after(now, poll.everyMs);
    },
    next: () => pollAt,
    wake(now) {
      const { poll } = settings().xml;
      pollAt = poll === null ? null : after(now, poll.everyMs);
      ask(poll?.uri ?? '', now);
    },
  };
}

const LINE_STATES: Readonly<Record<Appearance['state'], string>> = {
  ...{ dialing: 'OUTGOING', ringing: 'OUTGOING', early: 'OUTGOING', connected: 'CONNECTED', held: 'CONNECTED' },
};

const callVariables = (call: Appearance, uptimeS: number): Readonly<Record<string, string>> => ({
  LINESTATE: call.direction === 'in' && call.state === 'ringing' ? 'INCOMING' : LINE_STATES[call.state],
  REMOTENUMBER: userOf(call.peer),
  INCOMINGNAME: call.direction === 'in' ? call.name : '',
  CALLDIRECTION: call.direction === 'in' ? 'incoming' : 'outgoing',
  CALLDURATION: String(call.answeredAt === null ? 0 : Math.max(0, Math.round(uptimeS - call.answeredAt / 1000))),
});

const NOTHING = { kind: 'execute', items: [], beep: false, exits: false } as const;

/** With the port, where one is said; in lower case. */
const hostOf = (uri: string): string => /^https?:\/\/(?:[^/?#@]*@)?([^/?#]*)/i.exec(uri)?.[1]?.toLowerCase() ?? '';
