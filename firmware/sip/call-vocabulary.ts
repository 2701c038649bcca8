/** Owns what the phone may ask of SIP about calls, and what SIP tells of them. Types only. */
import type { LineSettings } from '../config/settings.ts';
import type { FailureCause, ServerName } from '../status.ts';
import type { Referral } from './refer.ts';
import type { Agreed, Local } from './sdp/offer-answer.ts';

/** What we can do in a session; where it is received is known when the request leaves. */
export type Wish = Omit<Local, 'at' | 'lines'> & { readonly port: number };

export type { Referral } from './refer.ts';

/** A whole URI, or another call of ours whose far side is meant. */
export type ReferTo = { readonly uri: string } | { readonly replacing: string };

export type CallCommand =
  /** Walk an INVITE over the line's proxies. Answered by `call-ended` with the same id, after `call-answered` or without. */
  | {
      readonly kind: 'call';
      readonly call: string;
      readonly line: LineSettings;
      /** User part of the callee's address, or a whole SIP URI. */
      readonly callee: string;
      readonly wish: Wish;
      /** Somebody has asked for this call; null = the person has. */
      readonly referral: Referral | null;
      /** Of an emergency number: the other lines, whose servers are asked too; null = it is none (rules 3.8). */
      readonly emergency: readonly LineSettings[] | null;
      /** The far phone is asked to answer by itself. */
      readonly intercom?: true;
    }
  /** Let a call that came in ring; what we could do in it decides whether it can be heard at all. */
  | { readonly kind: 'ring'; readonly call: string; readonly wish: Wish }
  /** Answer a call that came in. Answered by `call-picked-up`, or `call-ended`. */
  | { readonly kind: 'pick-up'; readonly call: string; readonly wish: Wish }
  | { readonly kind: 'refuse'; readonly call: string; readonly code: number }
  /** Send its caller to another address, a whole SIP URI. */
  | { readonly kind: 'redirect'; readonly call: string; readonly to: string }
  /** End it, whatever state it is in. */
  | { readonly kind: 'hang-up'; readonly call: string }
  /** Change an answered call: hold, resume. Answered by `call-changed`. */
  | { readonly kind: 'change'; readonly call: string; readonly wish: Wish }
  /** Ask the far side to call `to`, a whole URI, or (`replacing`) the far side of another call of ours. Answered by `call-refer`. */
  | {
      readonly kind: 'refer';
      readonly call: string;
      readonly to: ReferTo;
    }
  /** Tell the far side how the call that it asked for is getting on: a status code. */
  | { readonly kind: 'refer-told'; readonly call: string; readonly code: number }
  /** A key that was pressed, told by SIP INFO. */
  | { readonly kind: 'info'; readonly call: string; readonly key: string; readonly ms: number };

export type CallEnd =
  /** The far side hung up. */
  | { readonly result: 'remote' }
  | { readonly result: 'hung-up' }
  /** The caller gave up. */
  | { readonly result: 'cancelled' }
  /** Nobody answered, and its caller was sent elsewhere. */
  | { readonly result: 'forwarded' }
  /** The far side has been handed to somebody else, or somebody else has taken its place. */
  | { readonly result: 'transferred' }
  /** Somebody else has answered it (RFC 3326). */
  | { readonly result: 'elsewhere' }
  /** Nobody has kept it alive (RFC 4028). */
  | { readonly result: 'lost' }
  | { readonly result: 'unanswered' }
  | { readonly result: 'rejected'; readonly code: number; readonly reason: string }
  /** No server could be reached; `code` of the last that answered at all. */
  | { readonly result: 'failed'; readonly code: number | null; readonly cause: FailureCause | null }
  | { readonly result: 'no-network' }
  /** What both can do has nothing in common. */
  | { readonly result: 'no-audio'; readonly detail: string };

export type CallReport =
  /** Somebody calls this line. */
  | {
      readonly kind: 'call-incoming';
      readonly call: string;
      readonly line: LineSettings;
      /** Whom to call back. */
      readonly peer: string;
      /** What the caller is called, empty = nothing was said. */
      readonly name: string;
      /** The configured server that it came from, null = a stranger. */
      readonly place: { readonly server: ServerName; readonly target: string } | null;
      /** The call of ours whose place it takes (RFC 3891), null = it is a new one. */
      readonly replaces: string | null;
      /** It asks to be answered by itself, after so many seconds; null = it does not, or may not. */
      readonly answerAfterS: number | null;
      /** The ring that it asks for: a rhythm by number, or the kind of call that it is; null = none. */
      readonly alert: { readonly dr: number } | { readonly word: string } | null;
      /** The appearance of a shared line that its server gives it, from 1; null = none is named. */
      readonly appearance: number | null;
    }
  /** A call that came in can be heard, and its caller knows that it rings. */
  | { readonly kind: 'call-ringing'; readonly call: string }
  /** A call that came in was answered, and both sides have agreed on what is heard. */
  | { readonly kind: 'call-picked-up'; readonly call: string; readonly agreed: Agreed }
  /** A server is being asked. */
  | {
      readonly kind: 'call-trying';
      readonly call: string;
      readonly server: ServerName;
      readonly target: string;
      readonly first: boolean;
    }
  /** The callee is elsewhere: the call goes there. As a person reads it. */
  | { readonly kind: 'call-redirected'; readonly call: string; readonly to: string }
  /** `agreed`: early media, null = the phone makes its own ring-back. */
  | { readonly kind: 'call-progress'; readonly call: string; readonly code: number; readonly agreed: Agreed | null }
  | {
      readonly kind: 'call-answered';
      readonly call: string;
      readonly server: ServerName;
      readonly target: string;
      readonly agreed: Agreed;
    }
  /** The session has changed, by us or by the far side; `ok` false: ours was refused, and it is as it was. */
  | { readonly kind: 'call-changed'; readonly call: string; readonly ok: boolean; readonly agreed: Agreed }
  /** A configured server says who is at the far side now: as a person reads it. */
  | { readonly kind: 'call-reached'; readonly call: string; readonly name: string }
  /** How a transfer that we asked for is getting on; `over`: nothing more will be told. */
  | { readonly kind: 'call-refer'; readonly call: string; readonly code: number; readonly over: boolean }
  /** The far side of this call asks us to call somebody. */
  | ({ readonly kind: 'call-referred'; readonly call: string; readonly to: string } & Referral)
  | { readonly kind: 'call-ended'; readonly call: string; readonly end: CallEnd };
