/**
 * Owns the offer/answer model for one audio stream (RFC 3264): what we offer, what we answer, and what both have agreed on. All other
 * streams of an offer are refused with port 0, in their places.
 */
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import type { Endpoint } from '../../kernel/target.ts';
import type { Description, Direction, Format, Stream } from './description.ts';

/** What this phone can do, and wants, in one session. */
export interface Local {
  readonly sessionId: string;
  /** Grows by one with each change of our description (RFC 3264 8). */
  readonly version: number;
  readonly at: Endpoint;
  /** In the order of our liking. */
  readonly codecs: readonly Format[];
  /** `telephone-event`, null = DTMF goes otherwise. */
  readonly events: Format | null;
  readonly direction: Direction;
  readonly ptimeMs: number;
}

/** What both sides have agreed on. */
export interface Agreed {
  /** Where we send. */
  readonly remote: Endpoint;
  readonly codec: string;
  /** Payload type in our packets, and in those to us (RFC 3264 5.1: each side names its own). */
  readonly sends: number;
  readonly receives: number;
  /** Payload type of DTMF in our packets, null = not agreed. */
  readonly sendsEvents: number | null;
  readonly receivesEvents: number | null;
  /** Ours. */
  readonly direction: Direction;
  readonly ptimeMs: number;
}

const PROTOCOL = 'RTP/AVP';
const EVENT = 'TELEPHONE-EVENT';

export const offerOf = (local: Local): Description => ({
  sessionId: local.sessionId,
  version: local.version,
  streams: [streamOf(local, [...local.codecs, ...(local.events === null ? [] : [local.events])], local.direction)],
});

const streamOf = (local: Local, formats: readonly Format[], direction: Direction): Stream => ({
  ...{ type: 'audio', protocol: PROTOCOL, at: local.at, formats, direction, ptimeMs: local.ptimeMs },
  written: formats.map(({ payloadType }) => payloadType).join(' '),
});

export interface Answer {
  readonly description: Description;
  readonly agreed: Agreed;
}

/** Our answer: the same streams in the same order (6). Fails where nothing is left: that is a 488. */
export function answerTo(offer: Description, local: Local): Result<Answer, string> {
  for (const [index, stream] of offer.streams.entries()) {
    const codec = commonCodec(stream, local);
    if (codec === null) continue;
    const events = local.events === null ? null : (stream.formats.find(({ name }) => name === EVENT) ?? null);
    // The payload types are those of the offer: most peers expect one number for both ways.
    const formats = events === null ? [codec] : [codec, events];
    const direction = mirrored(wayOf(stream), local.direction);
    const ptimeMs = stream.ptimeMs ?? local.ptimeMs;
    const own = streamOf({ ...local, ptimeMs }, formats, direction);
    const streams = offer.streams.map((other, at) => (at === index ? own : refused(other)));
    return ok({
      description: { sessionId: local.sessionId, version: local.version, streams },
      agreed: agree(stream, { codec, events }, { codec, events }, { direction, ptimeMs }),
    });
  }
  return fail(`no audio in common: offered ${offered(offer)}`);
}

/** What an answer to `offerOf(local)` has settled (6, 7). */
export function agreedBy(answer: Description, local: Local): Result<Agreed, string> {
  const [stream] = answer.streams;
  if (stream === undefined || stream.at.port === 0) return fail('the answer refuses audio');
  const theirs = commonCodec(stream, local);
  const ours = local.codecs.find((codec) => theirs !== null && isSame(codec, theirs));
  if (theirs === null || ours === undefined) return fail(`the answer has no codec of the offer: ${offered(answer)}`);
  const events = local.events === null ? null : (stream.formats.find(({ name }) => name === EVENT) ?? null);
  const sends = { codec: theirs, events };
  const receives = { codec: ours, events: events === null ? null : local.events };
  const direction = mirrored(wayOf(stream), local.direction);
  return ok(agree(stream, sends, receives, { direction, ptimeMs: stream.ptimeMs ?? local.ptimeMs }));
}

interface Chosen {
  readonly codec: Format;
  readonly events: Format | null;
}

const agree = (
  { at }: Stream,
  sends: Chosen,
  receives: Chosen,
  rest: Pick<Agreed, 'direction' | 'ptimeMs'>,
): Agreed => ({
  ...rest,
  remote: at,
  codec: sends.codec.name,
  ...{ sends: sends.codec.payloadType, receives: receives.codec.payloadType },
  ...{ sendsEvents: sends.events?.payloadType ?? null, receivesEvents: receives.events?.payloadType ?? null },
});

/** The first format of the far side's that we have too: its order is its wish (6.1). */
function commonCodec(stream: Stream, local: Local): Format | null {
  if (stream.type !== 'audio' || stream.protocol.toUpperCase() !== PROTOCOL || stream.at.port === 0) return null;
  return stream.formats.find((format) => local.codecs.some((codec) => isSame(codec, format))) ?? null;
}

const isSame = (a: Format, b: Format): boolean => a.name === b.name && a.rate === b.rate;

/** Hold as RFC 2543 had it is an address of zeros (RFC 3264 8.4): nothing can be sent there. */
function wayOf({ direction, at }: Stream): Direction {
  if (at.address !== '0.0.0.0' && at.address !== '::') return direction;
  return direction === 'sendrecv' || direction === 'sendonly' ? 'sendonly' : 'inactive';
}

/** Our direction, given theirs and what we want (6.1): we send where they receive and we want to. */
function mirrored(theirs: Direction, wanted: Direction): Direction {
  const sends = /^(sendrecv|recvonly)$/.test(theirs) && /^(sendrecv|sendonly)$/.test(wanted);
  const receives = /^(sendrecv|sendonly)$/.test(theirs) && /^(sendrecv|recvonly)$/.test(wanted);
  if (sends) return receives ? 'sendrecv' : 'sendonly';
  return receives ? 'recvonly' : 'inactive';
}

/** In its place with port 0 and its own formats (6): it is refused. */
const refused = (stream: Stream): Stream => ({ ...stream, at: { ...stream.at, port: 0 } });

const offered = ({ streams }: Description): string =>
  streams
    .map(({ type, protocol, formats }) => `${type} ${protocol} ${formats.map(({ name }) => name).join(' ')}`)
    .join(', ')
    .slice(0, 160);
