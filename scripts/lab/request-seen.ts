/** Owns what the lab notes of a request that a registrar has answered. */
import type { AddressHeader, Remote, SipMessage } from 'sip';
import sip from 'sip';
import { seconds } from './location.ts';
import type { seen } from './serve.ts';

export const contactsOf = (request: SipMessage): readonly AddressHeader[] =>
  Array.isArray(request.headers['contact']) ? (request.headers['contact'] as readonly AddressHeader[]) : [];

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export function seenOf(
  request: SipMessage,
  method: string,
  remote: Remote,
  status: number,
): Parameters<typeof seen>[0] {
  const { headers } = request;
  const [contact] = contactsOf(request);
  const expires = text(contact?.params['expires'] ?? headers['expires']);
  return {
    method,
    user: sip.parseUri(headers.to.uri)?.user ?? '',
    from: `${remote.protocol.toLowerCase()}:${remote.address}:${remote.port}`,
    callId: headers['call-id'],
    cseq: headers.cseq.seq,
    branch: String(headers.via[0]?.params['branch'] ?? ''),
    contact: contact?.uri ?? null,
    expires: expires === undefined ? null : seconds(expires),
    status,
  };
}
