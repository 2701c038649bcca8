/**
 * Owns the offer/answer model for one audio stream (RFC 3264): what we offer, what we answer, and what both have agreed on. All other
 * streams of an offer are refused with port 0, in their places.
 */
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import type { Endpoint } from '../../kernel/target.ts';
import type { MediaKey, Secured } from './crypto.ts';
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
  /** Ours, one a suite: encrypted sound is offered and taken; empty = it is not. */
  readonly keys: readonly MediaKey[];
  /** Sound that is not encrypted. */
  readonly plain: 'taken' | 'refused';
  /** Of the last answer of either side: each stream keeps its place, and none goes away (RFC 3264 8); empty = there was none. */
  readonly lines: readonly Stream[];
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
  /** Null = it is not encrypted. */
  readonly secured: Secured | null;
}

/** What an answer has settled, and what we can do and want from then on. */
export interface Settled {
  readonly agreed: Agreed;
  readonly local: Local;
}

const PROTOCOL = 'RTP/AVP';
/** RFC 3711 12. */
const SECURE_PROTOCOL = 'RTP/SAVP';
const EVENT = 'TELEPHONE-EVENT';

/** Encrypted sound first; beside it the same without, for who knows no other: one of the two is answered. */
export function offerOf(local: Local): Description {
  const formats = [...local.codecs, ...(local.events === null ? [] : [local.events])];
  const own = (protocol: string): Stream =>
    streamOf(local, protocol, formats, local.direction, protocol === PROTOCOL ? [] : local.keys);
  const wished = [
    ...(local.keys.length === 0 ? [] : [SECURE_PROTOCOL]),
    ...(local.plain === 'refused' ? [] : [PROTOCOL]),
  ];
  const streams =
    local.lines.length === 0
      ? wished.map(own)
      : local.lines.map((line) => (line.at.port === 0 ? line : own(line.protocol.toUpperCase())));
  return { sessionId: local.sessionId, version: local.version, streams };
}

const streamOf = (
  local: Local,
  protocol: string,
  formats: readonly Format[],
  direction: Direction,
  keys: readonly MediaKey[],
): Stream => ({
  ...{ type: 'audio', protocol, at: local.at, formats, direction, ptimeMs: local.ptimeMs, keys },
  written: formats.map(({ payloadType }) => payloadType).join(' '),
});

export interface Answer extends Settled {
  readonly description: Description;
}

/** Our answer: the same streams in the same order (6). Fails where nothing is left: that is a 488. */
export function answerTo(offer: Description, local: Local): Result<Answer, string> {
  const found = offer.streams.map((stream) => usable(stream, local));
  // Who can be talked to unheard by others is, whatever stands first.
  const secure = found.findIndex((use) => use !== null && use.key !== null);
  const index = secure === -1 ? found.findIndex((use) => use !== null) : secure;
  const [stream, use] = [offer.streams[index], found[index]];
  if (stream === undefined || use == null) return fail(`no audio in common: offered ${offered(offer)}`);
  const { codec, key } = use;
  const events = local.events === null ? null : (stream.formats.find(({ name }) => name === EVENT) ?? null);
  // The payload types are those of the offer: most peers expect one number for both ways.
  const formats = events === null ? [codec] : [codec, events];
  const direction = mirrored(wayOf(stream), local.direction);
  const ptimeMs = stream.ptimeMs ?? local.ptimeMs;
  const keys = key === null ? [] : [{ ...key.ours, tag: key.theirs.tag }];
  const own = streamOf({ ...local, ptimeMs }, stream.protocol, formats, direction, keys);
  const streams = offer.streams.map((other, at) => (at === index ? own : refused(other)));
  return ok({
    description: { sessionId: local.sessionId, version: local.version, streams },
    local: { ...local, lines: streams },
    agreed: agree(stream, { codec, events }, { codec, events }, { direction, ptimeMs, secured: securedBy(key) }),
  });
}

/** What an answer to `offerOf(local)` has settled (6, 7). */
export function agreedBy(answer: Description, local: Local): Result<Settled, string> {
  if (answer.streams.every(({ at }) => at.port === 0)) return fail('the answer refuses audio');
  const found = answer.streams.map((stream) => usable(stream, local));
  const index = found.findIndex((use) => use !== null);
  const [stream, use] = [answer.streams[index], found[index]];
  const ours = local.codecs.find((codec) => use != null && isSame(codec, use.codec));
  if (stream === undefined || use == null || ours === undefined)
    return fail(`the answer has nothing of the offer: ${offered(answer)}`);
  const { codec: theirs, key } = use;
  const events = local.events === null ? null : (stream.formats.find(({ name }) => name === EVENT) ?? null);
  const sends = { codec: theirs, events };
  const receives = { codec: ours, events: events === null ? null : local.events };
  const direction = mirrored(wayOf(stream), local.direction);
  const rest = { direction, ptimeMs: stream.ptimeMs ?? local.ptimeMs, secured: securedBy(key) };
  const lines = answer.streams.map((other, at) => (at === index ? other : refused(other)));
  return ok({ agreed: agree(stream, sends, receives, rest), local: { ...local, lines } });
}

/** The keys of both sides for one suite. */
interface KeyPair {
  readonly ours: MediaKey;
  readonly theirs: MediaKey;
}

const securedBy = (key: KeyPair | null): Secured | null =>
  key === null
    ? null
    : {
        suite: key.ours.suite,
        sends: { masterKey: key.ours.masterKey },
        receives: { masterKey: key.theirs.masterKey },
      };

interface Chosen {
  readonly codec: Format;
  readonly events: Format | null;
}

const agree = (
  { at }: Stream,
  sends: Chosen,
  receives: Chosen,
  rest: Pick<Agreed, 'direction' | 'ptimeMs' | 'secured'>,
): Agreed => ({
  ...rest,
  remote: at,
  codec: sends.codec.name,
  ...{ sends: sends.codec.payloadType, receives: receives.codec.payloadType },
  ...{ sendsEvents: sends.events?.payloadType ?? null, receivesEvents: receives.events?.payloadType ?? null },
});

/** What of a far side's stream we can use, and want: the first format that we have too, for its order is its wish (6.1); likewise the key. */
function usable(stream: Stream, local: Local): { readonly codec: Format; readonly key: KeyPair | null } | null {
  if (stream.type !== 'audio' || stream.at.port === 0) return null;
  const codec = stream.formats.find((format) => local.codecs.some((own) => isSame(own, format)));
  if (codec === undefined) return null;
  const protocol = stream.protocol.toUpperCase();
  if (protocol === PROTOCOL) return local.plain === 'taken' ? { codec, key: null } : null;
  if (protocol !== SECURE_PROTOCOL) return null;
  const [key] = stream.keys.flatMap((theirs) => {
    const ours = local.keys.find(({ suite }) => suite === theirs.suite);
    return ours === undefined ? [] : [{ ours, theirs }];
  });
  return key === undefined ? null : { codec, key };
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
const refused = (stream: Stream): Stream => ({ ...stream, at: { ...stream.at, port: 0 }, keys: [] });

const offered = ({ streams }: Description): string =>
  streams
    .map(({ type, protocol, formats }) => `${type} ${protocol} ${formats.map(({ name }) => name).join(' ')}`)
    .join(', ')
    .slice(0, 160);
