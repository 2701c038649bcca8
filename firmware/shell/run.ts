/**
 * Owns the running phone: one queue of inputs, one real timer, effects carried out in order. The phone itself is the pure function of
 * `phone.ts`; this file gives it time and the world (architecture 4.8).
 */
import { performance } from 'node:perf_hooks';
import type { Display, HookSwitch, Keypad, Lamps } from '../../hal/devices.ts';
import type { EffectiveSettings } from '../config/layers.ts';
import type { PhoneSettings } from '../config/settings.ts';
import type { PhoneEvent } from '../events.ts';
import type { Seed } from '../kernel/random.ts';
import { seedFrom } from '../kernel/random.ts';
import type { Endpoint } from '../kernel/target.ts';
import { endpointText } from '../kernel/target.ts';
import { millis } from '../kernel/time.ts';
import type { Phone } from '../phone.ts';
import { createPhone } from '../phone.ts';
import type { Decision, PhoneStatus } from '../status.ts';
import type { Effect, HostsTable, Input } from '../vocabulary.ts';
import { hash } from './digest.ts';
import type { DnsIo } from './dns-io.ts';
import { createDnsIo } from './dns-io.ts';
import { systemSeed } from './entropy.ts';
import type { EventFeed } from './feed.ts';
import { createFeed } from './feed.ts';
import type { StateFolder } from './files.ts';
import { writeWhole } from './files.ts';
import type { Log } from './log.ts';
import { createRecorder } from './recorder.ts';
import { createUdp } from './udp.ts';

/** What the board brings; a headless one brings nothing. */
export interface Devices {
  readonly keypad?: Keypad;
  readonly hook?: HookSwitch;
  readonly lamps?: Lamps;
  readonly display?: Display;
}

export interface RunOptions {
  readonly effective: EffectiveSettings;
  readonly bind: string;
  readonly nameServers: readonly Endpoint[];
  readonly hosts: HostsTable;
  readonly state: StateFolder;
  readonly log: Log;
  readonly devices: Devices;
  readonly version: string;
  /** Null = from the operating system. */
  readonly seed: number | null;
  readonly record: string | null;
}

/** What pages and panels may ask of a running phone: snapshots out, inputs in. */
export interface PhoneHost {
  status(): PhoneStatus;
  decisions(): readonly Decision[];
  /** Calls the listener after every step that may have changed something. */
  onChange(listener: () => void): () => void;
}

export interface RunningPhone {
  readonly host: PhoneHost;
  readonly events: EventFeed;
  readonly local: Endpoint;
  input(input: Input): void;
  tell(event: PhoneEvent): void;
  /** Un-registers and ends; the exit code. A second call ends at once. */
  stop(): Promise<number>;
  /** Settles when the phone has ended, by whatever way. */
  readonly ended: Promise<number>;
}

/** Exit code after a broken invariant: the service manager starts the phone again. */
const EXIT_SOFTWARE = 70;
/** setTimeout takes no more than 31 bits of milliseconds. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export async function startPhone(options: RunOptions): Promise<RunningPhone> {
  const { settings } = options.effective;
  const started = performance.now();
  const now = (): number => performance.now() - started;
  const feed = createFeed(now);
  const recorder = createRecorder(options.record);
  const seed: Seed = options.seed === null ? systemSeed() : seedFrom(options.seed);
  const withPanel = options.devices.display !== undefined || options.devices.lamps !== undefined;
  const phone: Phone = createPhone({ settings, seed, hash, version: options.version, panel: withPanel });
  recorder.phone(options.version, settings, options.seed === null ? null : seed);
  const listeners = new Set<() => void>();
  const queue: Input[] = [];
  let timer: NodeJS.Timeout | null = null;
  let running = false;
  let over = false;
  let end: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });

  const udp = await createUdp({ bind: options.bind, port: settings.localPort, input: take });
  const dns: DnsIo = createDnsIo(take);

  function take(input: Input): void {
    if (over) return;
    queue.push(input);
    if (!running) run();
  }

  /** Runs the queue dry: an effect may bring the next input at once, but nothing turns round inside a step. */
  function run(): void {
    running = true;
    try {
      for (let input = queue.shift(); input !== undefined; input = queue.shift()) step(input);
    } catch (error) {
      broken(error);
    } finally {
      running = false;
    }
    if (over) return;
    sleep();
    for (const listener of listeners) listener();
  }

  function step(input: Input): void {
    const at = now();
    if (input.kind === 'link') udp.setLink(input.state);
    const effects = phone.step(input, millis(at));
    recorder.step(at, input, effects);
    for (const effect of effects) carryOut(effect);
  }

  function sleep(): void {
    if (timer !== null) clearTimeout(timer);
    const deadline = phone.deadline();
    timer =
      deadline === null
        ? null
        : setTimeout(() => take({ kind: 'wake' }), Math.min(TIMER_MAX_MS, Math.max(0, Math.ceil(deadline - now()))));
  }

  function carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        return udp.open(effect.flow, effect.target);
      case 'send':
        return udp.send(effect.flow, effect.data);
      case 'close':
        return udp.close(effect.flow);
      case 'reply':
        return udp.reply(effect.flow, effect.to, effect.data);
      case 'dns-query':
        return dns.query(effect);
      case 'dns-done':
        return dns.done(effect.id);
      case 'show':
        return options.devices.display?.show(effect.frame);
      case 'light':
        return options.devices.lamps?.set(effect.lamp, effect.state);
      case 'store':
        return options.state.store(effect.key, effect.value);
      case 'event':
        return feed.publish(effect.event);
      case 'log':
        return options.log[effect.level === 'notice' ? 'info' : effect.level](effect.fields, effect.name);
      case 'exit':
        return finish(effect.code);
    }
  }

  /** Our own mistake: what led to it is kept, and the process makes way for a fresh one. */
  function broken(error: unknown): void {
    options.log.error(
      { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      'invariant-broken',
    );
    void writeWhole(`${options.state.path}/crash.jsonl`, recorder.dump()).finally(() => finish(EXIT_SOFTWARE));
  }

  function finish(code: number): void {
    if (over) return;
    over = true;
    if (timer !== null) clearTimeout(timer);
    feed.publish({ event: 'stopped', code });
    udp.closeAll();
    dns.close();
    void Promise.all([recorder.close(), options.state.close({ clean: code === 0 })]).finally(() => end(code));
  }

  options.devices.keypad?.onKey(({ key, edge }) => take({ kind: 'key', key, edge }));
  options.devices.hook?.onHook((state) => take({ kind: 'hook', state }));
  tellReady(feed, settings, udp.local);
  for (const problem of options.effective.problems)
    feed.publish({
      event: 'problem',
      file: problem.file,
      line: problem.line,
      parameter: problem.parameter,
      message: problem.message,
    });
  for (const message of options.state.problems)
    feed.publish({ event: 'problem', file: options.state.path, line: 0, parameter: '', message });
  take({
    kind: 'start',
    wallMs: Date.now(),
    unclean: options.state.unclean,
    nameServers: options.nameServers,
    hosts: options.hosts,
    stored: options.state.stored,
  });

  return {
    host: {
      status: () => phone.status(millis(now())),
      decisions: () => phone.decisions(),
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    events: feed,
    local: udp.local,
    input: take,
    tell: (event) => feed.publish(event),
    stop() {
      take({ kind: 'shutdown' });
      return ended;
    },
    ended,
  };
}

/** Told before anything else happens; the HTTP address follows in `/api` once it listens. */
const tellReady = (feed: EventFeed, settings: PhoneSettings, local: Endpoint): void =>
  feed.ready((http) => ({
    event: 'ready',
    sip: [`udp:${endpointText(local)}`],
    http,
    profile: settings.failover.profile,
    model: settings.model,
    lines: settings.lines.length,
  }));
