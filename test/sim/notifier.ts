/** Owns the simulated proxy that also keeps presence: it takes SUBSCRIBE, notifies at once and on every change, and fails to order. */
import { endpointText } from '../../firmware/kernel/target.ts';
import { callIdOf, expiresOf, fromOf, headerValue, tagOf, toOf } from '../../firmware/sip/message/headers.ts';
import type { SipRequest, SipResponse } from '../../firmware/sip/message/message.ts';
import { CallPeer } from './call-peer.ts';
import type { PeerOptions, SipNode } from './sip-peer.ts';
import { respond } from './sip-peer.ts';
import { frontOf } from './sip-relay.ts';
import type { World } from './world.ts';

/** One NOTIFY: the branch of its transaction, and what it says. */
export interface Notice {
  readonly subscriber: Subscriber;
  readonly branch: string;
  /** What it says the resource does. */
  readonly tells: State;
  readonly ends: boolean;
  readonly data: string;
}

/** What a NOTIFY says that is not as usual. */
interface Said {
  readonly state?: string | undefined;
  readonly body?: string;
  readonly type?: string;
  /** Further header fields. */
  readonly more?: readonly string[];
}

/** One subscription as the notifier sees it. */
export interface Subscriber {
  readonly callId: string;
  readonly tag: string;
  readonly subscribe: SipRequest;
  readonly event: string;
  /** User part of what is watched. */
  readonly resource: string;
  /** Ours: the tag of its dialog. */
  readonly own: string;
  /** Whom it was asked by and tells by: itself, or the outbound proxy that stays in the way. */
  readonly front: SipNode;
  expiresAt: number;
  cseq: number;
  version: number;
}

export type State = 'idle' | 'ringing' | 'busy' | 'held';

export class Notifier extends CallPeer {
  readonly subscribers: Subscriber[] = [];
  /** What each resource does now; several notifiers may share one book. */
  states = new Map<string, State>();
  /** Longest expiry granted, s. */
  grantsS = 3600;
  /** What it accepts a fresh subscription with: notifiers of RFC 3265 say 202. */
  acceptsWith: 200 | 202 = 200;
  /** 423 below this, s. */
  leastS = 0;
  /** Answer to a SUBSCRIBE inside a dialog, null = as it should be. */
  refreshStatus: number | null = null;
  /** `never`: accepts, and says nothing. `before`: the NOTIFY overtakes the 2xx. */
  notifies: 'after' | 'before' | 'never' = 'after';
  /** `Subscription-State` of the first NOTIFY, null = active. */
  firstState: string | null = null;
  /** What the first NOTIFY, and the one after each refresh, says instead. */
  firstBody: { readonly type: string; readonly body: string } | null = null;
  #notified = 0;
  #begun = 0;
  readonly #theWorld: () => World;

  /** With passwords it asks for them at REGISTER. */
  constructor(place: string | PeerOptions, world: () => World, passwords?: Readonly<Record<string, string>>) {
    const options = typeof place === 'string' ? { address: place } : place;
    super({ ...options, ...(passwords === undefined ? {} : { passwords, challenge: true }) });
    this.#theWorld = world;
  }

  override answer(request: SipRequest, now: number): SipResponse | null {
    if (request.method !== 'SUBSCRIBE' || (this.status !== null && (this.statusFor ?? 'SUBSCRIBE') === 'SUBSCRIBE'))
      return super.answer(request, now);
    if (this.asksPassword && headerValue(request, 'Proxy-Authorization') === null) {
      // Real servers make a nonce from the clock: what is asked within a second is challenged alike.
      const value = `Digest realm="sim", nonce="at-${Math.floor(now / 1000)}-${this.address}", algorithm=MD5, qop="auth"`;
      return respond(request, 407, [{ name: 'Proxy-Authenticate', value }]);
    }
    const to = toOf(request);
    return to.ok && tagOf(to.value) !== null ? this.#again(request, now) : this.#begin(request, now);
  }

  /** The resource changes; whoever watches is told. */
  set(resource: string, state: State): void {
    this.states.set(resource, state);
    this.tell(resource);
  }

  tell(resource: string): void {
    for (const subscriber of this.subscribers)
      if (subscriber.resource === resource && subscriber.expiresAt > this.#theWorld().now) this.notify(subscriber, {});
  }

  /** The server ends a subscription by itself. */
  end(subscriber: Subscriber, state: string): void {
    this.subscribers.splice(this.subscribers.indexOf(subscriber), 1);
    this.notify(subscriber, { state: `terminated${state === '' ? '' : `;${state}`}` });
  }

  #begin(request: SipRequest, now: number): SipResponse | null {
    const asked = expiresOf(request) ?? 3600;
    if (asked < this.leastS) return this.#tooBrief(request);
    const from = fromOf(request);
    const to = toOf(request);
    const granted = Math.min(asked, this.grantsS);
    this.#begun += 1;
    const subscriber: Subscriber = {
      ...{ callId: callIdOf(request) ?? '', tag: from.ok ? (tagOf(from.value) ?? '') : '', subscribe: request },
      event: headerValue(request, 'Event') ?? '',
      resource: to.ok ? (to.value.uri?.user ?? '') : '',
      own: `n${this.address.split('.').at(-1)}-${this.#begun}`,
      front: frontOf(request, this, this.#theWorld()),
      ...{ expiresAt: now + granted * 1000, cseq: 0, version: -1 },
    };
    if (granted > 0) this.subscribers.push(subscriber);
    if (this.notifies !== 'never') {
      const first = { state: this.firstState ?? undefined, ...this.firstBody };
      if (this.notifies === 'before') this.notify(subscriber, first);
      else this.#theWorld().at(1, () => this.notify(subscriber, first));
    }
    if (this.notifies === 'before') this.delayMs = 50;
    return { ...respond(request, this.acceptsWith, [{ name: 'Expires', value: String(granted) }]) };
  }

  #tooBrief(request: SipRequest): SipResponse {
    return respond(request, 423, [{ name: 'Min-Expires', value: String(this.leastS) }]);
  }

  #again(request: SipRequest, now: number): SipResponse | null {
    const subscriber = this.subscribers.find(({ callId }) => callId === callIdOf(request));
    if (this.refreshStatus !== null) return respond(request, this.refreshStatus, []);
    if (subscriber === undefined) return respond(request, 481, []);
    const asked = expiresOf(request) ?? 3600;
    if (asked > 0 && asked < this.leastS) return this.#tooBrief(request);
    const granted = Math.min(asked, this.grantsS);
    subscriber.expiresAt = now + granted * 1000;
    if (asked === 0) this.#theWorld().at(1, () => this.end(subscriber, 'reason=timeout'));
    else this.#theWorld().at(1, () => this.notify(subscriber, { ...this.firstBody }));
    return respond(request, 200, [{ name: 'Expires', value: String(granted) }]);
  }

  notify(subscriber: Subscriber, { state, body, type, more = [] }: Said): void {
    this.#notified += 1;
    subscriber.cseq += 1;
    subscriber.version += 1;
    const { callId, tag, own, front, event, resource } = subscriber;
    const left = Math.max(0, Math.round((subscriber.expiresAt - this.#theWorld().now) / 1000));
    const tells = this.states.get(resource) ?? 'idle';
    const text = body ?? bodyOf(event, resource, tells, subscriber.version);
    const branch = `z9hG4bKn${this.address.split('.').at(-1)}-${this.#notified}`;
    const contact = (headerValue(subscriber.subscribe, 'Contact') ?? '').replace(/^<(.*)>$/, '$1');
    const lines = [
      `NOTIFY ${contact} SIP/2.0`,
      `Via: SIP/2.0/UDP ${endpointText(front)};branch=${branch}`,
      'Max-Forwards: 70',
      `From: <sip:${resource}@${this.address}>;tag=${own}`,
      `To: ${(headerValue(subscriber.subscribe, 'From') ?? '').replace(/;tag=.*/, '')};tag=${tag}`,
      `Call-ID: ${callId}`,
      `CSeq: ${subscriber.cseq} NOTIFY`,
      `Contact: <sip:${this.address}:${this.port}>`,
      ...(front === this ? [] : [`Record-Route: <sip:${endpointText(front)};lr>`]),
      `Event: ${event}`,
      `Subscription-State: ${state ?? `active;expires=${left}`}`,
      ...more,
      ...(text === '' ? [] : [`Content-Type: ${type ?? typeOf(event)}`]),
      `Content-Length: ${text.length}`,
      '',
      text,
    ];
    const ends = state?.startsWith('terminated') ?? false;
    this.deliver({ subscriber, branch, tells, ends, data: lines.join('\r\n') });
  }

  /** Sends it; once, and never mind whether it arrives. */
  protected deliver({ data, subscriber }: Notice): void {
    this.push(data, subscriber.front);
  }
}

const typeOf = (event: string): string =>
  event.startsWith('message-summary') ? 'application/simple-message-summary' : 'application/dialog-info+xml';

function bodyOf(event: string, resource: string, state: State, version: number): string {
  if (event.startsWith('message-summary'))
    return `Messages-Waiting: ${state === 'idle' ? 'no' : 'yes'}\r\nVoice-Message: ${state === 'idle' ? 0 : 1}/0\r\n`;
  return dialogInfo(resource, state, version);
}

const DIALOG: Readonly<Record<State, string>> = {
  idle: '',
  ringing: '<dialog id="d1" direction="recipient"><state>early</state></dialog>',
  busy: '<dialog id="d1" direction="initiator"><state>confirmed</state></dialog>',
  held: '<dialog id="d1" direction="initiator"><state>confirmed</state><local><target uri="sip:x@y"><param pname="+sip.rendering" pvalue="no"/></target></local></dialog>',
};

export const dialogInfo = (resource: string, state: State, version: number): string =>
  `<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="full" entity="sip:${resource}@x">${DIALOG[state]}</dialog-info>`;
