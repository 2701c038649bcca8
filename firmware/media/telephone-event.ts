/** Owns keys inside RTP (RFC 4733): the packets of a key that is sent, and the keys that others' packets mean. */
import type { RtpPacket } from './rtp.ts';
import { ahead } from './rtp.ts';

/** Event codes 0 to 15 (RFC 4733 3.2). */
export const DTMF_KEYS = '0123456789*#ABCD';

export const isKey = (key: string): boolean => key.length === 1 && DTMF_KEYS.includes(key);

export interface SentEvent {
  readonly marker: boolean;
  /** Of the key's begin: all packets of a key bear it. */
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

export interface EventSender {
  /** `units`: how long it lasts, in units of the RTP clock. */
  press(key: string, units: number): void;
  /** What goes instead of the sound from `from` to `until`; null = no key is sent. */
  next(from: number, until: number): SentEvent | null;
  readonly busy: boolean;
}

/** Its last packet goes three times (2.5.1.4). */
const ENDS = 3;
/** Keys that wait: more than anybody keys ahead. */
const WAITING_MAX = 64;
const DURATION_MAX = 0xffff;
/** Power of the tone, -dBm0. */
const VOLUME = 10;
const END_BIT = 0x80;

export function createEventSender(): EventSender {
  const waiting: { readonly event: number; readonly units: number }[] = [];
  let begun: number | null = null;
  let ends = 0;
  return {
    press(key, units) {
      if (isKey(key) && waiting.length < WAITING_MAX)
        waiting.push({ event: DTMF_KEYS.indexOf(key), units: Math.min(units, DURATION_MAX) });
    },
    get busy() {
      return waiting.length > 0;
    },
    next(from, until) {
      const [key] = waiting;
      if (key === undefined) return null;
      const marker = begun === null;
      const start = begun ?? from;
      begun = start;
      const lasted = ahead(until, start, 32);
      const over = lasted >= key.units;
      if (over) ends += 1;
      if (ends === ENDS) {
        waiting.shift();
        begun = null;
        ends = 0;
      }
      const duration = over ? key.units : lasted;
      return { marker, timestamp: start, payload: payloadOf(key.event, over, duration) };
    },
  };
}

const payloadOf = (event: number, over: boolean, duration: number): Uint8Array =>
  Uint8Array.of(event, (over ? END_BIT : 0) | VOLUME, duration >> 8, duration & 0xff);

export interface HeardKey {
  readonly key: string;
  /** Begins: it may be told at its first packet or, where those were lost, at a later one. */
  readonly edge: 'begin' | 'end';
}

export interface EventReceiver {
  /** One key of however many lost or doubled packets. */
  take(packet: Pick<RtpPacket, 'timestamp' | 'payload'>): readonly HeardKey[];
}

export function createEventReceiver(): EventReceiver {
  let current: { readonly timestamp: number; readonly ended: boolean } | null = null;
  return {
    take({ timestamp, payload }) {
      const key = payload.length < 4 ? undefined : DTMF_KEYS[payload[0] as number];
      if (key === undefined) return [];
      const isOld = current !== null && ahead(timestamp, current.timestamp, 32) < 0;
      const isSame = current !== null && current.timestamp === timestamp;
      const ended = ((payload[1] as number) & END_BIT) !== 0;
      if (isOld || (isSame && (current?.ended === true || !ended))) return [];
      current = { timestamp, ended };
      const begin: readonly HeardKey[] = isSame ? [] : [{ key, edge: 'begin' }];
      return ended ? [...begin, { key, edge: 'end' }] : begin;
    },
  };
}
