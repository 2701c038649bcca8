/**
 * Owns the typed view of the configuration that the core acts on. `layers.ts` makes it from files; nothing in the core reads a
 * parameter by its text name. `null` = given in no layer, or "not configured" where the text says 0.0.0.0 (rules 2).
 */
import type { Zone } from '../kernel/zone.ts';
import type { KeySetting } from './key-settings.ts';

/** A configured server: name or address literal as written (trailing dot and brackets removed), port 0 = "look it up". */
export interface ServerSetting {
  readonly name: string;
  readonly port: number;
}

/** A role's servers; each may be off (`null`). */
export interface ServerPair {
  readonly primary: ServerSetting | null;
  readonly backup: ServerSetting | null;
}

export interface LineSettings {
  /** 1 to 9. */
  readonly line: number;
  readonly screenName: string;
  readonly screenName2: string;
  /** User part of the AOR; never empty. */
  readonly userName: string;
  readonly displayName: string;
  /** Digest user name; the user name where none is given. */
  readonly authName: string;
  readonly password: string;
  readonly registrar: ServerPair;
  readonly proxy: ServerPair;
  readonly outboundProxy: ServerPair;
  /** Seconds asked for in REGISTER: `sip registration period`, 3600 where it is 0. */
  readonly registrationPeriodS: number;
  /** `sip explicit mwi subscription`: waiting messages are asked for. */
  readonly explicitMwi: boolean;
  /** `sip mode: 3`: the number whose calls all phones of the shared line show; null = the line is its own. */
  readonly sharedNumber: string | null;
  /** `sip mode: 1`: what other phones do with the line is told by BroadSoft's package call-info. */
  readonly callInfo: boolean;
  /** How keys pressed in a call are sent: `sip dtmf method` and `sip out-of-band dtmf` together (original-phone 1.6). */
  readonly keysSent: {
    readonly events: 'on' | 'off';
    readonly sound: 'on' | 'off';
    readonly info: 'on' | 'off';
  };
  /** `sip srtp mode`: sound is encrypted where the far side can, in every call, or never; over TLS alone (conformance J9). */
  readonly srtp: 'off' | 'preferred' | 'only';
  /** `sip caller id block`: whether callees are told who calls (conformance K9). */
  readonly callerId: 'shown' | 'hidden';
  /** `lineN ring tone`; null = that of the phone. */
  readonly ringTone: number | null;
  /** `call waiting`: off = a second call hears that the phone is busy. */
  readonly callWaiting: 'on' | 'off';
}

export type Profile = 'modern' | 'r2.0' | 'r2.1';
/** `sip transport protocol`: 0 UDP and TCP, 1 UDP, 2 TCP, 4 TLS. */
export type TransportChoice = 0 | 1 | 2 | 4;
/** `sip dns query type`: 0 A only, 1 SRV then A, 2 NAPTR, SRV, A. */
export type DnsQueryType = 0 | 1 | 2;

/** `null` = given in no layer; then the profile's own rule holds (rules 4). */
export interface TimerSettings {
  readonly t1Ms: number;
  readonly t2Ms: number;
  readonly transactionMs: number | null;
  readonly registrationRetryS: number | null;
  readonly registrationTimeoutRetryS: number | null;
  readonly registrationRenewalS: number;
  readonly blacklistS: number;
}

export interface FailoverSettings {
  readonly profile: Profile;
  /** 0 = no probes. */
  readonly probePeriodS: number;
  readonly hedgeLimitMs: number;
  /** Answers to REGISTER and SUBSCRIBE that advance, in `modern`. */
  readonly codes: readonly number[];
  readonly jitterS: number;
  readonly startSpreadS: number;
}

/** Plans as text that has been read once: `dialling/dial-plan.ts` reads it again where it is used. */
export interface DiallingSettings {
  readonly plan: string;
  readonly emergencyPlan: string;
  readonly sendsTerminator: boolean;
  readonly digitTimeoutMs: number;
}

/** What the desk offers, beside calls themselves. */
export interface DeskSettings {
  readonly redialList: 'on' | 'off';
  readonly callersList: 'on' | 'off';
  readonly missedIndicator: 'on' | 'off';
  /** `off`: a key on the hook opens the loudspeaker at once. */
  readonly predial: 'on' | 'off';
  /** `goodbye cancels incoming call`: else it ends the call that is heard. */
  readonly goodbyeRejects: 'on' | 'off';
  /** `call waiting tone`: a second call is heard. */
  readonly waitingTone: 'on' | 'off';
  /** `mwi led line`: whose waiting messages light the lamp; null = those of any line. */
  readonly messageLine: number | null;
  /** `web interface enabled`: whether the screen tells of the web pages. */
  readonly webPages: 'on' | 'off';
  /** `options password enabled` with an `admin password`: the Options key asks for it; null = it does not. */
  readonly optionsLock: { readonly password: string } | null;
}

export type CodecName = 'G722' | 'PCMU' | 'PCMA';

/** What calls may do, beside being made. */
export interface CallSettings {
  /** What is offered and taken, the best first; at least one. */
  readonly codecs: readonly CodecName[];
  /** Sound in a packet where the far side does not say, ms. */
  readonly ptimeMs: number;
  /** `sip ignore status code`. */
  readonly ignoreCode: number;
  readonly forward: 'on' | 'off';
  readonly conference: 'on' | 'off';
  readonly transfer: 'on' | 'off';
  /** `sip refer-to with replaces`: an announced transfer joins both calls. */
  readonly joinsTransfers: 'on' | 'off';
  /** A call that asks for it is answered at once: `silent` = with the microphone off. */
  readonly autoAnswer: 'open' | 'silent' | 'off';
  /** Rings that calls may ask for (`priority alerting enabled`); null = all ring alike. */
  readonly rings: {
    /** `bellcore cadence drN`, dr1 first: ring and pause in turn, ms, -1 at the end = once; null = the usual ring. */
    readonly cadences: readonly (readonly number[] | null)[];
    /** `alert internal` and the like: 0 usual, 1 to 4 dr2 to dr5, 5 silent. */
    readonly words: Readonly<Record<string, number>>;
  } | null;
  /** `sip intercom warning tone`: a call that is answered by itself is heard to begin. */
  readonly warningTone: 'on' | 'off';
  /** `sip accept refer`: a far side may hand this phone on to somebody else. */
  readonly obeysRefer: 'on' | 'off';
  /** `call sound timeout`: a call whose far side is not heard for so long is ended, s; 0 = never. */
  readonly soundLimitS: number;
  /** `sip session timer`: how often an answered call is refreshed, s; 0 = off. */
  readonly sessionTimerS: number;
  /** Also during a call. */
  readonly bargeIn: 'on' | 'off';
}

/** XML applications (original-phone 1.10, 6). An address may hold variables. */
export interface XmlSettings {
  /** Of the Services key; empty = none. */
  readonly uri: string;
  readonly title: string;
  /** Hosts that may push, as written, lower case. */
  readonly postList: readonly string[];
  readonly getTimeoutMs: number;
  readonly statusScrollMs: number;
  /** `xml beep notification`. */
  readonly beep: 'on' | 'off';
  /** `action uri xml sip notify`, where `sip xml notify event` is on; null = such a NOTIFY is refused. */
  readonly notifyUri: string | null;
  /** `action uri poll` and its interval; null = none. */
  readonly poll: { readonly uri: string; readonly everyMs: number } | null;
}

/** What a call sounds like, and how its packets travel. */
export interface SoundSettings {
  /** `tone set`, lower case. */
  readonly toneSet: string;
  /** `ring tone`: 0 to 4; 5 is silent. */
  readonly ringTone: number;
  /** `sip rtp port`: the first that is asked for. */
  readonly rtpPort: number;
  /** `tos rtp`, `tos rtcp`: DSCP of sound and of reports on it. */
  readonly dscp: { readonly rtp: number; readonly rtcp: number };
}

/** Files in PEM, as named by the configuration; the shell reads them. Empty = none. */
export interface TlsSettings {
  readonly localPort: number;
  /** Whose signature a server's certificate must bear; none = the usual public ones. */
  readonly authorities: readonly string[];
  readonly certificate: string;
  readonly key: string;
}

/** What subscriptions ask for, seconds; and how a ringing call is picked up (original-phone 1.5). */
export interface SubscriptionSettings {
  readonly blfPeriodS: number;
  readonly blaPeriodS: number;
  readonly mwiPeriodS: number;
  /** `directed call pickup prefix`: dialled in front of the watched number; empty = none. */
  readonly pickupPrefix: string;
  /** `directed call pickup`: without a prefix, by Replaces where the notifier tells the dialog (RFC 3891). */
  readonly picksUp: boolean;
  /** `list uri`: a user at the proxy, or a whole URI; empty = none. */
  readonly listUri: string;
}

/** What lies between the phone and its servers. */
export interface NatSettings {
  /** `sip nat ip`, `sip nat port`: what stands in a Contact; null = what the phone has itself. */
  readonly address: string | null;
  readonly port: number | null;
  /** `sip rport`: the address that a registrar saw stands in the next Contact. */
  readonly learns: boolean;
  /** `sip nortel nat timer`, where that support is on: a datagram to each serving server so often, s; 0 = off. */
  readonly keepAliveS: number;
}

export type PhoneModel = '57i' | '53i';

export interface PhoneSettings {
  readonly model: PhoneModel;
  /** 12 upper-case hexadecimal digits. */
  readonly mac: string;
  /** Ascending by line number. */
  readonly lines: readonly LineSettings[];
  readonly transport: TransportChoice;
  readonly dnsQueryType: DnsQueryType;
  /** `sip persistent tls keep alive`: CRLF on each connection every so many seconds, 0 = none. */
  readonly streamKeepAliveS: number;
  readonly tls: TlsSettings;
  readonly timers: TimerSettings;
  readonly failover: FailoverSettings;
  readonly dialling: DiallingSettings;
  readonly desk: DeskSettings;
  readonly sound: SoundSettings;
  readonly calls: CallSettings;
  /** In the order in which they are shown; and the names of those that a person may make a speed dial of. */
  readonly keys: readonly KeySetting[];
  readonly settableKeys: readonly string[];
  readonly xml: XmlSettings;
  readonly localPort: number;
  readonly nat: NatSettings;
  readonly subscriptions: SubscriptionSettings;
  /** `tos sip`: DSCP of what the phone signals. */
  readonly signallingDscp: number;
  /** `sip outbound support`: bindings are for flows (RFC 5626). */
  readonly outbound: boolean;
  /** `sip whitelist`: calls come from configured servers alone. */
  readonly whitelist: boolean;
  readonly sendMac: boolean;
  readonly sendLine: boolean;
  /** `time format`: 24-hour clock. */
  readonly clock24: boolean;
  /** Local time: `time zone name`, or `time zone minutes` where that names no zone. */
  readonly zone: Zone;
}
