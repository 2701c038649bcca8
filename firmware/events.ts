/** Owns the public events of the phone (docs/interfaces.md 3): types only. `t` and `phone` are added by the shell. Times in ms, expiries in seconds, targets as text. */

import type { LampState } from '../hal/devices.ts';
import type { MediaCounts } from './media-vocabulary.ts';
import type { FailureCause, RegistrationState, RoleName, ServerName, WatchedState } from './status.ts';

export interface DnsRecordView {
  readonly name: string;
  readonly target?: string;
  readonly port?: number;
  readonly priority?: number;
  readonly weight?: number;
  readonly address?: string;
}

export type DnsFailure = 'nxdomain' | 'nodata' | 'servfail' | 'timeout' | 'truncated';
export type AttemptReason = 'fresh' | 'renewal' | 'return' | 'hedge' | 'challenge' | 'redirect';
export type Knowledge = 'live' | 'unknown' | 'dead';

export type PhoneEvent =
  | {
      readonly event: 'ready';
      readonly sip: readonly string[];
      readonly http: string | null;
      readonly https: string | null;
      readonly profile: string;
      readonly model: string;
      readonly lines: number;
    }
  | {
      readonly event: 'problem';
      readonly file: string;
      readonly line: number;
      readonly parameter: string;
      readonly message: string;
    }
  | {
      readonly event: 'result';
      readonly id: string | null;
      readonly ok: boolean;
      readonly error?: string;
      readonly value?: unknown;
    }
  | {
      readonly event: 'dns';
      readonly name: string;
      readonly type: string;
      readonly result: readonly DnsRecordView[] | DnsFailure;
      readonly ttl: number;
      readonly source: 'live' | 'cache' | 'stale' | 'hosts';
    }
  /** A copy waits until its connection can carry it: its `attempt` follows then, or never. */
  | {
      readonly event: 'connecting';
      readonly attempt: string;
      readonly line: number;
      readonly role: RoleName;
      readonly method: string;
      readonly server: ServerName;
      readonly target: string;
      readonly hop?: string;
    }
  | {
      readonly event: 'attempt';
      readonly attempt: string;
      readonly line: number;
      readonly role: RoleName;
      readonly method: string;
      readonly server: ServerName;
      readonly target: string;
      readonly hop?: string;
      readonly reason: AttemptReason;
      readonly callId: string;
      readonly branch: string;
      readonly cseq: number;
      readonly known: Knowledge;
      readonly waitMs: number;
    }
  | {
      readonly event: 'attempt-ended';
      readonly attempt: string;
      readonly line: number;
      readonly role: RoleName;
      readonly method: string;
      readonly outcome: 'ok' | 'rejected' | 'failed' | 'cancelled';
      readonly server?: ServerName;
      readonly target?: string;
      readonly code?: number;
      readonly took: number;
    }
  | {
      readonly event: 'late-answer';
      readonly attempt: string;
      readonly target: string;
      readonly code: number;
      readonly action: 'return' | 'cancel' | 'ack-bye' | 'unregister' | 'none';
    }
  | {
      readonly event: 'target-failed';
      readonly target: string;
      readonly cause: FailureCause;
      readonly code?: number;
      readonly took: number;
    }
  | {
      readonly event: 'probe';
      readonly target: string;
      readonly ok: boolean;
      readonly took: number;
      readonly cause?: FailureCause;
    }
  | {
      readonly event: 'failover' | 'failback';
      readonly line: number;
      readonly role: RoleName;
      readonly from: string;
      readonly to: string;
      readonly cause: string;
      readonly took: number;
    }
  | {
      readonly event: 'registration';
      readonly line: number;
      readonly state: RegistrationState;
      readonly server?: ServerName;
      readonly target?: string;
      readonly expires?: number;
      readonly code?: number;
      readonly retryIn?: number;
    }
  | { readonly event: 'unregistered'; readonly line: number; readonly server: ServerName; readonly target: string }
  | {
      readonly event: 'call';
      readonly id: string;
      readonly line: number;
      readonly state: 'dialing' | 'ringing' | 'early' | 'connected' | 'held' | 'ended';
      readonly direction: 'out' | 'in';
      readonly peer: string;
      /** What the far side is called, where the call says so. */
      readonly name?: string;
      /** A ring of its own: ring and pause in turn, ms, -1 at the end = once; empty = silent. */
      readonly ring?: readonly number[];
      /** Where a call of ours was sent instead of `peer`. */
      readonly sentTo?: string;
      readonly server?: ServerName;
      readonly target?: string;
      readonly cause?:
        | 'hangup'
        | 'remote'
        | 'busy'
        | 'declined'
        | 'no-answer'
        | 'failed'
        | 'cancelled'
        | 'elsewhere'
        | 'transferred'
        | 'lost';
      readonly code?: number;
      /** The call whose place this one takes. */
      readonly takes?: string;
      /** It is answered by itself now, with this microphone. */
      readonly auto?: 'open' | 'muted';
      /** The far side is being handed over; `failed`: it was not, and the call is as it was. */
      readonly transfer?: 'trying' | 'failed';
      /** Heard by everybody in the conference at this desk. */
      readonly conference?: boolean;
      /** What is said travels encrypted (SRTP). */
      readonly encrypted?: boolean;
    }
  /** `reason`: of the server's own end, or why there is none. */
  | {
      readonly event: 'subscription';
      readonly line: number;
      readonly package: string;
      readonly resource: string;
      readonly state: 'pending' | 'active' | 'terminated' | 'failed';
      readonly server?: ServerName;
      readonly target?: string;
      readonly reason?: string;
      readonly callId: string;
      /** Seconds granted. */
      readonly expires?: number;
    }
  /** What the last notification says of a watched number; `unknown` = none holds. */
  | {
      readonly event: 'watched';
      readonly line: number;
      readonly resource: string;
      readonly state: WatchedState | 'unknown';
    }
  /** Voice messages that wait for a line; null = not counted. */
  | {
      readonly event: 'mwi';
      readonly line: number;
      readonly waiting: boolean;
      readonly new: number | null;
      readonly old: number | null;
    }
  /** What was heard of a call so far: every 5 s, and when it has ended. */
  | ({ readonly event: 'media' } & MediaCounts)
  /** The far side of a call that is on is not heard any more, or is heard again. */
  | { readonly event: 'call-sound'; readonly id: string; readonly heard: boolean }
  /** A configured server asks the phone to look for changed files; `reboot`: what it says of restarting, null = nothing. */
  | { readonly event: 'check-sync'; readonly reboot: boolean | null }
  /** What came of asking the configuration server. */
  | {
      readonly event: 'provisioning';
      readonly outcome: 'none' | 'same' | 'changed' | 'failed';
      readonly from?: string;
    }
  | { readonly event: 'lamp'; readonly name: string; readonly state: LampState }
  | { readonly event: 'screen'; readonly lines: readonly string[] }
  | { readonly event: 'stopped'; readonly code: number };
