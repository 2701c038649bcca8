/** Owns the words between the phone and its sound: which calls have sound, with whom, and who hears whom. Types only; all of it is plain data. */
import type { Endpoint } from './kernel/target.ts';

/** What both sides of a call have agreed on; directions are ours. */
export interface MediaSession {
  /** Where the far side receives. */
  readonly remote: Endpoint;
  /** `PCMU`, `PCMA` or `G722`. */
  readonly codec: string;
  /** Payload types in our packets and in those to us; null = keys do not go as events. */
  readonly sends: number;
  readonly receives: number;
  readonly sendsEvents: number | null;
  readonly receivesEvents: number | null;
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** Sound in one packet, ms. */
  readonly ptimeMs: number;
  /** SRTP (RFC 3711); null = the packets are not encrypted. */
  readonly secured: MediaKeys | null;
}

export interface MediaKeys {
  /** By its name in RFC 4568 6.2. */
  readonly suite: string;
  /** Key and salt of each way, 30 octets in base64. Named so that a recording hides them. */
  readonly sends: { readonly masterKey: string };
  readonly receives: { readonly masterKey: string };
}

/** The sound of one call. */
export interface MediaLeg {
  readonly call: string;
  /** Our RTP port; RTCP is the next one. Open from the moment that it is in a plan. */
  readonly port: number;
  /** Null = not agreed yet. */
  readonly session: MediaSession | null;
  /** `desk`: hears and is heard at this desk; `conference`: by all others in it as well; `apart`: by nobody, as on hold. */
  readonly mixed: 'desk' | 'conference' | 'apart';
}

/** A key that the person pressed during a call, for the far side. `event`: by RFC 4733 where that was agreed, else as sound. */
export interface KeySent {
  readonly call: string;
  readonly key: string;
  readonly ms: number;
  readonly way: 'event' | 'sound';
}

/** What was heard of one call so far. */
export interface MediaCounts {
  readonly call: string;
  readonly packets: number;
  readonly lost: number;
  /** Packets' worth of sound that was made up. */
  readonly concealed: number;
  readonly jitterMs: number;
  /** What the wait for late packets adds. */
  readonly delayMs: number;
}
