/**
 * Owns the answered calls: the ACK to each 2xx, the dialog's requests both ways, and the end (RFC 3261 12.2, 13.2.2.4, 14, 15). Nothing
 * of a session is moved to a backup server: a dialog lives where it was made (rules 3.3).
 */
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { after } from '../../kernel/time.ts';
import { ALLOWED_METHODS } from '../agent.ts';
import type { CallCommand, CallEnd } from '../call-vocabulary.ts';
import type { Dialog } from '../dialog.ts';
import { dialogOfAnswer, holds, withTargetOf } from '../dialog.ts';
import { cseqOf } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { isReplaced } from '../refer.ts';
import { readDescription } from '../sdp/description.ts';
import type { Local } from '../sdp/offer-answer.ts';
import { agreedBy } from '../sdp/offer-answer.ts';
import { createAcks } from './acks.ts';
import type { Answer } from './answers.ts';
import type { Asking, Askings } from './askings.ts';
import { createAskings } from './askings.ts';
import type { Calling, SentInvite } from './calling.ts';
import { farAnswer, farChange } from './far-changes.ts';
import { informed, relayed } from './keys-told.ts';
import type { Session, Sessions, SessionsOptions } from './session.ts';
import { contactOf } from './session.ts';
import { createTransfers } from './transfers.ts';

/** RFC 3261 14.1: the owner of the Call-ID waits longer, so that one of the two is first; in steps of 10 ms. */
const GLARE_OWNER_MS = [2100, 4000] as const;
const GLARE_OTHER_MS = [0, 2000] as const;
const GLARE_STEP_MS = 10;
/** More than a phone ends within the seconds that a transfer takes. */
const GONE_KEPT = 16;

export function createSessions({ wire, locate, identity, random, hash, report }: SessionsOptions): Sessions {
  const sessions = new Map<string, Session>();
  let asked = 0;
  const acks = createAcks({ wire, locate, userAgent: identity.userAgent, newId });
  /** Dialogs that have ended lately: who wants to take the place of one comes too late, and is told so. */
  const gone: Dialog[] = [];
  const transfers = createTransfers({ askings: { ask: (question, now) => askings.ask(question, now) }, report });
  const askings: Askings = createAskings({
    ...{ wire, locate, identity, random, hash, newId },
    onAnswer: answer,
    onFailed: failed,
  });

  function begin(calling: Calling, copy: string, sent: SentInvite, response: SipResponse, now: Millis): void {
    const dialog = dialogOfAnswer(sent.request, response);
    const { id: call, command } = calling;
    const agreed = agreement(response, sent.local);
    if (!dialog.ok || !agreed.ok) {
      const detail = dialog.ok ? (agreed.ok ? '' : agreed.error) : dialog.error;
      acks.release(sent, response, now);
      return report({ kind: 'call-ended', call, end: { result: 'no-audio', detail } }, now);
    }
    const session: Session = {
      ...{ call, line: command.line, dialog: dialog.value, carrier: sent.candidate.target, invite: copy },
      contact: contactOf(sent.request),
      ...{ local: sent.local, agreed: agreed.value, changing: null, retryAt: null, offered: null },
    };
    sessions.set(call, session);
    acks.answered(copy, { session, request: sent.request, sent }, now);
    const { server, target } = sent.candidate;
    report({ kind: 'call-answered', call, server, target: targetText(target), agreed: agreed.value }, now);
  }

  function agreement(response: SipResponse, local: Local): ReturnType<typeof agreedBy> {
    const description = readDescription(response.body);
    return description.ok ? agreedBy(description.value, local) : description;
  }

  function newId(): string {
    asked += 1;
    return `D${asked}.1`;
  }

  function hangUp(call: string, now: Millis): boolean {
    const session = sessions.get(call);
    if (session === undefined) return false;
    forget(session, now);
    // The user is free at once: nobody waits for the answer (rules, issue Calls).
    askings.ask({ session, method: 'BYE' }, now);
    report({ kind: 'call-ended', call, end: { result: 'hung-up' } }, now);
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

  function ended(session: Session, end: CallEnd, now: Millis): void {
    forget(session, now);
    report({ kind: 'call-ended', call: session.call, end }, now);
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
        return followed(session, request, now);
      case 'OPTIONS':
        return null;
      case 'REFER':
        return transfers.referred(session, request, now);
      case 'NOTIFY':
        return transfers.notified(session, request, now);
      case 'INFO':
        return informed(request);
      case 'BYE':
        ended(session, { result: 'remote' }, now);
        return { status: 200 };
      default:
        // A method that is not served ends no call: 481 would (RFC 5057 5.1).
        return { status: 405, headers: [{ name: 'Allow', value: ALLOWED_METHODS }] };
    }
  }

  function followed(session: Session, request: SipRequest, now: Millis): Answer {
    const answer = farChange(session, request, identity);
    if (answer.status === 200 && session.offered === null) settled(session, true, now);
    return answer;
  }

  const settled = ({ call, agreed }: Session, ok: boolean, now: Millis): void =>
    report({ kind: 'call-changed', call, ok, agreed }, now);

  function change({ call, wish }: Extract<CallCommand, { kind: 'change' }>, now: Millis): void {
    const session = sessions.get(call);
    if (session === undefined) return;
    if (session.changing !== null) return;
    const version = Math.max(wish.version, session.local.version + 1);
    const offer: Local = { ...wish, version, at: { address: session.local.at.address, port: wish.port } };
    session.changing = askings.ask({ session, method: 'INVITE', offer }, now);
  }

  /** What changes nothing that is heard. */
  function answeredAside(asking: Asking, response: SipResponse | null, now: Millis): void {
    const { session, method } = asking;
    if (method === 'REFER' || method === 'NOTIFY') return transfers.answered(asking, response, now);
    // Of a NOTIFY it would end the subscription alone (RFC 5057 5.1).
    if (method === 'INFO' && response?.status === 481 && sessions.has(session.call))
      ended(session, { result: 'remote' }, now);
  }

  function failed(asking: Asking, now: Millis): void {
    const { session, method } = asking;
    if (method !== 'INVITE') return answeredAside(asking, null, now);
    session.changing = null;
    // Without an answer nobody knows what the far side thinks: the session stays as it was (RFC 3261 14.1).
    settled(session, false, now);
  }

  function answer(asking: Asking, response: SipResponse, now: Millis): void {
    const { session, method } = asking;
    if (method !== 'INVITE') return answeredAside(asking, response, now);
    session.changing = null;
    const { status } = response;
    if (status < 300) return changed(asking, response, now);
    if (status === 491 && asking.again !== true) return waitAfterGlare(asking, now);
    // The far side knows no such dialog, or is not there: the call is over (RFC 3261 12.2.1.2).
    if (status === 408) askings.ask({ session, method: 'BYE' }, now);
    if (status === 481 || status === 408) return ended(session, { result: 'remote' }, now);
    settled(session, false, now);
  }

  /** Both sides changed the session at once (RFC 3261 14.1). */
  function waitAfterGlare(asking: Asking, now: Millis): void {
    const { session } = asking;
    const [from, to] = session.invite === null ? GLARE_OTHER_MS : GLARE_OWNER_MS;
    session.retryAt = after(now, Math.round(random.between(from, to) / GLARE_STEP_MS) * GLARE_STEP_MS);
    session.changing = asking;
  }

  function changed(asking: Asking, response: SipResponse, now: Millis): void {
    const { id, session, offer, request, target } = asking;
    session.dialog = withTargetOf(session.dialog, response);
    session.carrier = target;
    if (request !== null) acks.answered(id, { session, request, sent: null }, now);
    const agreed = offer === undefined ? null : agreement(response, offer);
    if (offer !== undefined && agreed?.ok === true) {
      session.local = offer;
      session.agreed = agreed.value;
    }
    settled(session, agreed?.ok === true, now);
  }

  const waiting = (): Session | null => {
    let soonest: Session | null = null;
    for (const session of sessions.values())
      if (session.retryAt !== null && (soonest?.retryAt == null || session.retryAt < soonest.retryAt))
        soonest = session;
    return soonest;
  };

  return {
    begin,
    early(sent, response) {
      if (response.body === '') return null;
      const agreed = agreement(response, sent.local);
      return agreed.ok ? agreed.value : null;
    },
    release: acks.release,
    bye: acks.bye,
    take(call) {
      const rest = { invite: null, changing: null, retryAt: null, offered: null };
      sessions.set(call.call, { ...call, ...rest });
    },
    acknowledged(ack, now) {
      const session = [...sessions.values()].find(({ dialog }) => holds(dialog, ack));
      if (session !== undefined && farAnswer(session, ack)) settled(session, true, now);
    },
    change,
    refer({ call, to }, now) {
      const session = sessions.get(call);
      const other = 'replacing' in to ? sessions.get(to.replacing) : to.uri;
      if (session !== undefined && other !== undefined) return transfers.refer(session, other, now);
      if (session !== undefined) report({ kind: 'call-refer', call, code: 481, over: true }, now);
    },
    tell: transfers.tell,
    inform({ call, key, ms }, now) {
      const session = sessions.get(call);
      if (session !== undefined) askings.ask({ session, method: 'INFO', ...relayed(key, ms) }, now);
    },
    replacedBy(replaces) {
      const session = [...sessions.values()].find(({ dialog }) => isReplaced(dialog, replaces));
      if (session !== undefined) return session;
      return gone.some((dialog) => isReplaced(dialog, replaces)) ? 'gone' : null;
    },
    hangUp,
    answerTo,
    wireReport: (wired, now) => acks.wireReport(wired, now) || askings.wireReport(wired, now),
    next: () => waiting()?.retryAt ?? null,
    wake(now) {
      const session = waiting();
      if (session?.retryAt == null || session.retryAt > now) return;
      const { changing } = session;
      session.retryAt = null;
      if (changing?.offer === undefined) return;
      session.changing = askings.ask({ session, method: 'INVITE', offer: changing.offer, again: true }, now);
    },
  };
}
