/**
 * Owns a server of random worlds with people behind it: whoever is called there rings, answers, refuses, sends elsewhere, hands over,
 * holds, hangs up, and calls the phone. What must arrive is repeated, as over a network that loses it (RFC 3261 13.3.1.4, 17.1).
 */
import type { Random } from '../../../firmware/kernel/random.ts';
import { callIdOf, cseqOf, headerValue, tagOf, toOf } from '../../../firmware/sip/message/headers.ts';
import type { Header, SipRequest, SipResponse } from '../../../firmware/sip/message/message.ts';
import { parseMessage } from '../../../firmware/sip/message/parse.ts';
import { serialize } from '../../../firmware/sip/message/serialize.ts';
import { sdpOf } from '../call-peer.ts';
import { pick } from '../plan.ts';
import type { PeerOptions, SipNode } from '../sip-peer.ts';
import { respond, SipPeer } from '../sip-peer.ts';
import { frontOf } from '../sip-relay.ts';
import { flowOf } from '../trace.ts';
import type { World } from '../world.ts';
import type { Leg } from './leg.ts';
import { describedAt, NONE, plain, recordedBy, requestIn, twinOf } from './leg.ts';

/** What somebody does who is called: responses by their time, ms. */
type Script = readonly (readonly [number, number])[];
const SCRIPTS: readonly [Script, ...Script[]] = [
  [
    [5, 100],
    [20, 180],
    [900, 200],
  ],
  [
    [5, 100],
    [20, 180],
    [4000, 200],
  ],
  [
    [5, 100],
    [30, 183],
    [700, 200],
  ],
  [[1, 200]],
  [
    [5, 100],
    [20, 180],
  ],
  [
    [3000, 180],
    [5000, 200],
  ],
  [
    [5, 100],
    [400, 486],
  ],
  [[10, 404]],
  [
    [5, 100],
    [20, 180],
    [600, 503],
  ],
  [[10, 302]],
];
/** When what must arrive is said again, and when it is given up, ms. */
const AGAIN_MS = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
const GIVEN_UP_MS = 32_000;
const LOOKS_MS = 20;

const isUnanswered = ({ state }: Leg): boolean => state === 'asked' || state === 'ringing';

export class Exchange extends SipPeer {
  readonly legs: Leg[] = [];
  /** Outbound proxies by which the phone may be called. */
  ways: readonly SipNode[] = [];
  readonly #world: () => World;
  readonly #random: Random;
  #made = 0;

  constructor(options: PeerOptions, world: () => World, random: Random) {
    super(options);
    this.#world = world;
    this.#random = random;
  }

  /** A new process: nobody here knows of any call. */
  override restart(now: number): void {
    super.restart(now);
    this.forget();
  }

  forget(): void {
    for (const leg of this.legs.splice(0)) leg.state = 'over';
  }

  /** Calls that are not over, at their far side. */
  live(): readonly Leg[] {
    return this.legs.filter(({ state }) => state !== 'over');
  }

  override answer(request: SipRequest, now: number): SipResponse | null {
    const refuses = this.status !== null && (this.statusFor === null || this.statusFor === request.method);
    if (request.method === 'ACK') return this.#acknowledged(request);
    if (refuses || request.method === 'REGISTER' || request.method === 'OPTIONS') return super.answer(request, now);
    const isNew = request.method === 'INVITE' && !/;tag=/.test(headerValue(request, 'To') ?? '');
    if (isNew) return this.#called(request);
    const leg = this.live().find(({ callId }) => callId === callIdOf(request));
    if (leg === undefined) return respond(request, 481, []);
    return this.#followed(leg, request);
  }

  /** Somebody calls this user of the phone, and gives up after so long, ms. */
  call(user: string, patienceMs: number): void {
    this.#made += 1;
    const callId = `in-${this.address}-${this.#made}`;
    const leg: Leg = {
      ...{ callId, local: `<sip:300@${this.address}>;tag=i${this.#made}`, remote: `<sip:${user}@${this.address}>` },
      ...{ target: `sip:${user}@${this.#world().localAddress}:5060`, state: 'calling', referred: 'no', cseq: 0 },
      ...{ invite: NONE, front: this.ways.length === 0 ? this : pick(this.#random, [this, ...this.ways]) },
    };
    const invite = this.#written(
      leg,
      'INVITE',
      [{ name: 'Content-Type', value: 'application/sdp' }],
      sdpOf(this.address),
    );
    const called = { ...leg, invite, cseq: 1 };
    this.legs.push(called);
    this.#insist(called, serialize(invite), () => called.state === 'calling');
    this.#listen(called, this.#world().replies.length, this.#world().now + patienceMs);
  }

  hangUp(leg: Leg): void {
    leg.state = 'over';
    this.#ask(leg, 'BYE');
  }

  /** The far side wants the phone to call somebody else instead. */
  refer(leg: Leg, number: string): void {
    leg.referred = 'asked';
    this.#ask(leg, 'REFER', [{ name: 'Refer-To', value: `<sip:${number}@${this.address}>` }]);
  }

  change(leg: Leg): void {
    const direction = pick(this.#random, ['sendonly', 'sendrecv', 'inactive'] as const);
    this.#ask(leg, 'INVITE', [{ name: 'Content-Type', value: 'application/sdp' }], sdpOf(this.address, direction));
  }

  #called(invite: SipRequest): SipResponse | null {
    // Reached by two ways (RFC 3261 8.2.2.2).
    if (this.live().some(({ callId }) => callId === callIdOf(invite))) return respond(invite, 482, []);
    this.#made += 1;
    const leg: Leg = {
      ...{ callId: callIdOf(invite) ?? '', local: `${headerValue(invite, 'To')};tag=o${this.#made}`, invite },
      ...{ remote: headerValue(invite, 'From') ?? '', state: 'asked', referred: 'no', cseq: 0 },
      target: /<([^>]*)>/.exec(headerValue(invite, 'Contact') ?? '')?.[1] ?? '',
      front: frontOf(invite, this, this.#world()),
    };
    this.legs.push(leg);
    for (const [after, status] of pick(this.#random, SCRIPTS))
      this.#world().at(after + this.delayMs, () => isUnanswered(leg) && this.#say(leg, status));
    return null;
  }

  #say(leg: Leg, status: number): void {
    if (status === 180 || status === 183) leg.state = 'ringing';
    if (status >= 200) leg.state = status < 300 ? 'off-hook' : 'over';
    const response = respond(leg.invite, status, [
      { name: 'Contact', value: `<sip:${status === 302 ? '209' : 'callee'}@${this.address}:${this.port}>` },
      ...recordedBy(leg.front, this),
      ...(status === 183 || status === 200 ? [{ name: 'Content-Type', value: 'application/sdp' }] : []),
    ]);
    const headers = response.headers.map((one) => (one.name === 'To' ? { ...one, value: leg.local } : one));
    const text = serialize({ ...response, headers, body: status === 183 || status === 200 ? sdpOf(this.address) : '' });
    if (status < 200) return this.push(text, leg.front);
    const begun = this.#world().now;
    this.#insist(leg, text, () => (status < 300 ? leg.state === 'off-hook' : this.#world().now - begun < 2000));
    // Whom nobody acknowledges hangs up (RFC 3261 13.3.1.4).
    if (status < 300) this.#world().at(GIVEN_UP_MS, () => leg.state === 'off-hook' && this.hangUp(leg));
  }

  #acknowledged(ack: SipRequest): null {
    for (const leg of this.legs) if (leg.callId === callIdOf(ack) && leg.state === 'off-hook') leg.state = 'talking';
    return null;
  }

  #followed(leg: Leg, request: SipRequest): SipResponse | null {
    switch (request.method) {
      case 'CANCEL':
        this.#world().at(1, () => isUnanswered(leg) && this.#say(leg, 487));
        return respond(request, 200, []);
      case 'BYE':
        leg.state = 'over';
        return plain(request, 200);
      case 'REFER':
        this.#world().at(20, () => this.#note(leg, 100));
        this.#world().at(800, () => this.#note(leg, pick(this.#random, [200, 200, 486])));
        return plain(request, 202);
      case 'NOTIFY':
        if (/^terminated/.test(headerValue(request, 'Subscription-State') ?? '')) leg.referred = 'told';
        return plain(request, 200);
      case 'INVITE': {
        const direction = /a=sendonly/.test(request.body) ? 'recvonly' : 'sendrecv';
        return { ...plain(request, 200, describedAt(this)), body: sdpOf(this.address, direction) };
      }
      default:
        return plain(request, 200);
    }
  }

  #note(leg: Leg, code: number): void {
    if (leg.state === 'over') return;
    const state = code < 200 ? 'active;expires=60' : 'terminated;reason=noresource';
    const headers = [
      { name: 'Event', value: 'refer' },
      { name: 'Subscription-State', value: state },
      { name: 'Content-Type', value: 'message/sipfrag' },
    ];
    this.#ask(leg, 'NOTIFY', headers, `SIP/2.0 ${code} Whatever\r\n`);
  }

  /** What the phone answers to a call of ours, as it comes: rung, answered, refused, or given up here. */
  #listen(leg: Leg, from: number, until: number): void {
    if (leg.state === 'over') return;
    const world = this.#world();
    const { replies } = world;
    for (const { data } of replies.slice(from)) if (data.includes(leg.callId)) this.#heard(leg, data);
    if (leg.state === 'ringing' && world.now > until) {
      leg.state = 'over';
      this.push(serialize(twinOf(leg, 'CANCEL')), leg.front);
      return;
    }
    if (leg.state === 'calling' && world.now > until + GIVEN_UP_MS) leg.state = 'over';
    world.at(LOOKS_MS, () => this.#listen(leg, replies.length, until));
  }

  #heard(leg: Leg, data: string): void {
    const parsed = parseMessage(data);
    if (!parsed.ok || parsed.value.kind !== 'response') return;
    const { status } = parsed.value;
    const cseq = cseqOf(parsed.value);
    const to = toOf(parsed.value);
    if (!cseq.ok || cseq.value.method !== 'INVITE' || !to.ok) return;
    if (status > 100 && tagOf(to.value) !== null) leg.remote = headerValue(parsed.value, 'To') ?? leg.remote;
    if (status < 200) {
      if (leg.state === 'calling') leg.state = 'ringing';
      return;
    }
    if (status >= 300) {
      if (cseq.value.number === 1) leg.state = 'over';
      this.push(serialize(twinOf(leg, 'ACK')), leg.front);
      return;
    }
    leg.target = /<([^>]*)>/.exec(headerValue(parsed.value, 'Contact') ?? '')?.[1] ?? leg.target;
    if (leg.state === 'calling' || leg.state === 'ringing') leg.state = 'talking';
    const ack = this.#written({ ...leg, cseq: cseq.value.number - 1 }, 'ACK');
    this.push(serialize(ack), leg.front);
  }

  #ask(leg: Leg, method: string, headers: readonly Header[] = [], body = ''): void {
    const text = serialize(this.#written(leg, method, headers, body));
    leg.cseq += 1;
    // Nobody tells it of the answer: it says so three times, as who hears none.
    for (const after of AGAIN_MS.slice(0, 3)) this.#world().at(after, () => this.push(text, leg.front));
    if (method !== 'INVITE') return;
    const { cseq } = leg;
    this.#world().at(1000, () => this.push(serialize(this.#written({ ...leg, cseq: cseq - 1 }, 'ACK')), leg.front));
  }

  #written(leg: Leg, method: string, headers: readonly Header[] = [], body = ''): SipRequest {
    this.#made += 1;
    return requestIn(leg, this, this.#made, { method, headers, body });
  }

  #insist({ front }: Leg, text: string, isNeeded: () => boolean): void {
    for (const after of AGAIN_MS) this.#world().at(after, () => isNeeded() && this.push(text, front));
  }

  /** Sends these octets to the phone, if the network and the health of whom they pass let them. */
  push(data: string, front: SipNode): void {
    const world = this.#world();
    if (this.fault !== 'none' || front.fault !== 'none') return;
    const from = { address: front.address, port: front.port };
    for (const delay of world.net.copies(front.address))
      world.at(delay, () => {
        if (!world.net.usable) return;
        const parsed = parseMessage(data);
        if (parsed.ok && parsed.value.kind === 'response') world.seen(flowOf(front), parsed.value, data);
        world.input({ kind: 'datagram', flow: null, from, data });
      });
  }
}
