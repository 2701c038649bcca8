/** Owns keys told by SIP INFO inside a call: ours in the form that most servers read, and the answer to those of others (RFC 6086; legacy use 2). */
import { headerValue } from '../message/headers.ts';
import type { Header, SipRequest } from '../message/message.ts';
import type { Answer } from './answers.ts';

/** The INFO of one key. */
export const relayed = (key: string, ms: number): { readonly headers: readonly Header[]; readonly body: string } => ({
  headers: [{ name: 'Content-Type', value: 'application/dtmf-relay' }],
  body: `Signal=${key}\r\nDuration=${Math.round(ms)}\r\n`,
});

const LEGACY = /^application\/(dtmf-relay|dtmf|hook-flash)\s*(;|$)/i;

/** Without a package it is of the legacy kind: keys are taken, and nothing at all is a sign of life (RFC 6086 4.2.2, 9.1). */
export function informed(request: SipRequest): Answer {
  if (headerValue(request, 'Info-Package') !== null)
    return { status: 469, headers: [{ name: 'Recv-Info', value: '' }] };
  const type = headerValue(request, 'Content-Type');
  if (request.body === '' || (type !== null && LEGACY.test(type))) return { status: 200 };
  return { status: 415, headers: [{ name: 'Accept', value: 'application/dtmf-relay' }] };
}
