/** Owns somebody who calls the phone through a proxy: what he sends, and what the phone has answered. */
import { cseqOf, headerValue, tagOf, toOf } from '../../firmware/sip/message/headers.ts';
import type { Header, SipRequest, SipResponse } from '../../firmware/sip/message/message.ts';
import { parseMessage } from '../../firmware/sip/message/parse.ts';
import { serialize } from '../../firmware/sip/message/serialize.ts';
import type { CallPeer } from './call-peer.ts';
import { sdpOf } from './call-peer.ts';
import type { World } from './world.ts';

export interface CallerOptions {
  readonly to?: string;
  readonly from?: string;
  readonly body?: string;
  readonly callId?: string;
  readonly branch?: string;
  readonly headers?: readonly Header[];
}

export class Caller {
  readonly #world: World;
  readonly #proxy: CallPeer;
  readonly #options: CallerOptions;
  readonly invite: SipRequest;
  #branches = 0;
  #cseq = 1;

  constructor(world: World, proxy: CallPeer, options: CallerOptions = {}) {
    this.#world = world;
    this.#proxy = proxy;
    this.#options = options;
    this.invite = this.#request('INVITE', {
      body: options.body ?? sdpOf(proxy.address),
      headers: options.headers ?? [],
    });
  }

  call(): this {
    this.#proxy.push(serialize(this.invite));
    return this;
  }

  /** What the phone has answered to this call's requests of a method, statuses in their order. */
  answers(method = 'INVITE'): readonly SipResponse[] {
    return this.#world.replies.flatMap(({ data }) => {
      const parsed = parseMessage(data);
      if (!parsed.ok || parsed.value.kind !== 'response') return [];
      const cseq = cseqOf(parsed.value);
      const mine = headerValue(parsed.value, 'Call-ID') === headerValue(this.invite, 'Call-ID');
      return mine && cseq.ok && cseq.value.method === method ? [parsed.value] : [];
    });
  }

  statuses(method = 'INVITE'): readonly number[] {
    return this.answers(method).map(({ status }) => status);
  }

  ack(body = ''): this {
    return this.#send('ACK', { body, cseq: this.#cseq });
  }

  /** The ACK to a refusal: of the same transaction. */
  ackRefusal(): this {
    this.#proxy.push(
      serialize({
        ...this.invite,
        method: 'ACK',
        body: '',
        headers: this.invite.headers
          .filter(({ name }) => name !== 'Content-Type')
          .map((header) => (header.name === 'CSeq' ? { ...header, value: `${this.#cseq} ACK` } : header)),
      }),
    );
    return this;
  }

  cancel(headers: readonly Header[] = []): this {
    const twin = this.invite.headers.filter(({ name }) => !['Content-Type', 'Contact', 'CSeq'].includes(name));
    this.#proxy.push(
      serialize({
        ...{ kind: 'request', method: 'CANCEL', uri: this.invite.uri, body: '' },
        headers: [...twin, { name: 'CSeq', value: `${this.#cseq} CANCEL` }, ...headers],
      }),
    );
    return this;
  }

  bye(): this {
    this.#cseq += 1;
    return this.#send('BYE', {});
  }

  change(body: string): this {
    this.#cseq += 1;
    return this.#send('INVITE', { body });
  }

  /** A request inside the call: its number is the next. */
  ask(method: string, headers: readonly Header[] = [], body = ''): this {
    this.#cseq += 1;
    return this.#send(method, { headers, body });
  }

  /** By a re-INVITE with this body, without one by an UPDATE. */
  refresh(body: string, headers: readonly Header[]): this {
    return this.ask(body === '' ? 'UPDATE' : 'INVITE', headers, body);
  }

  #send(
    method: string,
    {
      body = '',
      cseq = this.#cseq,
      headers = [],
    }: { readonly body?: string; readonly cseq?: number; readonly headers?: readonly Header[] },
  ): this {
    this.#proxy.push(serialize(this.#request(method, { body, cseq, headers })));
    return this;
  }

  #request(
    method: string,
    { body, headers, cseq = 1 }: { readonly body: string; readonly headers: readonly Header[]; readonly cseq?: number },
  ): SipRequest {
    this.#branches += 1;
    const { to = '2001', from = '"Ada" <sip:300@192.0.2.1>', callId = 'call-in', branch = callId } = this.#options;
    const { address, port } = this.#proxy;
    const tag = this.invite === undefined ? null : this.#tag();
    return {
      kind: 'request',
      method,
      uri: `sip:${to}@192.0.2.100:5060`,
      headers: [
        { name: 'Via', value: `SIP/2.0/UDP ${address}:${port};branch=z9hG4bK${branch}${this.#branches}` },
        { name: 'Max-Forwards', value: '70' },
        { name: 'From', value: `${from};tag=caller` },
        { name: 'To', value: `<sip:${to}@192.0.2.1>${tag === null ? '' : `;tag=${tag}`}` },
        { name: 'Call-ID', value: callId },
        { name: 'CSeq', value: `${cseq} ${method}` },
        { name: 'Contact', value: `<sip:300@${address}:${port}>` },
        ...headers,
        ...(body === '' || headers.some(({ name }) => name === 'Content-Type')
          ? []
          : [{ name: 'Content-Type', value: 'application/sdp' }]),
      ],
      body,
    };
  }

  #tag(): string | null {
    for (const answer of this.answers().toReversed()) {
      const to = toOf(answer);
      const tag = to.ok ? tagOf(to.value) : null;
      if (tag !== null) return tag;
    }
    return null;
  }
}
