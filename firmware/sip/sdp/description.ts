/**
 * Owns session descriptions as text (RFC 8866): what a far side's says, checked line by line before anything believes it, and how ours
 * are written. The lines themselves are read and written by `sdp-transform`.
 */
import type { MediaDescription } from 'sdp-transform';
import { parse, write } from 'sdp-transform';
import { PTIME_MAX_MS, PTIME_MIN_MS } from '../../config/defaults.ts';
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { isIpv4, isIpv6 } from '../../kernel/target.ts';
import type { MediaKey } from './crypto.ts';
import { keysIn, lineOf } from './crypto.ts';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** A payload type and what it stands for. */
export interface Format {
  readonly payloadType: number;
  /** Upper case: `PCMU`, `TELEPHONE-EVENT`. */
  readonly name: string;
  /** RTP clock rate, Hz. */
  readonly rate: number;
  /** Its `fmtp` line; empty = none. */
  readonly parameters: string;
}

/** One `m=` line with what belongs to it. */
export interface Stream {
  readonly type: string;
  readonly protocol: string;
  /** Where it is received; port 0 = refused or ended, address `0.0.0.0` = on hold as RFC 2543 had it. */
  readonly at: Endpoint;
  readonly formats: readonly Format[];
  /** The formats as they stood in the `m=` line: what a refusal repeats. */
  readonly written: string;
  readonly direction: Direction;
  /** Milliseconds a packet, null = not said. */
  readonly ptimeMs: number | null;
  /** Of who wrote it, best first; empty = nothing is encrypted, or in no way that we know. */
  readonly keys: readonly MediaKey[];
}

export interface Description {
  readonly sessionId: string;
  readonly version: number;
  readonly streams: readonly Stream[];
}

const TEXT_MAX = 16_384;
const STREAMS_MAX = 16;
const FORMATS_MAX = 64;
const PORT_MAX = 65_535;

/** The payload types that need no `rtpmap` (RFC 3551 6), of those that a telephone may meet. */
const STATIC: Readonly<Record<number, readonly [string, number]>> = {
  0: ['PCMU', 8000],
  3: ['GSM', 8000],
  4: ['G723', 8000],
  8: ['PCMA', 8000],
  9: ['G722', 8000],
  13: ['CN', 8000],
  15: ['G728', 8000],
  18: ['G729', 8000],
};

/** What stands in a far side's description; lenient in what is missing, strict in what is used. */
export function readDescription(text: string): Result<Description, string> {
  if (text.length > TEXT_MAX) return fail(`SDP of ${text.length} octets, at most ${TEXT_MAX} are read`);
  if (!/^v=0\s*$/m.test(text.slice(0, 16))) return fail('SDP that does not begin with v=0');
  const session = parse(text);
  if (session.media.length > STREAMS_MAX)
    return fail(`SDP with ${session.media.length} m= lines, at most ${STREAMS_MAX}`);
  const streams: Stream[] = [];
  for (const media of session.media) {
    const stream = streamOf(media, session.connection?.ip ?? null, directionOf(session.direction));
    if (!stream.ok) return stream;
    streams.push(stream.value);
  }
  const { sessionId = '', sessionVersion = 0 } = session.origin ?? {};
  return ok({ sessionId: String(sessionId), version: Number(sessionVersion) || 0, streams });
}

const directionOf = (said: unknown): Direction =>
  said === 'sendonly' || said === 'recvonly' || said === 'inactive' ? said : 'sendrecv';

type ReadMedia = Partial<MediaDescription> & Pick<MediaDescription, 'rtp' | 'fmtp'>;

function streamOf(media: ReadMedia, sessionAddress: string | null, usual: Direction): Result<Stream, string> {
  const port = Number(media.port);
  if (media.type === undefined || !Number.isInteger(port) || port < 0 || port > PORT_MAX)
    return fail(`SDP: m= line with port ${String(media.port).slice(0, 20)}`);
  const address = media.connection?.ip ?? sessionAddress ?? '';
  if (port !== 0 && !isIpv4(address) && !isIpv6(address))
    return fail(`SDP: c= line with "${address.slice(0, 40)}": an address is needed`);
  const written = String(media.payloads ?? '');
  return ok({
    ...{ type: media.type, protocol: media.protocol ?? '', at: { address, port }, written },
    formats: formatsOf(media, written),
    direction: media.direction === undefined ? usual : directionOf(media.direction),
    ptimeMs: plausiblePtime(media.ptime),
    keys: keysIn(media.crypto ?? []),
  });
}

function formatsOf({ rtp, fmtp }: ReadMedia, written: string): readonly Format[] {
  const types = written.split(' ').filter((word) => /^\d{1,3}$/.test(word) && Number(word) <= 127);
  return [...new Set(types.map(Number))].slice(0, FORMATS_MAX).flatMap((payloadType) => {
    const map = rtp.find(({ payload }) => payload === payloadType);
    const [name, rate] =
      map === undefined ? (STATIC[payloadType] ?? []) : [String(map.codec), Number(map.rate ?? 8000)];
    if (name === undefined || rate === undefined) return [];
    const parameters = String(fmtp.find(({ payload }) => payload === payloadType)?.config ?? '');
    return [{ payloadType, name: name.toUpperCase(), rate, parameters }];
  });
}

/** 10 to 60 ms are honoured (conformance J12). */
function plausiblePtime(said: unknown): number | null {
  const ptime = Number(said);
  return ptime >= PTIME_MIN_MS && ptime <= PTIME_MAX_MS ? ptime : null;
}

/** Our own description. */
export function writeDescription({ sessionId, version, streams }: Description): string {
  const at = streams.find(({ at: { port } }) => port !== 0)?.at.address ?? '0.0.0.0';
  const ipVer = at.includes(':') ? 6 : 4;
  return write({
    version: 0,
    origin: { username: '-', sessionId, sessionVersion: version, netType: 'IN', ipVer, address: at },
    name: '-',
    connection: { version: ipVer, ip: at },
    timing: { start: 0, stop: 0 },
    media: streams.map(mediaOf),
  });
}

function mediaOf({ type, protocol, at, formats, written, direction, ptimeMs, keys }: Stream): MediaDescription {
  const common = { type, port: at.port, protocol, payloads: written };
  if (at.port === 0) return { ...common, rtp: [], fmtp: [] };
  return {
    ...common,
    rtp: formats.map(({ payloadType, name, rate }) => ({ payload: payloadType, codec: spelled(name), rate })),
    fmtp: formats.flatMap(({ payloadType, parameters }) =>
      parameters === '' ? [] : [{ payload: payloadType, config: parameters }],
    ),
    ...(ptimeMs === null ? {} : { ptime: ptimeMs }),
    ...(keys.length === 0 ? {} : { crypto: keys.map(lineOf) }),
    direction,
  };
}

/** As the registry spells it; some compare case. */
const spelled = (name: string): string => (name === 'TELEPHONE-EVENT' ? 'telephone-event' : name);
