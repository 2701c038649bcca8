/**
 * Owns reading one SIP message from one datagram (RFC 3261 7, 18.3, 25): total, in linear time, with named limits. What a
 * request deserves as an answer is in the error, so that the caller need not guess.
 */
import { HEADER_LINE_MAX, HEADERS_MAX, MESSAGE_MAX_OCTETS } from '../../config/defaults.ts';
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import { canonicalName } from './header-names.ts';
import { callIdOf, contentLengthOf, cseqOf, fromOf, headerValue, maxForwardsOf, toOf, topVia } from './headers.ts';
import type { Header, SipMessage } from './message.ts';
import { TOKEN } from './scan.ts';

export interface ParseError {
  /** The status that a request like this deserves. */
  readonly code: number;
  readonly text: string;
  /** What could be read, for an answer; null where not even the start line could. */
  readonly partial: SipMessage | null;
}

type Parsed = Result<SipMessage, ParseError>;

const bad = (text: string, partial: SipMessage | null = null, code = 400): Parsed => fail({ code, text, partial });

/** Reads a datagram; octets beyond Content-Length are dropped, fewer are an error (RFC 3261 18.3). */
export function parseMessage(data: string): Parsed {
  if (data.length > MESSAGE_MAX_OCTETS)
    return bad(`${data.length} octets are more than ${MESSAGE_MAX_OCTETS}`, null, 513);
  const start = skipEmptyLines(data);
  const lines = headLines(data, start);
  if (!lines.ok) return bad(lines.error);
  const { first, rest, bodyAt } = lines.value;
  const headers = parseHeaders(rest);
  const line = parseStartLine(first);
  if (!line.ok) return bad(line.error);
  if (!headers.ok) return bad(headers.error, withHeaders(line.value, [], ''));
  const message = withHeaders(line.value, headers.value, data.slice(bodyAt));
  if (line.value.version !== '2.0') return bad(`SIP/${line.value.version.slice(0, 20)} is not SIP/2.0`, message, 505);
  return check(message);
}

type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string; readonly version: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string; readonly version: string };

const withHeaders = (line: StartLine, headers: readonly Header[], body: string): SipMessage =>
  line.kind === 'request'
    ? { kind: 'request', method: line.method, uri: line.uri, headers, body }
    : { kind: 'response', status: line.status, reason: line.reason, headers, body };

/** Empty lines before the start line are ignored (RFC 3261 7.5). */
function skipEmptyLines(data: string): number {
  let at = 0;
  while (data[at] === '\r' || data[at] === '\n') at += 1;
  return at;
}

interface Head {
  readonly first: string;
  /** Unfolded header lines. */
  readonly rest: readonly string[];
  readonly bodyAt: number;
}

/** The lines up to the empty one; a line that starts with white space continues the one before (RFC 3261 7.3.1). */
function headLines(data: string, start: number): Result<Head, string> {
  const lines: string[] = [];
  let at = start;
  for (;;) {
    const end = data.indexOf('\n', at);
    const stop = end === -1 ? data.length : end;
    const line = data.slice(at, data[stop - 1] === '\r' ? stop - 1 : stop);
    at = stop + 1;
    if (line === '' || end === -1) {
      if (line !== '') lines.push(line);
      break;
    }
    addLine(lines, line);
    if (lines.length > HEADERS_MAX) return fail(`more than ${HEADERS_MAX} header lines`);
    if ((lines.at(-1) ?? '').length > HEADER_LINE_MAX)
      return fail(`a header line is longer than ${HEADER_LINE_MAX} octets`);
  }
  const [first, ...rest] = lines;
  if (first === undefined) return fail('the message is empty');
  return ok({ first, rest, bodyAt: Math.min(at, data.length) });
}

/** Adds a line, or unfolds it onto the header before. */
function addLine(lines: string[], line: string): void {
  const previous = lines.at(-1);
  const continues = (line.startsWith(' ') || line.startsWith('\t')) && lines.length > 1;
  if (continues && previous !== undefined) lines[lines.length - 1] = `${previous} ${line.trim()}`;
  else lines.push(line);
}

function parseStartLine(line: string): Result<StartLine, string> {
  const status = /^SIP\/(\d+\.\d+) (\d{3,}) ?(.*)$/i.exec(line);
  if (status !== null) {
    const code = Number(status[2]);
    if (status[2]?.length !== 3 || code < 100 || code > 699)
      return fail(`status ${status[2]?.slice(0, 12)} is not between 100 and 699`);
    return ok({ kind: 'response', status: code, reason: status[3] ?? '', version: status[1] ?? '' });
  }
  const request = /^(\S+) (\S+) SIP\/(\d+\.\d+)$/i.exec(line);
  if (request === null) return fail(`"${line.slice(0, 60)}" is no start line`);
  const [, method = '', uri = '', version = ''] = request;
  if (!TOKEN.test(method)) return fail(`"${method.slice(0, 40)}" is no method`);
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"]+$/.test(uri)) return fail(`"${uri.slice(0, 40)}" is no Request-URI`);
  return ok({ kind: 'request', method, uri, version });
}

function parseHeaders(lines: readonly string[]): Result<readonly Header[], string> {
  const headers: Header[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trimEnd();
    if (!TOKEN.test(name)) return fail(`"${line.slice(0, 40)}" is no header`);
    headers.push({ name: canonicalName(name), value: line.slice(colon + 1).trim() });
  }
  return ok(headers);
}

/** Headers that may stand once only (RFC 3261 20, 7.3.1). */
const SINGLE = ['Call-ID', 'CSeq', 'From', 'To', 'Max-Forwards', 'Content-Length', 'Content-Type', 'Expires'];

/** What every message must have, well-formed (RFC 3261 8.1.1, 8.2.6.2). */
function check(message: SipMessage): Parsed {
  const twice = SINGLE.find((name) => message.headers.filter((header) => header.name === name).length > 1);
  if (twice !== undefined) return bad(`${twice} stands more than once`, message);
  const callId = callIdOf(message);
  if (callId === null || callId === '' || /\s/.test(callId))
    return bad('Call-ID is missing or has white space', message);
  for (const read of [topVia(message), fromOf(message), toOf(message)]) if (!read.ok) return bad(read.error, message);
  const cseq = cseqOf(message);
  if (!cseq.ok) return bad(`${cseq.error} is missing or malformed`, message);
  if (message.kind === 'request' && cseq.value.method !== message.method)
    return bad(`CSeq says ${cseq.value.method.slice(0, 20)}, the start line ${message.method}`, message);
  if (headerValue(message, 'Max-Forwards') !== null && (maxForwardsOf(message) ?? 256) > 255)
    return bad('Max-Forwards is no number from 0 to 255', message);
  return trimBody(message);
}

function trimBody(message: SipMessage): Parsed {
  const stated = headerValue(message, 'Content-Length');
  if (stated === null) return ok(message);
  const length = contentLengthOf(message);
  if (length === null) return bad(`Content-Length "${stated.slice(0, 20)}" is no number`, message);
  if (length > message.body.length)
    return bad(`Content-Length says ${length}, ${message.body.length} octets came`, message);
  return ok({ ...message, body: message.body.slice(0, length) });
}
