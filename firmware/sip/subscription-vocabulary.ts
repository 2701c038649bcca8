/** Owns what the phone may ask of SIP about subscriptions, and what SIP tells of them. Types only. */
import type { LineSettings } from '../config/settings.ts';
import type { Millis } from '../kernel/time.ts';
import type { ServerName } from '../status.ts';

/** What is watched: an event package at a resource (RFC 6665 3.1, 4.4). */
export interface Watch {
  /** `Event` as it is sent; its first word is the package. */
  readonly event: string;
  /** A user at the proxy addressed, or a whole URI. */
  readonly resource: string;
  /** `Accept` of the bodies that we can read. */
  readonly accept: string;
  /** A list of resources may answer (RFC 4662 4.1). */
  readonly list: boolean;
}

export type SubscribeCommand =
  /**
   * Walk a fresh SUBSCRIBE over the line's proxies. `primary`: over those of the primary alone, each waited for no longer than H,
   * while the backup's dialog lives on (rules 3.2). Answered by `subscribed` or `subscribe-failed`.
   */
  | {
      readonly kind: 'subscribe';
      readonly subscription: string;
      readonly attempt: string;
      readonly line: LineSettings;
      readonly watch: Watch;
      readonly scope: 'all' | 'primary';
      readonly expiresS: number;
      readonly reason: 'fresh' | 'renewal' | 'return';
    }
  /** Refresh inside the dialog. Answered by `refreshed` or `refresh-failed`. */
  | { readonly kind: 'refresh'; readonly subscription: string; readonly usage: string; readonly expiresS: number }
  /** End it in its dialog; what it still says is not told (rules 3.2). Nothing is answered. */
  | { readonly kind: 'unsubscribe'; readonly usage: string }
  /** Forget a dialog whose server is gone: its later notifications draw 481. */
  | { readonly kind: 'drop'; readonly usage: string }
  /** `pair` has answered again: the attempt waits for its last target no longer than for one with others behind it. */
  | { readonly kind: 'give-up'; readonly attempt: string; readonly pair: string }
  /** Forget an attempt; it ends without mark, and nothing is answered. */
  | { readonly kind: 'abandon'; readonly attempt: string };

export type SubscribeFailure =
  | { readonly result: 'rejected'; readonly code: number; readonly retryAfterS: number | null }
  /** Nobody answered well; `code` of the last that answered at all. */
  | { readonly result: 'failed'; readonly code: number | null; readonly retryAfterS: number }
  /** Accepted, and no NOTIFY within Timer N (RFC 6665 4.1.2.4). */
  | { readonly result: 'unnotified' }
  /** The first NOTIFY ended it. */
  | { readonly result: 'terminated'; readonly reason: string | null; readonly retryAfterS: number | null }
  | { readonly result: 'no-network' };

export type SubscribeReport =
  /** A 2xx or none, and the first NOTIFY: the subscription is in force (RFC 6665 4.4.1). It may come after the attempt has failed. */
  | {
      readonly kind: 'subscribed';
      readonly subscription: string;
      readonly attempt: string;
      readonly usage: string;
      readonly callId: string;
      readonly server: ServerName;
      readonly target: string;
      readonly rank: number;
      readonly expiresAt: Millis;
      /** Sum of the waits of the primary's list, ms: the renewal starts that much sooner (rules 4, "renewal"). */
      readonly listWaitMs: number;
      readonly state: 'active' | 'pending';
    }
  | {
      readonly kind: 'subscribe-failed';
      readonly subscription: string;
      readonly attempt: string;
      readonly failure: SubscribeFailure;
    }
  | {
      readonly kind: 'refreshed';
      readonly subscription: string;
      readonly usage: string;
      readonly expiresAt: Millis;
      readonly listWaitMs: number;
    }
  /** `gone`: the server has forgotten it (RFC 6665 4.1.2.2); else it holds until it runs out. */
  | {
      readonly kind: 'refresh-failed';
      readonly subscription: string;
      readonly usage: string;
      readonly gone: boolean;
      readonly code: number | null;
      readonly retryAfterS: number | null;
      /** The link went away under it: nothing is known. */
      readonly noNetwork: boolean;
    }
  | {
      readonly kind: 'notification';
      readonly subscription: string;
      readonly usage: string;
      readonly state: 'active' | 'pending' | 'terminated';
      readonly reason: string | null;
      readonly retryAfterS: number | null;
      /** Null where the NOTIFY does not say. */
      readonly expiresAt: Millis | null;
      readonly type: string;
      readonly body: string;
    }
  /** Which server serves the line's requests has changed (rules 4, "subscriptions"). */
  | { readonly kind: 'proxy-moved'; readonly line: number; readonly rank: number }
  /** A state agent watches this shared line of ours, or asks again what we do with it. */
  | { readonly kind: 'line-watched'; readonly line: number }
  /** What an agent said to what it was told; 408 = nothing. */
  | { readonly kind: 'line-told'; readonly line: number; readonly code: number }
  /** What serves the line's requests was found dead. */
  | { readonly kind: 'proxy-dead'; readonly line: number };
