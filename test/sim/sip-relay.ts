/**
 * Owns the simulated outbound proxy: it hands a request to a server behind it, by the Request-URI, and stays in the way of subscriptions
 * and calls. What ends an INVITE goes where that went.
 */
import type { Transport } from '../../firmware/kernel/target.ts';
import { headerValue } from '../../firmware/sip/message/headers.ts';
import type { SipRequest, SipResponse } from '../../firmware/sip/message/message.ts';
import { parseUri } from '../../firmware/sip/message/uri.ts';
import { branchOf } from './checkers/wire.ts';
import type { PeerFault, Seen, SipNode, SipPeer } from './sip-peer.ts';
import { respond } from './sip-peer.ts';
import type { World } from './world.ts';

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

/** What begins a dialog, which goes on by this way. */
const BEGINNINGS: readonly string[] = ['SUBSCRIBE', 'INVITE'];

/** Which relay stays in the way of the dialog that this request begins; where none does, the server itself. */
export function frontOf(request: SipRequest, server: SipNode, world: World): SipNode {
  const [, place] = /<sip:([^;>]+)/.exec(headerValue(request, 'Record-Route') ?? '') ?? [];
  return (place === undefined ? undefined : world.peerAt(`udp:${place}`)) ?? server;
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
  /** Whom an INVITE went to, by its branch (RFC 3261 16.10). */
  readonly #invited = new Map<string, SipPeer>();

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
    const server = this.#next(request);
    if (server !== null) {
      server.seen.push({ at: now, request });
      return server.answer(BEGINNINGS.includes(request.method) ? this.#recorded(request) : request, now);
    }
    const { whenDead = null } = this.#options;
    return whenDead === null || request.method === 'ACK' ? null : respond(request, whenDead, []);
  }

  #next(request: SipRequest): SipPeer | null {
    const branch = branchOf(request);
    const asked = this.#invited.get(branch);
    if (asked !== undefined) return asked.fault === 'none' ? asked : null;
    const uri = parseUri(request.uri);
    const server = uri.ok ? this.serverFor(uri.value.host) : null;
    if (server !== null && request.method === 'INVITE') this.#invited.set(branch, server);
    return server;
  }

  /** What comes back comes this way (RFC 3261 16.6). */
  #recorded(request: SipRequest): SipRequest {
    const route = { name: 'Record-Route', value: `<sip:${this.address}:${this.port};lr>` };
    return { ...request, headers: [route, ...request.headers] };
  }
}
