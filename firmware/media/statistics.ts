/** Owns what a receiver counts of one RTP source: losses, jitter, round trip (RFC 3550 6.4.1, A.1, A.3, A.8). */
import type { Millis } from '../kernel/time.ts';
import type { ReceptionReport, RtcpPacket } from './rtcp.ts';
import type { RtpPacket } from './rtp.ts';
import { ahead } from './rtp.ts';

export interface Counts {
  readonly received: number;
  readonly lost: number;
  /** Units of the RTP clock. */
  readonly jitter: number;
}

export interface SourceStatistics {
  packet(packet: RtpPacket, now: Millis): void;
  /** The peer's sender report came. */
  senderReport(ntpSeconds: number, ntpFraction: number, now: Millis): void;
  counts(): Counts;
  /** The block for our next report; its loss counts from the last one. */
  report(now: Millis): ReceptionReport;
}

export function createStatistics(first: RtpPacket, clockHz: number): SourceStatistics {
  let highest = first.sequence;
  let cycles = 0;
  let received = 0;
  let jitter = 0;
  let transit: number | null = null;
  let reportedExpected = 0;
  let reportedReceived = 0;
  let heard: { readonly ntp: number; readonly at: Millis } | null = null;

  const expected = (): number => cycles * 65_536 + highest - first.sequence + 1;
  const lost = (): number => expected() - received;

  function measureJitter(timestamp: number, now: Millis): void {
    const arrival = Math.round((now * clockHz) / 1000);
    const relative = ahead(arrival % 2 ** 32, timestamp, 32);
    if (transit !== null) jitter += (Math.abs(ahead(relative, transit, 32)) - jitter) / 16;
    transit = relative;
  }

  return {
    packet({ sequence, timestamp }, now) {
      received += 1;
      if (ahead(sequence, highest, 16) > 0) {
        if (sequence < highest) cycles += 1;
        highest = sequence;
      }
      measureJitter(timestamp, now);
    },
    senderReport(ntpSeconds, ntpFraction, now) {
      heard = { ntp: (((ntpSeconds & 0xffff) << 16) | (ntpFraction >>> 16)) >>> 0, at: now };
    },
    counts: () => ({ received, lost: lost(), jitter }),
    report(now) {
      const newExpected = expected() - reportedExpected;
      const newReceived = received - reportedReceived;
      reportedExpected = expected();
      reportedReceived = received;
      return {
        ssrc: first.ssrc,
        lossRatio: newExpected <= 0 ? 0 : Math.max(0, newExpected - newReceived) / newExpected,
        lost: lost(),
        highestSequence: (cycles * 65_536 + highest) >>> 0,
        jitter: Math.round(jitter),
        lastReport: heard?.ntp ?? 0,
        sinceLastReport: heard === null ? 0 : Math.round(((now - heard.at) * 65_536) / 1000),
      };
    },
  };
}

/** Our clock as NTP counts, from the start of the phone: only differences of it mean anything (RFC 3550 4). */
export const ntpOf = (now: Millis): { readonly seconds: number; readonly fraction: number } => ({
  seconds: Math.floor(now / 1000),
  fraction: Math.floor(((now % 1000) / 1000) * 2 ** 32),
});

/** From our report out to theirs back, less what they held it; null = they have not heard a report of ours. */
export function roundTripMs({ lastReport, sinceLastReport }: ReceptionReport, now: Millis): number | null {
  if (lastReport === 0) return null;
  const { seconds, fraction } = ntpOf(now);
  const middle = (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
  return Math.max(0, (ahead(ahead(middle, lastReport, 32), sinceLastReport, 32) * 1000) / 65_536);
}

/** The block of a compound packet that is about us. */
export const reportOn = (packets: readonly RtcpPacket[], ssrc: number): ReceptionReport | null =>
  packets.flatMap((packet) => (packet.kind === 'report' ? packet.reports : [])).find((block) => block.ssrc === ssrc) ??
  null;
