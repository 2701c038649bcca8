/**
 * Owns the answered calls: the ACK to each 2xx, the dialog's requests both ways, and the end (RFC 3261 12.2, 13.2.2.4, 14, 15). Nothing
 * of a session is moved to a backup server: a dialog lives where it was made (rules 3.3).
 */
import type { Hash } from '../../kernel/hash.ts';
import type { Random } from '../../kernel/random.ts';
import { ok } from '../../kernel/result.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Locate } from '../../servers/selection.ts';
import type { Identity } from '../agent.ts';
import { ALLOWED_METHODS } from '../agent.ts';
import type { CallCommand, CallEnd, CallReport } from '../call-vocabulary.ts';
import type { Dialog } from '../dialog.ts';
import { holds } from '../dialog.ts';
import { sessionOf } from '../message/content.ts';
import { callIdOf, cseqOf } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Replaces } from '../refer.ts';
import { isReplaced } from '../refer.ts';
import type { Acks, Released } from './acks.ts';
import { createAcks, isInside } from './acks.ts';
import type { Answer } from './answers.ts';
import type { Asking, Askings } from './askings.ts';
import { createAskings } from './askings.ts';
import { reached } from './caller.ts';
import type { Calling, SentInvite } from './calling.ts';
import { createChanges } from './changes.ts';
import type { EarlyDialogs } from './early.ts';
import { createEarlyDialogs } from './early.ts';
import { farAnswer, farChange } from './far-changes.ts';
import { createKeysTold, informed } from './keys-told.ts';
import type { NewSession, Session } from './session.ts';
import { agreement, contactOf, takesUpdates } from './session.ts';
import { accept, grantedBy, tooShort } from './session-timer.ts';
import { createTransfers } from './transfers.ts';
import type { Wire, WireReport } from './wire-types.ts';

export interface SessionsOptions {
  readonly wire: Wire;
  readonly locate: Locate;
  readonly identity: Identity;
  readonly random: Random;
  readonly hash: Hash;
  /** Whether a far side may have us call somebody. */
  readonly obeysRefer: boolean;
  /** `sip session timer`, s; 0 = off. */
  readonly sessionTimerS: number;
  readonly report: (report: CallReport, now: Millis) => void;
}

export interface Sessions {
  /** Our call was answered. */
  begin(calling: Calling, copy: string, sent: SentInvite, response: SipResponse, now: Millis): void;
  /** A call that came in was answered by us. */
  take(call: NewSession): void;
  readonly bye: Acks['bye'];
  /** Places that ring. */
  readonly early: Pick<EarlyDialogs, 'heard' | 'over'>;
  /** A 2xx that nobody waits for: acknowledged, and ended where it has begun a call. */
  readonly release: Acks['release'];
  change(command: Extract<CallCommand, { kind: 'change' }>, now: Millis): void;
  refer(command: Extract<CallCommand, { kind: 'refer' }>, now: Millis): void;
  tell(command: Extract<CallCommand, { kind: 'refer-told' }>, now: Millis): void;
  inform(command: Extract<CallCommand, { kind: 'info' }>, now: Millis): void;
  /** Of an answered call, null = there is no such one. */
  dialogOf(call: string): Dialog | null;
  /** The session that is meant (RFC 3891 3); `gone` = it has ended, null = there was none. */
  replacedBy(replaces: Replaces): Session | 'gone' | null;
  /** False where there is no such session. */
  hangUp(call: string, now: Millis): boolean;
  /** What to answer to a request of the far side inside a session; null = it is inside none. */
  answerTo(request: SipRequest, now: Millis): Answer | null;
  /** The ACK to a 2xx of ours. */
  acknowledged(ack: SipRequest, now: Millis): void;
  wireReport(report: WireReport, now: Millis): boolean;
  next(): Millis | null;
  wake(now: Millis): void;
}

/** More than a phone ends within the seconds that a transfer takes. */
const GONE_KEPT = 16;

export function createSessions(options: SessionsOptions): Sessions {
  const { wire, locate, identity, random, hash, report } = options;
  const sessions = new Map<string, Session>();
  let asked = 0;
  const inDialogs = { wire, locate, identity, random, hash } as const;
  const early = createEarlyDialogs({ ...inDialogs, report, prefix: 'E', newId: () => newId('E') });
  const acks = createAcks({
    ...{ wire, locate, userAgent: identity.userAgent, newId: () => newId('D'), begunBy: early.begunBy },
  });
  /** Dialogs that have ended lately: who wants to take the place of one comes too late, and is told so. */
  const gone: Dialog[] = [];
  const ask: Askings<Session>['ask'] = (question, now) => askings.ask(question, now);
  const transfers = createTransfers({ askings: { ask }, report });
  const keys = createKeysTold({ ask });
  const changes = createChanges({ askings: { ask }, acks, random, report, end });
  const askings: Askings<Session> = createAskings<Session>({
    ...{ ...inDialogs, prefix: 'D', newId: () => newId('D') },
    onAnswer: answered,
    onFailed: (asking, now) => answered(asking, null, now),
  });

  function begin(calling: Calling, copy: string, sent: SentInvite, response: SipResponse, now: Millis): void {
    const { id: call, command } = calling;
    const known = early.confirmed(sent, response);
    // What was acknowledged before needs not be said again (RFC 3262 5).
    const before = known.ok && sessionOf(response) === '' ? known.value.settled : null;
    const settled = before === null ? agreement(response, sent.local) : ok(before);
    if (!known.ok || !settled.ok) {
      const detail = known.ok ? (settled.ok ? '' : settled.error) : known.error;
      acks.release({ request: sent.request, target: sent.candidate.target }, response, now);
      return report({ kind: 'call-ended', call, end: { result: 'no-audio', detail } }, now);
    }
    const { dialog } = known.value;
    const { local, agreed } = settled.value;
    const session: Session = {
      ...{ call, line: command.line, dialog, carrier: sent.candidate.target, invite: copy },
      ...{ contact: contactOf(sent.request), local, agreed, ...UNCHANGED, trusted: true },
      ...{ timer: grantedBy(response, now), leastS: calling.interval.least, updates: takesUpdates(response) },
    };
    sessions.set(call, session);
    acks.answered(copy, { session, request: sent.request }, now);
    const { server, target } = sent.candidate;
    report({ kind: 'call-answered', call, server, target: targetText(target), agreed }, now);
    identified(session, response, now);
  }

  function release(asked: Released, response: SipResponse, now: Millis): boolean {
    if (!isInside(asked.request)) return acks.release(asked, response, now);
    // To a change of a call, which lives as long as its own end has not come.
    const session = [...sessions.values()].find(({ dialog }) => dialog.callId === callIdOf(response));
    if (session !== undefined) acks.acknowledge(session.dialog, session.carrier, asked.request, now);
    return false;
  }

  function newId(prefix: string): string {
    asked += 1;
    return `${prefix}${asked}.1`;
  }

  function hangUp(call: string, now: Millis): boolean {
    const session = sessions.get(call);
    if (session === undefined) return false;
    // The user is free at once: nobody waits for the answer (rules, issue Calls).
    end(session, { result: 'hung-up' }, 'bye', now);
    return true;
  }

  function forget(session: Session, now: Millis): void {
    sessions.delete(session.call);
    gone.push(session.dialog);
    if (gone.length > GONE_KEPT) gone.shift();
    session.retryAt = null;
    if (session.changing === null) return;
    askings.forget(session.changing, now);
    session.changing = null;
  }

  function end(session: Session, how: CallEnd, bye: 'bye' | 'without', now: Millis): void {
    forget(session, now);
    if (bye === 'bye') askings.ask({ session, method: 'BYE' }, now);
    report({ kind: 'call-ended', call: session.call, end: how }, now);
  }

  function answerTo(request: SipRequest, now: Millis): Answer | null {
    const session = [...sessions.values()].find(({ dialog }) => holds(dialog, request));
    const cseq = cseqOf(request);
    if (session === undefined || !cseq.ok) return null;
    // A number that falls is out of order (RFC 3261 12.2.2).
    if (cseq.value.number <= (session.dialog.remoteCseq ?? -1)) return { status: 500 };
    session.dialog = { ...session.dialog, remoteCseq: cseq.value.number };
    switch (request.method) {
      case 'INVITE':
      case 'UPDATE':
        return followed(session, request, now);
      case 'OPTIONS':
        return null;
      case 'REFER':
        // Who came past our servers could have us call at our cost whomever he likes (conformance I6, L12).
        if (!session.trusted || !options.obeysRefer) return { status: session.trusted ? 603 : 403 };
        return transfers.referred(session, request, now);
      case 'NOTIFY':
        return transfers.notified(session, request, now);
      case 'INFO':
        return informed(request);
      case 'BYE':
        end(session, { result: 'remote' }, 'without', now);
        return { status: 200 };
      default:
        // A method that is not served ends no call: 481 would (RFC 5057 5.1).
        return { status: 405, headers: [{ name: 'Allow', value: ALLOWED_METHODS }] };
    }
  }

  /** It keeps the session alive too (RFC 4028 9). */
  function followed(session: Session, request: SipRequest, now: Millis): Answer {
    const short = tooShort(request);
    if (short !== null) return short;
    const { timer, headers } = accept(request, options.sessionTimerS, now);
    const answer = farChange(session, request, identity, headers);
    if (answer.status !== 200) return answer;
    session.timer = timer;
    identified(session, request, now);
    if (session.offered === null && sessionOf(request) !== '') settled(session, true, now);
    return answer;
  }

  /** Who came past our servers could call himself anything (conformance K9, K10). */
  function identified({ call, trusted }: Session, message: SipRequest | SipResponse, now: Millis): void {
    const name = trusted ? reached(message) : '';
    if (name !== '') report({ kind: 'call-reached', call, name }, now);
  }

  const settled = ({ call, agreed }: Session, ok: boolean, now: Millis): void =>
    report({ kind: 'call-changed', call, ok, agreed }, now);

  function answered(asking: Asking<Session>, response: SipResponse | null, now: Millis): void {
    const { session, method } = asking;
    if (method === 'INVITE' || method === 'UPDATE') {
      if (sessions.get(session.call) !== session) return;
      changes.answered(asking, response, now);
      if (response !== null && response.status < 300) identified(session, response, now);
    } else if (method === 'REFER' || method === 'NOTIFY') transfers.answered(asking, response, now);
    else if (method === 'INFO' && sessions.has(session.call)) {
      // Of a NOTIFY it would end the subscription alone (RFC 5057 5.1).
      if (response?.status === 481) end(session, { result: 'remote' }, 'without', now);
      else keys.answered(session, now);
    }
  }

  const due = (): { readonly session: Session; readonly at: Millis } | null => {
    let soon: { readonly session: Session; readonly at: Millis } | null = null;
    for (const session of sessions.values()) {
      const at = changes.due(session);
      if (at !== null && (soon === null || at < soon.at)) soon = { session, at };
    }
    return soon;
  };

  return {
    begin,
    early,
    release,
    bye: acks.bye,
    dialogOf: (call) => sessions.get(call)?.dialog ?? null,
    take(call) {
      sessions.set(call.call, { ...call, ...UNCHANGED, invite: null, leastS: 0 });
    },
    acknowledged(ack, now) {
      const session = [...sessions.values()].find(({ dialog }) => holds(dialog, ack));
      if (session !== undefined && farAnswer(session, ack)) settled(session, true, now);
    },
    change({ call, wish }, now) {
      const session = sessions.get(call);
      if (session !== undefined) changes.change(session, wish, now);
    },
    refer({ call, to }, now) {
      const session = sessions.get(call);
      const other = 'replacing' in to ? sessions.get(to.replacing) : to.uri;
      if (session !== undefined && other !== undefined) return transfers.refer(session, other, now);
      if (session !== undefined) report({ kind: 'call-refer', call, code: 481, over: true }, now);
    },
    tell: transfers.tell,
    inform({ call, key, ms }, now) {
      const session = sessions.get(call);
      if (session !== undefined) keys.tell(session, { key, ms }, now);
    },
    replacedBy(replaces) {
      const session = [...sessions.values()].find(({ dialog }) => isReplaced(dialog, replaces));
      if (session !== undefined) return session;
      return gone.some((dialog) => isReplaced(dialog, replaces)) ? 'gone' : null;
    },
    hangUp,
    answerTo: (request, now) => answerTo(request, now) ?? early.answerTo(request, now),
    wireReport: (wired, now) =>
      acks.wireReport(wired, now) || early.wireReport(wired, now) || askings.wireReport(wired, now),
    next: () => due()?.at ?? null,
    wake(now) {
      const soon = due();
      if (soon !== null && soon.at <= now) changes.wake(soon.session, now);
    },
  };
}

/** Nothing is under way. */
const UNCHANGED = { changing: null, wanted: null, retryAt: null, offered: null } as const;
