/**
 * Owns the SIP sockets over UDP: one shared listening socket, and one connected socket a target, because only a connected one hears
 * of a refusal (RFC 3261 18.4; peers 2). Every datagram is handed up with its true source; what a source means is the core's.
 */
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Endpoint, Target } from '../kernel/target.ts';
import type { FlowId, Input, TransportFailure } from '../vocabulary.ts';
import { failureTowards } from './errno.ts';

type FlowInput = Extract<Input, { kind: 'opened' | 'flow-failed' | 'datagram' }>;

export interface UdpOptions {
  /** Addresses to listen on, one a family, the first of them the phone's own; `0.0.0.0` and `::` = all. */
  readonly binds: readonly [string, ...string[]];
  /** 0 = any free port. */
  readonly port: number;
  readonly input: (input: FlowInput) => void;
}

export interface Udp {
  /** Where requests reach the phone. */
  readonly local: Endpoint;
  open(flow: FlowId, target: Target): void;
  send(flow: FlowId, data: string): void;
  reply(flow: FlowId | null, to: Endpoint, data: string): void;
  close(flow: FlowId): void;
  /** Simulated link: while down nothing leaves or enters. */
  setLink(state: 'up' | 'down'): void;
  closeAll(): void;
}

interface Flow {
  readonly socket: Socket;
  readonly target: Target;
  /** The target as the system spells it. */
  peer: Endpoint;
  /** Connected: it can send. */
  ready: boolean;
}

const familyOf = (address: string): 4 | 6 => (isIPv6(address) ? 6 : 4);

/** Shared among our own sockets; an IPv6 one leaves IPv4 alone, so that each source has one spelling. */
const newSocket = (address: string, { shared }: { readonly shared: boolean }): Socket =>
  createSocket({ type: `udp${familyOf(address)}`, reuseAddr: shared, ipv6Only: isIPv6(address) });

/** Binds the shared socket; rejects with the system's error where the port is taken. */
export async function createUdp({ binds, port: wanted, input }: UdpOptions): Promise<Udp> {
  const flows = new Map<FlowId, Flow>();
  let link: 'up' | 'down' = 'up';
  const [own] = binds;
  const port = await unshared(own, wanted);
  const shared = new Map<4 | 6, Socket>();
  for (const bind of binds) {
    const socket = newSocket(bind, { shared: true });
    await bound(socket, port, bind);
    socket.on('message', (octets, from) => arrived(null, octets, from));
    // What goes wrong with an answer to a stranger is the stranger's: it asks again.
    socket.on('error', () => undefined);
    shared.set(familyOf(bind), socket);
  }

  function arrived(flow: FlowId | null, octets: Buffer, { address, port: from }: Endpoint): void {
    if (link === 'up')
      input({ kind: 'datagram', flow, from: { address, port: from }, data: octets.toString('latin1') });
  }

  function open(flow: FlowId, target: Target): void {
    close(flow);
    const address = binds.find((bind) => familyOf(bind) === familyOf(target.address));
    if (link === 'down') return refuse(flow, 'no-network');
    if (address === undefined || target.transport !== 'udp') return refuse(flow, 'unreachable');
    openFrom(flow, target, address);
  }

  /** Told later, as every answer is: nothing turns round inside a step. */
  function refuse(flow: FlowId, cause: TransportFailure): void {
    setImmediate(() => input({ kind: 'flow-failed', flow, cause }));
  }

  function openFrom(flow: FlowId, target: Target, address: string): void {
    const socket = newSocket(address, { shared: true });
    const entry: Flow = { socket, target, peer: target, ready: false };
    flows.set(flow, entry);
    socket.on('error', (error) => failed(flow, entry, error));
    socket.on('message', (octets, from) => {
      // Between bind and connect a stranger's datagram can reach this socket: it belongs to the shared one.
      if (from.address === entry.peer.address && from.port === entry.peer.port) arrived(flow, octets, target);
      else arrived(null, octets, from);
    });
    socket.bind({ port, address, exclusive: false }, () => {
      socket.connect(target.port, target.address, (...[error]: [Error?]) => {
        if (error == null) connected(flow, entry);
        else failed(flow, entry, error);
      });
    });
  }

  function connected(flow: FlowId, entry: Flow): void {
    if (flows.get(flow) !== entry) return;
    entry.ready = true;
    entry.peer = entry.socket.remoteAddress();
    const { address, port: from } = entry.socket.address();
    input({ kind: 'opened', flow, local: { address, port: from } });
  }

  function failed(flow: FlowId, entry: Flow, error: unknown): void {
    if (flows.get(flow) !== entry) return;
    close(flow);
    input({ kind: 'flow-failed', flow, cause: failureTowards(entry.target.address, error, binds) });
  }

  function close(flow: FlowId): void {
    const entry = flows.get(flow);
    flows.delete(flow);
    entry?.socket.close();
  }

  function closeFlows(): void {
    for (const flow of [...flows.keys()]) close(flow);
  }

  return {
    local: { address: own, port },
    open,
    send(flow, data) {
      const entry = flows.get(flow);
      if (entry?.ready !== true || link === 'down') return;
      entry.socket.send(Buffer.from(data, 'latin1'), (error) => {
        if (error !== null) failed(flow, entry, error);
      });
    },
    reply(flow, to, data) {
      if (link === 'down') return;
      const entry = flow === null ? undefined : flows.get(flow);
      const octets = Buffer.from(data, 'latin1');
      if (entry?.ready === true && entry.target.address === to.address && entry.target.port === to.port)
        entry.socket.send(octets, () => undefined);
      else shared.get(familyOf(to.address))?.send(octets, to.port, to.address, () => undefined);
    },
    close,
    setLink(state) {
      link = state;
      if (state === 'down') closeFlows();
    },
    closeAll() {
      closeFlows();
      for (const socket of shared.values()) socket.close();
    },
  };
}

/**
 * Ports are shared among our own sockets, so a second phone on the same port would not be noticed, and "any free port" could be another
 * phone's: ask without sharing first.
 */
async function unshared(address: string, port: number): Promise<number> {
  const trial = newSocket(address, { shared: false });
  try {
    await bound(trial, port, address);
    return trial.address().port;
  } finally {
    trial.close();
  }
}

const bound = (socket: Socket, port: number, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port, address }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
