/** Owns what a leg hears: whose packets, what they are, and sound that is due every period, whatever came. */
import type { Endpoint } from '../kernel/target.ts';
import type { Millis } from '../kernel/time.ts';
import type { CodecName } from './codec.ts';
import { createDecoder } from './codec.ts';
import { noiseLevelOf } from './comfort-noise.ts';
import type { JitterBuffer, Playout } from './jitter-buffer.ts';
import { createJitterBuffer } from './jitter-buffer.ts';
import { SILENCE_DBOV } from './pcm.ts';
import type { RtpPacket } from './rtp.ts';
import { parseRtp } from './rtp.ts';
import type { SourceLock } from './source-lock.ts';
import { createSourceLock } from './source-lock.ts';
import type { SourceStatistics } from './statistics.ts';
import { createStatistics } from './statistics.ts';
import type { HeardKey } from './telephone-event.ts';
import { createEventReceiver } from './telephone-event.ts';

export interface ReceiveFormat {
  readonly codec: CodecName;
  readonly payloadType: number;
  readonly events: number | null;
}

export interface RtpReceiver {
  /** Keys that the packet tells of; anything that is not for us changes nothing but `refused`. */
  take(octets: Uint8Array, from: Endpoint, now: Millis): readonly HeardKey[];
  pull(now: Millis): Int16Array;
  /** A new description: its codec, and whom it names. */
  change(format: ReceiveFormat, described: Endpoint): void;
  readonly lock: SourceLock;
  /** Of the source that is heard, null = none is. */
  readonly source: { readonly ssrc: number; readonly statistics: SourceStatistics } | null;
  playout(now: Millis): Playout;
  /** Packets that were not ours to hear, or no packets at all. */
  readonly refused: number;
}

/** RFC 3551 6: comfort noise. */
const COMFORT_NOISE = 13;
/** No packet of sound is longer, octets: 200 ms (RFC 3551 4.2). */
const PAYLOAD_MAX = 1600;
const CLOCK_HZ = 8000;

export function createRtpReceiver(first: ReceiveFormat, firstDescribed: Endpoint): RtpReceiver {
  let format = first;
  let described = firstDescribed;
  let lock = createSourceLock(described);
  let buffer: JitterBuffer = createJitterBuffer(createDecoder(format.codec));
  let source: RtpReceiver['source'] = null;
  let keys = createEventReceiver();
  let refused = 0;

  const isKnown = ({ payloadType, payload }: RtpPacket): boolean =>
    payload.length <= PAYLOAD_MAX && [format.payloadType, format.events, COMFORT_NOISE].includes(payloadType);

  function of(packet: RtpPacket): SourceStatistics {
    if (source !== null && source.ssrc === packet.ssrc) return source.statistics;
    // Another source is another time line.
    if (source !== null) buffer = createJitterBuffer(createDecoder(format.codec));
    keys = createEventReceiver();
    const statistics = createStatistics(packet, CLOCK_HZ);
    source = { ssrc: packet.ssrc, statistics };
    return statistics;
  }

  return {
    take(octets, from, now) {
      const parsed = parseRtp(octets);
      if (!parsed.ok || !isKnown(parsed.value) || !lock.accepts(from, parsed.value)) {
        refused += 1;
        return [];
      }
      const packet = parsed.value;
      of(packet).packet(packet, now);
      if (packet.payloadType === format.payloadType) buffer.put(packet.timestamp, packet.payload, now);
      else if (packet.payloadType === COMFORT_NOISE) buffer.quiet(noiseLevelOf(packet.payload), packet.timestamp);
      else {
        // While a key is told there is no sound, and none is missing.
        buffer.quiet(SILENCE_DBOV, packet.timestamp);
        return keys.take(packet);
      }
      return [];
    },
    pull: (now) => buffer.pull(now),
    change(next, nextDescribed) {
      if (next.codec !== format.codec) buffer = createJitterBuffer(createDecoder(next.codec));
      format = next;
      if (nextDescribed.address === described.address && nextDescribed.port === described.port) return;
      described = nextDescribed;
      lock = createSourceLock(described);
    },
    get lock() {
      return lock;
    },
    get source() {
      return source;
    },
    playout: (now) => buffer.playout(now),
    get refused() {
      return refused;
    },
  };
}
