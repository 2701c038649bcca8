/** Owns the words between the lab and its servers, each a process of its own. Types only. */

export type LabTarget = 'primary' | 'backup' | 'dns' | 'callee';
export const FAULT_KINDS = [
  'kill',
  'freeze',
  'silent',
  '500',
  '503',
  '503-retry',
  'slow',
  'truncate',
  'servfail',
  'nxdomain',
  'landing-page',
  'srv-gone',
  'clear',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** How a registrar behaves. */
export interface RegistrarMode {
  readonly silent: boolean;
  /** Answer every request with this, null = serve it. */
  readonly status: number | null;
  readonly retryAfterS: number | null;
  readonly delayMs: number;
}
export const HEALTHY: RegistrarMode = { silent: false, status: null, retryAfterS: null, delayMs: 0 };

export type DnsMode = 'none' | 'silent' | 'truncate' | 'servfail' | 'nxdomain' | 'landing-page' | 'srv-gone';

export interface Account {
  readonly user: string;
  readonly auth: string;
  readonly password: string;
}

export interface Zone {
  readonly domain: string;
  readonly address: string;
  readonly ttlS: number;
  /** SIP ports of the two servers. */
  readonly ports: { readonly primary: number; readonly backup: number };
}

/** What a server is told when it starts, and later. `seq` is acknowledged. */
export type ToServer =
  | {
      readonly kind: 'registrar';
      readonly address: string;
      readonly port: number;
      readonly realm: string;
      readonly accounts: readonly Account[];
      readonly minExpiresS: number;
    }
  | { readonly kind: 'dns'; readonly address: string; readonly port: number; readonly zone: Zone }
  | { readonly kind: 'mode'; readonly seq: number; readonly mode: RegistrarMode | DnsMode }
  | { readonly kind: 'bindings'; readonly seq: number };

export interface SeenRequest {
  readonly method: string;
  readonly user: string;
  readonly callId: string;
  readonly cseq: number;
  readonly contact: string | null;
  readonly expires: number | null;
  readonly status: number;
}

export type FromServer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'done'; readonly seq: number; readonly value: unknown }
  | { readonly kind: 'seen'; readonly request: SeenRequest };
