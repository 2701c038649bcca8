/** Owns the words of answered calls: the record of one, what is being asked inside it, and what can be asked of all. */
import type { LineSettings } from '../../config/settings.ts';
import type { Hash } from '../../kernel/hash.ts';
import type { Random } from '../../kernel/random.ts';
import type { Target } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Locate } from '../../servers/selection.ts';
import type { Identity } from '../agent.ts';
import type { CallCommand, CallReport } from '../call-vocabulary.ts';
import type { Dialog } from '../dialog.ts';
import { headerValue } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Replaces } from '../refer.ts';
import type { Agreed, Local } from '../sdp/offer-answer.ts';
import type { Acks } from './acks.ts';
import type { Answer } from './answers.ts';
import type { Asking } from './askings.ts';
import type { Calling, SentInvite } from './calling.ts';
import type { Wire, WireReport } from './wire-types.ts';

export interface Session {
  readonly call: string;
  readonly line: LineSettings;
  dialog: Dialog;
  /** The target that carried the dialog so far. */
  carrier: Target;
  /** Our own Contact, as the far side knows it. */
  readonly contact: string;
  /** The wire id of the INVITE that we sent; null = the far side called. */
  readonly invite: string | null;
  local: Local;
  agreed: Agreed;
  /** What we offered in the answer to a change of the far side that left it to us; null = nothing waits for its ACK. */
  offered: Local | null;
  /** A change of ours that is under way. */
  changing: Asking | null;
  /** When a change that met the far side's own is tried once more (RFC 3261 14.1), null = none waits. */
  retryAt: Millis | null;
}

/** What a call that came in brings with it when it is answered. */
export type NewSession = Pick<Session, 'call' | 'line' | 'dialog' | 'carrier' | 'contact' | 'local' | 'agreed'>;

export interface SessionsOptions {
  readonly wire: Wire;
  readonly locate: Locate;
  readonly identity: Identity;
  readonly random: Random;
  readonly hash: Hash;
  readonly report: (report: CallReport, now: Millis) => void;
}

export interface Sessions {
  /** Our call was answered. */
  begin(calling: Calling, copy: string, sent: SentInvite, response: SipResponse, now: Millis): void;
  /** A call that came in was answered by us. */
  take(call: NewSession): void;
  bye: Acks['bye'];
  /** What a provisional answer says of media, null = nothing. */
  early(sent: SentInvite, response: SipResponse): Agreed | null;
  /** A 2xx that nobody wants: acknowledged, then ended. */
  release(sent: SentInvite, response: SipResponse, now: Millis): void;
  change(command: Extract<CallCommand, { kind: 'change' }>, now: Millis): void;
  refer(command: Extract<CallCommand, { kind: 'refer' }>, now: Millis): void;
  tell(command: Extract<CallCommand, { kind: 'refer-told' }>, now: Millis): void;
  inform(command: Extract<CallCommand, { kind: 'info' }>, now: Millis): void;
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

/** The Contact that we gave. */
export const contactOf = (request: SipRequest): string =>
  (headerValue(request, 'Contact') ?? '').replace(/^<(.*)>$/, '$1');
