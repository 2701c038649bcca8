/** Owns the simulated proxy with a callee behind it: it rings, is picked up, refuses, hangs up, and remembers whether it still rings or is off-hook. */
import { callIdOf, cseqOf, headerValue } from '../../firmware/sip/message/headers.ts';
import type { Header, SipRequest, SipResponse } from '../../firmware/sip/message/message.ts';
import { serialize } from '../../firmware/sip/message/serialize.ts';
import type { PeerOptions, SipNode } from './sip-peer.ts';
import { respond, SipPeer } from './sip-peer.ts';
import type { World } from './world.ts';

/** What the callee does: responses by their time after the INVITE, ms. */
export type Script = readonly (readonly [number, number, Said?])[];

/** What an answer of a forked call has of its own. */
export interface Said {
  /** Of the place that answers; `sim` where there is one alone. */
  readonly tag?: string;
  readonly headers?: readonly Header[];
  /** Its description; `''` = none where there would be one. */
  readonly sdp?: string;
}

export const ANSWERS: Script = [
  [5, 100],
  [20, 180],
  [500, 200],
];
export const RINGS: Script = [
  [5, 100],
  [20, 180],
];

/** What it does with one call. `contact`: of its answers; `none` = those among `extra` alone. */
export interface Behaviour {
  readonly script: Script;
  readonly extra?: readonly Header[];
  readonly contact?: 'none';
}

export interface Callee {
  readonly behaviour: Behaviour;
  readonly invite: SipRequest;
  state: 'asked' | 'ringing' | 'off-hook' | 'talking' | 'over';
}

interface Asked {
  readonly headers?: readonly Header[];
  readonly body?: string;
  /** Of the place that asks, of a forked call. */
  readonly tag?: string;
}

export class CallPeer extends SipPeer {
  /** What it does with a call; what it asks for once, 407, comes before. */
  script: Script = ANSWERS;
  /** Further headers and the body of its answers. */
  extra: readonly Header[] = [];
  /** What it does with a call for this URI; null = `script` and `extra`, whoever is called. */
  behaviour: ((uri: string) => Behaviour) | null = null;
  sdp: string | null = null;
  /** The answer to a change of the session. */
  changeStatus = 200;
  /** The description in it; null = the usual one. */
  changeSdp: string | null = null;
  asksPassword = false;
  readonly callees: Callee[] = [];
  readonly acks: SipRequest[] = [];
  /** What it was told or asked inside calls, and what it says to that; null = nothing. */
  readonly told: SipRequest[] = [];
  toldStatus: number | null = 202;
  /** The answer to PRACK and UPDATE, null = none; its further headers, those of answers to a re-INVITE too. */
  followStatus: number | null = 200;
  followExtra: readonly Header[] = [];
  #world: World | null = null;
  #nonces = 0;
  #asked = 0;
  #lastChange: SipResponse | null = null;

  constructor(options: PeerOptions) {
    super({ ...options, challenge: options.challenge ?? false });
  }

  attach(world: World): this {
    this.#world = world;
    return this;
  }

  override answer(request: SipRequest, now: number): SipResponse | null {
    if (this.status !== null && (this.statusFor === null || this.statusFor === request.method)) {
      if (request.method === 'ACK') return null;
      return super.answer(request, now);
    }
    switch (request.method) {
      case 'INVITE':
        return /;tag=/.test(headerValue(request, 'To') ?? '') ? this.#changed(request) : this.#called(request);
      case 'ACK':
        this.acks.push(request);
        this.#of(request, 'off-hook', 'talking');
        return null;
      case 'PRACK':
      case 'UPDATE':
        this.told.push(request);
        return this.#followed(request);
      case 'REFER':
      case 'NOTIFY':
      case 'INFO':
        this.told.push(request);
        return this.toldStatus === null ? null : respond(request, this.toldStatus, []);
      case 'CANCEL':
        this.#cancelled(request);
        return respond(request, 200, []);
      case 'BYE':
        this.#of(request, 'talking', 'over');
        this.#of(request, 'off-hook', 'over');
        return respond(request, 200, []);
      default:
        return super.answer(request, now);
    }
  }

  /** Calls that still ring here, or are off-hook without anybody. */
  get busy(): number {
    return this.callees.filter(({ state }) => state !== 'over' && state !== 'talking').length;
  }

  /** The answer to the last change of the session once more, as if its ACK had been lost. */
  repeatChange(): void {
    if (this.#lastChange === null) throw new Error('nothing was changed');
    this.push(serialize(this.#lastChange));
  }

  hangUp(callee = this.callees.at(-1)): SipRequest {
    if (callee === undefined) throw new Error('nobody was called');
    callee.state = 'over';
    return this.ask('BYE', {}, callee);
  }

  /** A request of the callee inside the call. */
  ask(method: string, { headers = [], body = '', tag = 'sim' }: Asked = {}, callee = this.callees.at(-1)): SipRequest {
    if (callee === undefined) throw new Error('nobody was called');
    const { invite } = callee;
    this.#asked += 1;
    const [from, to] = [headerValue(invite, 'To'), headerValue(invite, 'From')];
    const contact = (headerValue(invite, 'Contact') ?? '').replace(/^<(.*)>$/, '$1');
    const request: SipRequest = {
      kind: 'request',
      method,
      uri: contact,
      headers: [
        { name: 'Via', value: `SIP/2.0/UDP ${this.address}:${this.port};branch=z9hG4bKin${this.#asked}` },
        { name: 'Max-Forwards', value: '70' },
        { name: 'From', value: `${from};tag=${tag}` },
        { name: 'To', value: to ?? '' },
        { name: 'Call-ID', value: callIdOf(invite) ?? '' },
        { name: 'CSeq', value: `${this.#asked} ${method}` },
        ...headers,
      ],
      body,
    };
    this.push(serialize(request));
    return request;
  }

  #followed(request: SipRequest): SipResponse | null {
    return this.followStatus === null ? null : respond(request, this.followStatus, this.followExtra);
  }

  #called(request: SipRequest): SipResponse | null {
    if (this.asksPassword && headerValue(request, 'Proxy-Authorization') === null) {
      this.#nonces += 1;
      const value = `Digest realm="sim", nonce="n${this.#nonces}", algorithm=MD5, qop="auth"`;
      return respond(request, 407, [{ name: 'Proxy-Authenticate', value }]);
    }
    const behaviour = this.behaviour?.(request.uri) ?? { script: this.script };
    const callee: Callee = { behaviour, invite: request, state: 'asked' };
    this.callees.push(callee);
    for (const [after, status, said] of behaviour.script) this.#world?.at(after, () => this.#say(callee, status, said));
    return null;
  }

  #say(callee: Callee, status: number, said: Said = {}): void {
    if (callee.state === 'over' || this.fault !== 'none') return;
    if (status === 180 || status === 183) callee.state = 'ringing';
    if (status >= 200) callee.state = status < 300 ? 'off-hook' : 'over';
    const usual = status === 183 || (status >= 200 && status < 300) ? (this.sdp ?? sdpOf(this.address)) : '';
    const body = said.sdp ?? usual;
    const contact = { name: 'Contact', value: `<sip:callee@${this.address}:${this.port}>` };
    const response = respond(callee.invite, status, [
      ...(status === 100 || callee.behaviour.contact === 'none' ? [] : [contact]),
      ...(callee.behaviour.extra ?? this.extra),
      ...(said.headers ?? []),
      ...(body !== '' ? [{ name: 'Content-Type', value: 'application/sdp' }] : []),
    ]);
    this.push(serialize({ ...tagged(response, said.tag), body }));
  }

  #changed(request: SipRequest): SipResponse | null {
    if (this.changeStatus !== 200) return respond(request, this.changeStatus, []);
    const direction = /a=sendonly/.test(request.body) ? 'recvonly' : 'sendrecv';
    const changed = {
      ...respond(request, 200, [{ name: 'Content-Type', value: 'application/sdp' }, ...this.followExtra]),
      body: this.changeSdp ?? sdpOf(this.address, direction),
    };
    this.#lastChange = changed;
    return changed;
  }

  #cancelled(request: SipRequest): void {
    const callee = this.callees.find(
      ({ invite, state }) => branchOf(invite) === branchOf(request) && (state === 'asked' || state === 'ringing'),
    );
    if (callee === undefined) return;
    this.#world?.at(1, () => this.#say(callee, 487));
  }

  #of(request: SipRequest, from: Callee['state'], to: Callee['state']): void {
    for (const callee of this.callees)
      if (callIdOf(callee.invite) === callIdOf(request) && callee.state === from) callee.state = to;
  }

  /** Sends these octets to the phone, by whoever stands between. */
  push(data: string, front: SipNode = this): void {
    const world = this.#world;
    if (world === null || this.fault !== 'none' || front.fault !== 'none') return;
    const { address, port } = front;
    // Over streams it speaks on the connection that the phone has to it.
    if (world.settings.transport > 1) {
      const flow = world.streams.flowTo(front);
      if (flow !== undefined) world.streams.push(flow, data);
      return;
    }
    for (const delay of world.net.copies(address))
      world.at(
        delay,
        () => world.net.usable && world.input({ kind: 'datagram', flow: null, from: { address, port }, data }),
      );
  }
}

/** The answer of another place that rings. */
const tagged = (response: SipResponse, tag: string | undefined): SipResponse =>
  tag === undefined
    ? response
    : {
        ...response,
        headers: response.headers.map((header) =>
          header.name === 'To' ? { ...header, value: header.value.replace(/;tag=.*$/, `;tag=${tag}`) } : header,
        ),
      };

const branchOf = (request: SipRequest): string => /branch=([^;]+)/.exec(headerValue(request, 'Via') ?? '')?.[1] ?? '';

export const sdpOf = (address: string, direction = 'sendrecv', port = 4000): string =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=${direction}\r\n`;

export const cseqNumber = (request: SipRequest): number => {
  const cseq = cseqOf(request);
  return cseq.ok ? cseq.value.number : Number.NaN;
};
