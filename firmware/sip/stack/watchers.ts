/**
 * Owns who watches a shared line of this phone: the state agent of its server subscribes here, and is told what the phone does with the line
 * (draft-anil-sipping-bla; RFC 6665 4.2). Others are refused: what a phone does is nobody's business.
 */
import type { LineSettings } from '../../config/settings.ts';
import type { Hash } from '../../kernel/hash.ts';
import type { Random } from '../../kernel/random.ts';
import type { Endpoint, Target } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { after } from '../../kernel/time.ts';
import type { Candidate, Locate } from '../../servers/selection.ts';
import { senderAmong } from '../../servers/selection.ts';
import type { Identity } from '../agent.ts';
import { contactUri } from '../agent.ts';
import { dialogOfRequest, holds } from '../dialog.ts';
import { cseqOf, expiresOf, headerValue, tagOf, toOf, topVia } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { parseUri } from '../message/uri.ts';
import { packageOf } from '../subscription-state.ts';
import type { SubscribeReport } from '../subscription-vocabulary.ts';
import type { Answer } from './answers.ts';
import type { Talk } from './askings.ts';
import { createAskings } from './askings.ts';
import { lineOf } from './called.ts';
import type { Faces } from './faces.ts';
import type { Wire, WireReport } from './wire-types.ts';

export interface WatchersOptions {
  readonly wire: Wire;
  readonly locate: Locate;
  readonly identity: Identity;
  readonly random: Random;
  readonly hash: Hash;
  readonly faces: Faces;
  readonly lines: () => readonly LineSettings[];
  readonly places: () => readonly Candidate[];
  /** The address of the phone's own socket; null before the first packet. */
  readonly own: () => Endpoint | null;
  readonly perServer: boolean;
  readonly report: (report: SubscribeReport, now: Millis) => void;
}

export interface Watchers {
  /** What to answer to a SUBSCRIBE. */
  subscribed(request: SipRequest, from: Endpoint, now: Millis): Answer;
  /** Tells all who watch this line, for the last time whose time is over; answered by `line-told` for each. */
  tell(line: number, body: (version: number) => string, now: Millis): void;
  isWatched(line: number): boolean;
  wireReport(report: WireReport, now: Millis): boolean;
}

interface Watcher extends Talk {
  readonly event: string;
  expiresAt: Millis;
  version: number;
}

/** A server has one agent a line; after a failover those of the backup stand beside those of the primary. */
const WATCHERS_MAX = 32;
const LONGEST_S = 3700;
const DIALOG_INFO = 'application/dialog-info+xml';

export function createWatchers(options: WatchersOptions): Watchers {
  const { random, report } = options;
  let watchers: readonly Watcher[] = [];
  let told = 0;
  const askings = createAskings<Watcher>({
    ...options,
    prefix: 'W',
    newId() {
      told += 1;
      return `W${told}.1`;
    },
    onAnswer: ({ session }, response, now) => answered(session, response, now),
    // Who cannot be reached is told nothing more.
    onFailed: ({ session }, now) => answered(session, null, now),
  });

  function answered(watcher: Watcher, response: SipResponse | null, now: Millis): void {
    const status = response?.status ?? 408;
    if (status === 481 || status === 408) watchers = watchers.filter((each) => each !== watcher);
    report({ kind: 'line-told', line: watcher.line.line, code: status }, now);
  }

  function begin(request: SipRequest, from: Endpoint, now: Millis): Answer {
    const transport = topVia(request).ok ? transportOf(request) : 'udp';
    const server = senderAmong(options.places(), from, transport);
    if (server === null) return { status: 403 };
    const line = sharedLineOf(request, options.lines());
    if (line === null) return { status: 404 };
    const tag = random.hex(64);
    const dialog = dialogOfRequest(request, tag);
    if (!dialog.ok) return { status: 400 };
    if (watchers.length >= WATCHERS_MAX) return { status: 503 };
    const own = options.faces.shown(server.target, options.own() ?? from);
    const contact = contactUri(line, server.server, own, { perServer: options.perServer, transport });
    const event = headerValue(request, 'Event') ?? '';
    const fresh = { call: '', line, dialog: dialog.value, carrier: server.target, contact, event, version: -1 };
    const watcher: Watcher = { ...fresh, expiresAt: now };
    watchers = [...watchers, watcher];
    return taken(watcher, request, tag, now);
  }

  function taken(watcher: Watcher, request: SipRequest, tag: string, now: Millis): Answer {
    const seconds = Math.min(expiresOf(request) ?? LONGEST_S, LONGEST_S);
    watcher.expiresAt = after(now, seconds * 1000);
    report({ kind: 'line-watched', line: watcher.line.line }, now);
    return {
      ...{ status: 200, tag },
      headers: [
        { name: 'Expires', value: String(seconds) },
        { name: 'Contact', value: `<${watcher.contact}>` },
      ],
    };
  }

  const leftS = ({ expiresAt }: Watcher, now: Millis): number => Math.max(0, Math.ceil((expiresAt - now) / 1000));

  return {
    subscribed(request, from, now) {
      const event = headerValue(request, 'Event');
      if (packageOf(event) !== 'dialog' || !/;\s*(?:sla|ma)\b/i.test(event ?? ''))
        return { status: 489, headers: [{ name: 'Allow-Events', value: 'dialog' }] };
      const to = toOf(request);
      if (!to.ok || tagOf(to.value) === null) return begin(request, from, now);
      const watcher = watchers.find(({ dialog }) => holds(dialog, request));
      const cseq = cseqOf(request);
      if (watcher === undefined || !cseq.ok || watcher.expiresAt < now) return { status: 481 };
      if (cseq.value.number <= (watcher.dialog.remoteCseq ?? -1)) return { status: 500 };
      watcher.dialog = { ...watcher.dialog, remoteCseq: cseq.value.number };
      return taken(watcher, request, watcher.dialog.localTag, now);
    },
    tell(line, body, now) {
      for (const watcher of watchers) {
        if (watcher.line.line !== line) continue;
        const left = leftS(watcher, now);
        watcher.version += 1;
        const headers = [
          { name: 'Event', value: watcher.event },
          { name: 'Subscription-State', value: left === 0 ? 'terminated;reason=timeout' : `active;expires=${left}` },
          { name: 'Content-Type', value: DIALOG_INFO },
        ];
        askings.ask({ session: watcher, method: 'NOTIFY', headers, body: body(watcher.version) }, now);
      }
      watchers = watchers.filter((watcher) => leftS(watcher, now) > 0);
    },
    isWatched: (line) => watchers.some((each) => each.line.line === line),
    wireReport: askings.wireReport,
  };
}

function transportOf(request: SipRequest): Target['transport'] {
  const via = topVia(request);
  const named = via.ok ? via.value.transport.toLowerCase() : '';
  return named === 'tcp' || named === 'tls' ? named : 'udp';
}

/** By our own Contact, else by the number of the shared line. */
function sharedLineOf(request: SipRequest, lines: readonly LineSettings[]): LineSettings | null {
  const shared = lines.filter(({ sharedNumber }) => sharedNumber !== null);
  const own = lineOf(request, shared);
  const parsed = parseUri(request.uri);
  return own ?? (parsed.ok ? (shared.find(({ sharedNumber }) => sharedNumber === parsed.value.user) ?? null) : null);
}
