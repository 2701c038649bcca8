/** Owns the record of one answered call: its dialog, what both sides have agreed on, and what is being asked inside it. */
import type { LineSettings } from '../../config/settings.ts';
import type { Target } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Dialog } from '../dialog.ts';
import { headerValue } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Agreed, Local } from '../sdp/offer-answer.ts';

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
  /** A change of ours that is under way. */
  changing: Asking | null;
  /** When a change that met the far side's own is tried once more (RFC 3261 14.1), null = none waits. */
  retryAt: Millis | null;
}

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

export const isChallenge = ({ status }: SipResponse): boolean => status === 401 || status === 407;

/** The Contact that we gave. */
export const contactOf = (request: SipRequest): string =>
  (headerValue(request, 'Contact') ?? '').replace(/^<(.*)>$/, '$1');
