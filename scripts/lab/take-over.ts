/** Owns calls of the lab's callee that somebody takes over: who was talked to before is told good-bye (RFC 3891 3). */
import { randomBytes } from 'node:crypto';
import type { AddressHeader, Connection, SipMessage, Transactions } from 'sip';

export interface TakeOversOptions {
  readonly address: string;
  readonly port: number;
  readonly transactions: Transactions;
}

export interface TakeOvers {
  /** Whether a call names one that it would take over, and there is none. */
  isAstray(invite: SipMessage): boolean;
  /** The callee talks to them now, with this tag; `way`: the connection that they called by. Returns the Call-ID that is over. */
  answered(invite: SipMessage, tag: string, way: () => Connection | null): string | null;
  ended(callId: string): void;
}

interface Talk {
  readonly invite: SipMessage;
  readonly tag: string;
  readonly way: () => Connection | null;
}

export function createTakeOvers({ address, port, transactions }: TakeOversOptions): TakeOvers {
  const talks = new Map<string, Talk>();

  /** RFC 3891 3: our tag is the `to-tag`, theirs the `from-tag`. */
  function named({ headers }: SipMessage): Talk | null {
    const [, callId = '', params = ''] = /^([^;]+);(.*)$/.exec(String(headers['replaces'] ?? '')) ?? [];
    const talk = talks.get(callId.trim());
    const theirs = (talk?.invite.headers['from'] as AddressHeader | undefined)?.params['tag'];
    const tagOf = (name: string): string | undefined => new RegExp(`(?:^|;)${name}=([^;]+)`).exec(params)?.[1];
    return talk !== undefined && tagOf('to-tag') === talk.tag && tagOf('from-tag') === theirs ? talk : null;
  }

  function sayGoodbye({ invite: { headers }, tag, way }: Talk): void {
    const connection = way();
    if (connection === null) return;
    const bye = {
      ...{ method: 'BYE', version: '2.0', content: '' },
      uri: (headers['contact'] as readonly AddressHeader[])[0]?.uri ?? '',
      headers: {
        via: [{ version: '2.0', protocol: connection.protocol, host: address, port, params: {} }],
        'max-forwards': 70,
        ...{ from: { ...headers.to, params: { ...headers.to.params, tag } }, to: headers['from'] },
        ...{ 'call-id': headers['call-id'], cseq: { method: 'BYE', seq: randomBytes(2).readUInt16BE() + 1 } },
      },
    } as unknown as SipMessage;
    transactions.createClientTransaction(connection, bye, () => undefined);
  }

  return {
    isAstray: (invite) => invite.headers['replaces'] !== undefined && named(invite) === null,
    answered(invite, tag, way) {
      const over = named(invite);
      talks.set(invite.headers['call-id'], { invite, tag, way });
      if (over === null) return null;
      sayGoodbye(over);
      const callId = over.invite.headers['call-id'];
      talks.delete(callId);
      return callId;
    },
    ended: (callId) => void talks.delete(callId),
  };
}
