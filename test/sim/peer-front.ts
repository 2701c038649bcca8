/** Owns what stands before a simulated server's own logic: its faults, its queue while frozen, and its server transactions. */
import { headerValue } from '../../firmware/sip/message/headers.ts';
import type { SipRequest, SipResponse } from '../../firmware/sip/message/message.ts';
import type { SipNode } from './sip-peer.ts';

export type Reaction =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'icmp'; readonly cause: 'refused' | 'unreachable' }
  | { readonly kind: 'respond'; readonly response: SipResponse; readonly thinkMs: number };

const NOTHING: Reaction = { kind: 'nothing' };

interface Arrived {
  readonly flow: string;
  readonly request: SipRequest;
}

export class PeerFront {
  readonly #served = new Map<string, { readonly response: SipResponse | null; readonly readyAt: number }>();
  readonly #frozen = new Map<SipNode, Arrived[]>();

  arrive(peer: SipNode, arrived: Arrived, now: number): Reaction {
    switch (peer.fault) {
      case 'silent':
        return NOTHING;
      case 'killed':
        return { kind: 'icmp', cause: 'refused' };
      case 'unreachable':
        return { kind: 'icmp', cause: 'unreachable' };
      case 'frozen':
        this.#frozen.set(peer, [...(this.#frozen.get(peer) ?? []), arrived]);
        return NOTHING;
      case 'mute':
        this.#serve(peer, arrived, now);
        return NOTHING;
      case 'none':
        return this.#serve(peer, arrived, now);
    }
  }

  /** The peer goes on: what it does with all that has come meanwhile. */
  thaw(peer: SipNode, now: number): readonly { readonly flow: string; readonly reaction: Reaction }[] {
    const queued = this.#frozen.get(peer) ?? [];
    this.#frozen.delete(peer);
    return queued.map((arrived) => ({ flow: arrived.flow, reaction: this.arrive(peer, arrived, now) }));
  }

  /** A retransmission gets the last response again, and nothing while the server is still thinking (RFC 3261 17.2.2). */
  #serve(peer: SipNode, { flow, request }: Arrived, now: number): Reaction {
    peer.seen.push({ at: now, request });
    const key = `${flow} ${headerValue(request, 'Via')} ${request.method}`;
    const known = this.#served.get(key);
    if (known !== undefined) return known.readyAt <= now ? reactionOf(known.response, 0) : NOTHING;
    const response = peer.answer(request, now);
    this.#served.set(key, { response, readyAt: now + peer.delayMs });
    return reactionOf(response, peer.delayMs);
  }
}

const reactionOf = (response: SipResponse | null, thinkMs: number): Reaction =>
  response === null ? NOTHING : { kind: 'respond', response, thinkMs };
