/**
 * Owns SRTP and SRTCP (RFC 3711) with the one transform that we agree on: AES in counter mode, HMAC-SHA1. Nothing is decrypted, counted or
 * even looked at before its tag is right; what was here before is not taken twice.
 */
import { fromBase64 } from '../kernel/base64.ts';
import type { MediaKeys } from '../media-vocabulary.ts';
import { ahead, headerLength } from './rtp.ts';

/** What the runtime does faster and more safely than we could. */
export interface Cipher {
  /** AES-128 in counter mode: `octets` under the key stream that begins with this block; with itself it is undone. */
  counterMode(key: Uint8Array, block: Uint8Array, octets: Uint8Array): Uint8Array;
  /** HMAC-SHA1 of the parts one after the other, 20 octets. */
  hmacSha1(key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array;
}

export interface Sealer {
  rtp(octets: Uint8Array): Uint8Array;
  rtcp(octets: Uint8Array): Uint8Array;
}

/** Null = it is not from who has the key, was heard before, or is older than 64 packets. */
export interface Opener {
  rtp(octets: Uint8Array): Uint8Array | null;
  rtcp(octets: Uint8Array): Uint8Array | null;
}

/** Octets of the tag; of SRTCP it is always the long one (RFC 4568 6.2.2). */
const RTP_TAG: Readonly<Record<string, number>> = { AES_CM_128_HMAC_SHA1_80: 10, AES_CM_128_HMAC_SHA1_32: 4 };
const RTCP_TAG = 10;
const KEY = 16;
const SALT = 14;
const AUTHENTICATION_KEY = 20;
const RTCP_HEADER = 8;
const ENCRYPTED = 0x8000_0000;
const WINDOW = 64;
/** Senders under one key that are told apart; the one that spoke first gives way (our choice). */
const SOURCES_MAX = 4;

/** RFC 3711 4.3.1: labels of the keys that are derived, of RTP and of RTCP. */
const LABELS = { rtp: 0, rtcp: 3 } as const;

interface SessionKeys {
  readonly cipher: Uint8Array;
  readonly authentication: Uint8Array;
  readonly salt: Uint8Array;
}

function derive(cipher: Cipher, masterKey: string, label: number): SessionKeys {
  const master = fromBase64(masterKey) ?? new Uint8Array(0);
  const key = master.subarray(0, KEY);
  const stream = (which: number, length: number): Uint8Array => {
    const block = new Uint8Array(KEY);
    block.set(master.subarray(KEY, KEY + SALT));
    block[7] = (block[7] as number) ^ (label + which);
    return cipher.counterMode(key, block, new Uint8Array(length));
  };
  return { cipher: stream(0, KEY), authentication: stream(1, AUTHENTICATION_KEY), salt: stream(2, SALT) };
}

/** The first counter block of a packet (4.1.1); `index` has 48 bits. */
function blockOf(salt: Uint8Array, ssrc: number, index: number): Uint8Array {
  const block = new Uint8Array(KEY);
  block.set(salt);
  const mixed = new Uint8Array(KEY);
  const view = new DataView(mixed.buffer);
  view.setUint32(4, ssrc);
  view.setUint16(8, Math.floor(index / 2 ** 32));
  view.setUint32(10, index % 2 ** 32);
  return block.map((octet, at) => octet ^ (mixed[at] as number));
}

const wordOf = (value: number): Uint8Array => {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value);
  return octets;
};

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** In the same time wherever they differ. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (const [at, octet] of one.entries()) difference |= octet ^ (other[at] ?? 0);
  return difference === 0;
}

const viewOf = (octets: Uint8Array): DataView => new DataView(octets.buffer, octets.byteOffset, octets.byteLength);

export function createSealer(cipher: Cipher, { suite, sends }: MediaKeys): Sealer {
  const rtp = derive(cipher, sends.masterKey, LABELS.rtp);
  const rtcp = derive(cipher, sends.masterKey, LABELS.rtcp);
  const tag = RTP_TAG[suite] ?? RTCP_TAG;
  /** Of our source: how often its numbers have begun anew (3.3.1). */
  let source: { readonly ssrc: number; readonly sequence: number; readonly rollovers: number } | null = null;
  let reports = 0;
  return {
    rtp(octets) {
      const view = viewOf(octets);
      const [sequence, ssrc] = [view.getUint16(2), view.getUint32(8)];
      const before = source?.ssrc === ssrc ? source : { sequence, rollovers: 0 };
      const rollovers = before.rollovers + (sequence < before.sequence ? 1 : 0);
      source = { ssrc, sequence, rollovers };
      const start = headerLength(octets) ?? octets.length;
      const block = blockOf(rtp.salt, ssrc, rollovers * 2 ** 16 + sequence);
      const sealed = joined(octets.subarray(0, start), cipher.counterMode(rtp.cipher, block, octets.subarray(start)));
      const full = cipher.hmacSha1(rtp.authentication, [sealed, wordOf(rollovers)]);
      return joined(sealed, full.subarray(0, tag));
    },
    rtcp(octets) {
      reports += 1;
      const block = blockOf(rtcp.salt, viewOf(octets).getUint32(4), reports);
      const body = cipher.counterMode(rtcp.cipher, block, octets.subarray(RTCP_HEADER));
      const sealed = joined(octets.subarray(0, RTCP_HEADER), body, wordOf(ENCRYPTED + reports));
      return joined(sealed, cipher.hmacSha1(rtcp.authentication, [sealed]).subarray(0, RTCP_TAG));
    },
  };
}

/** The highest number of a source, and which of the 64 up to it were here (3.3.2). */
interface Window {
  readonly highest: number;
  readonly seen: bigint;
}

const FRESH: Window = { highest: -1, seen: 0n };

const isNew = ({ highest, seen }: Window, index: number): boolean =>
  index > highest || (highest - index < WINDOW && ((seen >> BigInt(highest - index)) & 1n) === 0n);

function withIndex({ highest, seen }: Window, index: number): Window {
  if (index <= highest) return { highest, seen: seen | (1n << BigInt(highest - index)) };
  const shift = Math.min(index - highest, WINDOW);
  return { highest: index, seen: BigInt.asUintN(WINDOW, seen << BigInt(shift)) | 1n };
}

export function createOpener(cipher: Cipher, { suite, receives }: MediaKeys): Opener {
  const rtp = derive(cipher, receives.masterKey, LABELS.rtp);
  const rtcp = derive(cipher, receives.masterKey, LABELS.rtcp);
  const tag = RTP_TAG[suite] ?? RTCP_TAG;
  const windows = { rtp: new Map<number, Window>(), rtcp: new Map<number, Window>() };

  function keep(kind: 'rtp' | 'rtcp', ssrc: number, index: number): void {
    const known = windows[kind];
    known.set(ssrc, withIndex(known.get(ssrc) ?? FRESH, index));
    const [oldest] = known.keys();
    if (known.size > SOURCES_MAX && oldest !== undefined) known.delete(oldest);
  }

  return {
    rtp(octets) {
      const end = octets.length - tag;
      const start = headerLength(octets);
      if (start === null || start > end) return null;
      const view = viewOf(octets);
      const ssrc = view.getUint32(8);
      const window = windows.rtp.get(ssrc) ?? FRESH;
      const index = indexOf(window, view.getUint16(2));
      if (index < 0 || !isNew(window, index)) return null;
      const sealed = octets.subarray(0, end);
      const full = cipher.hmacSha1(rtp.authentication, [sealed, wordOf(Math.floor(index / 2 ** 16))]);
      if (!isSame(full.subarray(0, tag), octets.subarray(end))) return null;
      keep('rtp', ssrc, index);
      const block = blockOf(rtp.salt, ssrc, index);
      return joined(octets.subarray(0, start), cipher.counterMode(rtp.cipher, block, octets.subarray(start, end)));
    },
    rtcp(octets) {
      const end = octets.length - RTCP_TAG - 4;
      if (end < RTCP_HEADER) return null;
      const view = viewOf(octets);
      const [ssrc, said] = [view.getUint32(4), view.getUint32(end)];
      const index = said % ENCRYPTED;
      // Reports in the clear would have to be agreed on (RFC 4568 6.3.2).
      if (said < ENCRYPTED || !isNew(windows.rtcp.get(ssrc) ?? FRESH, index)) return null;
      const full = cipher.hmacSha1(rtcp.authentication, [octets.subarray(0, end + 4)]);
      if (!isSame(full.subarray(0, RTCP_TAG), octets.subarray(end + 4))) return null;
      keep('rtcp', ssrc, index);
      const block = blockOf(rtcp.salt, ssrc, index);
      const body = cipher.counterMode(rtcp.cipher, block, octets.subarray(RTCP_HEADER, end));
      return joined(octets.subarray(0, RTCP_HEADER), body);
    },
  };
}

/** The 48 bits of which a packet carries the last 16: what is nearest to the highest so far (3.3.1); negative = from before the first. */
function indexOf({ highest }: Window, sequence: number): number {
  return highest === -1 ? sequence : highest + ahead(sequence, highest % 2 ** 16, 16);
}
