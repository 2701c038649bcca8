/** Owns what is answered when the far side changes a call, answered or not: hold, resume, another place or codec (RFC 3261 14.2; RFC 3264 8; RFC 3311 5.2). */
import type { Identity } from '../agent.ts';
import { callHeaders } from '../agent-call.ts';
import { withTargetOf } from '../dialog.ts';
import { sessionOf } from '../message/content.ts';
import type { Header, SipRequest } from '../message/message.ts';
import { readDescription, writeDescription } from '../sdp/description.ts';
import type { Agreed, Local } from '../sdp/offer-answer.ts';
import { agreedBy, answerTo, offerOf } from '../sdp/offer-answer.ts';
import type { Answer } from './answers.ts';
import type { Session } from './session.ts';
import { take } from './session.ts';

const REFUSED: Answer = { status: 488 };
const PENDING: Answer = { status: 491 };
const SDP: Header = { name: 'Content-Type', value: 'application/sdp' };

interface Changed {
  readonly contact: string;
  local: Local;
  agreed: Agreed | null;
}

const next = (local: Local): Local => ({ ...local, version: local.version + 1 });

/** The answer to an offer; a refusal leaves all as it was. `headers`: further ones of a 200. */
function offered(changed: Changed, request: SipRequest, identity: Identity, headers: readonly Header[]): Answer {
  const local = next(changed.local);
  const offer = readDescription(sessionOf(request));
  const answer = offer.ok ? answerTo(offer.value, local) : offer;
  if (!answer.ok) return REFUSED;
  take(changed, answer.value);
  const all = [...callHeaders(changed.contact, identity), ...headers, SDP];
  return { status: 200, headers: all, body: writeDescription(answer.value.description) };
}

/** A re-INVITE or UPDATE inside an answered call. */
export function farChange(
  session: Session,
  request: SipRequest,
  identity: Identity,
  headers: readonly Header[],
): Answer {
  const asks = request.method === 'INVITE' || sessionOf(request) !== '';
  // Both sides at once: each refuses the other's, and one of them is first the next time (14.2).
  if (asks && (session.changing !== null || session.offered !== null)) return PENDING;
  if (sessionOf(request) !== '') {
    const answer = offered(session, request, identity, headers);
    if (answer.status === 200) session.dialog = withTargetOf(session.dialog, request);
    return answer;
  }
  session.dialog = withTargetOf(session.dialog, request);
  const all = [...callHeaders(session.contact, identity), ...headers];
  // An UPDATE without a description asks for nothing but life (RFC 3311 5.1).
  if (!asks) return { status: 200, headers: all };
  session.offered = next(session.local);
  return { status: 200, headers: [...all, SDP], body: writeDescription(offerOf(session.offered)) };
}

/** An UPDATE before the call is answered. `settled`: the first offer has its answer; before that nothing can be changed (RFC 3311 5.2). */
export function farUpdate(
  early: Changed & { readonly settled: boolean },
  request: SipRequest,
  identity: Identity,
): Answer {
  if (sessionOf(request) === '') return { status: 200, headers: callHeaders(early.contact, identity) };
  return early.settled ? offered(early, request, identity, []) : PENDING;
}

/** The ACK to an offer of ours: true where it has settled something new; without an answer in it all stays as it was. */
export function farAnswer(session: Session, ack: SipRequest | null): boolean {
  const { offered: offer } = session;
  session.offered = null;
  if (offer === null || ack === null) return false;
  const description = readDescription(sessionOf(ack));
  const settled = description.ok ? agreedBy(description.value, offer) : description;
  if (settled.ok) take(session, settled.value);
  return settled.ok;
}
