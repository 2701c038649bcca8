/** Owns what an idle phone does with a message: accept, answer with a code, or drop (RFC 3261 8.2, 8.1.3, 18.3). Pure. */
import { headerValue, headerValues, vias } from './headers.ts';
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

/** Methods that a phone knows; others get 405 (RFC 3261 8.2.1). */
const KNOWN_METHODS: ReadonlySet<string> = new Set([
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
const EXTENSIONS: ReadonlySet<string> = new Set(['path']);
const ENCODINGS: ReadonlySet<string> = new Set(['identity', '']);

const accept: Judgement = { ok: true, action: 'accept', respond: null, error: null };
const refuse = (respond: number, error: string, ok = true): Judgement => ({ ok, action: 'respond', respond, error });
const drop = (error: string): Judgement => ({ ok: false, action: 'drop', respond: null, error });

export const judge = (message: SipMessage): Judgement =>
  message.kind === 'request' ? judgeRequest(message) : judgeResponse(message);

/** The order is that of RFC 3261 8.2: method, Request-URI, Require, content. */
function judgeRequest(request: SipRequest): Judgement {
  if (request.method === 'ACK') return accept;
  if (!KNOWN_METHODS.has(request.method)) return refuse(405, `method ${request.method.slice(0, 20)} is not allowed`);
  const scheme = request.uri.slice(0, request.uri.indexOf(':')).toLowerCase();
  if (scheme !== 'sip' && scheme !== 'sips') return refuse(416, `scheme "${scheme.slice(0, 20)}" is not supported`);
  const uri = parseUri(request.uri);
  if (!uri.ok) return refuse(400, `Request-URI: ${uri.error}`, false);
  const required = request.method === 'CANCEL' ? [] : headerValues(request, 'Require');
  const unknown = required.find((tag) => !EXTENSIONS.has(tag.toLowerCase()));
  if (unknown !== undefined) return refuse(420, `extension "${unknown.slice(0, 40)}" is not supported`);
  return judgeContent(request);
}

function judgeContent(request: SipRequest): Judgement {
  if (request.body === '') return accept;
  const encoding = (headerValue(request, 'Content-Encoding') ?? '').toLowerCase();
  if (!ENCODINGS.has(encoding)) return refuse(415, `encoding "${encoding.slice(0, 40)}" is not supported`);
  const type = headerValue(request, 'Content-Type');
  if (type === null) return refuse(400, 'a body without Content-Type', false);
  const optional = /handling\s*=\s*optional/i.test(headerValue(request, 'Content-Disposition') ?? '');
  const bare = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const known = request.method !== 'INVITE' || optional || bare === 'application/sdp' || bare.startsWith('multipart/');
  return known ? accept : refuse(415, `content "${bare.slice(0, 40)}" is not supported`);
}

/** A response with more than one Via has gone astray (RFC 3261 8.1.3.3). */
function judgeResponse(response: SipResponse): Judgement {
  const all = vias(response);
  if (!all.ok) return drop(`Via: ${all.error}`);
  return all.value.length === 1 ? accept : drop(`${all.value.length} Vias in a response`);
}

/** A message that could not be read: a request deserves its code, all else is dropped; ACK is never answered. */
export function judgeError({ code, text, partial }: ParseError): Judgement {
  if (partial?.kind === 'request' && partial.method !== 'ACK')
    return { ok: false, action: 'respond', respond: code, error: text };
  return drop(text);
}
