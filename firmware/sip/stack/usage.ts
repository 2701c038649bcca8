/** Owns the record of one subscription in force, and of the SUBSCRIBE under way inside its dialog (RFC 6665 4.1.2). */
import type { LineSettings } from '../../config/settings.ts';
import type { Target } from '../../kernel/target.ts';
import { targetKey } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { after, millis, soonest } from '../../kernel/time.ts';
import type { Candidate } from '../../servers/selection.ts';
import type { Dialog } from '../dialog.ts';
import { dialogOfNotify } from '../dialog.ts';
import { headerValue, headerValues } from '../message/headers.ts';
import type { SipRequest } from '../message/message.ts';
import { packageOf } from '../subscription-state.ts';
import type { Watch } from '../subscription-vocabulary.ts';
import type { SentSubscribe, SubscribeStart } from './subscribing.ts';

/** Answers to a refresh after which the server has no such subscription (RFC 6665 4.1.2.2). */
export const GONE_CODES: ReadonlySet<number> = new Set([
  404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604,
]);

export interface Usage {
  readonly id: string;
  readonly subscription: string;
  readonly line: LineSettings;
  readonly watch: Watch;
  readonly candidate: Candidate;
  readonly contact: string;
  dialog: Dialog;
  carrier: Target;
  /**
   * What the last 2xx granted, or the first SUBSCRIBE asks for before any: no NOTIFY makes it longer (RFC 6665 4.2.2). One that comes
   * while a refresh is unanswered may be an old one that was long under way, and the refresh be refused.
   */
  grantedUntil: Millis;
  expiresAt: Millis;
  /** It is being ended by us: what it says is not told (rules 3.2). Forgotten then, whatever comes. */
  leavesBy: Millis | null;
  asking: Asking | null;
}

/** One SUBSCRIBE inside a dialog. */
export interface Asking {
  readonly id: string;
  readonly expiresS: number;
  /** What was to be asked for, before a 423 wanted more; s. */
  readonly wishedS: number;
  readonly target: Target;
  readonly rest: readonly Target[];
  readonly challenges: number;
  readonly intervals: number;
  /** As it was sent last, null = not yet. */
  request: SipRequest | null;
  sentAt: Millis;
  /** Its silence is waited for until then; null once that is over, or it has spoken. */
  hedge: Millis | null;
  /** That it was silent has been told: from then on it is only listened to. */
  told: boolean;
}

/** What the first NOTIFY makes of an attempt; null where its dialog cannot be read. */
export function newUsage(id: string, command: SubscribeStart, sent: SentSubscribe, notify: SipRequest): Usage | null {
  const dialog = dialogOfNotify(notify, sent.request);
  if (!dialog.ok) return null;
  const grantedUntil = after(sent.sentAt, (sent.grantedS ?? sent.mostS) * 1000);
  return {
    ...{ id, subscription: command.subscription, line: command.line, watch: command.watch },
    ...{ candidate: sent.candidate, contact: sent.contact, dialog: dialog.value, carrier: sent.candidate.target },
    ...{ grantedUntil, expiresAt: grantedUntil, leavesBy: null, asking: null },
  };
}

/** When it ends, as it is told: what ran out while its messages were under way ends now. */
export const endTold = ({ expiresAt }: Usage, now: Millis): Millis => millis(Math.max(expiresAt, now));

/** Key of health and samples of the target that a request of this dialog goes to. */
export const pairOf = ({ candidate }: Usage, target: Target): string =>
  targetKey(candidate.target) === targetKey(target) ? candidate.pair : targetKey(target);

/** Key of the nonces of this dialog: another of the same Call-ID is at another server. */
export const bookPair = ({ id }: Usage): string => `dialog ${id}`;

export const dueOf = ({ asking, leavesBy }: Usage): Millis | null => soonest(asking?.hedge ?? null, leavesBy);

/** BroadSoft's package of appearances. */
const CALL_INFO = 'call-info';

/** What a NOTIFY says, and of which type it is; call-info says all in header fields. */
export const saidIn = ({ watch }: Usage, notify: SipRequest): { readonly type: string; readonly body: string } =>
  packageOf(watch.event) === CALL_INFO
    ? { type: CALL_INFO, body: headerValues(notify, 'Call-Info').join(', ') }
    : { type: headerValue(notify, 'Content-Type') ?? '', body: notify.body };
