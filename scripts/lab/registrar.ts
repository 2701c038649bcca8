/** Owns the lab's registrar: a process on npm `sip`, somebody else's stack, with its own nonces and bindings, and faults to order. */
import { randomBytes } from 'node:crypto';
import type { AddressHeader, Remote, SipMessage, Stack } from 'sip';
import sip from 'sip';
import digest from 'sip/digest.js';
import type { Account, FromServer, RegistrarMode, ToServer } from './protocol.ts';
import { HEALTHY } from './protocol.ts';

interface Row {
  readonly contact: AddressHeader;
  readonly expiresAt: number;
  readonly callId: string;
  readonly cseq: number;
}

const tell = (message: FromServer): void => {
  process.send?.(message);
};

/** Serves until its parent is gone. */
export function serveRegistrar(): void {
  let server: Registrar | null = null;
  process.on('message', (message: ToServer) => {
    if (message.kind === 'registrar') server = new Registrar(message);
    else if (message.kind === 'mode') {
      server?.setMode(message.mode as RegistrarMode);
      tell({ kind: 'done', seq: message.seq, value: null });
    } else if (message.kind === 'bindings') tell({ kind: 'done', seq: message.seq, value: server?.bindings() ?? {} });
  });
  // Without its parent a server of the lab has nothing to live for.
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole group: the phone un-registers first, then the lab ends its servers.
  process.on('SIGINT', () => undefined);
}

class Registrar {
  readonly #options: Extract<ToServer, { kind: 'registrar' }>;
  readonly #stack: Stack;
  readonly #rows = new Map<string, Map<string, Row>>();
  readonly #nonces = new Set<string>();
  #mode: RegistrarMode = HEALTHY;

  constructor(options: Extract<ToServer, { kind: 'registrar' }>) {
    this.#options = options;
    process.on('uncaughtException', (error) => tell({ kind: 'failed', error: error.message }));
    this.#stack = sip.create(
      { address: options.address, port: options.port, udp: true, tcp: false, publicAddress: options.address },
      (request, remote) => this.#take(request, remote),
    );
    setImmediate(() => tell({ kind: 'listening', port: options.port }));
  }

  setMode(mode: RegistrarMode): void {
    this.#mode = mode;
  }

  /** Contacts by user. */
  bindings(): Readonly<Record<string, readonly string[]>> {
    const now = Date.now();
    return Object.fromEntries(
      [...this.#rows].map(([user, rows]) => [
        user,
        [...rows.values()].filter(({ expiresAt }) => expiresAt > now).map(({ contact }) => contact.uri),
      ]),
    );
  }

  #take(request: SipMessage, _remote: Remote): void {
    if (this.#mode.silent || request.method === 'ACK') return;
    const response = this.#answer(request);
    this.#tellSeen(request, response.status);
    setTimeout(() => this.#stack.send(response), this.#mode.delayMs);
  }

  #answer(request: SipMessage): SipMessage {
    const { status, retryAfterS } = this.#mode;
    if (status !== null) {
      const response = sip.makeResponse(request, status);
      if (retryAfterS !== null) response.headers['retry-after'] = String(retryAfterS);
      return response;
    }
    if (request.method === 'OPTIONS') return sip.makeResponse(request, 200, 'OK');
    return request.method === 'REGISTER'
      ? this.#register(request)
      : sip.makeResponse(request, 480, 'Temporarily Unavailable');
  }

  #register(request: SipMessage): SipMessage {
    const to = request.headers['to'] as AddressHeader;
    const user = sip.parseUri(to.uri)?.user ?? '';
    const account = this.#options.accounts.find((candidate) => candidate.user === user);
    if (account === undefined) return sip.makeResponse(request, 404, 'Not Found');
    const refused = this.#authenticate(request, account);
    if (refused !== null) return refused;
    const contacts = (
      Array.isArray(request.headers['contact']) ? request.headers['contact'] : []
    ) as readonly AddressHeader[];
    const rows = this.#rows.get(user) ?? new Map<string, Row>();
    this.#rows.set(user, rows);
    const callId = String(request.headers['call-id']);
    const cseq = (request.headers['cseq'] as { readonly seq: number }).seq;
    for (const contact of contacts) {
      const expires = Number(contact.params['expires'] ?? request.headers['expires'] ?? 3600);
      if (expires > 0 && expires < this.#options.minExpiresS) {
        const response = sip.makeResponse(request, 423, 'Interval Too Brief');
        response.headers['min-expires'] = String(this.#options.minExpiresS);
        return response;
      }
      const before = rows.get(contact.uri);
      if (before !== undefined && before.callId === callId && before.cseq >= cseq)
        return sip.makeResponse(request, 500, 'CSeq Out Of Order');
      if (expires === 0) rows.delete(contact.uri);
      else rows.set(contact.uri, { contact, expiresAt: Date.now() + expires * 1000, callId, cseq });
    }
    const response = sip.makeResponse(request, 200, 'OK');
    response.headers['contact'] = [...rows.values()]
      .filter(({ expiresAt }) => expiresAt > Date.now())
      .map(({ contact, expiresAt }) => ({
        ...contact,
        params: { ...contact.params, expires: String(Math.round((expiresAt - Date.now()) / 1000)) },
      }));
    return response;
  }

  /** MD5 digest with nonces of this process alone; an unknown nonce is stale. */
  #authenticate(request: SipMessage, account: Account): SipMessage | null {
    const [sent] = (request.headers['authorization'] ?? []) as readonly Readonly<Record<string, string>>[];
    const field = (name: string): string => (sent?.[name] ?? '').replace(/^"(.*)"$/, '$1');
    if (sent === undefined) return this.#challenge(request, false);
    if (!this.#nonces.has(field('nonce'))) return this.#challenge(request, true);
    const expected = digest.calculateDigest({
      ha1: digest.calculateUserRealmPasswordHash(account.auth, this.#options.realm, account.password),
      nonce: field('nonce'),
      nc: field('nc'),
      cnonce: field('cnonce'),
      qop: field('qop'),
      method: request.method,
      uri: field('uri'),
    });
    return expected === field('response') && field('username') === account.auth
      ? null
      : sip.makeResponse(request, 403, 'Forbidden');
  }

  #challenge(request: SipMessage, stale: boolean): SipMessage {
    const nonce = randomBytes(16).toString('hex');
    this.#nonces.add(nonce);
    const response = sip.makeResponse(request, 401, 'Unauthorized');
    response.headers['www-authenticate'] = [
      {
        scheme: 'Digest',
        realm: `"${this.#options.realm}"`,
        nonce: `"${nonce}"`,
        qop: '"auth"',
        algorithm: 'MD5',
        ...(stale ? { stale: 'true' } : {}),
      },
    ];
    return response;
  }

  #tellSeen(request: SipMessage, status: number): void {
    const contacts = request.headers['contact'];
    const contact = Array.isArray(contacts) ? ((contacts[0] as AddressHeader | undefined) ?? null) : null;
    const to = request.headers['to'] as AddressHeader | undefined;
    const expires = contact?.params['expires'] ?? request.headers['expires'];
    tell({
      kind: 'seen',
      request: {
        method: request.method,
        user: sip.parseUri(to?.uri ?? '')?.user ?? '',
        callId: String(request.headers['call-id']),
        cseq: (request.headers['cseq'] as { readonly seq: number }).seq,
        contact: contact?.uri ?? null,
        expires: expires == null ? null : Number(expires),
        status,
      },
    });
  }
}
