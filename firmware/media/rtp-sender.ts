/** Owns what a leg sends: sound in packets of its length, keys instead of sound, numbers that begin anywhere (RFC 3550 5.1). */
import type { CodecName, Encode } from './codec.ts';
import { createEncoder, UNITS_PER_MS } from './codec.ts';
import { PERIOD_MS } from './format.ts';
import { serializeRtp } from './rtp.ts';
import { createEventSender } from './telephone-event.ts';

export interface SendFormat {
  readonly codec: CodecName;
  readonly payloadType: number;
  /** Payload type of keys, null = keys go as sound. */
  readonly events: number | null;
  readonly ptimeMs: number;
}

export interface Sent {
  readonly packets: number;
  readonly octets: number;
}

export interface RtpSender {
  /** One period of sound; a packet where one is full. `on` false: time goes on, nothing leaves. */
  push(samples: Int16Array, on: boolean): Uint8Array | null;
  /** A key as an event. */
  press(key: string, ms: number): void;
  /** The far side has changed its mind; numbers and the source stay. */
  change(format: SendFormat): void;
  /** The clock of the packets now, for reports. */
  readonly timestamp: number;
  readonly ssrc: number;
  /** Somebody else has our number (RFC 3550 8.2). */
  renumber(ssrc: number): void;
  counts(): Sent;
}

/** 32 random bits. */
export type Draw = () => number;

export function createRtpSender(first: SendFormat, draw: Draw): RtpSender {
  let format = first;
  let encode: Encode = createEncoder(first.codec);
  const keys = createEventSender();
  let ssrc = draw();
  let sequence = draw() & 0xffff;
  let timestamp = draw();
  let parts: Uint8Array[] = [];
  let marker = true;
  let packets = 0;
  let octets = 0;

  function packet(payloadType: number, at: number, payload: Uint8Array, marked: boolean): Uint8Array {
    const sent = serializeRtp({ marker: marked, payloadType, sequence, timestamp: at, ssrc, payload });
    sequence = (sequence + 1) & 0xffff;
    packets += 1;
    octets += payload.length;
    return sent;
  }

  /** A packet's worth of time has passed. */
  function full(on: boolean): Uint8Array | null {
    const start = (timestamp - format.ptimeMs * UNITS_PER_MS) >>> 0;
    const payload = joined(parts);
    parts = [];
    const key = on && format.events !== null ? keys.next(start, timestamp) : null;
    if (key !== null) {
      marker = true;
      return packet(format.events ?? 0, key.timestamp, key.payload, key.marker);
    }
    if (!on) {
      marker = true;
      return null;
    }
    const sent = packet(format.payloadType, start, payload, marker);
    marker = false;
    return sent;
  }

  return {
    push(samples, on) {
      parts.push(encode(samples));
      timestamp = (timestamp + PERIOD_MS * UNITS_PER_MS) >>> 0;
      return parts.length * PERIOD_MS >= format.ptimeMs ? full(on) : null;
    },
    press: (key, ms) => keys.press(key, ms * UNITS_PER_MS),
    change(next) {
      if (next.codec !== format.codec) encode = createEncoder(next.codec);
      if (next.codec !== format.codec || next.ptimeMs !== format.ptimeMs) parts = [];
      format = next;
    },
    get timestamp() {
      return timestamp;
    },
    get ssrc() {
      return ssrc;
    },
    renumber(next) {
      ssrc = next;
      packets = 0;
      octets = 0;
    },
    counts: () => ({ packets, octets }),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
