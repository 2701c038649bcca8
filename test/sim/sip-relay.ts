/** Owns the simulated outbound proxy: it hands a request to a registrar behind it, by the Request-URI, and stays in the way of subscriptions. */
import type { Transport } from '../../firmware/kernel/target.ts';
import type { SipRequest, SipResponse } from '../../firmware/sip/message/message.ts';
import { parseUri } from '../../firmware/sip/message/uri.ts';
import type { PeerFault, Seen, SipNode, SipPeer } from './sip-peer.ts';
import { respond } from './sip-peer.ts';

export interface RelayOptions {
  readonly address: string;
  readonly port?: number;
  readonly listens?: readonly Transport[];
  readonly certificate?: string;
  /** The registrars by the name or address of the Request-URI, in the order in which the proxy asks them. */
  readonly behind: Readonly<Record<string, readonly SipPeer[]>>;
  /** What it says where none of them answers; null = nothing. */
  readonly whenDead?: number | null;
}

export class SipRelay implements SipNode {
  readonly address: string;
  readonly port: number;
  readonly seen: Seen[] = [];
  readonly listens: readonly Transport[];
  readonly certificate: string | null;
  accepts = 0;
  hangsUp: SipNode['hangsUp'] = 'never';
  answersPings = true;
  fault: PeerFault = 'none';
  delayMs = 0;
  readonly #options: RelayOptions;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.address = options.address;
    this.port = options.port ?? 5060;
    this.listens = options.listens ?? ['udp', 'tcp'];
    this.certificate = options.certificate ?? null;
  }

  /** Whether a request to this name gets through to a registrar; inside a dialog it is the address of one. */
  serverFor(name: string): SipPeer | null {
    const { behind } = this.#options;
    const named =
      behind[name] ??
      Object.values(behind)
        .flat()
        .filter(({ address }) => address === name);
    return named.find(({ fault }) => fault === 'none') ?? null;
  }

  /** Whether requests to this name get any answer at all. */
  speaksFor(name: string): boolean {
    return this.serverFor(name) !== null || (this.#options.whenDead ?? null) !== null;
  }

  answer(request: SipRequest, now: number): SipResponse | null {
    const uri = parseUri(request.uri);
    const server = uri.ok ? this.serverFor(uri.value.host) : null;
    if (server !== null) {
      server.seen.push({ at: now, request });
      return server.answer(request.method === 'SUBSCRIBE' ? this.#recorded(request) : request, now);
    }
    const { whenDead = null } = this.#options;
    return whenDead === null ? null : respond(request, whenDead, []);
  }

  /** What comes back comes this way (RFC 3261 16.6). */
  #recorded(request: SipRequest): SipRequest {
    const route = { name: 'Record-Route', value: `<sip:${this.address}:${this.port};lr>` };
    return { ...request, headers: [route, ...request.headers] };
  }
}
