/**
 * Owns the simulated TCP and TLS connections between phone and servers: octets arrive in order or not at all, late where the path
 * is broken, cut and glued anywhere; a connection is refused, hangs, is reset, or is half dead.
 */
import type { Random } from '../../firmware/kernel/random.ts';
import type { Endpoint, Target } from '../../firmware/kernel/target.ts';
import { targetText } from '../../firmware/kernel/target.ts';
import { frameAt } from '../../firmware/sip/message/frame.ts';
import type { SipMessage } from '../../firmware/sip/message/message.ts';
import { parseMessage } from '../../firmware/sip/message/parse.ts';
import { serialize } from '../../firmware/sip/message/serialize.ts';
import type { TransportFailure } from '../../firmware/vocabulary.ts';
import type { CarrierHost } from './net.ts';
import type { Reaction } from './peer-front.ts';
import type { SipNode } from './sip-peer.ts';
import { StreamPipe } from './stream-pipe.ts';

interface Connection {
  readonly flow: string;
  readonly target: Target;
  readonly node: SipNode | undefined;
  readonly toServer: StreamPipe;
  readonly toPhone: StreamPipe;
  /** What the server holds of a message that is not whole yet. */
  atServer: string;
  isOpen: boolean;
}

/** A SYN is repeated so often, and then nobody waits any more. */
const SYNS_MAX = 6;

export class StreamNet {
  readonly #host: CarrierHost;
  readonly #random: Random;
  readonly #connections = new Map<string, Connection>();
  #dialled = 0;

  constructor(host: CarrierHost, random: Random) {
    this.#host = host;
    this.#random = random;
  }

  has(flow: string): boolean {
    return this.#connections.has(flow);
  }

  /** Every connection that is there now, by the target that it leads to. */
  established(): readonly string[] {
    return [...this.#connections.values()].filter(({ isOpen }) => isOpen).map(({ target }) => targetText(target));
  }

  /** The newest connection to this server that can carry. */
  flowTo(node: SipNode): string | undefined {
    return [...this.#connections.values()].findLast((one) => one.node === node && one.isOpen)?.flow;
  }

  open(flow: string, target: Target): void {
    const connection = this.#make(flow, target, this.#host.nodeAt(target));
    this.#host.at(0.05, () => this.#syn(connection, 0));
  }

  /** The phone's end sends; a connection that is gone takes nothing. */
  send(flow: string, data: string): void {
    this.#connections.get(flow)?.toServer.push(data, () => undefined);
  }

  sendEmpty(flow: string, data: string): void {
    this.send(flow, data);
  }

  close(flow: string): void {
    const connection = this.#connections.get(flow);
    if (connection === undefined) return;
    this.#connections.delete(flow);
    connection.toPhone.stop();
    connection.toServer.stop();
  }

  /** All of them, without a word: the link is down. */
  clear(): void {
    for (const flow of [...this.#connections.keys()]) this.close(flow);
  }

  /** The server's process is gone, or it closes what it has: the phone hears of it. */
  hangUp(node: SipNode): void {
    for (const connection of [...this.#connections.values()])
      if (connection.node === node && connection.isOpen) this.#reset(connection);
  }

  /** The server opens a connection of its own to the phone. */
  dial(node: SipNode, transport: 'tcp' | 'tls', port: number): string {
    this.#dialled += 1;
    const flow = `in:${transport}:${this.#dialled}`;
    const from: Endpoint = { address: node.address, port };
    const connection = this.#make(flow, { transport, tlsName: null, ...from }, node);
    connection.isOpen = true;
    this.#host.input({ kind: 'accepted', flow, from });
    return flow;
  }

  /** Octets of the server to the phone, whatever they are. */
  push(flow: string, data: string): void {
    this.#connections.get(flow)?.toPhone.push(data, () => undefined);
  }

  react(node: SipNode, flow: string, reaction: Reaction): void {
    const connection = this.#connections.get(flow);
    if (connection === undefined) return;
    if (reaction.kind === 'icmp') return this.#fail(connection, 'reset');
    if (reaction.kind === 'nothing') return;
    const { response, thinkMs } = reaction;
    const data = serialize(response);
    this.#host.at(thinkMs, () => {
      connection.toPhone.push(data, () => {
        this.#host.seen(targetText(connection.target), response, data);
        if (node.hangsUp === 'after an answer') this.#fail(connection, 'reset');
      });
    });
  }

  #make(flow: string, target: Target, node: SipNode | undefined): Connection {
    const { net, at } = this.#host;
    const random = this.#random;
    const reaches = (back: boolean): boolean =>
      node !== undefined && net.reaches(node.address) && canPass(node, back) && !net.loses();
    const lost = (): void => this.#fail(connection, 'timeout');
    const connection: Connection = {
      ...{ flow, target, node, atServer: '', isOpen: false },
      toServer: new StreamPipe({
        ...{ net, random, at, lost },
        passes: () => reaches(false),
        deliver: (data) => this.#served(connection, data),
      }),
      toPhone: new StreamPipe({
        ...{ net, random, at, lost },
        passes: () => reaches(true),
        deliver: (data) => this.#host.input({ kind: 'octets', flow, data }),
      }),
    };
    this.#connections.set(flow, connection);
    return connection;
  }

  #isThere(connection: Connection): boolean {
    return this.#connections.get(connection.flow) === connection;
  }

  #syn(connection: Connection, tries: number): void {
    if (!this.#isThere(connection)) return;
    const { net, at } = this.#host;
    const { node } = connection;
    if (!net.usable) return this.#fail(connection, 'no-network');
    if (this.#host.localAddress(connection.target) === null) return this.#fail(connection, 'unreachable');
    if (node?.fault === 'unreachable') return this.#fail(connection, 'unreachable', net.delay());
    if (node !== undefined && net.reaches(node.address) && canPass(node, true) && !net.loses())
      return at(2 * net.delay(), () => this.#synAnswered(connection, node));
    if (tries === SYNS_MAX) return this.#fail(connection, 'timeout');
    return at(1000 * 2 ** tries, () => this.#syn(connection, tries + 1));
  }

  #synAnswered(connection: Connection, node: SipNode): void {
    const { transport } = connection.target;
    if (node.fault === 'killed' || !node.listens.includes(transport)) return this.#fail(connection, 'refused');
    if (transport !== 'tls') return this.#opened(connection, node);
    return this.#host.at(2 * this.#host.net.delay(), () => this.#shakeHands(connection, node));
  }

  /** A frozen process has its connections taken by the kernel, but says nothing in TLS. */
  #shakeHands(connection: Connection, node: SipNode): void {
    if (!this.#isThere(connection)) return;
    if (node.fault === 'killed') return this.#fail(connection, 'reset');
    if (node.fault !== 'none') return this.#host.at(500, () => this.#shakeHands(connection, node));
    if (node.certificate !== connection.target.tlsName) return this.#fail(connection, 'tls');
    return this.#opened(connection, node);
  }

  #opened(connection: Connection, node: SipNode): void {
    const address = this.#host.localAddress(connection.target);
    if (!this.#isThere(connection) || address === null) return;
    connection.isOpen = true;
    node.accepts += 1;
    const port = connection.target.transport === 'tls' ? 5061 : 5060;
    this.#host.input({ kind: 'opened', flow: connection.flow, local: { address, port } });
    if (node.hangsUp === 'at once') this.#reset(connection);
  }

  #served(connection: Connection, data: string): void {
    const { node } = connection;
    if (node === undefined) return;
    if (node.fault === 'killed') return this.#fail(connection, 'reset');
    connection.atServer += data;
    const pings = /^(?:\r\n\r\n)+/.exec(connection.atServer)?.[0] ?? '';
    connection.atServer = connection.atServer.slice(pings.length);
    if (pings !== '') this.#pong(connection, node);
    for (let message = this.#take(connection); message !== null; message = this.#take(connection))
      if (message.kind === 'request')
        this.react(node, connection.flow, this.#host.arrive(node, connection.flow, message));
  }

  #take(connection: Connection): SipMessage | null {
    const frame = frameAt(connection.atServer, 0);
    if (frame.kind === 'broken') throw new Error(`the phone sent what cannot be read: ${frame.error.text}`);
    if (frame.kind !== 'message') return null;
    connection.atServer = connection.atServer.slice(frame.end);
    const parsed = parseMessage(frame.text);
    if (!parsed.ok) throw new Error(`the phone sent a bad message: ${parsed.error.text}`);
    if (parsed.value.kind === 'response') this.#host.replied(connection.flow, frame.text);
    return parsed.value;
  }

  #pong(connection: Connection, node: SipNode): void {
    if (node.fault === 'frozen') return this.#host.at(500, () => this.#pong(connection, node));
    if (node.answersPings) connection.toPhone.push('\r\n', () => undefined);
  }

  #reset(connection: Connection): void {
    this.#fail(connection, 'reset', this.#host.net.delay());
  }

  #fail(connection: Connection, cause: TransportFailure, delay = 0.05): void {
    this.#host.at(delay, () => {
      if (!this.#isThere(connection)) return;
      this.close(connection.flow);
      this.#host.input({ kind: 'flow-failed', flow: connection.flow, cause });
    });
  }
}

/** Whether a packet gets through the server's own fault; what it sends itself is lost where it is mute. */
const canPass = ({ fault }: SipNode, back: boolean): boolean =>
  fault !== 'silent' && fault !== 'unreachable' && !(back && fault === 'mute');
