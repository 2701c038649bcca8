/**
 * Owns the SIP sockets over UDP: one shared listening socket, and one connected socket a target, because only a connected one hears
 * of a refusal (RFC 3261 18.4; peers 2). Every datagram is handed up with its true source; what a source means is the core's.
 */
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Endpoint, Target } from '../kernel/target.ts';
import type { FlowId, Input } from '../vocabulary.ts';
import { failureOf } from './errno.ts';

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

const typeOf = (address: string): 'udp4' | 'udp6' => (isIPv6(address) ? 'udp6' : 'udp4');

/** Binds the shared socket; rejects with the system's error where the port is taken. */
export async function createUdp(options: UdpOptions): Promise<Udp> {
  const { input } = options;
  const flows = new Map<FlowId, { readonly socket: Socket; readonly target: Target; ready: boolean }>();
  let link: 'up' | 'down' = 'up';
  const shared = createSocket({ type: typeOf(options.bind), reuseAddr: true });
  if (options.port !== 0) await refuseTaken(options.bind, options.port);
  await bound(shared, options.port, options.bind);
  const port = shared.address().port;
  const local: Endpoint = { address: options.bind, port };
  shared.on('message', (octets, from) => arrived(null, octets, from));
  shared.on('error', () => undefined);

  function arrived(flow: FlowId | null, octets: Buffer, from: Endpoint): void {
    if (link === 'up')
      input({
        kind: 'datagram',
        flow,
        from: { address: from.address, port: from.port },
        data: octets.toString('latin1'),
      });
  }

  function open(flow: FlowId, target: Target): void {
    if (link === 'down' || target.transport !== 'udp') {
      setImmediate(() => input({ kind: 'flow-failed', flow, cause: link === 'down' ? 'no-network' : 'unreachable' }));
      return;
    }
    const socket = createSocket({ type: typeOf(target.address), reuseAddr: true });
    const entry = { socket, target, ready: false };
    flows.set(flow, entry);
    socket.on('error', (error) => failed(flow, socket, error));
    socket.on('message', (octets, from) => {
      // Between bind and connect a stranger's datagram can reach this socket: it belongs to the shared one.
      const own = from.address === target.address && from.port === target.port;
      arrived(own ? flow : null, octets, from);
    });
    socket.bind({ port, address: options.bind, exclusive: false }, () => connectTo(flow, entry));
  }

  function connectTo(flow: FlowId, entry: { readonly socket: Socket; readonly target: Target; ready: boolean }): void {
    const { socket, target } = entry;
    socket.connect(target.port, target.address, (...[error]: [Error?]) => {
      if (error != null) return failed(flow, socket, error);
      if (flows.get(flow) !== entry) return;
      entry.ready = true;
      const { address, port: localPort } = socket.address();
      input({
        kind: 'opened',
        flow,
        local: { address: address === '0.0.0.0' || address === '::' ? ownAddress() : address, port: localPort },
      });
    });
  }

  function failed(flow: FlowId, socket: Socket, error: unknown): void {
    if (flows.get(flow)?.socket !== socket) return;
    flows.delete(flow);
    socket.close();
    input({ kind: 'flow-failed', flow, cause: failureOf(error) });
  }

  return {
    local,
    open,
    send(flow, data) {
      const entry = flows.get(flow);
      if (entry === undefined || !entry.ready || link === 'down') return;
      entry.socket.send(Buffer.from(data, 'latin1'), (error) => {
        if (error !== null) failed(flow, entry.socket, error);
      });
    },
    reply(flow, to, data) {
      if (link === 'down') return;
      const entry = flow === null ? undefined : flows.get(flow);
      const octets = Buffer.from(data, 'latin1');
      if (entry?.ready === true && entry.target.address === to.address && entry.target.port === to.port)
        entry.socket.send(octets);
      else shared.send(octets, to.port, to.address, () => undefined);
    },
    close(flow) {
      const entry = flows.get(flow);
      flows.delete(flow);
      entry?.socket.close();
    },
    setLink(state) {
      link = state;
      if (state === 'down') closeFlows();
    },
    closeAll() {
      closeFlows();
      shared.close();
    },
  };

  function closeFlows(): void {
    for (const { socket } of flows.values()) socket.close();
    flows.clear();
  }
}

/** Ports are shared among our own sockets, so a second phone on the same port would not be noticed: ask without sharing first. */
async function refuseTaken(address: string, port: number): Promise<void> {
  const trial = createSocket({ type: typeOf(address) });
  try {
    await bound(trial, port, address);
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

/** The first address of a real interface, for a socket that is bound to all. */
function ownAddress(): string {
  for (const addresses of Object.values(networkInterfaces()))
    for (const { address, internal, family } of addresses ?? []) if (!internal && family === 'IPv4') return address;
  return '127.0.0.1';
}
