/** Owns the lab's registrar: a process on npm `sip`, somebody else's stack, with its own nonces and bindings, and faults to order. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import type { AddressHeader, Connection, Remote, SipMessage, Transactions, Transport } from 'sip';
import sip from 'sip';
import type { Answer, Authenticate } from './authenticate.ts';
import { createAuthenticate } from './authenticate.ts';
import type { Breakable } from './breakable.ts';
import { breakable } from './breakable.ts';
import type { Said } from './callee.ts';
import { createCallee } from './callee.ts';
import type { Caller, Reach } from './caller.ts';
import { CALL_BACK_NUMBER, createCaller } from './caller.ts';
import type { Binding } from './location.ts';
import { current, register, shown } from './location.ts';
import type { PresenceServer } from './presence.ts';
import { createPresence, newPresenceTag } from './presence.ts';
import type { Ask, Bindings, RegistrarMode, RegistrarStart } from './protocol.ts';
import { HEALTHY } from './protocol.ts';
import type { Referee } from './referee.ts';
import { createReferee } from './referee.ts';
import { contactsOf, seenOf, text } from './request-seen.ts';
import type { Server } from './serve.ts';
import { seen, serve } from './serve.ts';
import { createStreams } from './streams.ts';
import type { TakeOvers } from './take-over.ts';
import { createTakeOvers } from './take-over.ts';

const ALLOW = 'REGISTER, OPTIONS, INVITE, ACK, BYE, CANCEL, SUBSCRIBE, NOTIFY, REFER';
const PROBE_EVERY_MS = 20;

/** Serves until its parent is gone. */
export function serveRegistrar(): void {
  serve(async (start) => {
    if (start.kind !== 'registrar') throw new Error(`a registrar was told to be a ${start.kind} server`);
    const registrar = new Registrar(start, breakable(await createCallee(start.address, start.port)));
    await registrar.listening();
    return registrar;
  });
}

class Registrar implements Server {
  readonly #start: RegistrarStart;
  readonly #transport: Transport;
  readonly #transactions: Transactions;
  readonly #authenticate: Authenticate;
  readonly #callee: Breakable;
  readonly #users = new Map<string, readonly Binding[]>();
  readonly #caller: Caller;
  readonly #presence: PresenceServer;
  readonly #referee: Referee;
  readonly #takeOvers: TakeOvers;
  /** Whence each user registered last. */
  readonly #remotes = new Map<string, Remote>();
  readonly #probe = randomBytes(16).toString('hex');
  readonly #streams = createStreams();
  #probed: () => void = () => undefined;
  #mode: RegistrarMode = HEALTHY;

  constructor(start: RegistrarStart, callee: Breakable) {
    const { address, port, tlsPort, tls } = start;
    this.#start = start;
    this.#callee = callee;
    this.#authenticate = createAuthenticate(start.realm, start.nonceLifeS);
    this.#transport = sip.makeTransport(
      {
        ...{ address, port, udp: true, tcp: true, publicAddress: address },
        ...{ tls_port: tlsPort, tls: { cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' } },
      },
      (message, remote, stream) => {
        if (remote.protocol !== 'UDP') this.#streams.note(stream as Socket);
        this.#arrive(message, remote);
      },
    );
    this.#transactions = sip.makeTransactionLayer({}, this.#transport.open.bind(this.#transport));
    this.#presence = createPresence({ address, port, transactions: this.#transactions });
    this.#takeOvers = createTakeOvers({ address, port, transactions: this.#transactions });
    this.#referee = createReferee({ address, port, transactions: this.#transactions });
    this.#caller = createCaller({ address, port, callee, transactions: this.#transactions });
  }

  /** npm sip does not say when it listens: a packet of our own tells, once it has come through. */
  async listening(): Promise<void> {
    const { address, port } = this.#start;
    const socket = createSocket('udp4');
    const probe = Buffer.from(probeMessage(this.#probe));
    const arrived = new Promise<void>((resolve) => {
      this.#probed = resolve;
    });
    const timer = setInterval(() => socket.send(probe, port, address), PROBE_EVERY_MS);
    socket.send(probe, port, address);
    await arrived.finally(() => clearInterval(timer));
    socket.close();
  }

  take(ask: Ask): Bindings | null {
    if (ask.kind === 'bindings') return this.#bindings();
    if (ask.kind === 'watched') return { watched: this.#presence.watched() };
    if (ask.kind === 'call') {
      const reached = this.#caller.call(ask.user, () => this.#reach(ask.user), ask.header);
      return { called: reached ? (this.#bindings()[ask.user] ?? []) : [] };
    }
    if (ask.kind === 'present') {
      this.#presence.set(ask.resource, ask.presence);
      return null;
    }
    if (ask.kind === 'callee') {
      this.#callee.behave(ask.mode);
      return null;
    }
    if (ask.kind === 'cut') {
      this.#streams.cut(ask.how);
      return null;
    }
    this.#mode = ask.mode as RegistrarMode;
    return null;
  }

  #bindings(): Bindings {
    const now = Date.now();
    return Object.fromEntries(
      [...this.#users].map(([user, bindings]) => [user, current(bindings, now).map(({ contact }) => contact.uri)]),
    );
  }

  /** A silent server loses packets before its transactions see them, so that a later copy is a new request to it. */
  #arrive(message: SipMessage, remote: Remote): void {
    if (message.headers['call-id'] === this.#probe) return this.#probed();
    if (this.#mode.silent) return;
    if (message.method === undefined) return this.#transactions.getClient(message)?.message(message, remote);
    const known = this.#transactions.getServer(message);
    if (known !== undefined) return known.message(message, remote);
    const connection = this.#transport.get(remote);
    if (message.method === 'ACK' || connection === undefined) return;
    const transaction = this.#transactions.createServerTransaction(message, this.#gate(connection));
    this.#serve(message, message.method, remote, (response) => {
      if (this.#mode.delayMs === 0) transaction.send(response);
      else setTimeout(() => transaction.send(response), this.#mode.delayMs);
    });
  }

  #serve(message: SipMessage, method: string, remote: Remote, send: (response: SipMessage) => void): void {
    const tag = newPresenceTag();
    const answer =
      method === 'SUBSCRIBE' ? this.#subscribed(message, tag, remote) : this.#answer(message, method, remote);
    seen(seenOf(message, method, remote, answer?.[0] ?? 200));
    if (method === 'REGISTER' && answer?.[0] === 200)
      this.#remotes.set(sip.parseUri(message.headers.to.uri)?.user ?? '', remote);
    if (answer === null)
      return this.#callee.take(message, method, ({ status, reason, headers, content, tag }) => {
        const response = sip.makeResponse(message, status, reason);
        Object.assign(response.headers, headers, { to: withTag(message.headers.to, tag) });
        send(Object.assign(response, { content }));
        this.#heard(message, method, { status, tag, remote });
      });
    const [status, reason, headers] = answer;
    const response = sip.makeResponse(message, status, reason);
    Object.assign(response.headers, headers, { to: withTag(message.headers.to, tag) });
    send(response);
  }

  /** Who takes a call over has it from now on (RFC 3891 3). */
  #heard(
    message: SipMessage,
    method: string,
    { status, tag, remote }: Pick<Said, 'status' | 'tag'> & { remote: Remote },
  ): void {
    const callId = message.headers['call-id'];
    if (method === 'BYE') return this.#takeOvers.ended(callId);
    if (method !== 'INVITE' || status !== 200 || message.headers.to.params['tag'] !== undefined) return;
    const over = this.#takeOvers.answered(message, tag, () => this.#transport.get(remote) ?? null);
    if (over !== null) this.#callee.forget(over);
  }

  /** Nothing leaves a silent server: no late answer, no retransmission. */
  #gate(connection: Connection): Pick<Connection, 'send' | 'release'> {
    return {
      send: (message) => {
        if (!this.#mode.silent) connection.send(message);
      },
      release: () => connection.release(),
    };
  }

  /** Null = the callee's. */
  #answer(request: SipMessage, method: string, remote: Remote): Answer | null {
    const { status, retryAfterS } = this.#mode;
    if (status === 500) return [500, 'Server Internal Error'];
    if (status === 503)
      return [503, 'Service Unavailable', retryAfterS === null ? {} : { 'retry-after': String(retryAfterS) }];
    switch (method) {
      case 'OPTIONS':
        return [200, 'OK', { allow: ALLOW }];
      case 'REGISTER':
        return this.#register(request, method);
      case 'INVITE':
        return this.#calledBy(request, method);
      case 'REFER': {
        const way = this.#transport.get(remote);
        return way === undefined ? null : this.#referee.referred(request, way);
      }
      case 'NOTIFY':
        return this.#presence.told(request) ?? [481, 'Subscription Does Not Exist'];
      case 'BYE':
      case 'CANCEL':
        return null;
      default:
        return [405, 'Method Not Allowed', { allow: ALLOW }];
    }
  }

  #subscribed(request: SipMessage, tag: string, remote: Remote): Answer {
    const { status, retryAfterS } = this.#mode;
    if (status !== null)
      return [status, 'Out Of Order', retryAfterS === null ? {} : { 'retry-after': String(retryAfterS) }];
    const user = sip.parseUri((request.headers['from'] as AddressHeader).uri)?.user;
    const account = this.#start.accounts.find((candidate) => candidate.user === user);
    if (account === undefined) return [403, 'Forbidden'];
    const refused = this.#authenticate(request, 'SUBSCRIBE', account);
    return (
      refused ??
      this.#presence.subscribed(request, tag, () => (this.#mode.silent ? null : (this.#transport.get(remote) ?? null)))
    );
  }

  /** Only users of the lab call; within a call they have shown who they are. */
  #calledBy(request: SipMessage, method: string): Answer | null {
    if (request.headers.to.params['tag'] !== undefined) return null;
    const user = sip.parseUri((request.headers['from'] as AddressHeader).uri)?.user;
    const account = this.#start.accounts.find((candidate) => candidate.user === user);
    if (account === undefined) return [403, 'Forbidden'];
    const refused = this.#authenticate(request, method, account);
    if (refused !== null) return refused;
    if (this.#takeOvers.isAstray(request)) return [481, 'Call/Transaction Does Not Exist'];
    if (sip.parseUri(request.uri)?.user !== CALL_BACK_NUMBER) return null;
    this.#caller.callBack(account.user, () => this.#reach(account.user));
    return [486, 'Busy Here'];
  }

  /** On the connection that the user has to us, where it is one. */
  #reach(user: string): ReturnType<Reach> {
    const [binding] = current(this.#users.get(user) ?? [], Date.now());
    const remote = this.#remotes.get(user);
    const connection = remote === undefined ? undefined : this.#transport.get(remote);
    return binding === undefined || connection === undefined ? null : { connection, contact: binding.contact.uri };
  }

  #register(request: SipMessage, method: string): Answer {
    const user = sip.parseUri(request.headers.to.uri)?.user ?? '';
    const account = this.#start.accounts.find((candidate) => candidate.user === user);
    if (account === undefined) return [404, 'Not Found'];
    const refused = this.#authenticate(request, method, account);
    if (refused !== null) return refused;
    const now = Date.now();
    const registered = register(
      this.#users.get(user) ?? [],
      {
        contacts: contactsOf(request),
        expires: text(request.headers['expires']),
        callId: request.headers['call-id'],
        cseq: request.headers.cseq.seq,
      },
      now,
      this.#start.minExpiresS,
    );
    if (registered.status !== 200)
      return [
        registered.status,
        registered.reason,
        registered.status === 423 ? { 'min-expires': String(this.#start.minExpiresS) } : {},
      ];
    this.#users.set(user, registered.bindings);
    const contact = registered.bindings.map((binding) => shown(binding, now));
    // npm sip writes an empty list as "*": no binding, no header.
    return [200, 'OK', contact.length === 0 ? {} : { contact }];
  }
}

/** RFC 3261 8.2.6.2: a response names its side of what is no dialog yet. */
const withTag = (to: AddressHeader, tag = randomBytes(8).toString('hex')): AddressHeader =>
  to.params['tag'] === undefined ? { ...to, params: { ...to.params, tag } } : to;

const probeMessage = (id: string): string =>
  [
    'OPTIONS sip:lab@lab.invalid SIP/2.0',
    `Via: SIP/2.0/UDP lab.invalid;branch=z9hG4bK${id}`,
    `From: <sip:lab@lab.invalid>;tag=${id}`,
    'To: <sip:lab@lab.invalid>',
    `Call-ID: ${id}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
