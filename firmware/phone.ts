/**
 * Owns the whole phone as one pure machine: one input in, effects out, the next deadline told. Router 1 of two: it wires keys
 * and screen, the lines' registrations and SIP; none of them knows another.
 */
import { endsCalls } from './config/at-next-start.ts';
import { NO_MAC } from './config/defaults.ts';
import type { PhoneSettings } from './config/settings.ts';
import { createDecisions } from './decisions.ts';
import type { Answering } from './dialling/answering.ts';
import { isEmergency, numbersOf } from './dialling/numbers.ts';
import type { Hash } from './kernel/hash.ts';
import type { Random, Seed } from './kernel/random.ts';
import { createRandom } from './kernel/random.ts';
import type { Result } from './kernel/result.ts';
import { ok } from './kernel/result.ts';
import type { Millis } from './kernel/time.ts';
import { after, millis, soonest } from './kernel/time.ts';
import { untilTurn } from './kernel/turn.ts';
import type { Panel } from './panel.ts';
import { createPanel } from './panel.ts';
import { createPhoneCalls, resultEffect } from './phone-calls.ts';
import { createPhoneMessages } from './phone-messages.ts';
import { createPhoneRegistrations } from './phone-registrations.ts';
import { createPhoneShared } from './phone-shared.ts';
import { createSilences } from './phone-silence.ts';
import { createPhoneSubscriptions } from './phone-subscriptions.ts';
import { usualPorts } from './phone-wishes.ts';
import { createPhoneXml } from './phone-xml.ts';
import type { CallReport } from './sip/call-vocabulary.ts';
import type { Stack } from './sip/stack.ts';
import { createStack } from './sip/stack.ts';
import type { SubscribeReport } from './sip/subscription-vocabulary.ts';
import type { StackReport } from './sip/vocabulary.ts';
import type { Decision, PhoneStatus } from './status.ts';
import type { StatusSource } from './status-view.ts';
import { deskView, statusOf } from './status-view.ts';
import type { CallEvent, SoundEvent } from './ui/appearances.ts';
import type { UiCommand, UiInput, UiSnapshot } from './ui/state.ts';
import type { Command, Effect, Input } from './vocabulary.ts';

export interface PhoneOptions {
  readonly settings: PhoneSettings;
  readonly seed: Seed;
  readonly hash: Hash;
  readonly version: string;
  /** False: no screen and no lamps are computed (many phones in one process). */
  readonly panel?: boolean;
}

export interface Phone {
  /** One input, then everything it causes. `now` never falls. */
  step(input: Input, now: Millis): readonly Effect[];
  /** When `{ kind: 'wake' }` is due next; null = never. */
  deadline(): Millis | null;
  status(now: Millis): PhoneStatus;
  decisions(): readonly Decision[];
  /** Do not disturb and forwards, as they were set last. */
  answering(): Answering;
  /** What the softkeys say; none without a panel. */
  softkeys(): readonly string[];
}

type Start = Extract<Input, { kind: 'start' }>;

export function createPhone(options: PhoneOptions): Phone {
  const random: Random = createRandom(options.seed);
  let settings = options.settings;
  let started: Start | null = null;
  let startedAt = millis(0);
  let wallOffset: number | null = null;
  let link: 'up' | 'down' = 'up';
  let stack: Stack | null = null;
  let shuttingDown = false;
  let gone = false;
  const panel: Panel | null = (options.panel ?? true) ? createPanel() : null;
  let dirty = false;
  /** What the panel has yet to hear of calls. */
  const heard: (CallEvent | SoundEvent)[] = [];
  let storedDns: unknown = null;
  const decisions = createDecisions();
  const messages = createPhoneMessages(emit);
  let effects: Effect[] = [];
  const reports: (StackReport | CallReport | SubscribeReport)[] = [];
  const calls = createPhoneCalls({
    lines: () => (started === null || shuttingDown ? [] : settings.lines),
    ...{ transport: () => settings.transport, settings: () => settings.calls },
    isEmergency: (number) => isEmergency(numbersOf(settings.dialling), number),
    rtpPorts: () => started?.rtpPorts ?? usualPorts(settings.sound.rtpPort),
    command: (command, now) => shared.command(command, now),
    ...{ random, emit },
  });
  const silences = createSilences({ calls, emit, settings: () => settings.calls });
  const inCall = (line: number): boolean => calls.states().some(({ call }) => call.line.line === line);
  const subscriptions = createPhoneSubscriptions({
    ...{ random, turn, inCall, messages, emit, settings: () => settings },
    command: (command, now) => stack?.subscription(command, now),
  });
  const shared = createPhoneShared({
    ...{ settings: () => settings, stack: () => stack, calls: calls.states, watched: subscriptions.shared },
    report: (report) => void reports.push(report),
  });
  const registrations = createPhoneRegistrations({
    ...{ random, turn, inCall, emit, settings: () => settings, stack: () => stack },
    changed: () => {
      dirty = true;
    },
    retired: messages.forget,
  });
  const xml = createPhoneXml({
    ...{ settings: () => settings, emit, desk: atDesk },
    status: (now) => statusOf(source(), now),
    localIp: () => stack?.localAddress() ?? null,
    call: () => panel?.call() ?? null,
  });
  let clock = millis(0);

  function turn(windowMs: number, now: Millis): number {
    const mac = settings.mac === NO_MAC ? null : settings.mac;
    return untilTurn(windowMs, { mac, wallMs: wallOffset === null ? null : now + wallOffset, random });
  }

  function emit(raw: Effect): void {
    const effect =
      raw.kind === 'event' && 'took' in raw.event
        ? { ...raw, event: { ...raw.event, took: Math.round(raw.event.took) } }
        : raw;
    effects.push(effect);
    if (effect.kind === 'store' && effect.key === 'dns') storedDns = effect.value;
    if (effect.kind !== 'event') return;
    dirty = true;
    const { event } = effect;
    if ((event.event === 'call' || event.event === 'call-sound') && panel !== null) heard.push(event);
    decisions.tell(event, clock - startedAt);
  }

  const source = (): StatusSource => ({
    ...{ settings, startedAt, link, stack, version: options.version },
    messagesOf: messages.of,
    subscriptions: subscriptions.status,
    registrationOf: registrations.of,
  });

  function newStack(start: Start): Stack {
    return createStack({
      settings,
      nameServers: start.nameServers,
      hosts: start.hosts,
      families: start.families ?? ['A'],
      storedDns,
      random,
      hash: options.hash,
      version: options.version,
      takesXml: () => settings.xml.notifyUri !== null,
      newCallId: calls.newId,
      isBusy: calls.isBusy,
      emit,
      report: (report) => {
        reports.push(report);
      },
    });
  }

  function begin(input: Start, now: Millis): void {
    started = input;
    startedAt = now;
    setWall(input.wallMs, now);
    storedDns = input.stored.dns;
    panel?.load(input.stored);
    calls.load(input.stored.answering);
    stack = newStack(input);
    stack.start(now);
    const windowMs = input.unclean ? settings.failover.startSpreadS * 1000 : 0;
    const delayMs = turn(windowMs, now);
    registrations.begin(input.stored.bindings, delayMs, now);
    // One window later: the servers see either of a phone's two attempts in any second, not both.
    subscriptions.begin(windowMs + delayMs, now);
    xml.configure(now);
  }

  function setWall(wallMs: number | null, now: Millis): void {
    wallOffset = wallMs === null ? null : wallMs - now;
    dirty = true;
  }

  function deliver(report: StackReport | CallReport | SubscribeReport, now: Millis): void {
    if ('call' in report) return calls.report(report, now);
    if (report.kind === 'line-watched' || report.kind === 'line-told') return shared.report(report, now);
    if (isOfSubscriptions(report)) return subscriptions.report(report, now);
    if (report.kind === 'notified') return messages.notified(report);
    if (report.kind === 'xml-notified') return xml.notified(now);
    registrations.report(report, now);
    if (report.kind === 'pair-alive') alive(report.pair, now);
    if (report.kind === 'pair-home') subscriptions.home(stack?.proxies.better(report.pair) ?? [], now);
  }

  /** Where a Retry-After of it runs, nothing that waits is hurried (rules 4, "all failed"). */
  function alive(pair: string, now: Millis): void {
    if (stack !== null && stack.ledger.blocks(now).blockedUntil(pair) === null)
      subscriptions.alive(stack.proxies.linesOf(pair), pair, now);
  }

  function configure(next: PhoneSettings, now: Millis): void {
    const before = settings;
    settings = next;
    dirty = true;
    if (stack === null || started === null) return;
    if (endsCalls(before, next)) restack(started, now);
    else stack.setLines(next.lines, now);
    registrations.configure(before, next, now);
    subscriptions.configure(now);
    xml.configure(now);
  }

  /** A global setting changed: SIP starts anew, and what was under way is asked again. */
  function restack(start: Start, now: Millis): void {
    // A dialog lives in the stack that made it.
    calls.hangUpAll(now);
    stack?.close();
    stack = newStack(start);
    stack.start(now);
    subscriptions.restart(now);
    registrations.restart(now);
  }

  function shutdown(now: Millis): void {
    if (shuttingDown) return;
    calls.hangUpAll(now);
    subscriptions.leave(now);
    shuttingDown = true;
    registrations.leave(now);
  }

  function setLink(state: 'up' | 'down', input: Input, now: Millis): void {
    link = state;
    stack?.input(input, now);
    registrations.link(state, now);
    subscriptions.link(state, now);
  }

  function wake(now: Millis): void {
    const soon = soonestOf();
    if (soon === null || soon > now) return;
    // Order at equal times: SIP, then calls, subscriptions, the lines by number, then the screen.
    if (stack?.next() === soon) return stack.wake(now);
    if (calls.next() === soon) return calls.wake(now);
    if (subscriptions.next() === soon) return subscriptions.wake(now);
    if (shared.next() === soon) return shared.wake(now);
    if (registrations.next() === soon) return registrations.wake(now);
    if (xml.next() === soon) return xml.wake(now);
    atDesk({ kind: 'timer' }, now);
  }

  const soonestOf = (): Millis | null =>
    [
      stack?.next() ?? null,
      calls.next(),
      subscriptions.next(),
      shared.next(),
      registrations.next(),
      xml.next(),
      panelAt(),
    ].reduce(soonest);

  function take(input: Input, now: Millis): void {
    switch (input.kind) {
      case 'start':
        return begin(input, now);
      case 'wall-clock':
        // Certificates can be judged from now on, where the clock was never set before (conformance E12).
        if (wallOffset === null && input.wallMs !== null) registrations.retry(now);
        return setWall(input.wallMs, now);
      case 'configure':
        return configure(input.settings, now);
      case 'name-servers':
        if (started !== null) started = { ...started, nameServers: input.nameServers };
        return stack?.input(input, now);
      case 'link':
        return setLink(input.state, input, now);
      case 'key':
      case 'board':
      case 'web-pages':
      case 'not-kept':
        return atDesk(input, now);
      case 'hook':
        if (input.state === 'off') {
          registrations.hurry(now);
          subscriptions.hurry(now);
        }
        return atDesk(input, now);
      case 'heard':
        return silences(input, now);
      case 'command':
        return onCommand(input, now);
      case 'directory':
        panel?.directory(input.names);
        dirty = true;
        return;
      case 'fetched':
        return xml.fetched(input, now);
      case 'xml-push':
        return xml.pushed(input.document, now);
      case 'shutdown':
        return shutdown(now);
      case 'wake':
        return wake(now);
      default:
        return stack?.input(input, now);
    }
  }

  function atDesk(input: UiInput, now: Millis): void {
    panel?.take(input, snapshot(now), (command) => ofDesk(command, now));
    dirty = true;
  }

  function ofDesk(command: UiCommand, now: Millis): Result<unknown, string> {
    switch (command.verb) {
      case 'self-test':
        emit({ kind: 'self-test' });
        return ok(null);
      case 'keep-key':
        emit({ kind: 'keep-key', wish: command.wish });
        return ok(null);
      case 'xml-get':
      case 'xml-stop':
      case 'restart':
        return xml.command(command, now);
      default:
        return calls.command(command, now);
    }
  }

  function onCommand({ id, command }: Extract<Input, { kind: 'command' }>, now: Millis): void {
    emit(resultEffect(id, obey(command, now)));
  }

  function obey(command: Command, now: Millis): Result<unknown, string> {
    if (command.verb === 'register' || command.verb === 'unregister')
      return registrations.command(command.verb, command.line, now);
    if ('kind' in command) return subscriptions.command(command, now);
    if (command.verb !== 'mute') return calls.command(command, now);
    atDesk({ kind: 'mute' }, now);
    return ok(null);
  }

  const snapshot = (now: Millis): UiSnapshot => ({
    now: after(now, -startedAt),
    wallMs: wallOffset === null ? null : now + wallOffset,
    ...deskView(settings),
    answering: calls.answering(),
    ringTones: new Map(
      settings.lines.flatMap(({ line, ringTone }) => (ringTone === null ? [] : [[line, ringTone] as const])),
    ),
    pickup: { prefix: settings.subscriptions.pickupPrefix, replaces: settings.subscriptions.picksUp },
    status: statusOf(source(), now),
    decisions: decisions.kept,
    address: stack?.localAddress() ?? null,
  });

  function draw(now: Millis): void {
    dirty = false;
    effects.push(...(panel?.draw(snapshot(now)) ?? []));
  }

  const panelAt = (): Millis | null => {
    const at = panel?.next() ?? null;
    return at === null ? null : after(at, startedAt);
  };

  return {
    step(input, now) {
      clock = now;
      effects = [];
      take(input, now);
      for (;;) {
        const report = reports.shift();
        if (report !== undefined) {
          deliver(report, now);
          continue;
        }
        stack?.settle(now);
        shared.settle(now);
        for (const event of heard.splice(0)) atDesk(newsOf(event), now);
        if (reports.length === 0 && heard.length === 0) break;
      }
      if (dirty && started !== null) draw(now);
      if (shuttingDown && !gone && registrations.leaving() <= 0) {
        gone = true;
        stack?.close();
        emit({ kind: 'exit', code: 0 });
      }
      return effects;
    },
    deadline: soonestOf,
    status: (now) => statusOf(source(), now),
    decisions: () => decisions.kept,
    answering: calls.answering,
    softkeys: () => panel?.softkeys() ?? [],
  };
}

const isOfSubscriptions = (report: StackReport | SubscribeReport): report is SubscribeReport =>
  'subscription' in report || report.kind === 'proxy-moved' || report.kind === 'proxy-dead';

const newsOf = (event: CallEvent | SoundEvent): UiInput =>
  event.event === 'call' ? { kind: 'call', event } : { kind: 'call-sound', event };
