/**
 * Owns the seam between the pure phone and the world: every input the world may bring, every effect the phone may ask for.
 * Types only. Bytes travel as latin-1 strings (one character an octet), so that the core needs no Buffer.
 */
import type { DeskSound, Frame, HookState, KeyName, LampName, LampState } from '../hal/devices.ts';
import type { KeySetting } from './config/key-settings.ts';
import type { PhoneSettings } from './config/settings.ts';
import type { PhoneEvent } from './events.ts';
import type { Endpoint, Target } from './kernel/target.ts';
import type { KeySent, MediaLeg } from './media-vocabulary.ts';

export type DnsType = 'A' | 'AAAA' | 'SRV' | 'NAPTR' | 'CNAME';

export interface DnsQuestion {
  /** Lower case, no trailing dot. */
  readonly name: string;
  readonly type: DnsType;
}

/** One decoded resource record; `ttl` in seconds. Names in lower case without trailing dot; "." stays ".". */
export type DnsRecord =
  | { readonly type: 'A' | 'AAAA'; readonly name: string; readonly ttl: number; readonly address: string }
  | {
      readonly type: 'SRV';
      readonly name: string;
      readonly ttl: number;
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | {
      readonly type: 'NAPTR';
      readonly name: string;
      readonly ttl: number;
      readonly order: number;
      readonly preference: number;
      readonly flags: string;
      readonly services: string;
      readonly regexp: string;
      readonly replacement: string;
    }
  | { readonly type: 'CNAME' | 'NS'; readonly name: string; readonly ttl: number; readonly target: string }
  | { readonly type: 'SOA'; readonly name: string; readonly ttl: number; readonly minimum: number };

/** A decoded DNS message (RFC 1035 4). Records of other types are left out by the shell; at most 64 a section. */
export interface DnsMessage {
  /** The 16-bit transaction id. */
  readonly id: number;
  readonly response: boolean;
  readonly truncated: boolean;
  /** RCODE: 0 NOERROR, 1 FORMERR, 2 SERVFAIL, 3 NXDOMAIN, 4 NOTIMP, 5 REFUSED, 16 BADVERS (12 bits, RFC 6891 6.1.3). */
  readonly rcode: number;
  readonly questions: readonly { readonly name: string; readonly type: string }[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** What the shell found wrong below SIP. `no-network`: ENETUNREACH, ENETDOWN, EADDRNOTAVAIL (rules 4, link down). */
export type TransportFailure = 'refused' | 'unreachable' | 'reset' | 'tls' | 'no-network' | 'timeout';

/** A flow is one connected socket: its id begins with the key of its target; the shell names those that others opened. */
export type FlowId = string;

/** Addresses by lower-case name, from the system's hosts file; only A and AAAA questions are answered by it. */
export type HostsTable = Readonly<Record<string, readonly string[]>>;

/** What the phone asked to keep over a restart; each value is opaque JSON owned by the module of that name. */
export interface Stored {
  readonly dns?: unknown;
  readonly bindings?: unknown;
  readonly lists?: unknown;
  readonly answering?: unknown;
  readonly volumes?: unknown;
}

/** The Web UI, as a person at the desk needs to know it. */
export interface WebPages {
  readonly url: string;
  /** SHA-256 of the certificate that it shows; null = it is not over TLS. */
  readonly fingerprint: string | null;
  /** `due`: it has a first password that nobody has used yet. */
  readonly firstLogin: 'due' | 'done';
}

/** `silent`: a chip does not answer; `held`: a key does not come up. */
export type BoardTrouble = 'silent' | 'held';

export type Command =
  | { readonly verb: 'unregister'; readonly line: number }
  | { readonly verb: 'register'; readonly line: number }
  /** A number or a SIP URI; `line` null = the first. `replaces`: the dialog there that the call takes over (RFC 3891). */
  | {
      readonly verb: 'dial';
      readonly target: string;
      readonly line: number | null;
      readonly replaces?: string;
      /** The far phone is asked to answer by itself. */
      readonly intercom?: true;
    }
  /** `call` null = the last that was begun. `hangup` of a call that comes in and rings refuses it. */
  | { readonly verb: 'answer' | 'hangup' | 'hold' | 'resume'; readonly call: string | null }
  /** `line` null = the first. */
  | {
      readonly verb: 'subscribe' | 'unsubscribe';
      readonly kind: 'blf' | 'list' | 'bla' | 'mwi';
      readonly target: string;
      readonly line: number | null;
    }
  /** Hands `call` (null = the one in focus) over to a number or SIP URI; `target` null = to the far side of the call in focus. */
  | { readonly verb: 'transfer'; readonly call: string | null; readonly target: string | null }
  /** This call and the one in focus are heard by each other. */
  | { readonly verb: 'conference'; readonly call: string }
  /** Keys for the far side: digits, `*`, `#`, `A` to `D`. */
  | { readonly verb: 'dtmf'; readonly keys: string; readonly call: string | null }
  /** The microphone, on and off in turn. */
  | { readonly verb: 'mute'; readonly call: string | null }
  | { readonly verb: 'dnd'; readonly state: 'on' | 'off' }
  /** `to` null = off. */
  /** `rings`: of a call that nobody answers, 1 to 20; absent = as it was. */
  | {
      readonly verb: 'forward';
      readonly when: 'all' | 'busy' | 'noanswer';
      readonly to: string | null;
      readonly rings?: number;
    };

/** A name of a list that the configuration server gives. */
export interface DirectoryName {
  readonly name: string;
  readonly number: string;
  /** 1 to 9. */
  readonly line: number;
}

export type Fetched = { readonly document: string; readonly refresh: string | null } | { readonly error: string };

export type Input =
  /** First input of all. `nameServers` in order of preference. `wallMs`: Unix time, null = clock not set. */
  | {
      readonly kind: 'start';
      readonly wallMs: number | null;
      readonly unclean: boolean;
      readonly nameServers: readonly Endpoint[];
      readonly hosts: HostsTable;
      readonly stored: Stored;
      /** Address families that this machine can send to; IPv4 alone where nothing is said. */
      readonly families?: readonly ('A' | 'AAAA')[];
      /** RTP ports that are ours, one a call; those of the configuration where nothing is said. */
      readonly rtpPorts?: readonly number[];
    }
  /** What was heard of a call so far: every few seconds. */
  | { readonly kind: 'heard'; readonly call: string; readonly packets: number }
  | { readonly kind: 'wall-clock'; readonly wallMs: number | null }
  /** The system has other name servers from now on, in order of preference. */
  | { readonly kind: 'name-servers'; readonly nameServers: readonly Endpoint[] }
  | { readonly kind: 'configure'; readonly settings: PhoneSettings }
  /** The phone asked to open a flow, and it is ready to carry data; `local` is what the far side sees without NAT. */
  | { readonly kind: 'opened'; readonly flow: FlowId; readonly local: Endpoint }
  /** Somebody has opened a stream to the phone (RFC 3261 18.2.1); the phone answers on it, or closes it. */
  | { readonly kind: 'accepted'; readonly flow: FlowId; readonly from: Endpoint }
  /** Octets of a stream, cut anywhere. */
  | { readonly kind: 'octets'; readonly flow: FlowId; readonly data: string }
  /** A flow failed or was reset; it is gone, and a later request opens a new one. `detail`: what came, for a person. */
  | {
      readonly kind: 'flow-failed';
      readonly flow: FlowId;
      readonly cause: TransportFailure;
      readonly detail?: string;
    }
  /** One datagram. `flow` = the connected socket that it came in on, null = the shared listening socket. */
  | { readonly kind: 'datagram'; readonly flow: FlowId | null; readonly from: Endpoint; readonly data: string }
  | {
      readonly kind: 'dns-answer';
      readonly id: number;
      readonly from: Endpoint;
      readonly transport: 'udp' | 'tcp';
      readonly message: DnsMessage | 'malformed';
    }
  | { readonly kind: 'dns-error'; readonly id: number; readonly cause: TransportFailure }
  | { readonly kind: 'link'; readonly state: 'up' | 'down' }
  | { readonly kind: 'key'; readonly key: KeyName; readonly edge: 'down' | 'up' }
  | { readonly kind: 'hook'; readonly state: HookState }
  | { readonly kind: 'web-pages'; readonly pages: WebPages }
  /** What was set at the desk could not be kept. */
  | { readonly kind: 'not-kept'; readonly error: string }
  /** A part of the board: in trouble, or null = well again. */
  | { readonly kind: 'board'; readonly part: string; readonly trouble: BoardTrouble | null }
  /** The answer to a `fetch`: a document as text and its header `Refresh`, null = none; or why there is none, for a person. */
  | { readonly kind: 'fetched'; readonly id: number; readonly answer: Fetched }
  /** All names of the server's lists, in place of those before. */
  | { readonly kind: 'directory'; readonly names: readonly DirectoryName[] }
  /** An XML object that a server may push, or that came of an action URI. */
  | { readonly kind: 'xml-push'; readonly document: string }
  | { readonly kind: 'command'; readonly id: string | null; readonly command: Command }
  /** Un-register everywhere (at most 2 s), then `exit`. */
  | { readonly kind: 'shutdown' }
  /** The deadline that the phone named has come: one due timer is delivered. */
  | { readonly kind: 'wake' };

/** A key as a person wants it, a speed dial; without a value it is free. */
export type KeyWish = Pick<KeySetting, 'name' | 'label' | 'value' | 'line'>;

export type Effect =
  /** Open a connected socket to the target; answered by `opened` or `flow-failed`. */
  | { readonly kind: 'open'; readonly flow: FlowId; readonly target: Target }
  | { readonly kind: 'send'; readonly flow: FlowId; readonly data: string }
  /** Close a flow; nothing is answered. */
  | { readonly kind: 'close'; readonly flow: FlowId }
  /** A datagram to an address that has no flow, from the shared socket or (`flow`) from a connected one. */
  | { readonly kind: 'reply'; readonly flow: FlowId | null; readonly to: Endpoint; readonly data: string }
  /** One DNS query; answered by `dns-answer` (maybe several) or `dns-error` with the same `id`. From a fresh random source port. */
  | {
      readonly kind: 'dns-query';
      readonly id: number;
      readonly server: Endpoint;
      readonly transport: 'udp' | 'tcp';
      readonly transactionId: number;
      readonly question: DnsQuestion;
      readonly edns: boolean;
    }
  /** The query is over: its socket may go; a later answer with this id is dropped. */
  | { readonly kind: 'dns-done'; readonly id: number }
  | { readonly kind: 'show'; readonly frame: Frame }
  | { readonly kind: 'light'; readonly lamp: LampName; readonly state: LampState }
  | { readonly kind: 'sound'; readonly sound: DeskSound }
  /** A person makes a speed dial of a key, which is kept in local.cfg; answered by `configure`, or `not-kept`. */
  | { readonly kind: 'keep-key'; readonly wish: KeyWish }
  /** A person wants to try the board. */
  | { readonly kind: 'self-test' }
  /** The sound of all calls, told whole whenever any of it changes. */
  | { readonly kind: 'media'; readonly legs: readonly MediaLeg[] }
  | { readonly kind: 'send-key'; readonly key: KeySent }
  | { readonly kind: 'store'; readonly key: keyof Stored; readonly value: unknown }
  /** One GET for an XML application; answered by `fetched` with the same `id`. `identified`: the server may know which phone asks. */
  | {
      readonly kind: 'fetch';
      readonly id: number;
      readonly url: string;
      readonly timeoutMs: number;
      readonly identified: boolean;
    }
  /** Nobody waits for that answer any more. */
  | { readonly kind: 'fetch-done'; readonly id: number }
  | { readonly kind: 'event'; readonly event: PhoneEvent }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'notice' | 'warn' | 'error';
      readonly name: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  /** The phone has ended what it had to; the process may go. */
  | { readonly kind: 'exit'; readonly code: number };
