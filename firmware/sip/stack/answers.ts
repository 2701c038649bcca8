/** Owns what an answer of ours carries, and where it goes (RFC 3261 8.2.6, 18.2; RFC 3581 4). Pure functions over messages. */
import type { Endpoint } from '../../kernel/target.ts';
import { headerValue, topVia } from '../message/headers.ts';
import type { Header, SipRequest, SipResponse } from '../message/message.ts';
import { splitOutside } from '../message/scan.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: readonly Header[];
  readonly body?: string;
  /** A provisional answer that is repeated until its PRACK comes (RFC 3262 3). */
  readonly reliable?: boolean;
  /** Of a dialog that it begins; absent = any. */
  readonly tag?: string;
}

const REASONS: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  302: 'Moved Temporarily',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  421: 'Extension Required',
  422: 'Session Interval Too Small',
  469: 'Bad Info Package',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  489: 'Bad Event',
  491: 'Request Pending',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'Version Not Supported',
  513: 'Message Too Large',
  603: 'Decline',
};

export const reasonOf = (status: number): string => REASONS[status] ?? 'Refused';

const COPIED: ReadonlySet<string> = new Set(['From', 'Call-ID', 'CSeq', 'Record-Route']);

/** `tag`: for a To without one; null = it stays without (100, RFC 3261 8.2.6.2). */
export function answerOf(
  request: SipRequest,
  from: Endpoint,
  { status, headers = [], body = '', tag: own }: Answer,
  { tag, userAgent }: { readonly tag: string | null; readonly userAgent: string },
): SipResponse {
  const to = headerValue(request, 'To') ?? '';
  const tagged = tag === null || /;\s*tag=/i.test(to) ? to : `${to};tag=${own ?? tag}`;
  return {
    kind: 'response',
    status,
    reason: reasonOf(status),
    headers: [
      ...viasOf(request, from),
      ...request.headers.filter(({ name }) => COPIED.has(name)),
      { name: 'To', value: tagged },
      ...headers,
      { name: 'User-Agent', value: userAgent },
    ],
    body,
  };
}

/**
 * The Via headers of the request, the topmost value with `received` and `rport` filled in (RFC 3261 18.2.1, RFC 3581 4). All else
 * stays as it was written, a list one header: or a short request could draw a long answer (L16).
 */
function viasOf(message: SipRequest, { address, port }: Endpoint): readonly Header[] {
  const valuesOf = ({ value }: Header): readonly string[] => splitOutside(value, ',').filter((each) => each !== '');
  const [first, ...others] = message.headers.filter((header) => header.name === 'Via' && valuesOf(header).length > 0);
  const [top = '', ...rest] = first === undefined ? [] : valuesOf(first);
  const [sentBy = '', ...params] = splitOutside(top, ';');
  const asked = params.some((param) => /^rport\s*(=|$)/i.test(param));
  const kept = params.filter((param) => !/^(received|rport)\s*(=|$)/i.test(param));
  const filled = [sentBy, ...kept, ...(asked ? [`rport=${port}`] : []), `received=${address}`].join(';');
  return [{ name: 'Via', value: [filled, ...rest].join(',') }, ...others];
}

/** The source address, its port where `rport` asks, else the sent-by port (RFC 3261 18.2.2). */
export function replyTo(message: SipRequest, from: Endpoint): Endpoint {
  const via = topVia(message);
  if (!via.ok || via.value.params.some(({ name }) => name === 'rport')) return from;
  return { address: from.address, port: via.value.port ?? from.port };
}

/** The octets of its headers: what is shorter than the first copy is no retransmission (L16). */
export const octetsOf = ({ headers }: SipRequest): number => headers.reduce((sum, { value }) => sum + value.length, 0);
