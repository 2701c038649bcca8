/**
 * Owns the simulated world: one event heap of virtual time that steps a phone, its peers, DNS and the network between them
 * (architecture 4.13). The same seed gives the same run. Checkers look on: they are told of everything, and throw.
 */
import type { PhoneSettings } from '../../firmware/config/settings.ts';
import type { PhoneEvent } from '../../firmware/events.ts';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import { endpointText } from '../../firmware/kernel/target.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { Phone } from '../../firmware/phone.ts';
import { createPhone } from '../../firmware/phone.ts';
import type { SipRequest, SipResponse } from '../../firmware/sip/message/message.ts';
import { parseMessage } from '../../firmware/sip/message/parse.ts';
import type { PhoneStatus } from '../../firmware/status.ts';
import type { Effect, HostsTable, Input, Stored } from '../../firmware/vocabulary.ts';
import type { HookState, KeyName } from '../../hal/devices.ts';
import { testHash } from '../support/digest.ts';
import { DatagramNet } from './datagram-net.ts';
import { Happenings } from './happenings.ts';
import type { CarrierHost, Weather } from './net.ts';
import { addressTowards, FAIR, Net } from './net.ts';
import { PeerFront } from './peer-front.ts';
import type { SipNode } from './sip-peer.ts';
import { StreamNet } from './stream-net.ts';
import type { Observer, TimedEvent, Wire } from './trace.ts';
import { storyOf, textOf } from './trace.ts';
import { Zone } from './zone.ts';

export type Checker = (world: World) => Observer;

export interface WorldOptions {
  readonly settings: PhoneSettings;
  readonly peers: readonly SipNode[];
  readonly zone?: Zone;
  readonly nameServers?: readonly string[];
  /** What the phone has addresses of; IPv4 alone by default. */
  readonly families?: readonly ('A' | 'AAAA')[];
  readonly hosts?: HostsTable;
  readonly stored?: Stored;
  readonly unclean?: boolean;
  readonly seed?: number;
  readonly weather?: Partial<Weather>;
  readonly panel?: boolean;
  readonly checkers?: readonly Checker[];
}

/** More wakes than this at one instant, and the phone spins. */
const WAKES_AT_ONCE_MAX = 10_000;

export class World {
  readonly phone: Phone;
  readonly zone: Zone;
  readonly net: Net;
  readonly peers: readonly SipNode[];
  readonly settings: PhoneSettings;
  readonly events: TimedEvent[] = [];
  readonly wires: Wire[] = [];
  /** What the phone answered, and on which flow; null = the shared socket. */
  readonly replies: { readonly flow: string | null; readonly data: string }[] = [];
  readonly logs: Extract<Effect, { kind: 'log' }>[] = [];
  readonly stored: Record<string, unknown> = {};
  localAddress = '192.0.2.100';
  lcd: readonly string[] = [];
  exited = false;
  now = 0;
  readonly #options: WorldOptions;
  readonly streams: StreamNet;
  readonly datagrams: DatagramNet;
  readonly #front = new PeerFront();
  readonly #happenings = new Happenings();
  readonly #observers: readonly Observer[];
  /** Asked for by several checkers after every input; good until the next. */
  #status: { readonly at: number; readonly status: PhoneStatus } | null = null;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.settings = options.settings;
    this.zone = options.zone ?? new Zone();
    this.peers = options.peers;
    const seed = seedFrom(options.seed ?? 1);
    this.net = new Net(createRandom(seed, 7), { ...FAIR, ...options.weather });
    this.datagrams = new DatagramNet(this.#host());
    this.streams = new StreamNet(this.#host(), createRandom(seed, 8));
    const panel = options.panel ?? false;
    this.phone = createPhone({ settings: options.settings, seed, hash: testHash, version: 'sim', panel });
    this.#observers = (options.checkers ?? []).map((checker) => checker(this));
  }

  start(): this {
    const { unclean = false, hosts = {}, stored = {}, nameServers = ['192.0.2.53'], families = ['A'] } = this.#options;
    const servers = nameServers.map((address) => ({ address, port: 53 }));
    this.input({ kind: 'start', wallMs: 1_772_534_520_000, unclean, nameServers: servers, hosts, stored, families });
    return this;
  }

  /** Something happens `ms` from now. */
  at(ms: number, run: () => void): void {
    this.#happenings.add(this.now + ms, run);
  }

  input(input: Input): void {
    this.#status = null;
    for (const effect of this.phone.step(input, millis(this.now))) {
      for (const observer of this.#observers) observer.effect?.(effect);
      this.#effect(effect);
    }
    for (const observer of this.#observers) observer.settled?.();
  }

  press(key: KeyName): void {
    this.input({ kind: 'key', key, edge: 'down' });
    this.input({ kind: 'key', key, edge: 'up' });
  }

  hook(state: HookState): void {
    this.input({ kind: 'hook', state });
  }

  setLink(state: 'up' | 'down'): void {
    this.net.link = state;
    if (state === 'down') {
      this.datagrams.clear();
      this.streams.clear();
    }
    this.input({ kind: 'link', state });
  }

  /** Runs everything up to `ms` from now. Packets come before timers at equal times. */
  run(ms: number): this {
    const end = this.now + ms;
    for (let next = this.#next(); next <= end; next = this.#next()) this.#step(next);
    this.now = end;
    return this;
  }

  /** Runs until the predicate holds; fails where it does not within `ms`. Returns the time passed. */
  until(predicate: () => boolean, ms: number): number {
    const start = this.now;
    for (let next = this.#next(); !predicate(); next = this.#next()) {
      if (next > start + ms) throw new Error(`after ${ms} ms still not: ${predicate}\n${this.story(20)}`);
      this.#step(next);
    }
    return this.now - start;
  }

  status(): PhoneStatus {
    if (this.#status?.at !== this.now) this.#status = { at: this.now, status: this.phone.status(millis(this.now)) };
    return this.#status.status;
  }

  registrar(line = 1): NonNullable<PhoneStatus['lines'][number]['registrar']> {
    const found = this.status().lines.find((candidate) => candidate.line === line)?.registrar;
    if (found == null) throw new Error(`line ${line} has no registrar`);
    return found;
  }

  registeredOn(server: 'primary' | 'backup', line = 1): boolean {
    const { state, server: serving } = this.registrar(line);
    return state === 'registered' && serving === server;
  }

  eventsOf<N extends PhoneEvent['event']>(name: N): readonly Extract<PhoneEvent, { event: N }>[] {
    return this.events.flatMap(({ event }) =>
      event.event === name ? [event as Extract<PhoneEvent, { event: N }>] : [],
    );
  }

  /** The requests that the phone sent, in order; retransmissions too. */
  sent(method?: string): readonly Wire<SipRequest>[] {
    return this.wires.flatMap((wire) => {
      const { message } = wire;
      if (wire.way !== 'sent' || message.kind !== 'request') return [];
      return method === undefined || message.method === method ? [{ ...wire, message }] : [];
    });
  }

  /** A frozen peer goes on: it answers what it had queued. */
  thaw(peer: SipNode): void {
    peer.fault = 'none';
    for (const { flow, reaction } of this.#front.thaw(peer, this.now))
      this.#carrierOf(flow).react(peer, flow, reaction);
  }

  /** The process of a server dies: whoever is connected to it hears so. */
  kill(peer: SipNode): void {
    peer.fault = 'killed';
    this.streams.hangUp(peer);
  }

  /** Who stands there, whatever the transport in the target's text. */
  peerAt(target: string): SipNode | undefined {
    const [, place = ''] = /^[a-z]+:(\S+)/.exec(target) ?? [];
    return this.peers.find((peer) => endpointText(peer) === place);
  }

  /** The last events, for a person who reads a failure. */
  story = (count: number): string => storyOf(this.events.slice(-count));

  #next(): number {
    const happening = this.#happenings.next() ?? Number.POSITIVE_INFINITY;
    return Math.min(happening, this.phone.deadline() ?? Number.POSITIVE_INFINITY);
  }

  #wakes = 0;

  #step(next: number): void {
    const happening = this.#happenings.next();
    if (next > this.now) this.#wakes = 0;
    const late = this.now - next;
    if (late > 0) throw new Error(`a timer of the phone lies ${late} ms in the past\n${this.story(20)}`);
    this.now = next;
    if (happening === next) return this.#happenings.take()?.();
    this.#wakes += 1;
    if (this.#wakes > WAKES_AT_ONCE_MAX) throw new Error(`the phone spins at ${next} ms\n${this.story(20)}`);
    this.input({ kind: 'wake' });
  }

  #effect(effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        return this.#carrierOf(effect.flow).open(effect.flow, effect.target);
      case 'send':
        return this.#send(effect.flow, effect.data);
      case 'close':
        return this.#carrierOf(effect.flow).close(effect.flow);
      case 'reply':
        return this.#reply(effect.flow, effect.data);
      case 'dns-query':
        return this.#ask(effect);
      case 'event':
        this.events.push({ at: this.now, event: effect.event });
        for (const observer of this.#observers) observer.event?.(effect.event);
        return;
      case 'show':
        this.lcd = effect.frame.rows;
        return;
      case 'store':
        this.stored[effect.key] = structuredClone(effect.value);
        return;
      case 'log':
        this.logs.push(effect);
        return;
      case 'exit':
        this.exited = true;
        return;
      default:
        return;
    }
  }

  #reply(flow: string | null, data: string): void {
    if (flow !== null && this.streams.has(flow)) this.streams.send(flow, data);
    else this.replies.push({ flow, data });
  }

  #ask(query: Extract<Effect, { kind: 'dns-query' }>): void {
    if (!this.net.usable) return;
    const answers = this.zone.answer(query);
    // A lossy network loses questions too; forged answers come before the true one.
    for (const delay of this.net.copies(query.server.address).slice(0, 1))
      for (const answer of answers) this.at(2 * delay, () => this.net.usable && this.input(answer));
  }

  #carrierOf(flow: string): DatagramNet | StreamNet {
    return flow.startsWith('udp:') ? this.datagrams : this.streams;
  }

  #send(flow: string, data: string): void {
    if (/^[\r\n]*$/.test(data)) return this.#carrierOf(flow).sendEmpty(flow, data);
    const parsed = parseMessage(data);
    if (!parsed.ok || parsed.value.kind !== 'request')
      throw new Error(`the phone sent a bad message: ${parsed.ok ? 'a response' : parsed.error.text}\n${data}`);
    const request = parsed.value;
    const wire: Wire<SipRequest> = { at: this.now, way: 'sent', flow: textOf(flow), message: request, data };
    this.wires.push(wire);
    for (const observer of this.#observers) observer.sent?.(wire);
    if (flow.startsWith('udp:')) this.datagrams.send(flow, request);
    else this.streams.send(flow, data);
  }

  seen(flow: string, message: SipResponse, data: string): void {
    const wire: Wire<SipResponse> = { at: this.now, way: 'received', flow, message, data };
    this.wires.push(wire);
    for (const observer of this.#observers) observer.received?.(wire);
  }

  #host(): CarrierHost {
    return {
      now: () => this.now,
      net: this.net,
      localAddress: (to) => addressTowards(to, this.#options.families ?? ['A'], this.localAddress),
      at: (ms, run) => this.at(ms, run),
      input: (input) => this.input(input),
      nodeAt: (target) => this.peers.find((peer) => endpointText(peer) === endpointText(target)),
      arrive: (node, flow, request) => this.#front.arrive(node, { flow, request }, this.now),
      seen: (from, response, data) => this.seen(from, response, data),
      replied: (flow, data) => this.replies.push({ flow, data }),
    };
  }
}
