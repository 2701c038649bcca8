/** Owns what a body holds: the session description, alone or among other parts (RFC 5621 3 to 8; RFC 2046 5.1). Pure. */
import { headerValue } from './headers.ts';
import type { Header } from './message.ts';
import { strip } from './scan.ts';

interface Content {
  readonly headers: readonly Header[];
  readonly body: string;
}

interface Part {
  /** Lower case, without parameters. */
  readonly type: string;
  readonly optional: boolean;
  readonly body: string;
}

const PARTS_MAX = 16;
const SDP = 'application/sdp';

export const bareType = (value: string): string => strip(value.split(';', 1)[0] ?? '').toLowerCase();

const isOptional = (disposition: string | null): boolean => /;\s*handling\s*=\s*"?optional/i.test(disposition ?? '');

/** The description that the message is about; empty = it has none. */
export function sessionOf(message: Content): string {
  if (message.body === '') return '';
  const type = headerValue(message, 'Content-Type') ?? SDP;
  if (bareType(type) === SDP) return message.body;
  return partsOf(type, message.body)?.find((part) => part.type === SDP)?.body ?? '';
}

/** The first type that must be understood and is not; null = there is none (RFC 5621 8). */
export function unknownContent(message: Content): string | null {
  const type = headerValue(message, 'Content-Type') ?? '';
  if (message.body === '' || bareType(type) === SDP || isOptional(headerValue(message, 'Content-Disposition')))
    return null;
  const parts = partsOf(type, message.body);
  if (parts === null) return bareType(type);
  return parts.find((part) => part.type !== SDP && !part.optional)?.type ?? null;
}

/** Null where the body is not made of parts, or cannot be taken apart. */
function partsOf(type: string, body: string): readonly Part[] | null {
  const boundary = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type);
  const named = boundary?.[1] ?? boundary?.[2];
  if (!bareType(type).startsWith('multipart/') || named === undefined) return null;
  const [, ...pieces] = `\r\n${body}`.split(`\r\n--${named}`);
  // Without its end the last part is taken as it is.
  const parts = pieces.filter((piece) => !piece.startsWith('--')).slice(0, PARTS_MAX);
  return parts.length === 0 ? null : parts.map(partOf);
}

/** Of several parts each that does not say so is needed, but for what is only shown (RFC 5621 8.2). */
function partOf(piece: string): Part {
  const at = piece.indexOf('\r\n\r\n');
  const head = (at === -1 ? piece : piece.slice(0, at)).replace(/\r\n[ \t]+/g, ' ');
  const field = (name: string): string | null =>
    head
      .split('\r\n')
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1) ?? null;
  return {
    type: bareType(field('content-type') ?? 'text/plain'),
    optional: isOptional(field('content-disposition')),
    body: at === -1 ? '' : piece.slice(at + 4),
  };
}
