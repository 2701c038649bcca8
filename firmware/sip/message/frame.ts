/** Owns where messages begin and end in a stream of octets (RFC 3261 7.5, 18.3): an incomplete one is told, never guessed. */
import { MESSAGE_MAX_OCTETS } from '../../config/defaults.ts';
import { headerValues } from './headers.ts';
import type { SipMessage } from './message.ts';
import type { ParseError } from './parse.ts';
import { parseMessage } from './parse.ts';

export type Frame =
  | { readonly kind: 'message'; readonly text: string; readonly end: number }
  /** More octets are needed, up to the index `needs` where that is known; `error` is what it would be if none came. */
  | { readonly kind: 'incomplete'; readonly error: ParseError; readonly needs: number | null }
  /** Nobody knows where the next message starts: the connection is of no more use. */
  | { readonly kind: 'broken'; readonly error: ParseError }
  | { readonly kind: 'end' };

/** The message that starts at `at`, after the empty lines before it. */
export function frameAt(data: string, at: number): Frame {
  let start = at;
  while (data[start] === '\r' || data[start] === '\n') start += 1;
  if (start >= data.length) return { kind: 'end' };
  const bodyAt = endOfHead(data, start);
  if (bodyAt === null) {
    const over = data.length - start > MESSAGE_MAX_OCTETS;
    const partial = headOf(data.slice(start, start + MESSAGE_MAX_OCTETS)).partial;
    return over
      ? { kind: 'broken', error: { code: 513, text: `no end of the headers in ${MESSAGE_MAX_OCTETS} octets`, partial } }
      : { kind: 'incomplete', error: { code: 400, text: 'the stream ended within the headers', partial }, needs: null };
  }
  return withBody(data, start, bodyAt);
}

function endOfHead(data: string, start: number): number | null {
  const empty = /\r?\n\r?\n/g;
  empty.lastIndex = start;
  return empty.exec(data) === null ? null : empty.lastIndex;
}

function withBody(data: string, start: number, bodyAt: number): Frame {
  const { partial, error } = headOf(data.slice(start, bodyAt));
  if (partial === null) return { kind: 'broken', error };
  const stated = headerValues(partial, 'Content-Length');
  const [length = ''] = stated;
  if (stated.length !== 1 || !/^\d+$/.test(length))
    return { kind: 'broken', error: { code: 400, text: 'a stream needs one Content-Length, a number', partial } };
  const end = bodyAt + Number(length);
  if (end - start > MESSAGE_MAX_OCTETS)
    return {
      kind: 'broken',
      error: { code: 513, text: `more than ${MESSAGE_MAX_OCTETS} octets are announced`, partial },
    };
  if (end <= data.length) return { kind: 'message', text: data.slice(start, end), end };
  const came = data.length - bodyAt;
  const text = `Content-Length says ${length}, the stream ended after ${came} octets`;
  return { kind: 'incomplete', error: { code: 400, text, partial }, needs: end };
}

/** A head alone seldom makes a message, for its body is missing; what could be read of it says where the body ends. */
function headOf(head: string): { readonly partial: SipMessage | null; readonly error: ParseError } {
  const parsed = parseMessage(head);
  if (parsed.ok) return { partial: parsed.value, error: { code: 400, text: '', partial: parsed.value } };
  return { partial: parsed.error.partial, error: parsed.error };
}
