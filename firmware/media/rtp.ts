/** Owns the RTP packet (RFC 3550 5.1): octets to fields and back, in work bounded by the length of one datagram. */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';

export interface RtpPacket {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

export type RtpFault = 'short' | 'version' | 'rtcp' | 'padding';

const FIXED_HEADER = 12;

export function parseRtp(octets: Uint8Array): Result<RtpPacket, RtpFault> {
  if (octets.length < FIXED_HEADER) return fail('short');
  const view = viewOf(octets);
  const first = view.getUint8(0);
  if (first >> 6 !== 2) return fail('version');
  const second = view.getUint8(1);
  // RFC 5761 4: these payload types are never RTP, they are what RTCP's packet types look like.
  if (second >= 192 && second <= 223) return fail('rtcp');
  const start = headerLength(octets);
  if (start === null) return fail('short');
  const padding = first & 0x20 ? view.getUint8(octets.length - 1) : 0;
  if ((first & 0x20 && padding === 0) || start + padding > octets.length) return fail('padding');
  return ok({
    marker: (second & 0x80) !== 0,
    payloadType: second & 0x7f,
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    payload: octets.subarray(start, octets.length - padding),
  });
}

/** Where the payload begins: contributing sources and a header extension are stepped over; null = they do not fit. */
export function headerLength(octets: Uint8Array): number | null {
  if (octets.length < FIXED_HEADER) return null;
  const view = viewOf(octets);
  const first = view.getUint8(0);
  const afterSources = FIXED_HEADER + 4 * (first & 0x0f);
  if ((first & 0x10) === 0) return afterSources <= view.byteLength ? afterSources : null;
  if (afterSources + 4 > view.byteLength) return null;
  const end = afterSources + 4 + 4 * view.getUint16(afterSources + 2);
  return end <= view.byteLength ? end : null;
}

export function serializeRtp({ marker, payloadType, sequence, timestamp, ssrc, payload }: RtpPacket): Uint8Array {
  const octets = new Uint8Array(FIXED_HEADER + payload.length);
  const view = viewOf(octets);
  view.setUint8(0, 0x80);
  view.setUint8(1, (marker ? 0x80 : 0) | payloadType);
  view.setUint16(2, sequence);
  view.setUint32(4, timestamp);
  view.setUint32(8, ssrc);
  octets.set(payload, FIXED_HEADER);
  return octets;
}

const viewOf = (octets: Uint8Array): DataView => new DataView(octets.buffer, octets.byteOffset, octets.byteLength);

/** How far `to` is ahead of `from` on a circle of 2^bits; negative = behind. */
export function ahead(to: number, from: number, bits: 16 | 32): number {
  const circle = 2 ** bits;
  const distance = (((to - from) % circle) + circle) % circle;
  return distance >= circle / 2 ? distance - circle : distance;
}
