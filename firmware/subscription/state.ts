/** Owns the words of one subscription: its states, what it is told and what it asks for (RFC 6665 4.1.2; rules 3.2, 4). */
import type { LineSettings, Profile } from '../config/settings.ts';
import type { PhoneEvent } from '../events.ts';
import type { Step, TimerInput } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import type { Millis } from '../kernel/time.ts';
import type { SubscribeCommand, SubscribeReport, Watch } from '../sip/subscription-vocabulary.ts';
import type { ServerName } from '../status.ts';

/** Where it is in force. */
export interface Held {
  readonly usage: string;
  readonly callId: string;
  readonly server: ServerName;
  readonly target: string;
  readonly rank: number;
  readonly expiresAt: Millis;
  readonly renewAt: Millis;
  /** Since when it is there. */
  readonly since: Millis;
  readonly state: 'active' | 'pending';
}

export interface SubscriptionMemory {
  readonly id: string;
  readonly line: LineSettings;
  readonly watch: Watch;
  /** Asked for. */
  readonly expiresS: number;
  readonly held: Held | null;
  /** Attempts so far: their names. */
  readonly attempts: number;
  /** Failures in a row: the back-off grows with them. */
  readonly failures: number;
  /** When an attempt last started, or was to start, because a server answered again. */
  readonly revivedAt: Millis | null;
  readonly code: number | null;
  readonly reason: string | null;
}

interface Common {
  readonly memory: SubscriptionMemory;
  readonly timers: { readonly [name: string]: Millis };
}

export type SubscriptionState =
  /** A fresh attempt over all servers; what is held meanwhile is held until it runs out. */
  | (Common & {
      readonly name: 'asking';
      readonly attempt: string;
      /** A server that was silent has answered meanwhile: if this attempt fails, the next starts at once. */
      readonly reviving: boolean;
    })
  /** A fresh attempt at the primary, while the backup's dialog lives on (rules 3.2). */
  | (Common & { readonly name: 'returning'; readonly attempt: string })
  | (Common & { readonly name: 'refreshing' })
  | (Common & { readonly name: 'active' })
  /** Tried again when `retry` fires. `by`: why; `silence` goes on as soon as somebody answers. */
  | (Common & { readonly name: 'waiting'; readonly by: 'silence' | 'answer' })
  /** Refused for good: until a person or the configuration changes something (RFC 6665 4.1.3). */
  | (Common & { readonly name: 'stopped' })
  /** The link is down; what was under way goes on when it is up. */
  | (Common & { readonly name: 'cut' });

export type SubscriptionInput =
  | { readonly kind: 'begin' }
  | Extract<SubscribeReport, { subscription: string }>
  /** The line's proxy has changed to this rank, or what serves it was found dead (null). */
  | { readonly kind: 'move'; readonly rank: number | null }
  /** `pair`, which was silent, answers; or a person wants it. */
  | { readonly kind: 'hurry'; readonly who: 'server'; readonly pair: string }
  | { readonly kind: 'hurry'; readonly who: 'person' }
  | { readonly kind: 'link'; readonly state: 'up' | 'down' }
  | { readonly kind: 'leave' }
  | TimerInput<'renew' | 'expire' | 'retry'>;

export type SubscriptionOutput =
  | { readonly to: 'stack'; readonly command: SubscribeCommand }
  | { readonly to: 'world'; readonly event: PhoneEvent }
  /** What it said holds no more. */
  | { readonly to: 'phone'; readonly kind: 'lost' };

export interface SubscriptionContext {
  readonly now: Millis;
  readonly random: Random;
  readonly policy: SubscriptionPolicy;
}

export interface SubscriptionPolicy {
  readonly profile: Profile;
  /** Renewed so long before the end, ms (`sip registration renewal timer`). */
  readonly renewalMs: number;
  /** Attempts that start because a server answers again are so far apart, ms (`failover probe period`). */
  readonly probePeriodMs: number;
  /** Wait after a refusal, ms (`sip registration retry timer`). */
  readonly rejectedMs: number;
  /** Wait after a walk that nobody answered, ms; null = the back-off of RFC 5626 4.5. */
  readonly failedMs: number | null;
}

export type SubscriptionStep = Step<SubscriptionState, SubscriptionOutput>;
