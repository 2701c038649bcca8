/** Owns the lab's own calls: the echo calls whom it is told to; whoever dials 55 finds it busy, and is called back a moment later (RFC 3261 13.2, 9.1). */
import { randomBytes } from 'node:crypto';
import type { Connection, SipMessage, Transactions } from 'sip';
import type { Callee } from './callee.ts';
import type { CallHeader } from './protocol.ts';

export const CALL_BACK_NUMBER = '55';
/** The handset is laid down first. */
const CALL_BACK_MS = 1500;
/** The caller gives up: a missed call. A minute for a person; as much again for a phone on a machine that stalls. */
const PATIENCE_MS = 120_000;

export interface CallerOptions {
  readonly address: string;
  readonly port: number;
  readonly callee: Callee;
  readonly transactions: Transactions;
}

/** How a user is reached now; null = not at all. */
export type Reach = () => { readonly connection: Connection; readonly contact: string } | null;

export interface Caller {
  /** Calls now; returns whether the user is reached. */
  call(user: string, reach: Reach, header?: CallHeader | null): boolean;
  /** Calls a moment later. */
  callBack(user: string, reach: Reach): void;
}

export function createCaller({ address, port, callee, transactions }: CallerOptions): Caller {
  const own = `sip:echo@${address}:${port}`;

  function call(user: string, reach: Reach, header: CallHeader | null = null): boolean {
    const way = reach();
    if (way === null) return false;
    const tag = randomBytes(8).toString('hex');
    const callId = randomBytes(16).toString('hex');
    const request = (method: string, uri: string, headers: object, content = ''): SipMessage =>
      ({
        ...{ method, uri, version: '2.0', content },
        headers: {
          via: [{ version: '2.0', protocol: way.connection.protocol, host: address, port, params: {} }],
          'max-forwards': 70,
          from: { name: '"Echo"', uri: own, params: { tag } },
          to: { uri: `sip:${user}@${address}`, params: {} },
          'call-id': callId,
          cseq: { method, seq: 1 },
          contact: [{ uri: own, params: {} }],
          ...headers,
        },
      }) as unknown as SipMessage;
    const said = header === null ? {} : { [header.name.toLowerCase()]: header.value };
    const invite = request('INVITE', way.contact, { ...said, 'content-type': 'application/sdp' }, callee.offer());
    callee.adopt(callId, tag);
    const patience = setTimeout(() => giveUp(), PATIENCE_MS).unref();
    transactions.createClientTransaction(way.connection, invite, (response) => {
      if (response.status < 200) return;
      clearTimeout(patience);
      if (response.status >= 300) return callee.forget(callId);
      const target = (response.headers['contact'] as readonly { readonly uri: string }[] | undefined)?.[0]?.uri;
      const via = [{ ...invite.headers.via[0], params: { branch: `z9hG4bK${randomBytes(8).toString('hex')}` } }];
      const ack = request('ACK', target ?? way.contact, { to: response.headers.to, via });
      reach()?.connection.send(ack);
    });

    function giveUp(): void {
      const again = reach();
      if (again === null) return;
      const cancel = request('CANCEL', invite.uri, { via: invite.headers.via });
      transactions.createClientTransaction(again.connection, cancel, () => undefined);
    }
    return true;
  }

  return {
    call,
    callBack: (user, reach) => void setTimeout(() => call(user, reach), CALL_BACK_MS).unref(),
  };
}
