/** Owns the words of answered calls: the record of one, what is being asked inside it, and what can be asked of all. */
import type { Hash } from '../../kernel/hash.ts';
import type { Random } from '../../kernel/random.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Locate } from '../../servers/selection.ts';
import type { Identity } from '../agent.ts';
import type { CallCommand, CallReport, Wish } from '../call-vocabulary.ts';
import type { Dialog } from '../dialog.ts';
import { sessionOf } from '../message/content.ts';
import { headerValue, headerValues } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Replaces } from '../refer.ts';
import { readDescription } from '../sdp/description.ts';
import type { Agreed, Local } from '../sdp/offer-answer.ts';
import { agreedBy } from '../sdp/offer-answer.ts';
import type { Acks } from './acks.ts';
import type { Answer } from './answers.ts';
import type { Asking, Talk } from './askings.ts';
import type { Calling, SentInvite } from './calling.ts';
import type { EarlyDialogs } from './early.ts';
import type { SessionTimer } from './session-timer.ts';
import type { Wire, WireReport } from './wire-types.ts';

export interface Session extends Talk {
  /** The wire id of the INVITE that we sent; null = the far side called. */
  readonly invite: string | null;
  local: Local;
  agreed: Agreed;
  /** What we offered in the answer to a change of the far side that left it to us; null = nothing waits for its ACK. */
  offered: Local | null;
  /** A change of ours that is under way. */
  changing: Asking<Session> | null;
  /** What is to be changed once that is over. */
  wanted: Wish | null;
  /** When a change that met the far side's own is tried once more (RFC 3261 14.1), null = none waits. */
  retryAt: Millis | null;
  /** Until when it lives without a refresh (RFC 4028), null = for ever. */
  timer: SessionTimer | null;
  /** The shortest interval that somebody on the way takes, s. */
  leastS: number;
  /** It came from a configured server, or went to one. */
  readonly trusted: boolean;
  /** Whether the far side takes UPDATE. */
  updates: boolean;
}

/** What a call that came in brings with it when it is answered. */
export type NewSession = Omit<Session, 'invite' | 'offered' | 'changing' | 'wanted' | 'retryAt' | 'leastS'>;

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
  bye: Acks['bye'];
  /** Places that ring. */
  readonly early: Pick<EarlyDialogs, 'heard' | 'over'>;
  /** A 2xx that nobody wants: acknowledged, then ended. */
  release(sent: SentInvite, response: SipResponse, now: Millis): void;
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

/** What an answer to our offer settles. */
export function agreement(response: SipResponse, local: Local): ReturnType<typeof agreedBy> {
  const description = readDescription(sessionOf(response));
  return description.ok ? agreedBy(description.value, local) : description;
}

export const takesUpdates = (message: SipRequest | SipResponse): boolean =>
  headerValues(message, 'Allow').some((method) => method.toUpperCase() === 'UPDATE');

/** The Contact that we gave. */
export const contactOf = (request: SipRequest): string =>
  (headerValue(request, 'Contact') ?? '').replace(/^<(.*)>$/, '$1');
