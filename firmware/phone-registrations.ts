/** Owns the lines' registrations: one machine a line, and one more for each line that is leaving. */
import { readBindings, writeBindings } from './bindings-store.ts';
import type { LineSettings, PhoneSettings } from './config/settings.ts';
import { Fleet } from './kernel/fleet.ts';
import { deadlineOf, dueTimer } from './kernel/machine.ts';
import type { Random } from './kernel/random.ts';
import type { Result } from './kernel/result.ts';
import { fail, ok } from './kernel/result.ts';
import type { Millis } from './kernel/time.ts';
import { stepRegistration } from './registration/registration.ts';
import type { RegistrationInput, RegistrationOutput, RegistrationState } from './registration/state.ts';
import { newRegistration } from './registration/state.ts';
import { retryPolicy } from './registration/waits.ts';
import type { Stack } from './sip/stack.ts';
import type { StackReport } from './sip/vocabulary.ts';
import type { Effect } from './vocabulary.ts';

export interface PhoneRegistrationsOptions {
  readonly settings: () => PhoneSettings;
  readonly stack: () => Stack | null;
  readonly random: Random;
  /** How long until the phone's turn, ms (kernel/turn.ts). */
  readonly turn: (windowMs: number, now: Millis) => number;
  /** Somebody is on the phone by this line. */
  readonly inCall: (line: number) => boolean;
  readonly emit: (effect: Effect) => void;
  /** A machine has moved: what the screen shows of it may be old. */
  readonly changed: () => void;
  /** A line is no longer configured so: what else was kept of it goes. */
  readonly retired: (line: number) => void;
}

/** What SIP tells of registrations: of a line's attempt, or of a server that some line may be bound to. */
export type RegistrationReport = Exclude<
  StackReport,
  { kind: 'notified' | 'xml-notified' | 'proxy-moved' | 'proxy-dead' }
>;

export interface PhoneRegistrations {
  /** Every line sets out; `stored`: what an earlier run was bound to. */
  begin(stored: unknown, delayMs: number, now: Millis): void;
  /** Lines that changed leave and set out anew; the others notice nothing. */
  configure(before: PhoneSettings, next: PhoneSettings, now: Millis): void;
  /** SIP starts anew: what was under way is asked again. */
  restart(now: Millis): void;
  report(report: RegistrationReport, now: Millis): void;
  link(state: 'up' | 'down', now: Millis): void;
  /** No line waits any longer for its next attempt. */
  hurry(now: Millis): void;
  /** What has failed is tried at once; who waits for his turn waits on. */
  retry(now: Millis): void;
  command(verb: 'register' | 'unregister', line: number, now: Millis): Result<unknown, string>;
  /** All lines un-register. */
  leave(now: Millis): void;
  /** How many machines are still un-registering. */
  leaving(): number;
  of(line: number): RegistrationState | undefined;
  next(): Millis | null;
  wake(now: Millis): void;
}

export function createPhoneRegistrations(options: PhoneRegistrationsOptions): PhoneRegistrations {
  const { settings, random, emit } = options;
  const machines = new Fleet<RegistrationState>(deadlineOf);
  let leaving = 0;

  function feed(id: string, input: RegistrationInput, now: Millis): void {
    const state = machines.get(id);
    if (state === undefined) return;
    const step = stepRegistration(state, input, {
      ...{ now, random, policy: retryPolicy(settings()) },
      turn: (windowMs) => options.turn(windowMs, now),
      inCall: options.inCall(state.memory.line.line),
    });
    machines.set(id, step.state);
    options.changed();
    for (const output of step.out) obey(id, output, now);
  }

  function feedAll(input: RegistrationInput, now: Millis): void {
    for (const id of machines.ids()) feed(id, input, now);
  }

  function obey(id: string, output: RegistrationOutput, now: Millis): void {
    if (output.to === 'world') return emit({ kind: 'event', event: output.event });
    const stack = options.stack();
    if (output.to === 'stack') return stack?.command(output.command, now);
    if (output.kind === 'left') {
      leaving -= 1;
      return;
    }
    const state = machines.get(id);
    if (state !== undefined) stack?.serving(state.memory.line.line, state.memory.binding?.bound ?? null);
    emit({ kind: 'store', key: 'bindings', value: writeBindings(machines.entries().map(([, line]) => line)) });
  }

  function set(
    line: LineSettings,
    leftover: Parameters<typeof newRegistration>[1],
    delayMs: number,
    now: Millis,
  ): void {
    machines.set(String(line.line), newRegistration(line, leftover));
    feed(String(line.line), { kind: 'begin', delayMs }, now);
  }

  /** A line that is no longer configured so: its binding is removed while the new one starts. */
  function retire(id: string, now: Millis): void {
    const state = machines.get(id);
    if (state === undefined) return;
    options.stack()?.serving(lineOf(id), null);
    options.retired(lineOf(id));
    machines.set(id, null);
    const old = `${id}-${Math.round(now)}`;
    machines.set(old, state);
    leave(old, now);
  }

  function leave(id: string, now: Millis): void {
    leaving += 1;
    feed(id, { kind: 'leave' }, now);
  }

  function ofPair(
    id: string,
    line: LineSettings,
    report: Exclude<RegistrationReport, { line: number }>,
    now: Millis,
  ): void {
    const stack = options.stack();
    if (stack === null) return;
    if (report.kind === 'pair-dead') return feed(id, report, now);
    const place = stack.places.of(line, report.pair);
    if (place === null) return;
    if (report.kind === 'pair-home') {
      const serving = stack.places.serving(line);
      return feed(id, { ...report, better: serving !== null && place.rank < serving.rank }, now);
    }
    const asker = { line: line.line, role: 'registrar', method: 'REGISTER' } as const;
    const blockedUntil = stack.ledger.heldUntil(report.pair, asker, now);
    feed(id, { ...report, server: place.server, blockedUntil }, now);
  }

  return {
    begin(stored, delayMs, now) {
      const leftovers = readBindings(stored, settings().lines);
      for (const line of settings().lines) set(line, leftovers.get(line.line) ?? null, delayMs, now);
    },
    configure(before, next, now) {
      const kept = new Set<string>();
      for (const line of next.lines) {
        const old = before.lines.find((candidate) => candidate.line === line.line);
        if (old !== undefined && JSON.stringify(old) === JSON.stringify(line)) kept.add(String(line.line));
      }
      for (const id of machines.ids()) if (!kept.has(id) && !isLeaving(id)) retire(id, now);
      for (const line of next.lines) if (!kept.has(String(line.line))) set(line, null, 0, now);
    },
    restart(now) {
      for (const [id, state] of machines.entries()) {
        options.stack()?.serving(lineOf(id), state.memory.binding?.bound ?? null);
        // What was under way went with the old stack: asked again like after a lost link; what is bound stays bound.
        if (state.name !== 'trying') continue;
        feed(id, { kind: 'link', state: 'down' }, now);
        feed(id, { kind: 'link', state: 'up' }, now);
      }
    },
    report(report, now) {
      switch (report.kind) {
        case 'attempt-ended':
        case 'late-ok':
        case 'stray-ok':
        case 'server-closed':
          return feed(String(report.line), report, now);
        case 'unregistered':
          for (const id of machines.ids()) if (lineOf(id) === report.line) feed(id, report, now);
          return;
        default:
          for (const [id, state] of machines.entries()) ofPair(id, state.memory.line, report, now);
      }
    },
    link: (state, now) => feedAll({ kind: 'link', state }, now),
    hurry: (now) => feedAll({ kind: 'hurry' }, now),
    retry(now) {
      for (const [id, { name }] of machines.entries()) if (name === 'waiting') feed(id, { kind: 'hurry' }, now);
    },
    command(verb, line, now) {
      if (machines.get(String(line)) === undefined) return fail(`line ${line} is not configured`);
      feed(String(line), verb === 'register' ? { kind: 'hurry' } : { kind: 'leave' }, now);
      return ok(null);
    },
    leave(now) {
      for (const id of machines.ids()) if (!isLeaving(id)) leave(id, now);
    },
    leaving: () => leaving,
    of: (line) => machines.get(String(line)),
    next: () => machines.next()?.at ?? null,
    wake(now) {
      const id = machines.next()?.id;
      const state = id === undefined ? undefined : machines.get(id);
      const timer = state === undefined ? null : dueTimer(state, now);
      if (id !== undefined && timer !== null) feed(id, { kind: 'timer', timer } as RegistrationInput, now);
    },
  };
}

/** `2`: line 2; `2-61000`: what is left of the line 2 that was configured otherwise until then. */
const isLeaving = (id: string): boolean => id.includes('-');
const lineOf = (id: string): number => Number.parseInt(id, 10);
