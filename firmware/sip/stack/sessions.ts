/**
 * Owns the answered calls: the ACK to each 2xx, the dialog's requests both ways, and the end (RFC 3261 12.2, 13.2.2.4, 14, 15). Nothing
 * of a session is moved to a backup server: a dialog lives where it was made (rules 3.3).
 */
import type { Endpoint } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { after } from '../../kernel/time.ts';
import { ALLOWED_METHODS, viaHeader } from '../agent.ts';
import { callHeaders } from '../agent-call.ts';
import type { CallCommand, CallEnd } from '../call-vocabulary.ts';
import type { CredentialBook } from '../credentials.ts';
import { credentialsFor, EMPTY_BOOK, learnChallenge } from '../credentials.ts';
import { dialogOfAnswer, holds, requestIn, withTargetOf } from '../dialog.ts';
import { cseqOf } from '../message/headers.ts';
import type { Header, SipRequest, SipResponse } from '../message/message.ts';
import { readDescription, writeDescription } from '../sdp/description.ts';
import type { Local } from '../sdp/offer-answer.ts';
import { agreedBy, offerOf } from '../sdp/offer-answer.ts';
import { createAcks } from './acks.ts';
import type { Answer } from './answers.ts';
import type { Calling, SentInvite } from './calling.ts';
import { farAnswer, farChange } from './far-changes.ts';
import { hopsOf } from './next-hop.ts';
import type { Asking, Session, Sessions, SessionsOptions } from './session.ts';
import { contactOf, isChallenge } from './session.ts';
import type { WireReport } from './wire-types.ts';

/** RFC 3261 14.1: the owner of the Call-ID waits longer, so that one of the two is first; in steps of 10 ms. */
const GLARE_OWNER_MS = [2100, 4000] as const;
const GLARE_OTHER_MS = [0, 2000] as const;
const GLARE_STEP_MS = 10;

export function createSessions({ wire, locate, identity, random, hash, report }: SessionsOptions): Sessions {
  const sessions = new Map<string, Session>();
  const askings = new Map<string, Asking>();
  let book: CredentialBook = EMPTY_BOOK;
  let asked = 0;
  const acks = createAcks({ wire, locate, userAgent: identity.userAgent, newId });

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

  function ask(session: Session, method: Asking['method'], offer: Local | null, again: boolean, now: Millis): Asking {
    const [target = session.carrier, ...rest] = hopsOf(session.dialog, session.carrier, locate);
    return send(
      {
        id: newId(),
        session,
        method,
        cseq: numbered(session),
        offer,
        target,
        rest,
        challenged: false,
        request: null,
        again,
      },
      now,
    );
  }

  function newId(): string {
    asked += 1;
    return `D${asked}.1`;
  }

  function numbered(session: Session): number {
    session.dialog = { ...session.dialog, localCseq: session.dialog.localCseq + 1 };
    return session.dialog.localCseq;
  }

  function send(asking: Asking, now: Millis): Asking {
    const { id, session, method, cseq, offer, target } = asking;
    askings.set(id, asking);
    const build = (local: Endpoint, branch: string): SipRequest => {
      const body = offer === null ? '' : writeDescription(offerOf(offer));
      const headers: Header[] =
        offer === null
          ? [{ name: 'User-Agent', value: identity.userAgent }]
          : [...callHeaders(session.contact, identity), { name: 'Content-Type', value: 'application/sdp' }];
      const plain = requestIn(session.dialog, { method, cseq, via: viaHeader(target, local, branch), headers, body });
      const { line } = session;
      const tools = { hash, random };
      const credentialed = credentialsFor(book, line, bookPair(session), { method, uri: plain.uri, body }, tools);
      book = credentialed.book;
      asking.request = { ...plain, headers: [...plain.headers, ...credentialed.headers] };
      return asking.request;
    };
    wire.start(id, target, build, { once: false }, now);
    return asking;
  }

  const bookPair = ({ dialog }: Session): string => `dialog ${dialog.callId}`;

  function hangUp(call: string, now: Millis): boolean {
    const session = sessions.get(call);
    if (session === undefined) return false;
    forget(session, now);
    // The user is free at once: nobody waits for the answer (rules, issue Calls).
    ask(session, 'BYE', null, false, now);
    report({ kind: 'call-ended', call, end: { result: 'hung-up' } }, now);
    return true;
  }

  function forget(session: Session, now: Millis): void {
    sessions.delete(session.call);
    session.retryAt = null;
    if (session.changing === null) return;
    wire.quiet(session.changing.id, now);
    askings.delete(session.changing.id);
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
    if (request.method === 'INVITE') return followed(session, request, now);
    if (request.method === 'OPTIONS') return null;
    // A method that is not served ends no call: 481 would (RFC 5057 5.1).
    if (request.method !== 'BYE') return { status: 405, headers: [{ name: 'Allow', value: ALLOWED_METHODS }] };
    ended(session, { result: 'remote' }, now);
    return { status: 200 };
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
    session.changing = ask(session, 'INVITE', offer, false, now);
  }

  function wireReport(wired: WireReport, now: Millis): boolean {
    if (acks.wireReport(wired, now)) return true;
    const asking = askings.get(wired.id);
    if (asking === undefined) return wired.id.startsWith('D');
    if (wired.kind === 'failed') failed(asking, wired.cause, now);
    else if (wired.kind === 'response' && wired.response.status >= 200) answer(asking, wired.response, now);
    return true;
  }

  /** The next target of the dialog's next hop, where there is one (rules 3.3). */
  function failed(asking: Asking, cause: string, now: Millis): void {
    askings.delete(asking.id);
    const { session } = asking;
    const [target, ...rest] = asking.rest;
    if (cause !== 'no-network' && target !== undefined) {
      const next = send({ ...asking, id: newId(), target, rest }, now);
      if (asking.method === 'INVITE') session.changing = next;
      return;
    }
    if (asking.method === 'BYE') return;
    session.changing = null;
    // Without an answer nobody knows what the far side thinks: the session stays as it was (RFC 3261 14.1).
    settled(session, false, now);
  }

  function answer(asking: Asking, response: SipResponse, now: Millis): void {
    askings.delete(asking.id);
    const { session, method } = asking;
    if (isChallenge(response) && answerChallenge(asking, response, now)) return;
    if (method === 'BYE') return;
    session.changing = null;
    const { status } = response;
    if (status < 300) return changed(asking, response, now);
    if (status === 491 && !asking.again) return waitAfterGlare(asking, now);
    // The far side knows no such dialog, or is not there: the call is over (RFC 3261 12.2.1.2).
    if (status === 408) ask(session, 'BYE', null, false, now);
    if (status === 481 || status === 408) return ended(session, { result: 'remote' }, now);
    settled(session, false, now);
  }

  /** Once, with a new number (RFC 3261 22.2). */
  function answerChallenge(asking: Asking, response: SipResponse, now: Millis): boolean {
    const { session } = asking;
    if (asking.challenged) return false;
    const learnt = learnChallenge(book, session.line, bookPair(session), response);
    book = learnt.book;
    if (!learnt.answerable) return false;
    const next = send({ ...asking, id: newId(), cseq: numbered(session), challenged: true }, now);
    if (asking.method === 'INVITE') session.changing = next;
    return true;
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
    const agreed = offer === null ? null : agreement(response, offer);
    if (offer !== null && agreed?.ok === true) {
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
    hangUp,
    answerTo,
    wireReport,
    next: () => waiting()?.retryAt ?? null,
    wake(now) {
      const session = waiting();
      if (session?.retryAt == null || session.retryAt > now) return;
      const { changing } = session;
      session.retryAt = null;
      session.changing = changing === null ? null : ask(session, 'INVITE', changing.offer, true, now);
    },
  };
}
