/**
 * Owns the simulated world: one event heap of virtual time that steps a phone, its peers, DNS and the network between them
 * (architecture 4.13). The same seed gives the same run.
 */
import type { HookState, KeyName } from '../../hal/devices.ts';
import type { PhoneSettings } from '../../firmware/config/settings.ts';
import type { PhoneEvent } from '../../firmware/events.ts';
import type { Random } from '../../firmware/kernel/random.ts';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import type { Target } from '../../firmware/kernel/target.ts';
import { targetText } from '../../firmware/kernel/target.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { Phone } from '../../firmware/phone.ts';
import { createPhone } from '../../firmware/phone.ts';
import { parseMessage } from '../../firmware/sip/message/parse.ts';
import { serialize } from '../../firmware/sip/message/serialize.ts';
import type { PhoneStatus } from '../../firmware/status.ts';
import type { Effect, HostsTable, Input, Stored } from '../../firmware/vocabulary.ts';
import { testHash } from '../support/digest.ts';
import type { SipPeer } from './sip-peer.ts';
import { Zone } from './zone.ts';

export interface WorldOptions {
  readonly settings: PhoneSettings;
  readonly peers: readonly SipPeer[];
  readonly zone?: Zone;
  readonly hosts?: HostsTable;
  readonly stored?: Stored;
  readonly unclean?: boolean;
  readonly seed?: number;
  /** One-way delay, ms. */
  readonly delayMs?: number;
  /** Chance that a packet is lost, duplicated. */
  readonly loss?: number;
  readonly duplicate?: number;
  readonly panel?: boolean;
  /** Called after every step of the phone: the checkers. */
  readonly watch?: (world: World, effects: readonly Effect[]) => void;
}

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export interface TimedEvent {
  readonly at: number;
  readonly event: PhoneEvent;
}

export interface Packet {
  readonly at: number;
  readonly to: string;
  readonly data: string;
}

export class World {
  readonly phone: Phone;
  readonly zone: Zone;
  readonly peers: readonly SipPeer[];
  readonly events: TimedEvent[] = [];
  /** Every datagram that the phone sent. */
  readonly sent: Packet[] = [];
  readonly stored: Record<string, unknown> = {};
  lcd: readonly string[] = [];
  exited = false;
  now = 0;
  link: 'up' | 'down' = 'up';
  readonly #options: WorldOptions;
  readonly #random: Random;
  readonly #flows = new Map<string, Target>();
  readonly #frozen: (() => void)[] = [];
  #heap: Happening[] = [];
  #order = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.zone = options.zone ?? new Zone();
    this.peers = options.peers;
    const seed = options.seed ?? 1;
    this.#random = createRandom(seedFrom(seed), 7);
    this.phone = createPhone({ settings: options.settings, seed: seedFrom(seed), hash: testHash, version: 'sim', panel: options.panel ?? false });
  }

  start(): this {
    this.input({
      kind: 'start',
      wallMs: 1_772_534_520_000,
      unclean: this.#options.unclean ?? false,
      nameServers: [{ address: '192.0.2.53', port: 53 }],
      hosts: this.#options.hosts ?? {},
      stored: this.#options.stored ?? {},
    });
    return this;
  }

  /** Something happens `ms` from now. */
  at(ms: number, run: () => void): void {
    this.#order += 1;
    this.#heap.push({ at: this.now + ms, order: this.#order, run });
  }

  input(input: Input): void {
    this.#carryOut(this.phone.step(input, millis(this.now)));
  }

  press(key: KeyName): void {
    this.input({ kind: 'key', key, edge: 'down' });
    this.input({ kind: 'key', key, edge: 'up' });
  }

  hook(state: HookState): void {
    this.input({ kind: 'hook', state });
  }

  setLink(state: 'up' | 'down'): void {
    this.link = state;
    if (state === 'down') this.#flows.clear();
    this.input({ kind: 'link', state });
  }

  /** Runs everything up to `ms` from now. Packets come before timers at equal times. */
  run(ms: number): this {
    const end = this.now + ms;
    for (;;) {
      const happening = this.#soonest();
      const deadline = this.phone.deadline();
      const next = Math.min(happening?.at ?? Number.POSITIVE_INFINITY, deadline ?? Number.POSITIVE_INFINITY);
      if (next > end) break;
      if (next < this.now && happening?.at !== next) throw new Error(`a timer of the phone lies ${this.now - next} ms in the past`);
      this.now = Math.max(this.now, next);
      if (happening !== undefined && happening.at <= next) {
        this.#heap = this.#heap.filter((other) => other !== happening);
        happening.run();
      } else this.input({ kind: 'wake' });
    }
    this.now = end;
    return this;
  }

  /** Runs until the predicate holds; fails with the time when it does not within `ms`. Returns the time passed. */
  until(predicate: () => boolean, ms: number): number {
    const start = this.now;
    while (!predicate()) {
      if (this.now - start > ms) throw new Error(`not within ${ms} ms; at ${this.now}: ${JSON.stringify(this.status().lines)}`);
      this.run(Math.max(0.5, Math.min(...[this.#soonest()?.at, this.phone.deadline()].map((at) => (at ?? this.now + 1000) - this.now))));
    }
    return this.now - start;
  }

  status(): PhoneStatus {
    return this.phone.status(millis(this.now));
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
    return this.events.flatMap(({ event }) => (event.event === name ? [event as Extract<PhoneEvent, { event: N }>] : []));
  }

  /** A frozen peer goes on: it answers what it had queued. */
  thaw(peer: SipPeer): void {
    peer.fault = 'none';
    const queued = this.#frozen.splice(0);
    for (const run of queued) run();
  }

  #soonest(): Happening | undefined {
    let soon: Happening | undefined;
    for (const happening of this.#heap)
      if (soon === undefined || happening.at < soon.at || (happening.at === soon.at && happening.order < soon.order)) soon = happening;
    return soon;
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) this.#effect(effect);
    this.#options.watch?.(this, effects);
  }

  #effect(effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        return this.#open(effect.flow, effect.target);
      case 'send':
        return this.#send(effect.flow, effect.data);
      case 'close':
        this.#flows.delete(effect.flow);
        return;
      case 'dns-query':
        if (this.link === 'up') for (const answer of this.zone.answer(effect)) this.at(this.#delay(), () => this.input(answer));
        return;
      case 'event':
        this.events.push({ at: this.now, event: effect.event });
        return;
      case 'show':
        this.lcd = effect.frame.rows;
        return;
      case 'store':
        this.stored[effect.key] = structuredClone(effect.value);
        return;
      case 'exit':
        this.exited = true;
        return;
      default:
        return;
    }
  }

  #delay(): number {
    const base = this.#options.delayMs ?? 1;
    return base * this.#random.between(0.9, 1.1);
  }

  #open(flow: string, target: Target): void {
    this.at(0.05, () => {
      if (this.link === 'down') return this.input({ kind: 'flow-failed', flow, cause: 'no-network' });
      this.#flows.set(flow, target);
      return this.input({ kind: 'opened', flow, local: { address: '192.0.2.100', port: 5060 } });
    });
  }

  #send(flow: string, data: string): void {
    const target = this.#flows.get(flow);
    this.sent.push({ at: this.now, to: flow, data });
    if (target === undefined || this.link === 'down') return;
    const { loss = 0, duplicate = 0 } = this.#options;
    if (this.#random.next() < loss) return;
    const copies = this.#random.next() < duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) this.at(this.#delay(), () => this.#arrive(flow, target, data));
  }

  #arrive(flow: string, target: Target, data: string): void {
    const peer = this.peers.find(({ address, port }) => address === target.address && port === target.port);
    if (peer === undefined || peer.fault === 'silent') return;
    if (peer.fault === 'killed' || peer.fault === 'unreachable') {
      const cause = peer.fault === 'killed' ? 'refused' : 'unreachable';
      this.at(this.#delay(), () => {
        if (this.#flows.delete(flow)) this.input({ kind: 'flow-failed', flow, cause });
      });
      return;
    }
    const serve = (): void => this.#serve(peer, flow, target, data);
    if (peer.fault === 'frozen') this.#frozen.push(serve);
    else serve();
  }

  #serve(peer: SipPeer, flow: string, target: Target, data: string): void {
    const parsed = parseMessage(data);
    if (!parsed.ok || parsed.value.kind !== 'request') throw new Error(`the phone sent a bad message: ${parsed.ok ? 'a response' : parsed.error.text}\n${data}`);
    peer.seen.push({ at: this.now, request: parsed.value });
    const response = peer.answer(parsed.value, this.now);
    if (response === null || this.#random.next() < (this.#options.loss ?? 0)) return;
    this.at(peer.delayMs + this.#delay(), () => {
      // The socket of a given-up flow is gone: the datagram reaches the shared one.
      const onFlow = this.#flows.has(flow) ? flow : null;
      if (this.link === 'up') this.input({ kind: 'datagram', flow: onFlow, from: { address: target.address, port: target.port }, data: serialize(response) });
    });
  }
}

export const flowOf = (peer: SipPeer): string => targetText({ transport: 'udp', address: peer.address, port: peer.port, tlsName: null });
