/**
 * Owns the TCP and TLS sockets: those that the phone opens, and those that servers open to it. Octets go up as they come; where a
 * message ends is the core's (RFC 3261 18; conformance E10-E16).
 */
import type { Server, Socket } from 'node:net';
import { connect, createServer, isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { Endpoint, Target } from '../kernel/target.ts';
import { checkIdentity, readAlternatives } from '../servers/tls-identity.ts';
import type { FlowId, Input } from '../vocabulary.ts';
import { codeOf, failureOf, failureTowards } from './errno.ts';
import { createHandshakes } from './handshakes.ts';
import { createPace } from './pace.ts';

type StreamInput = Extract<Input, { kind: 'opened' | 'accepted' | 'octets' | 'flow-failed' }>;

/** PEM texts; `null` authorities = the usual public ones. */
export interface TlsFiles {
  readonly authorities: readonly string[] | null;
  readonly certificate: string | null;
  readonly key: string | null;
}

export interface StreamsOptions {
  /** Addresses to listen on, one a family. */
  readonly binds: readonly string[];
  readonly port: number;
  /** Whether TCP is listened on; a phone of TLS alone takes nothing in clear. */
  readonly tcp: boolean;
  readonly tlsPort: number;
  readonly tls: TlsFiles;
  /** Whether the phone itself speaks to this address: its handshakes are begun whoever else wants one. */
  readonly isPeer: (address: string) => boolean;
  /** Whether the time of day is known: what a certificate says of its time can be judged. */
  readonly clockIsSet: () => boolean;
  readonly input: (input: StreamInput) => void;
}

export interface StreamSockets {
  /** `tcp:192.0.2.100:5060`, for each that listens. */
  readonly listening: readonly string[];
  /** What could not be listened on, for a person. */
  readonly problems: readonly string[];
  owns(flow: FlowId): boolean;
  open(flow: FlowId, target: Target): void;
  send(flow: FlowId, data: string): void;
  close(flow: FlowId): void;
  setLink(state: 'up' | 'down'): void;
  closeAll(): void;
}

/** More octets than this wait for a server that takes none: it is as good as silent. */
const STALLED_OCTETS = 262_144;
/** How long the last octets may take to leave, and a stranger to shake hands, ms. */
const CLOSE_LIMIT_MS = 5000;
const HANDSHAKE_LIMIT_MS = 5000;
/** Sockets of others at once, where no handshake is to come and where one is: the core and `handshakes.ts` bear fewer and say which. */
const SOCKETS_MAX = { tcp: 64, tls: 256 } as const;

export async function createStreamSockets(options: StreamsOptions): Promise<StreamSockets> {
  const { binds, port, tls, input } = options;
  const sockets = new Map<FlowId, Socket>();
  /** Those that can carry octets. */
  const ready = new WeakSet<Socket>();
  const pace = createPace();
  const servers: Server[] = [];
  const listening: string[] = [];
  const problems: string[] = [];
  let link: 'up' | 'down' = 'up';
  let guests = 0;

  async function listen(server: Server, transport: 'tcp' | 'tls', at: Endpoint): Promise<void> {
    server.maxConnections = SOCKETS_MAX[transport];
    const error = await listens(server, at);
    const text = `${transport}:${isIP(at.address) === 6 ? `[${at.address}]` : at.address}:${at.port}`;
    if (error !== null) {
      problems.push(`${text} cannot be listened on (${codeOf(error)}): servers reach the phone over UDP alone`);
      return;
    }
    // What goes wrong with a stranger's connection is the stranger's.
    server.on('error', () => undefined);
    servers.push(server);
    listening.push(text);
  }

  function accept(transport: 'tcp' | 'tls', socket: Socket): void {
    const { remoteAddress: address, remotePort } = socket;
    if (link === 'down' || address === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    guests += 1;
    const flow = `in:${transport}:${guests}`;
    attach(flow, socket, null);
    ready.add(socket);
    input({ kind: 'accepted', flow, from: { address, port: remotePort } });
  }

  function attach(flow: FlowId, socket: Socket, target: Target | null): void {
    sockets.set(flow, socket);
    socket.setNoDelay(true);
    pace(socket, target === null, (octets) => {
      if (sockets.get(flow) === socket) input({ kind: 'octets', flow, data: octets.toString('latin1') });
    });
    socket.on('error', (error) => failed(flow, socket, error, target));
    for (const over of ['end', 'close']) socket.on(over, () => failed(flow, socket, { code: 'ECONNRESET' }, null));
  }

  function open(flow: FlowId, target: Target): void {
    close(flow);
    const local = binds.find((bind) => isIP(bind) === isIP(target.address));
    if (link === 'down' || local === undefined) {
      // Told later, as every answer is: nothing turns round inside a step.
      setImmediate(() => input({ kind: 'flow-failed', flow, cause: link === 'down' ? 'no-network' : 'unreachable' }));
      return;
    }
    const where = { host: target.address, port: target.port, ...(isAny(local) ? {} : { localAddress: local }) };
    const name = target.tlsName;
    const socket = name === null ? connect(where) : connectTls({ ...where, ...clientOptions(tls, name) });
    attach(flow, socket, target);
    socket.on(name === null ? 'connect' : 'secureConnect', () => {
      if (sockets.get(flow) !== socket) return;
      ready.add(socket);
      const listens = name === null ? port : options.tlsPort;
      input({ kind: 'opened', flow, local: { address: socket.localAddress ?? local, port: listens } });
    });
  }

  /** `target`: where the phone's own connection was to lead; null where that says nothing of what went wrong. */
  function failed(flow: FlowId, socket: Socket, error: unknown, target: Target | null): void {
    if (sockets.get(flow) !== socket) return;
    close(flow);
    const isTls = target !== null && target.tlsName !== null && isTlsError(error);
    const cause = isTls ? 'tls' : target === null ? failureOf(error) : failureTowards(target.address, error, binds);
    input({
      kind: 'flow-failed',
      flow,
      cause,
      ...(cause === 'tls' ? { detail: reasonOf(error, options.clockIsSet()) } : {}),
    });
  }

  function close(flow: FlowId): void {
    const socket = sockets.get(flow);
    sockets.delete(flow);
    if (socket === undefined) return;
    // An error on its way out is nobody's business any more.
    socket.on('error', () => undefined);
    if (!ready.has(socket)) {
      socket.destroy();
      return;
    }
    // What was said last still leaves; a far side that takes nothing does not keep the socket.
    socket.destroySoon();
    const limit = setTimeout(() => socket.destroy(), CLOSE_LIMIT_MS).unref();
    socket.once('close', () => clearTimeout(limit));
  }

  function closeFlows(): void {
    for (const flow of [...sockets.keys()]) close(flow);
  }

  for (const address of binds) {
    if (options.tcp)
      await listen(
        createServer((socket) => accept('tcp', socket)),
        'tcp',
        { address, port },
      );
    if (tls.certificate !== null && tls.key !== null) {
      const shown = { cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' } as const;
      const handshakes = createHandshakes(options.isPeer);
      const secured = createTlsServer({ ...shown, handshakeTimeout: HANDSHAKE_LIMIT_MS }, (socket) => {
        handshakes.done(socket);
        accept('tls', socket);
      });
      secured.on('tlsClientError', () => undefined);
      const server = createServer((socket) => {
        // What goes wrong before TLS has it is the stranger's.
        socket.on('error', () => undefined);
        if (handshakes.begin(socket)) secured.emit('connection', socket);
      });
      await listen(server, 'tls', { address, port: options.tlsPort });
    }
  }

  return {
    listening,
    problems,
    owns: (flow) => /^(?:tcp|tls|in):/.test(flow),
    open,
    send(flow, data) {
      const socket = sockets.get(flow);
      if (socket === undefined || link === 'down') return;
      if (socket.writableLength > STALLED_OCTETS) failed(flow, socket, { code: 'ETIMEDOUT' }, null);
      else socket.write(Buffer.from(data, 'latin1'));
    },
    close,
    setLink(state) {
      link = state;
      if (state === 'down') closeFlows();
    },
    closeAll() {
      closeFlows();
      for (const server of servers) server.close();
    },
  };
}

const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::';

/** Verified against the authorities by OpenSSL, and against the configured name by RFC 5922; nothing is sent before. */
const clientOptions = ({ authorities, certificate, key }: TlsFiles, name: string): object => ({
  minVersion: 'TLSv1.2',
  rejectUnauthorized: true,
  ...(isIP(name) === 0 ? { servername: name } : {}),
  ...(authorities === null ? {} : { ca: [...authorities] }),
  ...(certificate === null || key === null ? {} : { cert: certificate, key }),
  checkServerIdentity(_host: string, shown: ReturnType<TLSSocket['getPeerCertificate']>): Error | undefined {
    const { subjectaltname, subject } = shown;
    const alternatives = readAlternatives(subjectaltname ?? '');
    const commonName = Array.isArray(subject?.CN) ? (subject.CN[0] ?? null) : (subject?.CN ?? null);
    const checked = checkIdentity({ alternatives, commonName }, name);
    return checked.ok ? undefined : Object.assign(new Error(checked.error), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  },
});

/** What the system says is of the network; everything else that ends a handshake is of TLS. */
const isTlsError = (error: unknown): boolean => !/^E[A-Z0-9]+$/.test(codeOf(error)) || codeOf(error) === 'EPROTO';

/** A phone without a battery starts in 1970: then every certificate is of the future, and the trouble is the clock's (E12). */
function reasonOf(error: unknown, clockIsSet: boolean): string {
  const text = toldOf(error).slice(0, 300);
  if (clockIsSet || codeOf(error) !== 'CERT_NOT_YET_VALID') return text;
  return `the clock of this phone was never set, so no certificate can be judged: ${text}`;
}

/** OpenSSL's own line names its functions and files; the reason in it is meant for people. */
function toldOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const reason = /\berror:[0-9A-F]+:[^:]*:[^:]*:([^:\n]+)/.exec(text)?.[1];
  if (reason === undefined) return text;
  if (reason === 'wrong version number') return 'what answers there does not speak TLS';
  const alert = /\balert (.+)$/.exec(reason)?.[1];
  return alert === undefined ? `the handshake failed: ${reason}` : `the server ended the handshake: ${alert}`;
}

const listens = (server: Server, { address, port }: Endpoint): Promise<unknown> =>
  new Promise((resolve) => {
    server.once('error', resolve);
    server.listen({ port, host: address, ipv6Only: address.includes(':') }, () => {
      server.off('error', resolve);
      resolve(null);
    });
  });
