/**
 * Owns the SIP sockets over UDP: one shared listening socket, and one connected socket a target, because only a connected one hears
 * of a refusal (RFC 3261 18.4; peers 2). Every datagram is handed up with its true source; what a source means is the core's.
 */
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Endpoint, Target } from '../kernel/target.ts';
import type { FlowId, Input, TransportFailure } from '../vocabulary.ts';
import { codeOf, failureOf } from './errno.ts';

type FlowInput = Extract<Input, { kind: 'opened' | 'flow-failed' | 'datagram' }>;

export interface UdpOptions {
  /** Address to listen on; `0.0.0.0` = all. */
  readonly bind: string;
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
  readonly at: Endpoint;
  /** The target as the system spells it. */
  peer: Endpoint;
  stage: 'binding' | 'connecting' | 'ready';
}

const typeOf = (address: string): 'udp4' | 'udp6' => (isIPv6(address) ? 'udp6' : 'udp4');

/** Shared among our own sockets; an IPv6 one leaves IPv4 alone, so that each source has one spelling. */
const newSocket = (address: string, { shared }: { readonly shared: boolean }): Socket =>
  createSocket({ type: typeOf(address), reuseAddr: shared, ipv6Only: isIPv6(address) });

/** Binds the shared socket; rejects with the system's error where the port is taken. */
export async function createUdp({ bind, port: wanted, input }: UdpOptions): Promise<Udp> {
  const flows = new Map<FlowId, Flow>();
  let link: 'up' | 'down' = 'up';
  const port = await unshared(bind, wanted);
  const shared = newSocket(bind, { shared: true });
  await bound(shared, port, bind);
  shared.on('message', (octets, from) => arrived(null, octets, from));
  // What goes wrong with an answer to a stranger is the stranger's: it asks again.
  shared.on('error', () => undefined);

  function arrived(flow: FlowId | null, octets: Buffer, { address, port: from }: Endpoint): void {
    if (link === 'up')
      input({ kind: 'datagram', flow, from: { address, port: from }, data: octets.toString('latin1') });
  }

  function open(flow: FlowId, target: Target): void {
    close(flow);
    const address = ownAddressFor(target, bind);
    if (link === 'down') return refuse(flow, 'no-network');
    if (address === null || target.transport !== 'udp') return refuse(flow, 'unreachable');
    openFrom(flow, target, { address, port });
  }

  /** Told later, as every answer is: nothing turns round inside a step. */
  function refuse(flow: FlowId, cause: TransportFailure): void {
    setImmediate(() => input({ kind: 'flow-failed', flow, cause }));
  }

  function openFrom(flow: FlowId, target: Target, at: Endpoint): void {
    const socket = newSocket(at.address, { shared: true });
    const entry: Flow = { socket, target, at, peer: target, stage: 'binding' };
    flows.set(flow, entry);
    socket.on('error', (error) => failed(flow, entry, error));
    socket.on('message', (octets, from) => {
      // Between bind and connect a stranger's datagram can reach this socket: it belongs to the shared one.
      if (from.address === entry.peer.address && from.port === entry.peer.port) arrived(flow, octets, target);
      else arrived(null, octets, from);
    });
    socket.bind({ port: at.port, address: at.address, exclusive: false }, () => {
      entry.stage = 'connecting';
      socket.connect(target.port, target.address, (...[error]: [Error?]) => {
        if (error == null) connected(flow, entry);
        else failed(flow, entry, error);
      });
    });
  }

  function connected(flow: FlowId, entry: Flow): void {
    if (flows.get(flow) !== entry) return;
    entry.stage = 'ready';
    entry.peer = entry.socket.remoteAddress();
    const { address, port: from } = entry.socket.address();
    input({ kind: 'opened', flow, local: { address, port: from } });
  }

  function failed(flow: FlowId, entry: Flow, error: unknown): void {
    if (flows.get(flow) !== entry) return;
    close(flow);
    // Where the port cannot be shared, the flow has one of its own; `rport` tells the far side (RFC 3581).
    if (entry.stage === 'binding' && entry.at.port !== 0 && codeOf(error) === 'EADDRINUSE')
      return openFrom(flow, entry.target, { ...entry.at, port: 0 });
    input({ kind: 'flow-failed', flow, cause: failureOf(error) });
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
    local: { address: bind, port },
    open,
    send(flow, data) {
      const entry = flows.get(flow);
      if (entry?.stage !== 'ready' || link === 'down') return;
      entry.socket.send(Buffer.from(data, 'latin1'), (error) => {
        if (error !== null) failed(flow, entry, error);
      });
    },
    reply(flow, to, data) {
      if (link === 'down') return;
      const entry = flow === null ? undefined : flows.get(flow);
      const octets = Buffer.from(data, 'latin1');
      if (entry?.stage === 'ready' && entry.target.address === to.address && entry.target.port === to.port)
        entry.socket.send(octets, () => undefined);
      else shared.send(octets, to.port, to.address, () => undefined);
    },
    close,
    setLink(state) {
      link = state;
      if (state === 'down') closeFlows();
    },
    closeAll() {
      closeFlows();
      shared.close();
    },
  };
}

/** From where a target can be reached; null = not at all from the address that the phone was given. */
function ownAddressFor(target: Target, bind: string): string | null {
  if (isIPv6(target.address) === isIPv6(bind)) return bind;
  if (bind === '0.0.0.0') return '::';
  return bind === '::' ? '0.0.0.0' : null;
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
