/** Owns the simulated UDP between phone and servers: what a flow's socket sends and gets, and what ICMP says of it. */
import type { Target } from '../../firmware/kernel/target.ts';
import { targetText } from '../../firmware/kernel/target.ts';
import type { SipRequest, SipResponse } from '../../firmware/sip/message/message.ts';
import { serialize } from '../../firmware/sip/message/serialize.ts';
import type { CarrierHost } from './net.ts';
import type { Reaction } from './peer-front.ts';
import type { SipNode } from './sip-peer.ts';

export class DatagramNet {
  readonly #host: CarrierHost;
  readonly #flows = new Map<string, Target>();

  /** Targets to which datagrams without a message went, and when. */
  readonly emptied: { readonly at: number; readonly target: string }[] = [];

  constructor(host: CarrierHost) {
    this.#host = host;
  }

  open(flow: string, target: Target): void {
    const { at, input, net } = this.#host;
    at(0.05, () => {
      const address = this.#host.localAddress(target);
      if (!net.usable) return input({ kind: 'flow-failed', flow, cause: 'no-network' });
      if (address === null) return input({ kind: 'flow-failed', flow, cause: 'unreachable' });
      this.#flows.set(flow, target);
      return input({ kind: 'opened', flow, local: { address, port: 5060 } });
    });
  }

  send(flow: string, request: SipRequest): void {
    const target = this.#flows.get(flow);
    if (target === undefined) throw new Error(`${request.method} over ${flow}, which is not open`);
    const { net, at } = this.#host;
    if (!net.usable) return this.#fail(flow, 'no-network', 0.05);
    const node = this.#host.nodeAt(target);
    if (node === undefined) return;
    for (const delay of net.copies(node.address))
      at(delay, () =>
        this.react(
          node,
          flow,
          node.listens.includes('udp') ? this.#host.arrive(node, flow, request) : { kind: 'icmp', cause: 'refused' },
        ),
      );
  }

  sendEmpty(flow: string): void {
    const target = this.#flows.get(flow);
    if (target !== undefined) this.emptied.push({ at: this.#host.now(), target: targetText(target) });
  }

  close(flow: string): void {
    this.#flows.delete(flow);
  }

  clear(): void {
    this.#flows.clear();
  }

  react(node: SipNode, flow: string, reaction: Reaction): void {
    const { net, at } = this.#host;
    if (reaction.kind === 'icmp') this.#fail(flow, reaction.cause, net.delay());
    if (reaction.kind !== 'respond') return;
    const { response, thinkMs } = reaction;
    for (const delay of net.copies(node.address))
      at(thinkMs + delay, () => {
        if (net.usable) this.#receive(node, flow, response);
      });
  }

  #fail(flow: string, cause: 'refused' | 'unreachable' | 'no-network', delay: number): void {
    this.#host.at(delay, () => {
      if (this.#flows.delete(flow)) this.#host.input({ kind: 'flow-failed', flow, cause });
    });
  }

  #receive({ address, port }: SipNode, flow: string, response: SipResponse): void {
    const data = serialize(response);
    this.#host.seen(targetText({ transport: 'udp', address, port, tlsName: null }), response, data);
    // The socket of a given-up flow is gone: the datagram reaches the shared one.
    const onFlow = this.#flows.has(flow) ? flow : null;
    this.#host.input({ kind: 'datagram', flow: onFlow, from: { address, port }, data });
  }
}
