/** Owns the shape of what the phone tells of itself: the body of `/api/status`, read by the pages, the screen and the lamps. Types only. */
import type { PhoneModel, Profile } from './config/settings.ts';
import type { Endpoint } from './kernel/target.ts';

export type ServerName = 'primary' | 'backup';
export type RoleName = 'registrar' | 'proxy';
/** `off`: no registrar configured. */
export type RegistrationState = 'trying' | 'registered' | 'rejected' | 'waiting' | 'off';
export type FailureCause =
  | 'no-answer'
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'tls'
  | 'code'
  | 'name-unknown'
  | 'dns-failed'
  | 'not-offered';

export interface RoleStatus {
  readonly state: RegistrationState;
  /** The server that holds the binding (or served last); null before the first success. */
  readonly server: ServerName | null;
  /** Target text. */
  readonly target: string | null;
  /** ms since start at which `server` became the serving one. */
  readonly since: number | null;
  /** Seconds until the binding runs out. */
  readonly expiresIn: number | null;
  /** Last final status code, null where none came. */
  readonly code: number | null;
  /** Seconds until the next attempt, where one is waited for. */
  readonly retryIn: number | null;
  /** True while an attempt that may change the server is running. */
  readonly switching: boolean;
  /** One sentence for a person: which server, why, what next. */
  readonly reason: string;
  readonly lists: { readonly primary: readonly string[]; readonly backup: readonly string[] };
}

export interface LineStatus {
  readonly line: number;
  readonly aor: string;
  readonly screenName: string;
  readonly userName: string;
  /** Null = no registrar configured. */
  readonly registrar: RoleStatus | null;
  /** Voice messages; null = nobody has said anything. */
  readonly messages: { readonly waiting: boolean; readonly new: number | null; readonly old: number | null } | null;
  /** Null = no proxy configured. `registered`: it has answered the last request well. */
  readonly proxy: RoleStatus | null;
}

/** What a watched number does (original-phone 4.3). */
export type WatchedState = 'idle' | 'ringing' | 'busy' | 'held';

export interface SubscriptionStatus {
  readonly id: string;
  /** `sca`: a shared line that is told by call-info. */
  readonly kind: 'blf' | 'list' | 'bla' | 'sca' | 'mwi';
  readonly line: number;
  readonly resource: string;
  /** `stopped`: refused for good. */
  readonly state: 'trying' | 'pending' | 'active' | 'stopped';
  /** Where it is in force, null = nowhere. */
  readonly server: ServerName | null;
  readonly target: string | null;
  /** Seconds until it runs out; until the next attempt, where one is waited for. */
  readonly expiresIn: number | null;
  readonly retryIn: number | null;
  /** Last refusal, and the last reason that a server gave for an end. */
  readonly code: number | null;
  readonly reason: string | null;
  /** Null = not known. */
  readonly presence: WatchedState | null;
  /** Who is at the other end of its call, null = nobody, or not told. */
  readonly peer: string | null;
  /** How its ringing or held call is taken over, null = there is none, or the notifier does not tell (RFC 3891). */
  readonly takeOver?: { readonly to: string; readonly replaces: string } | null;
  /** Of a list: its numbers in the list's order. */
  readonly entries?: readonly ListedStatus[];
}

/** One number of a list (RFC 4662). */
export interface ListedStatus extends Pick<SubscriptionStatus, 'presence' | 'peer' | 'takeOver'> {
  /** Its URI. */
  readonly resource: string;
  /** Empty = the list does not name it. */
  readonly name: string;
}

export interface TargetStatus {
  readonly target: string;
  /** Where a hop stands in front: the configured server's name, for `target` is then the hop. */
  readonly via: string | null;
  /** The best place it has in any line's lists. */
  readonly server: ServerName;
  readonly name: string;
  readonly health: 'live' | 'unknown' | 'dead';
  readonly cause: FailureCause | null;
  readonly code: number | null;
  /** ms since start at which it was found dead. */
  readonly deadSince: number | null;
  /** Seconds left of a Retry-After, null = none. */
  readonly retryAfter: number | null;
  readonly probeable: boolean;
  /** Seconds until the next probe, null = none planned. */
  readonly nextProbeIn: number | null;
  /** The hedge: how long its silence is waited for, ms. */
  readonly hMs: number;
  /** Seconds since its last answer, null = never. */
  readonly lastAnswerAge: number | null;
}

export interface DnsStatus {
  readonly name: string;
  readonly type: string;
  /** Seconds since the answer came. */
  readonly age: number;
  /** Seconds it is still fresh; negative = stale. */
  readonly ttl: number;
  readonly source: 'live' | 'cache' | 'stale' | 'hosts';
}

/** One SIP message as it was sent or received, secrets replaced. */
export interface TracedMessage {
  /** From 1, growing. */
  readonly id: number;
  /** ms since start. */
  readonly t: number;
  /** Unix ms; null = the clock was not set. */
  readonly at: number | null;
  readonly direction: 'sent' | 'received';
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly peer: Endpoint;
  /** Null = the shared socket. */
  readonly local: Endpoint | null;
  /** Empty where none could be read. */
  readonly callId: string;
  /** `INVITE 1`, `200 (INVITE 1)`. */
  readonly label: string;
  /** An octet a character. */
  readonly text: string;
}

/** One line of the live list of what was decided and why. */
export interface Decision {
  /** ms since start. */
  readonly t: number;
  readonly line: number | null;
  /** One sentence. */
  readonly text: string;
  readonly severity: 'info' | 'good' | 'bad';
}

export interface PhoneStatus {
  readonly profile: Profile;
  readonly model: PhoneModel;
  readonly version: string;
  /** Seconds since start. */
  readonly uptime: number;
  readonly link: 'up' | 'down';
  readonly lines: readonly LineStatus[];
  readonly subscriptions: readonly SubscriptionStatus[];
  readonly targets: readonly TargetStatus[];
  readonly dns: readonly DnsStatus[];
}
