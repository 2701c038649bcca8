/** Owns the subscriptions of the whole phone: which there are, what they have said, how fast they ask, and when they move (rules 3.2, 4). */
import type { LineSettings, PhoneSettings } from './config/settings.ts';
import { Fleet } from './kernel/fleet.ts';
import { deadlineOf, dueTimer } from './kernel/machine.ts';
import type { Random } from './kernel/random.ts';
import type { Result } from './kernel/result.ts';
import { fail, ok } from './kernel/result.ts';
import type { Millis } from './kernel/time.ts';
import { after, soonest } from './kernel/time.ts';
import type { PhoneMessages } from './phone-messages.ts';
import { statusOf } from './phone-watched.ts';
import type { SubscribeCommand, SubscribeReport } from './sip/subscription-vocabulary.ts';
import type { SubscriptionStatus, WatchedState } from './status.ts';
import type { WatchedDialog } from './subscription/dialog-info.ts';
import { presenceOf } from './subscription/dialog-info.ts';
import type { Meaning } from './subscription/meaning.ts';
import { allDialogs, NOTHING_KNOWN, statesOf, withSaid } from './subscription/meaning.ts';
import { createMoves } from './subscription/moves.ts';
import { createPacer } from './subscription/pacer.ts';
import type { SubscriptionInput, SubscriptionOutput, SubscriptionState } from './subscription/state.ts';
import { newSubscription, stepSubscription } from './subscription/subscription.ts';
import { subscriptionPolicy } from './subscription/waits.ts';
import type { Wanted } from './subscription/wanted.ts';
import { allWanted, wantedOf } from './subscription/wanted.ts';
import type { Command, Effect } from './vocabulary.ts';

export interface PhoneSubscriptionsOptions {
  readonly settings: () => PhoneSettings;
  readonly random: Random;
  /** How long until the phone's turn, ms (kernel/turn.ts). */
  readonly turn: (windowMs: number, now: Millis) => number;
  readonly command: (command: SubscribeCommand, now: Millis) => void;
  /** Somebody is on the phone by this line. */
  readonly inCall: (line: number) => boolean;
  readonly messages: PhoneMessages;
  readonly emit: (effect: Effect) => void;
}

/** What is told of subscriptions of ours. */
type WatchReport = Exclude<SubscribeReport, { kind: 'line-watched' | 'line-told' }>;

type SubscribeVerb = Extract<Command, { verb: 'subscribe' | 'unsubscribe' }>;

export interface PhoneSubscriptions {
  /** What the configuration asks for at start, asked after the start spread as the registrations are (rules 4, "start-up"). */
  begin(delayMs: number, now: Millis): void;
  /** Nothing waits for the start spread any longer. */
  hurry(now: Millis): void;
  /** What the configuration asks for now; the rest is ended, but for what a person has asked for. */
  configure(now: Millis): void;
  /** SIP starts anew: all dialogs went with the old one. `configure` follows. */
  restart(now: Millis): void;
  command(command: SubscribeVerb, now: Millis): Result<unknown, string>;
  report(report: WatchReport, now: Millis): void;
  /** Somebody who was silent answers, and can serve these lines. */
  alive(lines: readonly LineSettings[], pair: string, now: Millis): void;
  /** A better proxy of these lines is back; told again each probe period, so a line in a call waits for another time (rules 4, "the way home"). */
  home(lines: readonly LineSettings[], now: Millis): void;
  link(state: 'up' | 'down', now: Millis): void;
  leave(now: Millis): void;
  /** What is known of the calls of this line's shared number. */
  shared(line: number): readonly WatchedDialog[];
  status(now: Millis): readonly SubscriptionStatus[];
  next(): Millis | null;
  wake(now: Millis): void;
}

/** One wish with its machine and what was said of it. */
interface Member {
  readonly id: string;
  readonly wanted: Wanted;
  /** `person`: asked for by command, and kept when the configuration changes. */
  readonly by: 'configuration' | 'person';
  meaning: Meaning;
}

type Asked = Extract<SubscribeCommand, { kind: 'subscribe' | 'refresh' }>;

export function createPhoneSubscriptions(options: PhoneSubscriptionsOptions): PhoneSubscriptions {
  const { settings, random, messages, emit } = options;
  const machines = new Fleet<SubscriptionState>(deadlineOf);
  const members = new Map<string, Member>();
  const pacer = createPacer<Asked>();
  const moves = createMoves(options.turn);
  let made = 0;

  function feed(id: string, input: SubscriptionInput, now: Millis): void {
    const state = machines.get(id);
    if (state === undefined) return;
    const step = stepSubscription(state, input, { now, random, policy: subscriptionPolicy(settings()) });
    machines.set(id, step.state);
    for (const output of step.out) carryOut(id, output, now);
    if (step.state === null) members.delete(id);
  }

  function carryOut(id: string, output: SubscriptionOutput, now: Millis): void {
    if (output.to === 'world') return emit({ kind: 'event', event: output.event });
    if (output.to === 'phone') return lost(id);
    const { command } = output;
    if (command.kind === 'subscribe' || command.kind === 'refresh')
      return pacer.add(id, command, { urgent: isUrgent(id) });
    if (command.kind === 'abandon') pacer.remove(id);
    options.command(command, now);
  }

  /** Waiting messages and what rings come first (rules 4). */
  function isUrgent(id: string): boolean {
    const member = members.get(id);
    return member?.wanted.kind === 'mwi' || presenceOf(allDialogs(member?.meaning ?? NOTHING_KNOWN)) === 'ringing';
  }

  function lost(id: string): void {
    const member = members.get(id);
    if (member === undefined || member.meaning.usage === '') return;
    const before = statesOf(member.meaning, member.wanted.watch.resource);
    member.meaning = NOTHING_KNOWN;
    for (const resource of before.keys()) tellWatched(member, resource, 'unknown');
  }

  function add(wanted: Wanted, by: Member['by'], now: Millis): string {
    made += 1;
    const id = String(made);
    members.set(id, { id, wanted, by, meaning: NOTHING_KNOWN });
    machines.set(id, newSubscription(id, wanted.line, wanted.watch, wanted.expiresS));
    feed(id, { kind: 'begin' }, now);
    return id;
  }

  const memberOf = (key: string): Member | undefined => [...members.values()].find(({ wanted }) => wanted.key === key);

  function configure(now: Millis): void {
    const wanted = allWanted(settings());
    for (const member of [...members.values()]) {
      const same = wanted.find(({ key }) => key === member.wanted.key);
      const stays = same === undefined ? member.by === 'person' && lineStands(member) : isSame(same, member.wanted);
      if (!stays) remove(member.id, now);
    }
    for (const wish of wanted) if (memberOf(wish.key) === undefined) add(wish, 'configuration', now);
  }

  const lineStands = ({ wanted }: Member): boolean =>
    settings().lines.some((line) => JSON.stringify(line) === JSON.stringify(wanted.line));

  function remove(id: string, now: Millis): void {
    pacer.remove(id);
    feed(id, { kind: 'leave' }, now);
    members.delete(id);
  }

  function notified(report: Extract<SubscribeReport, { kind: 'notification' }>, now: Millis): void {
    const member = members.get(report.subscription);
    if (member === undefined || !isHeld(member, report.usage) || report.body.trim() === '') return;
    if (member.wanted.kind === 'mwi')
      return messages.notified({ kind: 'notified', line: member.wanted.line.line, body: report.body });
    const said = withSaid(member.meaning, member.wanted.watch.list, report);
    if (!said.ok) return unread(member, said.error);
    if (said.value === 'old') return;
    // The whole is asked for: a refresh draws it (RFC 4235 4.3, RFC 4662 5.2).
    if (said.value === 'gap') return feed(member.id, { kind: 'hurry', who: 'person' }, now);
    tellChanges(member, said.value);
  }

  function tellChanges(member: Member, meaning: Meaning): void {
    const { resource, list } = member.wanted.watch;
    const before = statesOf(member.meaning, resource);
    member.meaning = meaning;
    const states = statesOf(meaning, resource);
    for (const [uri, state] of states) if (!list || before.get(uri) !== state) tellWatched(member, uri, state);
    // Who is on the list no more is watched no more.
    for (const uri of before.keys())
      if (list && uri !== resource && !states.has(uri)) tellWatched(member, uri, 'unknown');
  }

  function tellWatched({ wanted }: Member, resource: string, state: WatchedState | 'unknown'): void {
    emit({ kind: 'event', event: { event: 'watched', line: wanted.line.line, resource, state } });
  }

  const isHeld = ({ id }: Member, usage: string): boolean => machines.get(id)?.memory.held?.usage === usage;

  function unread({ wanted }: Member, error: string): void {
    const fields = { line: wanted.line.line, resource: wanted.watch.resource, error };
    emit({ kind: 'log', level: 'warn', name: 'notification-unread', fields });
  }

  function onLines(lines: readonly number[], input: SubscriptionInput, now: Millis): void {
    for (const { id, wanted } of [...members.values()]) if (lines.includes(wanted.line.line)) feed(id, input, now);
  }

  function command({ verb, kind, target, line: number }: SubscribeVerb, now: Millis): Result<unknown, string> {
    const line = settings().lines.find((candidate) => number === null || candidate.line === number);
    if (line === undefined) return fail(number === null ? 'no line is in service' : `line ${number} is not in service`);
    if (line.proxy.primary === null && line.proxy.backup === null) return fail(`line ${line.line} has no proxy to ask`);
    const wanted = wantedOf(kind, line, target, settings());
    const known = memberOf(wanted.key);
    if (verb === 'unsubscribe') {
      if (known === undefined) return fail(`line ${line.line} does not watch ${kind} ${target}`);
      remove(known.id, now);
      return ok(null);
    }
    if (known === undefined) return ok({ subscription: add(wanted, 'person', now) });
    feed(known.id, { kind: 'hurry', who: 'person' }, now);
    return ok({ subscription: known.id });
  }

  /** Whatever has happened, those that it made ask start in their order: what is urgent before what is not. */
  const paced =
    <A extends readonly unknown[], R>(act: (...given: readonly [...A, Millis]) => R) =>
    (...given: readonly [...A, Millis]): R => {
      const result = act(...given);
      for (const command of pacer.take(given.at(-1) as Millis)) options.command(command, given.at(-1) as Millis);
      return result;
    };

  function restart(now: Millis): void {
    for (const { id, wanted } of members.values()) {
      pacer.remove(id);
      lost(id);
      machines.set(id, newSubscription(id, wanted.line, wanted.watch, wanted.expiresS));
      feed(id, { kind: 'begin' }, now);
    }
  }

  function reported(report: WatchReport, now: Millis): void {
    if (report.kind === 'proxy-moved') {
      moves.done(report.line);
      return onLines([report.line], { kind: 'move', rank: report.rank }, now);
    }
    if (report.kind === 'proxy-dead') return deserted(report.line, now);
    // Nobody watches it any more: it came late.
    if (report.kind === 'subscribed' && !members.has(report.subscription))
      return options.command({ kind: 'drop', usage: report.usage }, now);
    if (report.kind === 'notification') notified(report, now);
    feed(report.subscription, report, now);
  }

  function deserted(line: number, now: Millis): void {
    if (moves.set(line, null, settings().failover, now)) onLines([line], { kind: 'move', rank: null }, now);
  }

  const feedAll = (input: SubscriptionInput, now: Millis): void => {
    for (const id of machines.ids()) feed(id, input, now);
  };

  function wake(now: Millis): void {
    const move = moves.take(now);
    if (move?.rank === 0 && options.inCall(move.line)) return;
    if (move !== null) return onLines([move.line], { kind: 'move', rank: move.rank }, now);
    const due = machines.next();
    const state = due === null || due.at > now ? undefined : machines.get(due.id);
    const timer = state === undefined ? null : dueTimer(state, now);
    if (due === null || timer === null) return;
    // The dialog's server is known to be dead: a refresh that falls into the wait for the line's turn is the move.
    const line = members.get(due.id)?.wanted.line.line ?? 0;
    if (timer === 'renew' && moves.leaves(line)) feed(due.id, { kind: 'move', rank: null }, now);
    else feed(due.id, { kind: 'timer', timer } as SubscriptionInput, now);
  }

  return {
    begin: paced((delayMs: number, now: Millis) => {
      pacer.hold(after(now, delayMs));
      configure(now);
    }),
    hurry: paced((now: Millis) => pacer.hold(now)),
    configure: paced(configure),
    // What is asked for anew starts with the configuration that follows.
    restart,
    command: paced(command),
    report: paced(reported),
    alive: paced((lines: readonly LineSettings[], pair: string, now: Millis) => {
      const numbers = lines.map(({ line }) => line);
      onLines(numbers, { kind: 'hurry', who: 'server', pair }, now);
    }),
    home(lines, now) {
      for (const { line } of lines) if (!options.inCall(line)) moves.set(line, 0, settings().failover, now);
    },
    link: paced((state: 'up' | 'down', now: Millis) => {
      // Renewals that fall due without a network wait for it: their dialogs stay (rules 4, "Link down").
      pacer.gate(state === 'up' ? 'open' : 'shut');
      feedAll({ kind: 'link', state }, now);
    }),
    leave(now) {
      for (const { id } of [...members.values()]) remove(id, now);
    },
    shared: (line) =>
      [...members.values()].find(({ wanted }) => wanted.kind === 'bla' && wanted.line.line === line)?.meaning.watched
        ?.dialogs ?? [],
    status: (now) => [...members.values()].map((member) => statusOf(member, machines.get(member.id), now)),
    next: () => [machines.next()?.at ?? null, pacer.next(), moves.next()].reduce<Millis | null>(soonest, null),
    wake: paced(wake),
  };
}

const isSame = (a: Wanted, b: Wanted): boolean => JSON.stringify(a) === JSON.stringify(b);
