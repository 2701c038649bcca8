/**
 * Owns the running phone: one queue of inputs, one real timer, effects carried out in order. The phone itself is the pure function of
 * `phone.ts`; this file gives it time and the world (architecture 4.8).
 */
import type { PhoneEvent } from '../events.ts';
import type { Result } from '../kernel/result.ts';
import type { Endpoint } from '../kernel/target.ts';
import { endpointText } from '../kernel/target.ts';
import { millis } from '../kernel/time.ts';
import type { Phone } from '../phone.ts';
import type { PhoneStatus } from '../status.ts';
import type { Effect, FlowId, HostsTable, Input, KeyWish } from '../vocabulary.ts';
import type { Clock } from './clock.ts';
import { createClock } from './clock.ts';
import type { DnsIo } from './dns-io.ts';
import { createDnsIo } from './dns-io.ts';
import { textOf } from './errno.ts';
import type { EventFeed } from './feed.ts';
import { createFeed, problemEvents, readyOf } from './feed.ts';
import { writeWhole } from './files.ts';
import type { Log } from './log.ts';
import { logEvent } from './log.ts';
import type { MakePhone } from './make-phone.ts';
import { makePhone } from './make-phone.ts';
import type { Media } from './media/host.ts';
import { createPeers } from './peers.ts';
import type { Recorder, Recording } from './recorder.ts';
import { createRecorder } from './recorder.ts';
import type { StateFolder } from './state-folder.ts';
import { createStreamSockets } from './streams.ts';
import { bindsOf, familiesOf } from './system-dns.ts';
import type { ReadTls } from './tls-files.ts';
import type { Udp } from './udp.ts';
import { createUdp } from './udp.ts';
import type { XmlFetch } from './xml-fetch.ts';

export interface RunOptions extends MakePhone {
  readonly bind: string;
  readonly nameServers: readonly Endpoint[];
  readonly hosts: HostsTable;
  readonly tls: ReadTls;
  readonly state: StateFolder;
  readonly log: Log;
  /** Who asks XML applications; absent = nobody does. */
  readonly newXmlFetch?: (input: (input: Input) => void) => XmlFetch;
  /** Keeps what a person makes of a key; absent = nobody does. */
  readonly keepKey?: (wish: KeyWish) => Promise<Result<unknown, string>>;
  /** Null = calls without sound. */
  readonly media?: Media | null;
  /** Where every input and effect is written; null = nowhere. */
  readonly recording: Recording | null;
  readonly trace?: { readonly step: Recorder['step'] };
  readonly clock?: Clock;
}

/** What pages and panels may ask of a running phone: snapshots out, inputs in. */
export interface PhoneHost extends Pick<Phone, 'decisions' | 'answering' | 'softkeys'> {
  status(): PhoneStatus;
  /** Calls the listener after every step that may have changed something. */
  onChange(listener: () => void): () => void;
}

export interface RunningPhone {
  readonly host: PhoneHost;
  readonly events: EventFeed;
  readonly local: Endpoint;
  input(input: Input): void;
  tell(event: PhoneEvent): void;
  /** Un-registers and ends; the exit code. */
  stop(): Promise<number>;
  /** Ends at once: nothing is un-registered any more. */
  abort(): Promise<number>;
  /** An error that nobody caught: the process is in doubt, and makes way for a fresh one. */
  crash(error: unknown): void;
  /** Settles when the phone has ended, by whatever way. */
  readonly ended: Promise<number>;
}

/** Exit code after a broken invariant: the service manager starts the phone again. */
const EXIT_SOFTWARE = 70;
/** setTimeout takes no more than 31 bits of milliseconds. */
const TIMER_MAX_MS = 2 ** 31 - 1;
/** The phone itself gives up un-registering after 2 s; this guard is for a phone that forgets. */
const STOP_GUARD_MS = 2500;

/** Rejects with the system's error where the SIP socket cannot be had. */
export async function startPhone(options: RunOptions): Promise<RunningPhone> {
  const { clock = createClock(), log, state, media = null } = options;
  const { settings } = options.effective;
  const feed = createFeed(clock.now);
  const recorder = createRecorder(options.recording);
  const phone = makePhone(options, recorder);
  const listeners = new Set<() => void>();
  const queue: Input[] = [];
  let timer: NodeJS.Timeout | null = null;
  let running = false;
  let over = false;
  let lastStoreProblem = '';
  let end: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });

  const [binds, peers] = [bindsOf(options.bind), createPeers()];
  const udp = await createUdp({ binds, port: settings.localPort, input: take });
  const streams = await createStreamSockets({
    ...{ binds, port: udp.local.port, tlsPort: settings.tls.localPort, tls: options.tls.files, input: take },
    ...{ tcp: settings.transport !== 4, clockIsSet: () => clock.wallMs() !== null, isPeer: peers.has },
  });
  const socketsOf = (flow: FlowId): Pick<Udp, 'open' | 'send' | 'close'> => (streams.owns(flow) ? streams : udp);
  const dns: DnsIo = createDnsIo(take);
  const xml = options.newXmlFetch?.(take) ?? null;

  function take(input: Input): void {
    if (over) return;
    queue.push(input);
    if (!running) run();
  }

  /** Runs the queue dry: an effect may bring the next input at once, but nothing turns round inside a step. */
  function run(): void {
    running = true;
    try {
      if (clock.wallMoved()) queue.unshift({ kind: 'wall-clock', wallMs: clock.wallMs() });
      for (let input = queue.shift(); input !== undefined && !over; input = queue.shift()) step(input);
      sleep();
    } catch (error) {
      crash(error);
    } finally {
      running = false;
    }
    if (over) return;
    for (const listener of listeners) attempt('listener-failed', listener);
  }

  function step(input: Input): void {
    const at = clock.now();
    if (input.kind === 'link') for (const sockets of [udp, streams]) sockets.setLink(input.state);
    let effects: readonly Effect[] = [];
    try {
      effects = phone.step(input, millis(at));
    } finally {
      // The input that breaks the phone is the one that matters most.
      recorder.step(at, input, effects);
    }
    options.trace?.step(at, input, effects);
    for (const effect of effects) attempt(`${effect.kind}-failed`, () => carryOut(effect));
  }

  /** What a device or a reader does wrong is not the phone's fault: it is told, and the phone goes on. */
  function attempt(name: string, work: () => unknown): void {
    try {
      work();
    } catch (error) {
      log.error({ error: textOf(error) }, name);
    }
  }

  function sleep(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const deadline = over ? null : phone.deadline();
    if (deadline === null) return;
    const waitMs = Math.min(TIMER_MAX_MS, Math.max(0, Math.ceil(deadline - clock.now())));
    timer = setTimeout(() => take({ kind: 'wake' }), waitMs);
  }

  function carryOut(effect: Effect): unknown {
    switch (effect.kind) {
      case 'open':
        peers.note(effect.target.address);
        return socketsOf(effect.flow).open(effect.flow, effect.target);
      case 'send':
        return socketsOf(effect.flow).send(effect.flow, effect.data);
      case 'close':
        return socketsOf(effect.flow).close(effect.flow);
      case 'reply':
        // An answer goes out where its request came in; where that connection is gone, so is who asked.
        return effect.flow !== null && streams.owns(effect.flow)
          ? streams.send(effect.flow, effect.data)
          : udp.reply(effect.flow, effect.to, effect.data);
      case 'dns-query':
        return dns.query(effect);
      case 'dns-done':
        return dns.done(effect.id);
      case 'show':
        return options.devices.display?.show(effect.frame);
      case 'light':
        return options.devices.lamps?.set(effect.lamp, effect.state);
      case 'sound':
        options.devices.sound?.set(effect.sound);
        return media?.carry(effect);
      case 'keep-key':
        return void options
          .keepKey?.(effect.wish)
          .then((kept) => kept.ok || take({ kind: 'not-kept', error: kept.error }));
      case 'self-test':
        return options.devices.selfTest?.begin();
      case 'media':
      case 'send-key':
        return media?.carry(effect);
      case 'store':
        return void state.store(effect.key, effect.value).then(stored);
      case 'fetch':
      case 'fetch-done':
        return xml?.carry(effect);
      case 'event':
        return publish(effect.event);
      case 'log':
        return log[effect.level === 'notice' ? 'info' : effect.level](effect.fields, effect.name);
      case 'exit':
        return finish(effect.code);
    }
  }

  function publish(event: PhoneEvent): void {
    logEvent(log, event);
    feed.publish(event);
  }

  const problem = (message: string): void =>
    publish({ event: 'problem', file: state.path, line: 0, parameter: '', message });

  /** A disk that stays full is told once. */
  function stored(result: Result<null, string>): void {
    const message = result.ok ? '' : result.error;
    if (message !== '' && message !== lastStoreProblem && !over) problem(message);
    lastStoreProblem = message;
  }

  /** Our own mistake: what led to it is kept, and the process makes way for a fresh one. */
  function crash(error: unknown): void {
    if (over) return;
    log.error({ error: textOf(error) }, 'invariant-broken');
    const dumped = writeWhole(`${state.path}/crash.jsonl`, recorder.dump()).catch((failure: unknown) =>
      log.error({ error: textOf(failure) }, 'recording-lost'),
    );
    finish(EXIT_SOFTWARE, dumped);
  }

  function finish(code: number, before: Promise<unknown> = Promise.resolve()): void {
    if (over) return;
    over = true;
    if (timer !== null) clearTimeout(timer);
    publish({ event: 'stopped', code });
    for (const close of [udp.closeAll, streams.closeAll, dns.close, () => xml?.close()]) attempt('close-failed', close);
    const closed = before.then(() =>
      Promise.all([recorder.close(), state.close({ clean: code === 0 }), media?.close()]),
    );
    void closed.catch((error: unknown) => log.error({ error: textOf(error) }, 'close-failed')).finally(() => end(code));
  }

  options.devices.keypad?.onKey(({ key, edge }) => take({ kind: 'key', key, edge }));
  options.devices.hook?.onHook((hook) => take({ kind: 'hook', state: hook }));
  feed.ready(readyOf(settings, [`udp:${endpointText(udp.local)}`, ...streams.listening]));
  for (const event of problemEvents(options.effective.problems)) publish(event);
  for (const message of [...state.problems, ...options.tls.problems, ...streams.problems]) problem(message);
  const { nameServers, hosts } = options;
  const world = {
    nameServers,
    hosts,
    families: familiesOf(binds),
    ...(media === null ? {} : { rtpPorts: media.ports }),
  };
  media?.onEvent((event) => {
    if (over) return;
    publish(event);
    if (event.event === 'media') take({ kind: 'heard', call: event.call, packets: event.packets });
  });
  take({ kind: 'start', wallMs: clock.wallMs(), unclean: state.unclean, stored: state.stored, ...world });

  return {
    host: {
      status: () => phone.status(millis(clock.now())),
      ...{ decisions: phone.decisions, answering: phone.answering, softkeys: phone.softkeys },
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    events: feed,
    local: udp.local,
    input: take,
    tell: publish,
    stop() {
      take({ kind: 'shutdown' });
      const guard = setTimeout(() => finish(0), STOP_GUARD_MS);
      return ended.finally(() => clearTimeout(guard));
    },
    abort() {
      finish(0);
      return ended;
    },
    crash,
    ended,
  };
}
