/** Owns one call as its far side has it, and the requests and answers that it says in it. */
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import type { Header, SipRequest, SipResponse } from '../../../firmware/sip/message/message.ts';
import type { SipNode } from '../sip-peer.ts';
import { respond } from '../sip-peer.ts';

/** One call, as its far side has it. `local`, `remote`: both ends with their tags, as requests of the far side name them. */
export interface Leg {
  readonly callId: string;
  readonly local: string;
  remote: string;
  target: string;
  readonly invite: SipRequest;
  /** Whom it is heard and told by: the server itself, or the outbound proxy that stays in the way. */
  readonly front: SipNode;
  state: 'calling' | 'asked' | 'ringing' | 'off-hook' | 'talking' | 'over';
  /** What the phone was asked to do by REFER: `asked` until it has told how that ended. */
  referred: 'no' | 'asked' | 'told';
  cseq: number;
}

interface Place {
  readonly address: string;
  readonly port: number;
}

/** Before there is one. */
export const NONE: SipRequest = { kind: 'request', method: 'INVITE', uri: '', headers: [], body: '' };

/** A request in this call; `number`: of its branch, at the place that sends it. */
export function requestIn(
  leg: Leg,
  { address, port }: Place,
  number: number,
  { method, headers, body }: Pick<SipRequest, 'method' | 'headers' | 'body'>,
): SipRequest {
  return {
    ...{ kind: 'request', method, uri: leg.target, body },
    headers: [
      { name: 'Via', value: `SIP/2.0/UDP ${address}:${port};branch=z9hG4bKx${address}-${port}-${number}` },
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: leg.local },
      { name: 'To', value: leg.remote },
      { name: 'Call-ID', value: leg.callId },
      { name: 'CSeq', value: `${leg.cseq + 1} ${method}` },
      { name: 'Contact', value: `<sip:callee@${address}:${port}>` },
      ...recordedBy(leg.front, { address, port }),
      ...headers,
    ],
  };
}

/** What a dialog begins with by another way (RFC 3261 16.6). */
export const recordedBy = ({ address, port }: SipNode, server: Place): readonly Header[] =>
  address === server.address && port === server.port
    ? []
    : [{ name: 'Record-Route', value: `<sip:${address}:${port};lr>` }];

/** Of the INVITE's own transaction. */
export function twinOf(leg: Leg, method: 'ACK' | 'CANCEL'): SipRequest {
  const headers = leg.invite.headers
    .filter(({ name }) => !['Content-Type', 'Contact'].includes(name))
    .map((one) => (one.name === 'CSeq' ? { ...one, value: `1 ${method}` } : one));
  return { ...leg.invite, method, body: '', headers };
}

export const describedAt = ({ address, port }: Place): readonly Header[] => [
  { name: 'Contact', value: `<sip:callee@${address}:${port}>` },
  { name: 'Content-Type', value: 'application/sdp' },
];

/** In a dialog both tags stand in the request already. */
export function plain(request: SipRequest, status: number, extra: readonly Header[] = []): SipResponse {
  const response = respond(request, status, extra);
  const to = headerValue(request, 'To') ?? '';
  return { ...response, headers: response.headers.map((one) => (one.name === 'To' ? { ...one, value: to } : one)) };
}
