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
import type { Agreed, Local } from '../sdp/offer-answer.ts';
import type { Acks } from './acks.ts';
import type { Answer } from './answers.ts';
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

/** One request inside a dialog. */
export interface Asking {
  readonly id: string;
  readonly session: Session;
  readonly method: 'BYE' | 'INVITE';
  readonly cseq: number;
  /** What we offer; null for BYE. */
  readonly offer: Local | null;
  /** Where else it can go, should the target of now fail. */
  readonly rest: readonly Target[];
  readonly target: Target;
  readonly challenged: boolean;
  /** As it was sent; null before that. */
  request: SipRequest | null;
  /** A change is tried once more after a glare. */
  readonly again: boolean;
}

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

export const isChallenge = ({ status }: SipResponse): boolean => status === 401 || status === 407;

/** The Contact that we gave. */
export const contactOf = (request: SipRequest): string =>
  (headerValue(request, 'Contact') ?? '').replace(/^<(.*)>$/, '$1');
