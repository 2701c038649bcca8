/** Owns RTCP packets (RFC 3550 6): compound reports to octets and back; of what others send only reports and BYE are read. */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';

export interface ReceptionReport {
  /** The source that is reported on. */
  readonly ssrc: number;
  /** Lost since the last report, 0 to 1. */
  readonly lossRatio: number;
  readonly lost: number;
  readonly highestSequence: number;
  /** In units of the RTP clock. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last SR, and how long ago it came, in 1/65536 s; 0 = none came. */
  readonly lastReport: number;
  readonly sinceLastReport: number;
}

export interface SenderInfo {
  /** Seconds in 32.32 fixed point. */
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly octets: number;
}

export type RtcpPacket =
  | {
      readonly kind: 'report';
      readonly ssrc: number;
      /** null = a receiver report. */
      readonly sender: SenderInfo | null;
      readonly reports: readonly ReceptionReport[];
    }
  | { readonly kind: 'source'; readonly ssrc: number; readonly cname: string }
  | { readonly kind: 'bye'; readonly ssrcs: readonly number[] };

export type RtcpFault = 'short' | 'version' | 'first' | 'length';

const SR = 200;
const RR = 201;
const SDES = 202;
const BYE = 203;
const SENDER_INFO = 20;
const REPORT_BLOCK = 24;
const CNAME = 1;

/** A compound packet that fails one of the checks of RFC 3550 A.2 counts for nothing as a whole. */
export function parseRtcp(octets: Uint8Array): Result<readonly RtcpPacket[], RtcpFault> {
  if (octets.length < 8) return fail('short');
  const packets: RtcpPacket[] = [];
  for (let at = 0; at < octets.length; ) {
    if (at + 4 > octets.length) return fail('length');
    const view = new DataView(octets.buffer, octets.byteOffset + at, octets.length - at);
    if (view.getUint8(0) >> 6 !== 2) return fail('version');
    const type = view.getUint8(1);
    if (at === 0 && type !== SR && type !== RR) return fail('first');
    const length = 4 * (view.getUint16(2) + 1);
    if (length > view.byteLength) return fail('length');
    const packet = packetOf(type, view.getUint8(0) & 0x1f, new DataView(view.buffer, view.byteOffset, length));
    if (packet === 'length') return fail('length');
    if (packet !== null) packets.push(packet);
    at += length;
  }
  return ok(packets);
}

function packetOf(type: number, count: number, view: DataView): RtcpPacket | 'length' | null {
  if (type === SR || type === RR) return reportOf(count, view, type === SR ? SENDER_INFO : 0);
  if (type !== BYE) return null;
  if (4 + 4 * count > view.byteLength) return 'length';
  return { kind: 'bye', ssrcs: Array.from({ length: count }, (_none, index) => view.getUint32(4 + 4 * index)) };
}

function reportOf(count: number, view: DataView, senderLength: number): RtcpPacket | 'length' {
  const blocks = 8 + senderLength;
  if (blocks + count * REPORT_BLOCK > view.byteLength) return 'length';
  const sender =
    senderLength === 0
      ? null
      : {
          ntpSeconds: view.getUint32(8),
          ntpFraction: view.getUint32(12),
          rtpTimestamp: view.getUint32(16),
          packets: view.getUint32(20),
          octets: view.getUint32(24),
        };
  const reports = Array.from({ length: count }, (_none, index) => blockOf(view, blocks + index * REPORT_BLOCK));
  return { kind: 'report', ssrc: view.getUint32(4), sender, reports };
}

const blockOf = (view: DataView, at: number): ReceptionReport => ({
  ssrc: view.getUint32(at),
  lossRatio: view.getUint8(at + 4) / 256,
  // 24 bits with a sign: duplicates can make the count negative.
  lost: (view.getInt32(at + 4) << 8) >> 8,
  highestSequence: view.getUint32(at + 8),
  jitter: view.getUint32(at + 12),
  lastReport: view.getUint32(at + 16),
  sinceLastReport: view.getUint32(at + 20),
});

export function serializeRtcp(packets: readonly RtcpPacket[]): Uint8Array {
  const parts = packets.map(serializeOne);
  const octets = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  return octets;
}

function serializeOne(packet: RtcpPacket): Uint8Array {
  if (packet.kind === 'report') return serializeReport(packet);
  if (packet.kind === 'source') return serializeSource(packet);
  const view = framed(BYE, packet.ssrcs.length, 4 + 4 * packet.ssrcs.length);
  for (const [index, ssrc] of packet.ssrcs.entries()) view.setUint32(4 + 4 * index, ssrc);
  return octetsOf(view);
}

function serializeReport({ ssrc, sender, reports }: Extract<RtcpPacket, { kind: 'report' }>): Uint8Array {
  const blocks = 8 + (sender === null ? 0 : SENDER_INFO);
  const view = framed(sender === null ? RR : SR, reports.length, blocks + REPORT_BLOCK * reports.length);
  view.setUint32(4, ssrc);
  if (sender !== null) {
    const { ntpSeconds, ntpFraction, rtpTimestamp, packets, octets } = sender;
    for (const [index, value] of [ntpSeconds, ntpFraction, rtpTimestamp, packets, octets].entries()) {
      view.setUint32(8 + 4 * index, value);
    }
  }
  for (const [index, report] of reports.entries()) setBlock(view, blocks + REPORT_BLOCK * index, report);
  return octetsOf(view);
}

function setBlock(view: DataView, at: number, report: ReceptionReport): void {
  view.setUint32(at, report.ssrc);
  view.setUint32(at + 4, Math.min(Math.max(report.lost, -0x80_0000), 0x7f_ffff) & 0xff_ffff);
  view.setUint8(at + 4, Math.min(255, Math.floor(report.lossRatio * 256)));
  view.setUint32(at + 8, report.highestSequence);
  view.setUint32(at + 12, report.jitter);
  view.setUint32(at + 16, report.lastReport);
  view.setUint32(at + 20, report.sinceLastReport);
}

/** One chunk with one CNAME; at least one zero octet ends it, and it fills whole words (RFC 3550 6.5). */
function serializeSource({ ssrc, cname }: Extract<RtcpPacket, { kind: 'source' }>): Uint8Array {
  const view = framed(SDES, 1, 4 + 4 * Math.ceil((4 + 2 + cname.length + 1) / 4));
  view.setUint32(4, ssrc);
  view.setUint8(8, CNAME);
  view.setUint8(9, cname.length);
  for (let index = 0; index < cname.length; index += 1) view.setUint8(10 + index, cname.charCodeAt(index) & 0xff);
  return octetsOf(view);
}

function framed(type: number, count: number, length: number): DataView {
  const view = new DataView(new ArrayBuffer(length));
  view.setUint8(0, 0x80 | count);
  view.setUint8(1, type);
  view.setUint16(2, length / 4 - 1);
  return view;
}

const octetsOf = (view: DataView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
