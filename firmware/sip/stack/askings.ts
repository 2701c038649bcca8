/**
 * Owns requests of ours inside dialogs: their numbers, credentials and next hops; a challenge is answered once, and a target that
 * cannot be reached is followed by the next of the same hop (RFC 3261 12.2.1, 22.2; rules 3.3). What an answer means is the asker's.
 */
import type { LineSettings } from '../../config/settings.ts';
import type { Hash } from '../../kernel/hash.ts';
import type { Random } from '../../kernel/random.ts';
import type { Endpoint, Target } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Locate } from '../../servers/selection.ts';
import type { Identity } from '../agent.ts';
import { viaHeader } from '../agent.ts';
import { callHeaders } from '../agent-call.ts';
import type { CredentialBook } from '../credentials.ts';
import { credentialsFor, EMPTY_BOOK, learnChallenge } from '../credentials.ts';
import type { Dialog } from '../dialog.ts';
import { requestIn } from '../dialog.ts';
import type { Header, SipRequest, SipResponse } from '../message/message.ts';
import { writeDescription } from '../sdp/description.ts';
import type { Local } from '../sdp/offer-answer.ts';
import { offerOf } from '../sdp/offer-answer.ts';
import { hopsOf } from './next-hop.ts';
import type { Wire, WireReport } from './wire-types.ts';

/** Requests that may move the dialog's target, and so name ours (RFC 3261 12.2.1.2; RFC 3515 2.2; RFC 6665 4.4.1). */
const TARGETED: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'REFER', 'NOTIFY']);

/** What a request inside a dialog needs of the call, answered or not. */
export interface Talk {
  readonly call: string;
  readonly line: LineSettings;
  dialog: Dialog;
  /** The target that carried the dialog so far. */
  carrier: Target;
  /** Our own Contact, as the far side knows it. */
  readonly contact: string;
}

/** What is asked for inside a dialog. */
export interface Question<T extends Talk> {
  readonly session: T;
  readonly method: 'BYE' | 'INVITE' | 'UPDATE' | 'REFER' | 'NOTIFY' | 'INFO' | 'PRACK';
  readonly headers?: readonly Header[] | undefined;
  /** Its type is among the headers. */
  readonly body?: string;
  /** A description that is offered; it is the body then. */
  readonly offer?: Local | undefined;
  /** One that is tried once more. */
  readonly again?: boolean;
  /** It keeps the session alive, and changes nothing (RFC 4028). */
  readonly refresh?: boolean;
}

/** One that is under way; the same object however often it is sent. */
export interface Asking<T extends Talk> extends Question<T> {
  id: string;
  cseq: number;
  target: Target;
  /** Where else it can go, should the target of now fail. */
  rest: readonly Target[];
  challenged: boolean;
  /** As it was sent; null before that. */
  request: SipRequest | null;
}

export interface AskingsOptions<T extends Talk> {
  readonly wire: Wire;
  readonly locate: Locate;
  readonly identity: Identity;
  readonly random: Random;
  readonly hash: Hash;
  readonly newId: () => string;
  /** How all names begin that `newId` makes. */
  readonly prefix: string;
  /** A final answer that is no challenge to be met. */
  readonly onAnswer?: (asking: Asking<T>, response: SipResponse, now: Millis) => void;
  /** Nobody answered, anywhere. */
  readonly onFailed?: (asking: Asking<T>, now: Millis) => void;
}

export interface Askings<T extends Talk> {
  ask(question: Question<T>, now: Millis): Asking<T>;
  /** Its answer is of no interest any more. */
  forget(asking: Asking<T>, now: Millis): void;
  /** True where the report is of a request inside a dialog. */
  wireReport(wired: WireReport, now: Millis): boolean;
}

export const isChallenge = ({ status }: SipResponse): boolean => status === 401 || status === 407;

export function createAskings<T extends Talk>(options: AskingsOptions<T>): Askings<T> {
  const { wire, locate, identity, random, hash, newId } = options;
  const askings = new Map<string, Asking<T>>();
  let book: CredentialBook = EMPTY_BOOK;

  const bookPair = ({ dialog }: Talk): string => `dialog ${dialog.callId}`;

  function numbered(session: T): number {
    session.dialog = { ...session.dialog, localCseq: session.dialog.localCseq + 1 };
    return session.dialog.localCseq;
  }

  function headersOf({ session, method, headers = [], offer }: Question<T>): readonly Header[] {
    const named: readonly Header[] = TARGETED.has(method)
      ? callHeaders(session.contact, identity)
      : [{ name: 'User-Agent', value: identity.userAgent }];
    const typed = offer === undefined ? [] : [{ name: 'Content-Type', value: 'application/sdp' }];
    return [...named, ...headers, ...typed];
  }

  function send(asking: Asking<T>, now: Millis): void {
    const { id, session, method, cseq, offer, target } = asking;
    askings.set(id, asking);
    const build = (local: Endpoint, branch: string): SipRequest => {
      const body = offer === undefined ? (asking.body ?? '') : writeDescription(offerOf(offer));
      const via = viaHeader(target, local, branch);
      const plain = requestIn(session.dialog, { method, cseq, via, headers: headersOf(asking), body });
      const { line } = session;
      const tools = { hash, random };
      const credentialed = credentialsFor(book, line, bookPair(session), { method, uri: plain.uri, body }, tools);
      book = credentialed.book;
      asking.request = { ...plain, headers: [...plain.headers, ...credentialed.headers] };
      return asking.request;
    };
    wire.start(id, target, build, { once: false }, now);
  }

  /** The next target of the dialog's next hop, where there is one (rules 3.3). */
  function failed(asking: Asking<T>, cause: string, now: Millis): void {
    const [target, ...rest] = asking.rest;
    if (cause === 'no-network' || target === undefined) return options.onFailed?.(asking, now);
    Object.assign(asking, { id: newId(), target, rest });
    send(asking, now);
  }

  function answered(asking: Asking<T>, response: SipResponse, now: Millis): void {
    const { request } = asking;
    if (!isChallenge(response) || asking.challenged || request === null)
      return options.onAnswer?.(asking, response, now);
    const learnt = learnChallenge(book, asking.session.line, bookPair(asking.session), response, request);
    book = learnt.book;
    if (!learnt.answerable) return options.onAnswer?.(asking, response, now);
    // Once, with a new number (RFC 3261 22.2).
    Object.assign(asking, { id: newId(), cseq: numbered(asking.session), challenged: true });
    send(asking, now);
  }

  return {
    ask(question, now) {
      const { session } = question;
      const [target = session.carrier, ...rest] = hopsOf(session.dialog, session.carrier, locate);
      const cseq = numbered(session);
      const asking: Asking<T> = {
        ...question,
        ...{ id: newId(), cseq, target, rest, challenged: false, request: null },
      };
      send(asking, now);
      return asking;
    },
    forget(asking, now) {
      wire.quiet(asking.id, now);
      askings.delete(asking.id);
    },
    wireReport(wired, now) {
      const asking = askings.get(wired.id);
      if (asking === undefined) return wired.id.startsWith(options.prefix);
      if (wired.kind === 'failed') {
        askings.delete(wired.id);
        failed(asking, wired.cause, now);
      } else if (wired.kind === 'response' && wired.response.status >= 200) {
        askings.delete(wired.id);
        answered(asking, wired.response, now);
      }
      return true;
    },
  };
}
