/** Owns the lab's word on a transfer: whoever is asked to call another says at once that it does so, and then that it was answered (RFC 3515 2.4). */
import type { AddressHeader, Connection, SipMessage, Transactions } from 'sip';
import type { Answer } from './authenticate.ts';

export interface RefereeOptions {
  readonly address: string;
  readonly port: number;
  readonly transactions: Transactions;
}

export interface Referee {
  /** A REFER within a call; `way`: the connection that it came by. */
  referred(request: SipMessage, way: Connection): Answer;
}

/** The one who is called lets it ring for a while, ms. */
const STEPS = [
  { afterMs: 0, said: 'SIP/2.0 100 Trying', state: 'active;expires=60' },
  { afterMs: 500, said: 'SIP/2.0 200 OK', state: 'terminated;reason=noresource' },
] as const;

export function createReferee({ address, port, transactions }: RefereeOptions): Referee {
  const contact = [{ uri: `sip:echo@${address}:${port}`, params: {} }];

  return {
    referred({ headers }, way) {
      if (headers.to.params['tag'] === undefined) return [403, 'Forbidden'];
      if (headers['refer-to'] === undefined) return [400, 'Refer-To Missing'];
      for (const [index, { afterMs, said, state }] of STEPS.entries()) {
        const notify = {
          ...{ method: 'NOTIFY', version: '2.0', content: `${said}\r\n` },
          uri: (headers['contact'] as readonly AddressHeader[])[0]?.uri ?? '',
          headers: {
            via: [{ version: '2.0', protocol: way.protocol, host: address, port, params: {} }],
            'max-forwards': 70,
            ...{ from: headers.to, to: headers['from'], 'call-id': headers['call-id'] },
            ...{ cseq: { method: 'NOTIFY', seq: index + 1 }, contact, event: 'refer', 'subscription-state': state },
            'content-type': 'message/sipfrag;version=2.0',
          },
        } as unknown as SipMessage;
        setTimeout(() => transactions.createClientTransaction(way, notify, () => undefined), afterMs).unref();
      }
      return [202, 'Accepted', { contact }];
    },
  };
}
