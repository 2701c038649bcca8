/** Owns what an idle phone does with a message: accept, answer with a code, or drop (RFC 3261 8.2, 8.1.3, 18.3). Pure. */
import { bareType, unknownContent } from './content.ts';
import { contactsOf, headerValue, headerValues, vias } from './headers.ts';
import type { SipMessage, SipRequest, SipResponse } from './message.ts';
import type { ParseError } from './parse.ts';
import { parseUri } from './uri.ts';

export interface Judgement {
  /** Well-formed enough to act on. */
  readonly ok: boolean;
  readonly action: 'accept' | 'respond' | 'drop';
  readonly respond: number | null;
  readonly error: string | null;
}

/** Methods that a phone serves. */
const SERVED: ReadonlySet<string> = new Set([
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'NOTIFY',
  'REFER',
  'SUBSCRIBE',
  'INFO',
  'UPDATE',
  'PRACK',
  'MESSAGE',
]);
/** Methods that a phone knows, but leaves to servers. */
const NOT_OURS: ReadonlySet<string> = new Set(['REGISTER', 'PUBLISH']);
const EXTENSIONS: ReadonlySet<string> = new Set(['path', '100rel', 'replaces', 'norefersub', 'timer']);
const ENCODINGS: ReadonlySet<string> = new Set(['identity', '']);
const SDP_RANGES: ReadonlySet<string> = new Set(['application/sdp', 'application/*', '*/*']);

const accept: Judgement = { ok: true, action: 'accept', respond: null, error: null };
const refuse = (respond: number, error: string): Judgement => ({ ok: true, action: 'respond', respond, error });

/** ACK is never answered (RFC 3261 17); what is malformed is answered by the code that it deserves, or dropped. */
const malformed = (error: string, respond: number, request: SipRequest | null): Judgement =>
  request === null || request.method === 'ACK'
    ? { ok: false, action: 'drop', respond: null, error }
    : { ok: false, action: 'respond', respond, error };

export function judge(subject: SipMessage | ParseError): Judgement {
  if ('code' in subject) return judgeUnread(subject);
  return subject.kind === 'request' ? judgeRequest(subject) : judgeResponse(subject);
}

/** A method that nobody knows says more than what else is wrong (RFC 4475 3.1.2.18). */
function judgeUnread({ code, text, partial }: ParseError): Judgement {
  const request = partial?.kind === 'request' ? partial : null;
  return malformed(text, code === 400 && request !== null && !isKnown(request) ? 501 : code, request);
}

const isKnown = ({ method }: SipRequest): boolean => SERVED.has(method) || NOT_OURS.has(method);

/** The order is that of RFC 3261 8.2: syntax, method, Request-URI, Require, content. */
function judgeRequest(request: SipRequest): Judgement {
  const { method } = request;
  const scheme = request.uri.slice(0, request.uri.indexOf(':')).toLowerCase();
  const sip = scheme === 'sip' || scheme === 'sips';
  const problem = (sip ? requestUriProblem(request.uri) : null) ?? contactProblem(request);
  if (problem !== null) return malformed(problem, isKnown(request) ? 400 : 501, request);
  if (method === 'ACK') return accept;
  if (!isKnown(request)) return refuse(501, `method ${method.slice(0, 20)} is not known`);
  if (!SERVED.has(method)) return refuse(405, `method ${method} is not allowed`);
  if (!sip) return refuse(416, `scheme "${scheme.slice(0, 20)}" is not supported`);
  const [unknown] = unknownExtensions(request);
  if (unknown !== undefined) return refuse(420, `extension "${unknown.slice(0, 40)}" is not supported`);
  return judgeContent(request);
}

/** What `Require` asks for and we do not have; of a CANCEL nothing is required (RFC 3261 8.2.2.3). */
export const unknownExtensions = (request: SipRequest): readonly string[] =>
  request.method === 'CANCEL'
    ? []
    : headerValues(request, 'Require').filter((tag) => !EXTENSIONS.has(tag.toLowerCase()));

/** Whether the body is encoded in a way that we cannot undo. */
export const isEncoded = (request: SipRequest): boolean =>
  !ENCODINGS.has((headerValue(request, 'Content-Encoding') ?? '').toLowerCase());

/** Headers have no place in a Request-URI (RFC 3261 19.1.1, Table 1). */
function requestUriProblem(text: string): string | null {
  const uri = parseUri(text);
  if (!uri.ok) return `Request-URI: ${uri.error}`;
  return uri.value.headers.length > 0 ? 'the Request-URI has headers' : null;
}

function contactProblem(request: SipRequest): string | null {
  const contacts = contactsOf(request);
  return contacts.ok ? null : contacts.error;
}

function judgeContent(request: SipRequest): Judgement {
  const encoding = (headerValue(request, 'Content-Encoding') ?? '').toLowerCase();
  const type = headerValue(request, 'Content-Type');
  if (request.body !== '' && type === null) return malformed('a body without Content-Type', 400, request);
  if (request.body !== '' && isEncoded(request))
    return refuse(415, `encoding "${encoding.slice(0, 40)}" is not supported`);
  if (request.method !== 'INVITE') return accept;
  const unknown = unknownContent(request);
  if (unknown !== null) return refuse(415, `content "${unknown.slice(0, 40)}" is not supported`);
  // The answer must hold SDP, so a caller who cannot read that cannot be served (RFC 4475 3.3.15).
  if (headerValue(request, 'Accept') === null) return accept;
  const readable = headerValues(request, 'Accept').map(bareType);
  return readable.some((range) => SDP_RANGES.has(range)) ? accept : refuse(406, 'the caller accepts no SDP');
}

/** A response with more than one Via has gone astray: nothing is wrong with it, but it is not ours (RFC 3261 8.1.3.3). */
function judgeResponse(response: SipResponse): Judgement {
  const all = vias(response);
  if (!all.ok) return malformed(`Via: ${all.error}`, 400, null);
  if (all.value.length === 1) return accept;
  return { ok: true, action: 'drop', respond: null, error: `${all.value.length} Vias in a response` };
}
