/** Owns what the phone may ask of SIP about calls, and what SIP tells of them. Types only. */
import type { LineSettings } from '../config/settings.ts';
import type { FailureCause, ServerName } from '../status.ts';
import type { Agreed, Local } from './sdp/offer-answer.ts';

/** What we can do in a session; where it is received is known when the request leaves. */
export type Wish = Omit<Local, 'at'> & { readonly port: number };

export type CallCommand =
  /** Walk an INVITE over the line's proxies. Answered by `call-ended` with the same id, after `call-answered` or without. */
  | {
      readonly kind: 'call';
      readonly call: string;
      readonly line: LineSettings;
      /** User part of the callee's address, or a whole SIP URI. */
      readonly callee: string;
      readonly wish: Wish;
    }
  /** End it, whatever state it is in. */
  | { readonly kind: 'hang-up'; readonly call: string }
  /** Change an answered call: hold, resume. Answered by `call-changed`. */
  | { readonly kind: 'change'; readonly call: string; readonly wish: Wish };

export type CallEnd =
  /** The far side hung up. */
  | { readonly result: 'remote' }
  | { readonly result: 'hung-up' }
  | { readonly result: 'unanswered' }
  | { readonly result: 'rejected'; readonly code: number; readonly reason: string }
  /** No server could be reached; `code` of the last that answered at all. */
  | { readonly result: 'failed'; readonly code: number | null; readonly cause: FailureCause | null }
  | { readonly result: 'no-network' }
  /** What both can do has nothing in common. */
  | { readonly result: 'no-audio'; readonly detail: string };

export type CallReport =
  /** A server is being asked. */
  | {
      readonly kind: 'call-trying';
      readonly call: string;
      readonly server: ServerName;
      readonly target: string;
      readonly first: boolean;
    }
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
  | { readonly kind: 'call-ended'; readonly call: string; readonly end: CallEnd };
