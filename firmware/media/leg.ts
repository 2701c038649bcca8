/** Owns the sound of one call: what it sends and hears over RTP, and the reports about it (RFC 3550 6). */
import type { Endpoint } from '../kernel/target.ts';
import type { Millis } from '../kernel/time.ts';
import { after } from '../kernel/time.ts';
import type { KeySent, MediaCounts, MediaKeys, MediaLeg, MediaSession } from '../media-vocabulary.ts';
import type { CodecName } from './codec.ts';
import { isCodec, UNITS_PER_MS } from './codec.ts';
import { PERIOD_SAMPLES } from './format.ts';
import { limited, newMix } from './mixer.ts';
import type { RtcpPacket } from './rtcp.ts';
import { parseRtcp, serializeRtcp } from './rtcp.ts';
import type { RtpReceiver } from './rtp-receiver.ts';
import { createRtpReceiver } from './rtp-receiver.ts';
import type { Draw, RtpSender } from './rtp-sender.ts';
import { createRtpSender } from './rtp-sender.ts';
import type { Cipher, Opener, Sealer } from './srtp.ts';
import { createOpener, createSealer } from './srtp.ts';
import { ntpOf } from './statistics.ts';
import type { HeardKey } from './telephone-event.ts';
import { isKey } from './telephone-event.ts';
import type { Tone } from './tones.ts';
import { createTone, keyTone } from './tones.ts';

/** A packet that is to leave, from our RTP or our RTCP port. */
export interface Leaving {
  readonly call: string;
  readonly from: 'rtp' | 'rtcp';
  readonly to: Endpoint;
  readonly octets: Uint8Array;
}

export interface Leg {
  plan(leg: MediaLeg, now: Millis): void;
  readonly mixed: MediaLeg['mixed'];
  rtp(octets: Uint8Array, from: Endpoint, now: Millis): readonly HeardKey[];
  rtcp(octets: Uint8Array, from: Endpoint, now: Millis): void;
  /** What the far side says in this period. */
  pull(now: Millis): Int16Array;
  /** What the far side shall hear of this period. */
  push(samples: Int16Array, now: Millis): readonly Leaving[];
  press(key: KeySent): void;
  counts(now: Millis): MediaCounts;
  /** The last words. */
  close(now: Millis): readonly Leaving[];
}

/** RFC 3550 6.3.1: reports every 5 s, half of it before the first, drawn from half to one and a half; corrected by e - 3/2. */
const REPORT_MS = 5000;
const CORRECTION = Math.E - 1.5;
const SILENCE = new Int16Array(PERIOD_SAMPLES);

/** What the runtime gives: 32 bits that nobody can guess, and the transforms of SRTP. */
export interface Means {
  readonly draw: Draw;
  readonly cipher: Cipher;
}

export function createLeg(first: MediaLeg, { draw, cipher }: Means, now: Millis): Leg {
  let leg = first;
  let sender: RtpSender | null = null;
  let receiver: RtpReceiver | null = null;
  let reportAt = after(now, drawn(draw, REPORT_MS / 2));
  let reported = { packets: 0, at: 0 };
  let renumbered = false;
  /** Null = nothing is encrypted. */
  let keys: MediaKeys | null = null;
  let sealer: Sealer | null = null;
  let opener: Opener | null = null;
  /** Keys as sound, one after the other. */
  const tones: Tone[] = [];
  const cname = [draw(), draw(), draw()].map((part) => part.toString(16).padStart(8, '0')).join('');

  function open(session: MediaSession): void {
    secure(session.secured);
    const codec = codecOf(session);
    const sends = { codec, payloadType: session.sends, events: session.sendsEvents, ptimeMs: session.ptimeMs };
    const receives = { codec, payloadType: session.receives, events: session.receivesEvents };
    if (sender === null) sender = createRtpSender(sends, draw);
    else sender.change(sends);
    if (receiver === null) receiver = createRtpReceiver(receives, session.remote);
    else receiver.change(receives, session.remote);
  }

  /** A key that stays goes on where it is: its packets are numbered on (RFC 4568 7.1.4). */
  function secure(next: MediaKeys | null): void {
    const before = keys;
    keys = next;
    if (next === null) [sealer, opener] = [null, null];
    else {
      if (next.suite !== before?.suite || next.sends.masterKey !== before.sends.masterKey) {
        sealer = createSealer(cipher, next);
        // No two packets of one key have the number of one source, whatever was sent before (RFC 3711 9.1).
        sender?.renumber(draw());
      }
      if (next.suite !== before?.suite || next.receives.masterKey !== before.receives.masterKey)
        opener = createOpener(cipher, next);
    }
  }

  const sealed = (kind: 'rtp' | 'rtcp', octets: Uint8Array): Uint8Array => sealer?.[kind](octets) ?? octets;
  const opened = (kind: 'rtp' | 'rtcp', octets: Uint8Array): Uint8Array | null =>
    opener === null ? octets : opener[kind](octets);

  function report(when: Millis, bye: 'bye' | null): readonly Leaving[] {
    if (sender === null || receiver === null || leg.session === null) return [];
    const { ssrc } = sender;
    const { packets, octets } = sender.counts();
    const { seconds, fraction } = ntpOf(when);
    const source = receiver.source;
    const compound: RtcpPacket[] = [
      {
        kind: 'report',
        ssrc,
        sender:
          packets === reported.packets
            ? null
            : { ntpSeconds: seconds, ntpFraction: fraction, rtpTimestamp: sender.timestamp, packets, octets },
        reports: source === null ? [] : [source.statistics.report(when)],
      },
      { kind: 'source', ssrc, cname },
      ...(bye === null ? [] : [{ kind: 'bye', ssrcs: [ssrc] } as const]),
    ];
    reported = { packets, at: when };
    const { address, port } = receiver.lock.to;
    return [
      {
        call: leg.call,
        from: 'rtcp',
        to: { address, port: port + 1 },
        octets: sealed('rtcp', serializeRtcp(compound)),
      },
    ];
  }

  /** Keys as sound take the place of what is said. */
  function said(samples: Int16Array): Int16Array {
    const mix = newMix();
    for (;;) {
      const [tone] = tones;
      if (tone === undefined) return samples;
      if (tone.addTo(mix)) return limited(mix);
      tones.shift();
      if (mix.some((value) => value !== 0)) return limited(mix);
    }
  }

  return {
    plan(next) {
      leg = next;
      if (leg.session !== null) open(leg.session);
    },
    get mixed() {
      return leg.session === null ? 'apart' : leg.mixed;
    },
    rtp(octets, from, when) {
      const plain = receiver === null ? null : opened('rtp', octets);
      if (receiver === null || plain === null) return [];
      const heard = receiver.take(plain, from, when);
      // Once: whoever sends our own packets back to us would make us change for ever (RFC 3550 8.2).
      if (!renumbered && sender !== null && receiver.source?.ssrc === sender.ssrc) {
        renumbered = true;
        sender.renumber(draw());
      }
      return heard;
    },
    rtcp(octets, from, when) {
      if (receiver === null || !receiver.lock.believes(from)) return;
      const plain = opened('rtcp', octets);
      const parsed = plain === null ? null : parseRtcp(plain);
      for (const packet of parsed?.ok ? parsed.value : [])
        if (packet.kind === 'report' && packet.sender !== null && packet.ssrc === receiver.source?.ssrc)
          receiver.source.statistics.senderReport(packet.sender.ntpSeconds, packet.sender.ntpFraction, when);
    },
    pull(when) {
      const samples = receiver?.pull(when) ?? SILENCE;
      return receives(leg) ? samples : SILENCE;
    },
    push(samples, when) {
      if (sender === null || receiver === null || leg.session === null) return [];
      const octets = sender.push(said(samples), sends(leg));
      const packet: readonly Leaving[] =
        octets === null || isNowhere(leg.session.remote)
          ? []
          : [{ call: leg.call, from: 'rtp', to: receiver.lock.to, octets: sealed('rtp', octets) }];
      if (when < reportAt) return packet;
      reportAt = after(when, drawn(draw, REPORT_MS));
      return isNowhere(leg.session.remote) ? packet : [...packet, ...report(when, null)];
    },
    press({ key, ms, way }) {
      if (!isKey(key) || leg.session === null) return;
      if (way === 'event' && leg.session.sendsEvents !== null) sender?.press(key, ms);
      else if (tones.length < KEYS_WAITING_MAX) tones.push(createTone(keyTone(key, ms)));
    },
    counts(when) {
      const counts = receiver?.source?.statistics.counts() ?? { received: 0, lost: 0, jitter: 0 };
      const playout = receiver?.playout(when) ?? { concealedMs: 0, delayMs: 0 };
      return {
        call: leg.call,
        packets: counts.received,
        lost: Math.max(0, counts.lost),
        concealed: Math.round(playout.concealedMs / (leg.session?.ptimeMs ?? 20)),
        jitterMs: Math.round(counts.jitter / UNITS_PER_MS),
        delayMs: playout.delayMs,
      };
    },
    close: (when) => (leg.session === null || isNowhere(leg.session.remote) ? [] : report(when, 'bye')),
  };
}

const KEYS_WAITING_MAX = 64;

const drawn = (draw: Draw, ms: number): number => (ms * (0.5 + draw() / 2 ** 32)) / CORRECTION;

/** The offer names nothing else: another codec would be a mistake of ours, and is said in the one that everybody knows. */
const codecOf = ({ codec }: MediaSession): CodecName => (isCodec(codec) ? codec : 'PCMU');

/** Nothing can be sent to an address of zeros: hold as RFC 2543 had it. */
const isNowhere = ({ address, port }: Endpoint): boolean => port === 0 || address === '0.0.0.0' || address === '::';

/** On hold silence goes out, so that what lies between keeps the way open. */
const sends = ({ session }: MediaLeg): boolean =>
  session?.direction === 'sendrecv' || session?.direction === 'sendonly';
const receives = ({ session, mixed }: MediaLeg): boolean =>
  mixed !== 'apart' && (session?.direction === 'sendrecv' || session?.direction === 'recvonly');
