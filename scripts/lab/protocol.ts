/** Owns the words between the lab and its servers, each a process of its own: what they are told, what they tell. */
import type { Certified } from './certificates.ts';

export type ServerName = 'primary' | 'backup' | 'dns';
export type RegistrarName = 'primary' | 'backup';
/** The callee is no process of its own: it lives in both registrars. */
export type TargetName = ServerName | 'callee';

/** What a watched number does; for a mailbox all but `idle` means that a message waits. */
export const PRESENCES = ['idle', 'ringing', 'busy', 'held'] as const;
export type Presence = (typeof PRESENCES)[number];

export interface Account {
  readonly user: string;
  readonly auth: string;
  readonly password: string;
}

/** How a registrar behaves. `slow` stands beside the others; of the others the last one holds. */
export interface RegistrarMode {
  readonly silent: boolean;
  /** Answer every request with this, null = serve it. */
  readonly status: 500 | 503 | null;
  readonly retryAfterS: number | null;
  readonly delayMs: number;
}
export const HEALTHY: RegistrarMode = { silent: false, status: null, retryAfterS: null, delayMs: 0 };

/** What a call of the lab's own says besides: `Alert-Info` and the like. */
export interface CallHeader {
  readonly name: string;
  readonly value: string;
}

/** `NAME: VALUE` of one line; null = it is none. */
export function readCallHeader(text: string): CallHeader | null {
  const [, name, value] = /^([A-Za-z][A-Za-z-]{0,40}):\s*([\x20-\x7e]{1,200})$/.exec(text.trim()) ?? [];
  return name === undefined || value === undefined ? null : { name, value };
}

/** How the callee behaves behind both registrars. `delayMs` stands beside the others; of the others the last one holds. */
export interface CalleeMode {
  readonly state: 'whole' | 'killed' | 'frozen' | 'silent';
  /** Refuse every call with this. */
  readonly status: 500 | 503 | null;
  readonly retryAfterS: number | null;
  readonly delayMs: number;
}
export const HALE: CalleeMode = { state: 'whole', status: null, retryAfterS: null, delayMs: 0 };

export type DnsFault = 'none' | 'silent' | 'truncate' | 'servfail' | 'nxdomain' | 'landing-page' | 'srv-gone';
export interface DnsMode {
  readonly fault: DnsFault;
  readonly delayMs: number;
}
export const HONEST: DnsMode = { fault: 'none', delayMs: 0 };

export interface Zone {
  readonly domain: string;
  readonly address: string;
  readonly ttlS: number;
  /** SIP ports of the two servers: UDP and TCP share one, TLS has its own. */
  readonly ports: Readonly<Record<RegistrarName, number>>;
  readonly tlsPorts: Readonly<Record<RegistrarName, number>>;
}

export interface RegistrarStart {
  readonly kind: 'registrar';
  readonly address: string;
  readonly port: number;
  readonly tlsPort: number;
  /** What it shows over TLS. */
  readonly tls: Certified;
  readonly realm: string;
  readonly accounts: readonly Account[];
  readonly minExpiresS: number;
  readonly nonceLifeS: number;
}

export interface DnsStart {
  readonly kind: 'dns';
  readonly address: string;
  readonly port: number;
  readonly zone: Zone;
}

export type Start = RegistrarStart | DnsStart;

/** What a server may be asked while it runs; `cut` ends the connections that it has, by FIN or by RST. */
export type Ask =
  | { readonly kind: 'mode'; readonly mode: RegistrarMode | DnsMode }
  | { readonly kind: 'callee'; readonly mode: CalleeMode }
  | { readonly kind: 'cut'; readonly how: 'close' | 'reset' }
  /** What a number does from now on; and what is watched here, as `watched` of the answer. */
  | { readonly kind: 'present'; readonly resource: string; readonly presence: Presence }
  | { readonly kind: 'watched' }
  /** The echo calls a user now; the answer's `called` are the contacts that it calls: none where the user is not registered here. */
  | { readonly kind: 'call'; readonly user: string; readonly header: CallHeader | null }
  | { readonly kind: 'bindings' };

/** Contacts by user. */
export type Bindings = Readonly<Record<string, readonly string[]>>;

export interface SeenRequest {
  readonly method: string;
  /** The user of the To header. */
  readonly user: string;
  /** Where the packet came from, as `udp:127.0.0.1:5060`. */
  readonly from: string;
  readonly callId: string;
  readonly cseq: number;
  readonly branch: string;
  /** The URI of the first Contact. */
  readonly contact: string | null;
  readonly expires: number | null;
  /** What it is answered with. */
  readonly status: number;
}

/** To a server: first its start, then questions, each acknowledged by its number. */
export type ToServer = Start | { readonly kind: 'ask'; readonly seq: number; readonly ask: Ask };

export type FromServer =
  | { readonly kind: 'listening' }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'done'; readonly seq: number; readonly value: Bindings | null }
  | { readonly kind: 'seen'; readonly request: SeenRequest };
