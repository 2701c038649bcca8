/** Owns the shape of a SIP message as data (RFC 3261 7). Octets are latin-1 characters; UTF-8 is decoded only where text is shown. */

export interface Header {
  /** Canonical where known ("Via", "Call-ID"), else as written. */
  readonly name: string;
  /** Unfolded and trimmed. */
  readonly value: string;
}

export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  /** Request-URI as text. */
  readonly uri: string;
  readonly headers: readonly Header[];
  readonly body: string;
}

export interface SipResponse {
  readonly kind: 'response';
  /** 100 to 699. */
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
  readonly body: string;
}

export type SipMessage = SipRequest | SipResponse;
