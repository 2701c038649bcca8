/** Owns the words of one call as its user has it: its states, inputs and outputs. */
import type { LineSettings } from '../config/settings.ts';
import type { PhoneEvent } from '../events.ts';
import type { TimerInput } from '../kernel/machine.ts';
import type { Millis } from '../kernel/time.ts';
import type { KeySent } from '../media-vocabulary.ts';
import type { CallCommand, CallReport, Referral, ReferTo, Wish } from '../sip/call-vocabulary.ts';
import type { Agreed } from '../sip/sdp/offer-answer.ts';
import type { ServerName } from '../status.ts';
import type { Cadence } from './ring.ts';

/** What does not change while a call lives, and where it stands. */
export interface CallData {
  readonly id: string;
  readonly line: LineSettings;
  readonly direction: 'out' | 'in';
  /** What was dialled, or who calls. */
  readonly peer: string;
  /** What the far side is called, empty = nothing was said. */
  readonly name: string;
  /** Where a call of ours was sent instead of `peer`; null = nowhere. */
  readonly sentTo: string | null;
  readonly wish: Wish;
  /** What the call carries along, and the call of ours whose far side has asked for it; `by` null = the person takes a call over. */
  readonly referral: (Referral & { readonly by: string | null }) | null;
  /** Of an emergency number: the other lines (rules 3.8); null = it is none. */
  readonly emergency: readonly LineSettings[] | null;
  /** The far phone is asked to answer by itself. */
  readonly intercom?: true;
  /** The call of ours whose place it takes once it is answered. */
  readonly takes: string | null;
  /** It is to be answered by itself then; null = a person answers. */
  readonly auto: { readonly at: Millis; readonly microphone: 'open' | 'muted' } | null;
  /** The appearance of a shared line that its server has given it. */
  readonly appearance?: number;
  /** In which rhythm a call rings here; of a call of ours null. */
  readonly ring: Cadence;
  /** The server that is asked, or that has answered; null before the first. */
  readonly place: { readonly server: ServerName; readonly target: string } | null;
  /** When it reached the state that it is in. */
  readonly since: Millis;
}

/** Somebody calls, and it rings here. */
interface Incoming {
  readonly name: 'incoming';
  readonly timers: { readonly forward?: Millis; readonly auto?: Millis };
  readonly call: CallData;
  /** A whole SIP URI: where it goes when nobody answers in time. */
  readonly forward: string | null;
  /** Answered here; SIP has yet to agree. */
  readonly picking: boolean;
}
interface Dialing {
  readonly name: 'dialing';
  readonly timers: Readonly<Record<string, never>>;
  readonly call: CallData;
}
interface Ringing {
  readonly name: 'ringing';
  readonly timers: Readonly<Record<string, never>>;
  readonly call: CallData;
  /** Early media, null = the phone makes the tone itself. */
  readonly agreed: Agreed | null;
}
export interface Connected {
  readonly name: 'connected';
  /** `refer`: who was asked to call somebody has told of it by then. */
  readonly timers: { readonly refer?: Millis };
  readonly call: CallData;
  readonly agreed: Agreed;
  /** Held by us. */
  readonly held: boolean;
  /** What a change under way asks for; null = none is under way. */
  readonly wanted: Wish | null;
  /** The far side was asked to call somebody, and has yet to tell what came of it; null = it was not asked, `done` = it has. */
  readonly transfer: ReferTo | 'done' | null;
  /** `in`: heard by everybody else in the conference at this desk. */
  readonly conference: 'in' | 'out';
}
/** Its far side has had us call somebody, who has answered: it is over for the person, and the far side is expected to hang up. */
export interface Left {
  readonly name: 'left';
  readonly timers: { readonly bye?: Millis };
  readonly call: CallData;
}
export type CallState = Incoming | Dialing | Ringing | Connected | Left;

export type CallInput =
  | { readonly kind: 'begin' }
  | CallReport
  | { readonly kind: 'answer' }
  | { readonly kind: 'hang-up' }
  /** Whom its far side wanted called has answered. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'transfer'; readonly to: ReferTo }
  | { readonly kind: 'join' }
  | { readonly kind: 'part' }
  /** Whom the far side wants to be called cannot be. */
  | { readonly kind: 'refer-refused'; readonly code: number }
  | TimerInput<'forward' | 'auto' | 'bye' | 'refer'>;

export type CallOutput =
  | { readonly to: 'stack'; readonly command: CallCommand }
  | { readonly to: 'world'; readonly event: PhoneEvent }
  | { readonly to: 'media'; readonly key: KeySent }
  /** Another call of ours is over with this one. */
  | { readonly to: 'call'; readonly call: string; readonly input: Extract<CallInput, { kind: 'hang-up' | 'leave' }> };

export interface CallContext {
  readonly now: Millis;
}
