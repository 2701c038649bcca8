/** Owns what is answered when the far side changes an answered call: hold, resume, another place or codec (RFC 3261 14.2; RFC 3264 8). */
import type { Identity } from '../agent.ts';
import { callHeaders } from '../agent-call.ts';
import { withTargetOf } from '../dialog.ts';
import type { SipRequest } from '../message/message.ts';
import { readDescription, writeDescription } from '../sdp/description.ts';
import type { Local } from '../sdp/offer-answer.ts';
import { agreedBy, answerTo, offerOf } from '../sdp/offer-answer.ts';
import type { Answer } from './answers.ts';
import type { Session } from './session.ts';

const REFUSED: Answer = { status: 488 };
const PENDING: Answer = { status: 491 };

/** Changes the session where it can be changed; a refusal leaves it as it was. */
export function farChange(session: Session, request: SipRequest, identity: Identity): Answer {
  // Both sides at once: each refuses the other's, and one of them is first the next time (14.2).
  if (session.changing !== null || session.offered !== null) return PENDING;
  const local: Local = { ...session.local, version: session.local.version + 1 };
  const headers = [...callHeaders(session.contact, identity), { name: 'Content-Type', value: 'application/sdp' }];
  if (request.body === '') {
    session.offered = local;
    session.dialog = withTargetOf(session.dialog, request);
    return { status: 200, headers, body: writeDescription(offerOf(local)) };
  }
  const offer = readDescription(request.body);
  const answer = offer.ok ? answerTo(offer.value, local) : offer;
  if (!answer.ok) return REFUSED;
  session.local = local;
  session.agreed = answer.value.agreed;
  session.dialog = withTargetOf(session.dialog, request);
  return { status: 200, headers, body: writeDescription(answer.value.description) };
}

/** The ACK to an offer of ours: true where it has settled something new; without an answer in it all stays as it was. */
export function farAnswer(session: Session, ack: SipRequest | null): boolean {
  const { offered } = session;
  session.offered = null;
  if (offered === null || ack === null) return false;
  const description = readDescription(ack.body);
  const agreed = description.ok ? agreedBy(description.value, offered) : description;
  if (!agreed.ok) return false;
  session.local = offered;
  session.agreed = agreed.value;
  return true;
}
