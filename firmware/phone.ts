/**
 * Owns the whole phone as one pure machine: one input in, effects out, the next deadline told. Router 1 of two: it wires keys
 * and screen, the lines' registrations and SIP; none of them knows another.
 */
import { readBindings, writeBindings } from './bindings-store.ts';
import type { LineSettings, PhoneSettings } from './config/settings.ts';
import { decisionOf, keepDecision } from './decisions.ts';
import { isEmergency, numbersOf } from './dialling/numbers.ts';
import { Fleet } from './kernel/fleet.ts';
import type { Hash } from './kernel/hash.ts';
import { deadlineOf, dueTimer } from './kernel/machine.ts';
import type { Random, Seed } from './kernel/random.ts';
import { createRandom } from './kernel/random.ts';
import type { Result } from './kernel/result.ts';
import { fail, ok } from './kernel/result.ts';
import type { Millis } from './kernel/time.ts';
import { after, millis, soonest } from './kernel/time.ts';
import type { Panel } from './panel.ts';
import { createPanel } from './panel.ts';
import { createPhoneCalls, resultEffect, usualPorts } from './phone-calls.ts';
import { createPhoneMessages } from './phone-messages.ts';
import { createPhoneSubscriptions } from './phone-subscriptions.ts';
import { stepRegistration } from './registration/registration.ts';
import type { RegistrationInput, RegistrationOutput, RegistrationState } from './registration/state.ts';
import { newRegistration } from './registration/state.ts';
import { retryPolicy } from './registration/waits.ts';
import type { CallReport } from './sip/call-vocabulary.ts';
import type { Stack } from './sip/stack.ts';
import { createStack } from './sip/stack.ts';
import type { SubscribeReport } from './sip/subscription-vocabulary.ts';
import type { StackReport } from './sip/vocabulary.ts';
import type { Decision, PhoneStatus } from './status.ts';
import type { StatusSource } from './status-view.ts';
import { deskView, statusOf } from './status-view.ts';
import type { CallEvent } from './ui/appearances.ts';
import type { UiInput, UiSnapshot } from './ui/state.ts';
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
}

type Start = Extract<Input, { kind: 'start' }>;

export function createPhone(options: PhoneOptions): Phone {
  const random: Random = createRandom(options.seed);
  const registrations = new Fleet<RegistrationState>(deadlineOf);
  let settings = options.settings;
  let started: Start | null = null;
  let startedAt = millis(0);
  let wallOffset: number | null = null;
  let link: 'up' | 'down' = 'up';
  let stack: Stack | null = null;
  let leaving = 0;
  let shuttingDown = false;
  const panel: Panel | null = (options.panel ?? true) ? createPanel() : null;
  let dirty = false;
  /** What the panel has yet to hear of calls. */
  const heard: CallEvent[] = [];
  let storedDns: unknown = null;
  const told: Decision[] = [];
  const messages = createPhoneMessages(emit);
  let effects: Effect[] = [];
  const reports: (StackReport | CallReport | SubscribeReport)[] = [];
  const calls = createPhoneCalls({
    lines: () => (started === null || shuttingDown ? [] : settings.lines),
    ...{ transport: () => settings.transport, settings: () => settings.calls },
    isEmergency: (number) => isEmergency(numbersOf(settings.dialling), number),
    rtpPorts: () => started?.rtpPorts ?? usualPorts(settings.sound.rtpPort),
    command: (command, now) => stack?.call(command, now),
    ...{ random, emit },
  });
  const subscriptions = createPhoneSubscriptions({
    ...{ random, messages, emit, settings: () => settings },
    command: (command, now) => stack?.subscription(command, now),
  });
  let clock = millis(0);

  function emit(raw: Effect): void {
    const effect =
      raw.kind === 'event' && 'took' in raw.event
        ? { ...raw, event: { ...raw.event, took: Math.round(raw.event.took) } }
        : raw;
    effects.push(effect);
    if (effect.kind === 'store' && effect.key === 'dns') storedDns = effect.value;
    if (effect.kind !== 'event') return;
    dirty = true;
    if (effect.event.event === 'call' && panel !== null) heard.push(effect.event);
    keepDecision(told, decisionOf(effect.event, clock - startedAt));
  }

  const source = (): StatusSource => ({
    ...{ settings, startedAt, link, stack, version: options.version },
    messagesOf: messages.of,
    subscriptions: subscriptions.status,
    registrationOf: (line) => registrations.get(String(line)),
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
      newCallId: calls.newId,
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
    const leftovers = readBindings(input.stored.bindings, settings.lines);
    const spreadMs = input.unclean ? random.between(0, settings.failover.startSpreadS * 1000) : 0;
    for (const line of settings.lines) {
      registrations.set(String(line.line), newRegistration(line, leftovers.get(line.line) ?? null));
      stepLine(String(line.line), { kind: 'begin', delayMs: spreadMs }, now);
    }
    subscriptions.configure(now);
  }

  function hurryAll(now: Millis): void {
    for (const id of registrations.ids()) stepLine(id, { kind: 'hurry' }, now);
  }

  function setWall(wallMs: number | null, now: Millis): void {
    wallOffset = wallMs === null ? null : wallMs - now;
    dirty = true;
  }

  function stepLine(id: string, input: RegistrationInput, now: Millis): void {
    const state = registrations.get(id);
    if (state === undefined) return;
    const step = stepRegistration(state, input, { now, random, policy: retryPolicy(settings) });
    registrations.set(id, step.state);
    dirty = true;
    for (const output of step.out) fromLine(id, output, now);
  }

  function fromLine(id: string, output: RegistrationOutput, now: Millis): void {
    if (output.to === 'world') return emit({ kind: 'event', event: output.event });
    if (output.to === 'stack') return stack?.command(output.command, now);
    if (output.kind === 'left') {
      leaving -= 1;
      return;
    }
    const state = registrations.get(id);
    if (state !== undefined) stack?.serving(state.memory.line.line, state.memory.binding?.bound ?? null);
    emit({ kind: 'store', key: 'bindings', value: writeBindings(registrations.entries().map(([, line]) => line)) });
  }

  function deliver(report: StackReport | CallReport | SubscribeReport, now: Millis): void {
    if ('call' in report) return calls.report(report, now);
    if (isOfSubscriptions(report)) return subscriptions.report(report, now);
    switch (report.kind) {
      case 'attempt-ended':
      case 'late-ok':
      case 'stray-ok':
      case 'server-closed':
        return stepLine(String(report.line), report, now);
      case 'notified':
        return messages.notified(report);
      case 'unregistered':
        for (const id of registrations.ids()) if (lineOf(id) === report.line) stepLine(id, report, now);
        return;
      default:
        return ofPair(report, now);
    }
  }

  function ofPair(report: Exclude<StackReport, { line: number }>, now: Millis): void {
    for (const [id, state] of registrations.entries()) tellAll(id, state.memory.line, report, now);
    if (report.kind === 'pair-alive') subscriptions.alive(now);
    if (report.kind === 'pair-home') subscriptions.home(stack?.proxies.better(report.pair) ?? [], now);
  }

  function tellAll(id: string, line: LineSettings, report: Exclude<StackReport, { line: number }>, now: Millis): void {
    if (stack === null) return;
    if (report.kind === 'pair-dead') return stepLine(id, report, now);
    const place = stack.places.of(line, report.pair);
    if (place === null) return;
    if (report.kind === 'pair-home') {
      const serving = stack.places.serving(line);
      return stepLine(id, { ...report, better: serving !== null && place.rank < serving.rank }, now);
    }
    const blockedUntil = stack.ledger.blocks(now).blockedUntil(report.pair);
    stepLine(id, { ...report, server: place.server, blockedUntil }, now);
  }

  function configure(next: PhoneSettings, now: Millis): void {
    const before = settings;
    settings = next;
    if (stack === null || started === null) return;
    const kept = new Set<string>();
    for (const line of next.lines) {
      const old = before.lines.find((candidate) => candidate.line === line.line);
      if (old !== undefined && same(old, line)) kept.add(String(line.line));
    }
    if (same(ofStack(before), ofStack(next))) stack.setLines(next.lines, now);
    else restack(started, now);
    for (const id of registrations.ids()) if (!kept.has(id) && !id.includes('-')) retire(id, now);
    for (const line of next.lines) {
      const id = String(line.line);
      if (kept.has(id)) continue;
      registrations.set(id, newRegistration(line, null));
      stepLine(id, { kind: 'begin', delayMs: 0 }, now);
    }
    subscriptions.configure(now);
  }

  /** A global setting changed: SIP starts anew, and what was under way is asked again. */
  function restack(start: Start, now: Millis): void {
    // A dialog lives in the stack that made it.
    calls.hangUpAll(now);
    stack?.close();
    stack = newStack(start);
    stack.start(now);
    subscriptions.restart(now);
    for (const [id, state] of registrations.entries()) {
      stack.serving(lineOf(id), state.memory.binding?.bound ?? null);
      // What was under way went with the old stack: asked again like after a lost link; what is bound stays bound.
      if (state.name !== 'trying') continue;
      stepLine(id, { kind: 'link', state: 'down' }, now);
      stepLine(id, { kind: 'link', state: 'up' }, now);
    }
  }

  /** A line that is no longer configured so: its binding is removed while the new one starts. */
  function retire(id: string, now: Millis): void {
    const state = registrations.get(id);
    if (state === undefined) return;
    stack?.serving(lineOf(id), null);
    messages.forget(lineOf(id));
    registrations.set(id, null);
    const old = `${id}-${Math.round(now)}`;
    registrations.set(old, state);
    leaving += 1;
    stepLine(old, { kind: 'leave' }, now);
  }

  function shutdown(now: Millis): void {
    if (shuttingDown) return;
    calls.hangUpAll(now);
    subscriptions.leave(now);
    shuttingDown = true;
    for (const id of registrations.ids()) {
      if (id.includes('-')) continue;
      leaving += 1;
      stepLine(id, { kind: 'leave' }, now);
    }
  }

  function setLink(state: 'up' | 'down', input: Input, now: Millis): void {
    link = state;
    stack?.input(input, now);
    for (const id of registrations.ids()) stepLine(id, { kind: 'link', state }, now);
    subscriptions.link(state, now);
  }

  function wake(now: Millis): void {
    const fleet = registrations.next();
    const soon = soonestOf();
    if (soon === null || soon > now) return;
    // Order at equal times: SIP, then calls, subscriptions, the lines by number, then the screen.
    if (stack?.next() === soon) return stack.wake(now);
    if (calls.next() === soon) return calls.wake(now);
    if (subscriptions.next() === soon) return subscriptions.wake(now);
    if (fleet?.at === soon) {
      const state = registrations.get(fleet.id);
      const timer = state === undefined ? null : dueTimer(state, now);
      if (timer !== null) stepLine(fleet.id, { kind: 'timer', timer } as RegistrationInput, now);
      return;
    }
    atDesk({ kind: 'timer' }, now);
  }

  const soonestOf = (): Millis | null =>
    [stack?.next() ?? null, calls.next(), subscriptions.next(), registrations.next()?.at ?? null, panelAt()].reduce(
      soonest,
    );

  function take(input: Input, now: Millis): void {
    switch (input.kind) {
      case 'start':
        return begin(input, now);
      case 'wall-clock':
        // Certificates can be judged from now on, where the clock was never set before (conformance E12).
        if (wallOffset === null && input.wallMs !== null) hurryAll(now);
        return setWall(input.wallMs, now);
      case 'configure':
        return configure(input.settings, now);
      case 'link':
        return setLink(input.state, input, now);
      case 'key':
      case 'board':
      case 'web-pages':
        return atDesk(input, now);
      case 'hook':
        if (input.state === 'off') hurryAll(now);
        return atDesk(input, now);
      case 'command':
        return onCommand(input, now);
      case 'shutdown':
        return shutdown(now);
      case 'wake':
        return wake(now);
      default:
        return stack?.input(input, now);
    }
  }

  function atDesk(input: UiInput, now: Millis): void {
    panel?.take(input, snapshot(now), (command) => calls.command(command, now));
    dirty = true;
  }

  function onCommand({ id, command }: Extract<Input, { kind: 'command' }>, now: Millis): void {
    emit(resultEffect(id, obey(command, now)));
  }

  function obey(command: Command, now: Millis): Result<unknown, string> {
    if (command.verb === 'register' || command.verb === 'unregister') return onLine(command, now);
    if ('kind' in command) return subscriptions.command(command, now);
    if (command.verb !== 'mute') return calls.command(command, now);
    atDesk({ kind: 'mute' }, now);
    return ok(null);
  }

  function onLine(
    { verb, line }: Extract<Command, { verb: 'register' | 'unregister' }>,
    now: Millis,
  ): Result<unknown, string> {
    if (registrations.get(String(line)) === undefined) return fail(`line ${line} is not configured`);
    stepLine(String(line), verb === 'register' ? { kind: 'hurry' } : { kind: 'leave' }, now);
    return ok(null);
  }

  const snapshot = (now: Millis): UiSnapshot => ({
    now: after(now, -startedAt),
    wallMs: wallOffset === null ? null : now + wallOffset,
    ...deskView(settings),
    answering: calls.answering(),
    pickup: { prefix: settings.subscriptions.pickupPrefix },
    status: statusOf(source(), now),
    decisions: told,
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
        for (const event of heard.splice(0)) atDesk({ kind: 'call', event }, now);
        if (reports.length === 0 && heard.length === 0) break;
      }
      if (dirty && started !== null) draw(now);
      if (shuttingDown && leaving <= 0) {
        leaving = Number.POSITIVE_INFINITY;
        stack?.close();
        emit({ kind: 'exit', code: 0 });
      }
      return effects;
    },
    deadline: soonestOf,
    status: (now) => statusOf(source(), now),
    decisions: () => told,
  };
}

const isOfSubscriptions = (report: StackReport | SubscribeReport): report is SubscribeReport =>
  'subscription' in report || report.kind === 'proxy-moved' || report.kind === 'proxy-dead';

const lineOf = (id: string): number => Number.parseInt(id, 10);

/** What SIP is made with: keys and what they watch change without a call noticing. */
const ofStack = (settings: PhoneSettings): unknown => ({ ...settings, lines: [], keys: [], subscriptions: null });

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
