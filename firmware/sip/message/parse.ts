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
import { paramOf, strip, TOKEN } from './scan.ts';

export interface ParseError {
  /** The status that a request like this deserves. */
  readonly code: number;
  readonly text: string;
  /** What could be read, for an answer; null where not even the start line could. */
  readonly partial: SipMessage | null;
}

type Parsed = Result<SipMessage, ParseError>;

/** Reads a datagram; octets beyond Content-Length are dropped, fewer are an error (RFC 3261 18.3). */
export function parseMessage(data: string): Parsed {
  const head = readHead(data.length > MESSAGE_MAX_OCTETS ? data.slice(0, MESSAGE_MAX_OCTETS) : data);
  const line = parseStartLine(head.first);
  if (line === null) return failed(400, `"${head.first.slice(0, 60)}" is no start line`, null);
  const { headers, problem } = parseHeaders(head.rest);
  const message = withHeaders(line, headers, data.slice(head.bodyAt, head.bodyAt + MESSAGE_MAX_OCTETS));
  if (data.length > MESSAGE_MAX_OCTETS)
    return failed(513, `${data.length} octets are more than ${MESSAGE_MAX_OCTETS}`, message);
  if (head.limit !== null) return failed(513, head.limit, message);
  if (line.version !== '2.0') return failed(505, `SIP/${line.version} is not SIP/2.0`, message);
  if (line.problem !== null) return failed(400, line.problem, message);
  if (problem !== null) return failed(400, problem, message);
  if (!head.ended) return failed(400, 'the empty line after the headers is missing', message);
  const wrong = problemOf(message);
  return wrong === null ? trimBody(message) : failed(400, wrong, message);
}

const failed = (code: number, text: string, partial: SipMessage | null): Parsed => fail({ code, text, partial });

interface Head {
  readonly first: string;
  /** Unfolded header lines. */
  readonly rest: readonly string[];
  readonly bodyAt: number;
  /** The empty line was found. */
  readonly ended: boolean;
  /** Which limit was passed, null = none; then `rest` holds what came before. */
  readonly limit: string | null;
}

/** Empty lines before the start line are ignored (RFC 3261 7.5); a line may end with LF alone, as hand-made messages do. */
function readHead(data: string): Head {
  let at = 0;
  while (data[at] === '\r' || data[at] === '\n') at += 1;
  const lines: string[] = [];
  let limit: string | null = null;
  let ended = false;
  while (at < data.length && !ended && limit === null) {
    const end = data.indexOf('\n', at);
    const stop = end === -1 ? data.length : end;
    const line = data.slice(at, data[stop - 1] === '\r' ? stop - 1 : stop);
    at = Math.min(stop + 1, data.length);
    // A carriage return at the very end is half of an empty line.
    if (line === '') ended = end !== -1;
    else limit = addLine(lines, line);
  }
  const [first = '', ...rest] = lines;
  return { first, rest, bodyAt: at, ended, limit };
}

/** Adds a line, or unfolds it onto the header before (RFC 3261 7.3.1); tells which limit that would pass. */
function addLine(lines: string[], line: string): string | null {
  const continues = isFold(line) && lines.length > 1;
  const whole = continues ? `${lines.at(-1) ?? ''} ${strip(line)}` : line;
  if (whole.length > HEADER_LINE_MAX) return `a header line is longer than ${HEADER_LINE_MAX} octets`;
  if (continues) lines.pop();
  else if (lines.length > HEADERS_MAX) return `more than ${HEADERS_MAX} header lines`;
  lines.push(whole);
  return null;
}

const isFold = (line: string): boolean => line.startsWith(' ') || line.startsWith('\t');

/** A start line that says whether it is a request or a response; `problem` tells what else is wrong with it. */
type StartLine = { readonly version: string; readonly problem: string | null } & (
  | { readonly kind: 'request'; readonly method: string; readonly uri: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string }
);

const withHeaders = (line: StartLine, headers: readonly Header[], body: string): SipMessage =>
  line.kind === 'request'
    ? { kind: 'request', method: line.method, uri: line.uri, headers, body }
    : { kind: 'response', status: line.status, reason: line.reason, headers, body };

const parseStartLine = (line: string): StartLine | null =>
  /^SIP\//i.test(line) ? parseStatusLine(line) : parseRequestLine(line);

/** The reason may be empty, and then even its space may be missing (RFC 4475 3.1.1.13). */
function parseStatusLine(line: string): StartLine | null {
  const [, version = '', digits = '', reason = ''] = /^SIP\/(\d{1,9}\.\d{1,9}) (\d+)(?: (.*))?$/i.exec(line) ?? [];
  const status = Number(digits);
  const valid = digits.length === 3 && status >= 100 && status <= 699;
  return valid ? { kind: 'response', version, problem: null, status, reason } : null;
}

/** Visible octets but the delimiters of a header: what is written again must be what was read. */
const REQUEST_URI = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21\x23-\x3b\x3d\x3f-\x7e\x80-\xff]+$/;

/** Method and version must stand in their places for the line to be a request at all; what lies between may be wrong. */
function parseRequestLine(line: string): StartLine | null {
  const whole = strip(line);
  const first = whole.indexOf(' ');
  const last = whole.lastIndexOf(' ');
  const method = whole.slice(0, Math.max(0, first));
  const version = /^SIP\/(\d{1,9}\.\d{1,9})$/i.exec(whole.slice(last + 1))?.[1];
  if (version === undefined || !TOKEN.test(method)) return null;
  const uri = strip(whole.slice(first, last));
  const spaced = whole === line && last - first === uri.length + 1 && !uri.includes(' ');
  const problem = REQUEST_URI.test(uri) ? null : `"${uri.slice(0, 40)}" is no Request-URI`;
  const spacing = spaced ? null : 'the parts of the start line are not separated by one space each';
  return { kind: 'request', method, uri, version, problem: spacing ?? problem };
}

/** What can be read of the headers, and the first line that cannot. */
function parseHeaders(lines: readonly string[]): {
  readonly headers: readonly Header[];
  readonly problem: string | null;
} {
  const headers: Header[] = [];
  let problem: string | null = null;
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = strip(line.slice(0, Math.max(0, colon)));
    if (TOKEN.test(name) && !isFold(line))
      headers.push({ name: canonicalName(name), value: strip(line.slice(colon + 1)) });
    else problem ??= `"${line.slice(0, 40)}" is no header`;
  }
  return { headers, problem };
}

const VISIBLE = /^[\x21-\x7e\x80-\xff]+$/;

/** Headers that may stand once only (RFC 3261 20, 7.3.1). */
const SINGLE: ReadonlySet<string> = new Set([
  'Call-ID',
  'Content-Length',
  'Content-Type',
  'CSeq',
  'Expires',
  'From',
  'Max-Forwards',
  'To',
]);

/** What every message must have, well-formed (RFC 3261 8.1.1, 8.2.6.2); null where all is well. */
function problemOf(message: SipMessage): string | null {
  const twice = repeated(message.headers);
  if (twice !== null) return `${twice} stands more than once`;
  const callId = callIdOf(message);
  if (callId === null || !VISIBLE.test(callId)) return 'Call-ID is missing, or has white space or a control octet';
  const via = topVia(message);
  for (const read of [via, fromOf(message), toOf(message)]) if (!read.ok) return read.error;
  const cseq = cseqOf(message);
  if (!cseq.ok) return `${cseq.error} is missing or malformed`;
  if (headerValue(message, 'Max-Forwards') !== null && (maxForwardsOf(message) ?? 256) > 255)
    return 'Max-Forwards is no number from 0 to 255';
  if (message.kind === 'response') return null;
  if (cseq.value.method !== message.method)
    return `CSeq says ${cseq.value.method.slice(0, 20)}, the start line ${message.method.slice(0, 20)}`;
  // The bare cookie identifies nothing: two requests would share one transaction (RFC 4475 3.2.1).
  const branch = via.ok ? paramOf(via.value.params, 'branch') : null;
  return branch?.toLowerCase() === 'z9hg4bk' ? 'the branch of the topmost Via is the cookie alone' : null;
}

function repeated(headers: readonly Header[]): string | null {
  const seen = new Set<string>();
  for (const { name } of headers) {
    if (seen.has(name)) return name;
    if (SINGLE.has(name)) seen.add(name);
  }
  return null;
}

function trimBody(message: SipMessage): Parsed {
  const stated = headerValue(message, 'Content-Length');
  if (stated === null) return ok(message);
  const length = contentLengthOf(message);
  if (length === null) return failed(400, `Content-Length "${stated.slice(0, 20)}" is no number`, message);
  if (length > message.body.length)
    return failed(400, `Content-Length says ${length}, ${message.body.length} octets came`, message);
  return ok(length === message.body.length ? message : { ...message, body: message.body.slice(0, length) });
}
