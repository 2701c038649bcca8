/** Owns the identity of transactions: how a message finds its own (RFC 3261 17.1.3, 17.2.3). */

import { cseqOf, vias } from '../message/headers.ts';
import type { SipResponse } from '../message/message.ts';

/** Every branch made since RFC 3261 starts so. */
const MAGIC_COOKIE = 'z9hG4bK';

/** A response finds its client transaction by branch and CSeq method. */
export const clientKey = (branch: string, method: string): string => `${branch} ${method}`;

/** The transaction that a response belongs to, null where it names none: it has one Via, with our branch (18.1.2). */
export function responseKey(response: SipResponse): string | null {
  const via = vias(response);
  const cseq = cseqOf(response);
  const [only, ...more] = via.ok ? via.value : [];
  const branch = only?.params.find(({ name }) => name === 'branch')?.value;
  return branch == null || more.length > 0 || !cseq.ok ? null : clientKey(branch, cseq.value.method);
}

export interface ServerIdentity {
  readonly branch: string;
  /** Host and port of the topmost Via, as `host:port`. */
  readonly sentBy: string;
  readonly method: string;
  /** For branches without the cookie (RFC 2543): what else tells requests apart. */
  readonly callId?: string;
  readonly cseq?: number;
  readonly uri?: string;
}

/** A request finds its server transaction by branch, sent-by and method; the ACK to a refusal belongs to its INVITE. */
export function serverKey({ branch, sentBy, method, callId, cseq, uri }: ServerIdentity): string {
  const of = method === 'ACK' ? 'INVITE' : method;
  if (branch.startsWith(MAGIC_COOKIE)) return `${branch} ${sentBy.toLowerCase()} ${of}`;
  return `2543 ${sentBy.toLowerCase()} ${of} ${callId ?? ''} ${cseq ?? ''} ${uri ?? ''}`;
}
