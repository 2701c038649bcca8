/** Owns the words of answered calls: the record of one, what is being asked inside it, and what can be asked of all. */
import type { Millis } from '../../kernel/time.ts';
import type { Wish } from '../call-vocabulary.ts';
import { sessionOf } from '../message/content.ts';
import { headerValue, headerValues } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { readDescription } from '../sdp/description.ts';
import type { Agreed, Local, Settled } from '../sdp/offer-answer.ts';
import { agreedBy } from '../sdp/offer-answer.ts';
import type { Asking, Talk } from './askings.ts';
import type { SessionTimer } from './session-timer.ts';

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

/** What an answer to our offer settles. */
export function agreement(response: SipResponse, local: Local): ReturnType<typeof agreedBy> {
  const description = readDescription(sessionOf(response));
  return description.ok ? agreedBy(description.value, local) : description;
}

export function take(of: { local: Local; agreed: Agreed | null }, { local, agreed }: Settled): void {
  of.local = local;
  of.agreed = agreed;
}

export const takesUpdates = (message: SipRequest | SipResponse): boolean =>
  headerValues(message, 'Allow').some((method) => method.toUpperCase() === 'UPDATE');

/** The Contact that we gave. */
export const contactOf = (request: SipRequest): string =>
  (headerValue(request, 'Contact') ?? '').replace(/^<(.*)>$/, '$1');
