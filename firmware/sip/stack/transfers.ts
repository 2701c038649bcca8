/**
 * Owns transfers inside answered calls, from both ends (RFC 3515, 5589): the REFER that we send and what is told of it, and the REFER
 * that we are sent and what we tell of it. Whether a call is made at all is the phone's.
 */
import type { Millis } from '../../kernel/time.ts';
import type { CallCommand, CallReport } from '../call-vocabulary.ts';
import { cseqOf, headerValue } from '../message/headers.ts';
import type { Header, SipRequest, SipResponse } from '../message/message.ts';
import { isReferEvent, isTerminated, progressHeaders, readRefer, referToReplacing, sipfragStatus } from '../refer.ts';
import type { Answer } from './answers.ts';
import { reasonOf } from './answers.ts';
import type { Asking, Askings } from './askings.ts';
import type { Session } from './session.ts';

export interface TransfersOptions {
  readonly askings: Pick<Askings<Session>, 'ask'>;
  readonly report: (report: CallReport, now: Millis) => void;
}

export interface Transfers {
  /** Asks the far side of `session` to call `to`, a whole URI, or the far side of another session of ours. */
  refer(session: Session, to: string | Session, now: Millis): void;
  /** A final answer to REFER or NOTIFY; null = none came. */
  answered(asking: Asking<Session>, response: SipResponse | null, now: Millis): void;
  /** A REFER of the far side. */
  referred(session: Session, request: SipRequest, now: Millis): Answer;
  /** A NOTIFY of the far side. */
  notified(session: Session, request: SipRequest, now: Millis): Answer;
  /** How the call that the far side asked for is getting on. */
  tell(command: Extract<CallCommand, { kind: 'refer-told' }>, now: Millis): void;
}

/** What the far side of a call has asked us for, and waits to hear of. */
interface Told {
  readonly session: Session;
  readonly id: number | null;
  /** A NOTIFY is under way; what is told meanwhile waits, the last of it. */
  busy: boolean;
  waiting: number | null;
}

const TRYING = 100;
const ACCEPTED = 202;

export function createTransfers({ askings, report }: TransfersOptions): Transfers {
  const told = new Map<string, Told>();
  /** Sessions whose far side we have asked. */
  const asked = new WeakSet<Session>();
  const askedBefore = new WeakSet<Session>();

  const progress = ({ call }: Session, code: number, over: boolean, now: Millis): void =>
    report({ kind: 'call-refer', call, code, over }, now);

  function notify(entry: Told, code: number, now: Millis): void {
    if (entry.busy) {
      entry.waiting = code;
      return;
    }
    const over = code >= 200;
    entry.busy = true;
    if (over) told.delete(entry.session.call);
    const body = `SIP/2.0 ${code} ${reasonOf(code)}\r\n`;
    askings.ask({ session: entry.session, method: 'NOTIFY', headers: progressHeaders(entry.id, over), body }, now);
  }

  function notifyAnswered(session: Session, response: SipResponse | null, now: Millis): void {
    const entry = told.get(session.call);
    if (entry === undefined) return;
    // Nobody listens any more (RFC 6665 4.2.2).
    if ((response?.status ?? 408) >= 300) {
      told.delete(session.call);
      return;
    }
    entry.busy = false;
    const { waiting } = entry;
    entry.waiting = null;
    if (waiting !== null) notify(entry, waiting, now);
  }

  return {
    refer(session, to, now) {
      asked.add(session);
      const headers: readonly Header[] = [
        { name: 'Refer-To', value: typeof to === 'string' ? `<${to}>` : referToReplacing(to.dialog) },
        { name: 'Referred-By', value: `<${/<([^>]*)>/.exec(session.dialog.local)?.[1] ?? session.contact}>` },
      ];
      askings.ask({ session, method: 'REFER', headers }, now);
    },
    answered({ session, method }, response, now) {
      if (method === 'NOTIFY') return notifyAnswered(session, response, now);
      // Nobody will tell how it goes on (RFC 4488 4): that it was taken is all there is to know.
      const silent = response !== null && /^false$/i.test(headerValue(response, 'Refer-Sub') ?? '');
      const status = response?.status ?? 408;
      if (status >= 300 || silent) asked.delete(session);
      progress(session, status >= 300 ? status : silent ? 200 : TRYING, status >= 300 || silent, now);
    },
    referred(session, request, now) {
      const referred = readRefer(request);
      const cseq = cseqOf(request);
      if (!referred.ok || !cseq.ok) return { status: 400 };
      // One at a time: a second person to be called by the same call is a mistake, or worse.
      if (told.has(session.call)) return { status: 491 };
      const silent = /^false$/i.test(headerValue(request, 'Refer-Sub') ?? '');
      const entry: Told = {
        ...{ session, busy: false, waiting: null },
        // Of the first one there is no mistaking (RFC 3515 2.4.6).
        id: askedBefore.has(session) ? cseq.value.number : null,
      };
      askedBefore.add(session);
      if (!silent) told.set(session.call, entry);
      report({ kind: 'call-referred', call: session.call, ...referred.value }, now);
      return { status: ACCEPTED, headers: silent ? [{ name: 'Refer-Sub', value: 'false' }] : [] };
    },
    notified(session, request, now) {
      if (!isReferEvent(request)) return { status: 489 };
      if (!asked.has(session)) return { status: 481 };
      const code = sipfragStatus(request);
      const over = isTerminated(request) || (code ?? 0) >= 200;
      if (over) asked.delete(session);
      // An end without a word leaves open what came of it: not well enough to let go of the call (RFC 6665 4.1.3).
      progress(session, over && (code ?? 0) < 200 ? 408 : (code ?? TRYING), over, now);
      return { status: 200 };
    },
    tell({ call, code }, now) {
      const entry = told.get(call);
      if (entry !== undefined) notify(entry, code, now);
    },
  };
}
