/** Owns the simulated registrar: digest with its own nonces, bindings with expiry, and the ways in which servers fail. */

import type { Transport } from '../../firmware/kernel/target.ts';
import { authorizationHeader } from '../../firmware/sip/auth.ts';
import { contactsOf, cseqOf, expiresOf, headerValue, toOf } from '../../firmware/sip/message/headers.ts';
import type { Header, SipRequest, SipResponse } from '../../firmware/sip/message/message.ts';
import type { NameAddr } from '../../firmware/sip/message/name-addr.ts';
import { splitOutside, unquote } from '../../firmware/sip/message/scan.ts';
import { uriText } from '../../firmware/sip/message/uri.ts';
import { testHash } from '../support/digest.ts';

/**
 * `silent`: nothing reaches it. `mute`: it acts on what it gets, and its answers are lost. `killed`: ICMP port unreachable;
 * `unreachable`: ICMP host unreachable. `frozen`: it answers all that came when it is thawed.
 */
export type PeerFault = 'none' | 'silent' | 'mute' | 'killed' | 'unreachable' | 'frozen';

/** Whatever stands at an address and answers SIP requests. */
export interface SipNode {
  readonly address: string;
  readonly port: number;
  fault: PeerFault;
  /** How long it thinks before each answer, ms. */
  delayMs: number;
  readonly seen: Seen[];
  /** Where it listens; elsewhere it refuses. */
  readonly listens: readonly Transport[];
  /** The name in its certificate. */
  readonly certificate: string | null;
  /** Connections that it has taken. */
  accepts: number;
  hangsUp: 'never' | 'at once' | 'after an answer';
  /** Whether it answers keep-alives on a connection (RFC 5626 4.4.1). */
  answersPings: boolean;
  /** The response to a request, null = none. */
  answer(request: SipRequest, now: number): SipResponse | null;
}

export interface Row {
  readonly callId: string;
  readonly cseq: number;
  readonly expiresAt: number;
  readonly contact: string;
}

/** A location service: bindings by AOR user and Contact. Several registrars may share one. */
export class Location {
  readonly rows = new Map<string, Map<string, Row>>();
  /** When it last lost all that it knew. */
  clearedAt = Number.NEGATIVE_INFINITY;

  clear(now: number): void {
    this.clearedAt = now;
    this.rows.clear();
  }

  bindings(user: string, now: number): readonly string[] {
    return [...(this.rows.get(user)?.values() ?? [])]
      .filter(({ expiresAt }) => expiresAt > now)
      .map(({ contact }) => contact);
  }
}

export interface PeerOptions {
  readonly address: string;
  readonly port?: number;
  readonly location?: Location;
  readonly listens?: readonly Transport[];
  readonly certificate?: string;
  readonly passwords?: Readonly<Record<string, string>>;
  readonly challenge?: boolean;
  /** Longest expiry granted, s. */
  readonly maxExpiresS?: number;
  /** A shorter expiry is refused with 423, s. */
  readonly minExpiresS?: number;
}

export interface Seen {
  readonly at: number;
  readonly request: SipRequest;
}

export class SipPeer implements SipNode {
  readonly address: string;
  readonly port: number;
  readonly location: Location;
  readonly listens: readonly Transport[];
  certificate: string | null;
  readonly seen: Seen[] = [];
  accepts = 0;
  hangsUp: SipNode['hangsUp'] = 'never';
  answersPings = true;
  fault: PeerFault = 'none';
  /** Answer every request (or those of the method `statusFor`) with this status. */
  status: number | null = null;
  statusFor: string | null = null;
  retryAfterS: number | null = null;
  /** `WWW-Authenticate` of those answers. */
  challengesWith: string | null = null;
  delayMs = 0;
  /** Each nonce is good for one request. */
  staleNonces = false;
  answersOptions = true;
  /** `Flow-Timer` of its 2xx to REGISTER, null = none (RFC 5626 4.4). */
  flowTimerS: number | null = null;
  /** Further headers of its 2xx to REGISTER. */
  registerExtra: readonly Header[] = [];
  readonly #options: PeerOptions;
  #nonces = 0;
  readonly #known = new Set<string>();

  constructor(options: PeerOptions) {
    this.#options = options;
    this.address = options.address;
    this.port = options.port ?? 5060;
    this.location = options.location ?? new Location();
    this.listens = options.listens ?? ['udp', 'tcp'];
    this.certificate = options.certificate ?? null;
  }

  registers(): readonly Seen[] {
    return this.seen.filter(({ request }) => request.method === 'REGISTER');
  }

  options(): readonly Seen[] {
    return this.seen.filter(({ request }) => request.method === 'OPTIONS');
  }

  /** Whether it answers a REGISTER of this user with 2xx after at most one challenge. */
  registersWell(user: string, password: string, askedS: number): boolean {
    const { passwords, challenge = true, minExpiresS = 0 } = this.#options;
    const refuses = this.status !== null && (this.statusFor ?? 'REGISTER') === 'REGISTER';
    const known = passwords?.[user];
    const trusted = !challenge || known === undefined || (known === password && !this.staleNonces);
    return !refuses && trusted && askedS >= minExpiresS;
  }

  /** A new process without bindings and nonces. */
  restart(now: number): void {
    this.location.clear(now);
    this.#known.clear();
  }

  answer(request: SipRequest, now: number): SipResponse | null {
    if (request.method === 'OPTIONS' && !this.answersOptions) return null;
    if (this.status !== null && (this.statusFor === null || this.statusFor === request.method)) {
      const extra = this.retryAfterS === null ? [] : [{ name: 'Retry-After', value: String(this.retryAfterS) }];
      const { challengesWith } = this;
      const asks = challengesWith === null ? [] : [{ name: 'WWW-Authenticate', value: challengesWith }];
      return respond(request, this.status, [...extra, ...asks]);
    }
    if (request.method === 'REGISTER') return this.#register(request, now);
    return request.method === 'OPTIONS' ? respond(request, 200, []) : respond(request, 405, []);
  }

  #register(request: SipRequest, now: number): SipResponse {
    const to = toOf(request);
    const user = to.ok ? (to.value.uri?.user ?? '') : '';
    const refusal = this.#authenticate(request, user);
    if (refusal !== null) return refusal;
    const contacts = contactsOf(request);
    const cseq = cseqOf(request);
    if (!contacts.ok || !cseq.ok || contacts.value === '*') return respond(request, 400, []);
    const rows = this.location.rows.get(user) ?? new Map<string, Row>();
    this.location.rows.set(user, rows);
    for (const contact of contacts.value) {
      const refused = this.#bind(request, contact, rows, cseq.value.number, now);
      if (refused !== null) return refused;
    }
    const timer = this.flowTimerS === null ? [] : [{ name: 'Flow-Timer', value: String(this.flowTimerS) }];
    return respond(request, 200, [...bindingHeaders(rows, now), ...timer, ...this.registerExtra]);
  }

  /** Makes or removes one binding; the answer where it is refused. */
  #bind(request: SipRequest, contact: NameAddr, rows: Map<string, Row>, cseq: number, now: number): SipResponse | null {
    const { maxExpiresS = 3600, minExpiresS = 0 } = this.#options;
    const asked = contact.params.find(({ name }) => name === 'expires')?.value;
    const wanted = asked == null ? (expiresOf(request) ?? 3600) : Number(asked);
    if (wanted > 0 && wanted < minExpiresS)
      return respond(request, 423, [{ name: 'Min-Expires', value: String(minExpiresS) }]);
    const key = contact.uri === null ? contact.uriText : uriText(contact.uri);
    const before = rows.get(key);
    const callId = headerValue(request, 'Call-ID') ?? '';
    // RFC 3261 10.3 step 7: within one Call-ID an older CSeq changes nothing.
    if (before !== undefined && before.callId === callId && before.cseq >= cseq) return respond(request, 500, []);
    const expiresAt = now + Math.min(wanted, maxExpiresS) * 1000;
    if (wanted === 0) rows.delete(key);
    else rows.set(key, { callId, cseq, expiresAt, contact: key });
    return null;
  }

  #authenticate(request: SipRequest, user: string): SipResponse | null {
    const password = this.#options.passwords?.[user];
    if (this.#options.challenge === false || password === undefined) return null;
    const fields = digestFields(headerValue(request, 'Authorization'));
    const nonce = fields.get('nonce') ?? '';
    if (!this.#known.has(nonce)) return this.#challenge(request, fields.size > 0);
    if (this.staleNonces) this.#known.delete(nonce);
    const expected = authorizationHeader(
      {
        header: 'Authorization',
        realm: 'sim',
        nonce,
        opaque: null,
        algorithm: 'MD5',
        qop: 'auth',
        stale: false,
        session: false,
      },
      {
        username: user,
        password,
        method: request.method,
        uri: request.uri,
        body: '',
        cnonce: fields.get('cnonce') ?? '',
        nc: Number.parseInt(fields.get('nc') ?? '0', 16),
      },
      testHash,
    );
    const good = digestFields(expected.value).get('response') === fields.get('response');
    return good ? null : respond(request, 401, [challengeHeader(nonce, false)]);
  }

  #challenge(request: SipRequest, stale: boolean): SipResponse {
    this.#nonces += 1;
    const nonce = `${this.address}-${this.port}-${this.#nonces}`;
    this.#known.add(nonce);
    return respond(request, 401, [challengeHeader(nonce, stale)]);
  }
}

const bindingHeaders = (rows: ReadonlyMap<string, Row>, now: number): readonly Header[] =>
  [...rows.values()]
    .filter(({ expiresAt }) => expiresAt > now)
    .map(({ contact, expiresAt }) => ({
      name: 'Contact',
      value: `<${contact}>;expires=${Math.round((expiresAt - now) / 1000)}`,
    }));

const challengeHeader = (nonce: string, stale: boolean): Header => ({
  name: 'WWW-Authenticate',
  value: `Digest realm="sim", nonce="${nonce}", algorithm=MD5, qop="auth"${stale ? ', stale=true' : ''}`,
});

export function digestFields(value: string | null): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const part of splitOutside((value ?? '').replace(/^Digest\s+/i, ''), ',')) {
    const [, name, text] = /^([a-z]+)=(.*)$/s.exec(part) ?? [];
    if (name !== undefined && text !== undefined) fields.set(name, unquote(text) ?? text);
  }
  return fields;
}

export function respond(request: SipRequest, status: number, extra: readonly Header[]): SipResponse {
  const copied = request.headers.filter(({ name }) => ['Via', 'From', 'Call-ID', 'CSeq'].includes(name));
  const to = headerValue(request, 'To') ?? '';
  return {
    kind: 'response',
    status,
    reason: 'Sim',
    headers: [...copied, { name: 'To', value: `${to};tag=sim` }, ...extra],
    body: '',
  };
}
