/** Owns the calls of the whole phone: which there are, who is meant by a command, and which server a line's calls go through. */

import { beginCall, beginIncoming, stepCall } from './call/call.ts';
import { keySent } from './call/keys-sent.ts';
import { cadenceOf } from './call/ring.ts';
import { legOf } from './call/sound.ts';
import type { CallData, CallInput, CallOutput, CallState } from './call/state.ts';
import { CALLS_MAX } from './config/defaults.ts';
import type { CallSettings, LineSettings, TransportChoice } from './config/settings.ts';
import type { Answering } from './dialling/answering.ts';
import {
  ANSWERS_ALL,
  forwardProblem,
  readAnswering,
  treatmentOf,
  withForward,
  withoutForwards,
  writeAnswering,
} from './dialling/answering.ts';
import { Fleet } from './kernel/fleet.ts';
import { deadlineOf, dueTimer } from './kernel/machine.ts';
import type { Random } from './kernel/random.ts';
import type { Result } from './kernel/result.ts';
import { fail, ok } from './kernel/result.ts';
import type { Millis } from './kernel/time.ts';
import { after } from './kernel/time.ts';
import { calledName, createPhoneCompany } from './phone-company.ts';
import { createWishes, secrecyProblem } from './phone-wishes.ts';
import type { CallCommand, CallReport } from './sip/call-vocabulary.ts';
import { calleeProblem, calleeUri } from './sip/stack/calling.ts';
import type { Command, Effect } from './vocabulary.ts';

type CallVerb = Exclude<Command, { verb: 'register' | 'unregister' | 'subscribe' | 'unsubscribe' | 'mute' }>;

export interface PhoneCallsOptions {
  /** None while the phone is not in service. */
  readonly lines: () => readonly LineSettings[];
  readonly transport: () => TransportChoice;
  readonly settings: () => CallSettings;
  readonly isEmergency: (number: string) => boolean;
  /** RTP ports, one a call. */
  readonly rtpPorts: () => readonly number[];
  readonly random: Random;
  readonly command: (command: CallCommand, now: Millis) => void;
  readonly emit: (effect: Effect) => void;
}

export interface PhoneCalls {
  /** What was kept of the last run. */
  load(stored: unknown): void;
  answering(): Answering;
  /** What a person or a program asks; the answer is what `result` tells. */
  command(command: CallVerb, now: Millis): Result<unknown, string>;
  report(report: CallReport, now: Millis): void;
  /** All that the person has. */
  states(): readonly CallState[];
  /** A name for a call that comes in. */
  newId(): string;
  /** Whether a call to this line would be told that the phone is busy. */
  isBusy(line: LineSettings): boolean;
  next(): Millis | null;
  wake(now: Millis): void;
  /** Ends them all: the phone stops. */
  hangUpAll(now: Millis): void;
}

/** RFC 3261 21.4.21: never a 6xx, which would end the call at other phones too. */
const BUSY_HERE = 486;

export function createPhoneCalls(options: PhoneCallsOptions): PhoneCalls {
  const { lines, transport, settings, isEmergency, command: toStack, emit } = options;
  const calls = new Fleet<CallState>(deadlineOf);
  const wishFor = createWishes({ ...options, calls });
  let made = 0;
  let answering = ANSWERS_ALL;
  /** The sound of all calls, as it was told last. */
  let sounding = '[]';
  const company = createPhoneCompany({
    ...{ calls, feed, joins: () => settings().joinsTransfers === 'on' },
    problemOf: (target) => (calls.size >= CALLS_MAX ? 'there are too many calls' : calleeProblem(target, transport())),
    place({ call: by, to, replaces, referredBy }, line, now) {
      const name = calledName(line, to);
      begin(line, to, { name, referral: { by, replaces, referredBy }, takes: by, auto: null, emergency: null }, now);
    },
  });

  function feed(id: string, input: CallInput, now: Millis): void {
    const state = calls.get(id);
    if (state === undefined) return;
    const step = stepCall(state, input, { now });
    place(id, step.state, step.out, now);
  }

  function place(id: string, state: CallState | null, out: readonly CallOutput[], now: Millis): void {
    calls.set(id, state);
    for (const output of out) carryOut(output, now);
    tellSound();
  }

  function tellSound(): void {
    const legs = calls.entries().map(([, state]) => legOf(state));
    const text = JSON.stringify(legs);
    if (text === sounding) return;
    sounding = text;
    emit({ kind: 'media', legs });
  }

  function carryOut(output: CallOutput, now: Millis): void {
    if (output.to === 'stack') toStack(output.command, now);
    else if (output.to === 'call') feed(output.call, output.input, now);
    else if (output.to === 'media') emit({ kind: 'send-key', key: output.key });
    else emit({ kind: 'event', event: output.event });
  }

  function dial(
    { target, line: number, replaces, intercom }: Extract<CallVerb, { verb: 'dial' }>,
    now: Millis,
  ): Result<unknown, string> {
    const line = lines().find((candidate) => (number === null ? true : candidate.line === number));
    if (line === undefined) return fail(number === null ? 'no line is in service' : `line ${number} is not in service`);
    const urgent = isEmergency(target) ? lines().filter((other) => other !== line) : null;
    if (![line, ...(urgent ?? [])].some(({ proxy }) => proxy.primary !== null || proxy.backup !== null))
      return fail(`line ${line.line} has no proxy: "sip proxy ip" or "sip backup proxy ip" is needed to call`);
    const problem = calleeProblem(target, transport()) ?? secrecyProblem(line, transport(), urgent !== null);
    if (problem !== null) return fail(problem);
    if (calls.size >= CALLS_MAX && urgent === null) return fail(`${CALLS_MAX} calls are there already: end one first`);
    const referral = replaces === undefined ? null : { by: null, replaces, referredBy: null };
    const asked = { name: '', referral, takes: null, auto: null, emergency: urgent, ...(intercom && { intercom }) };
    return ok({ call: begin(line, target, asked, now) });
  }

  function begin(
    line: LineSettings,
    peer: string,
    asked: Pick<CallData, 'name' | 'referral' | 'takes' | 'auto' | 'emergency' | 'intercom'>,
    now: Millis,
  ): string {
    const id = newId();
    const call = {
      id,
      line,
      peer,
      sentTo: null,
      ring: null,
      wish: wishFor(line, made, asked.emergency !== null),
      place: null,
      since: now,
      ...asked,
    } as const;
    const step = beginCall({ ...call, direction: 'out' }, { now });
    place(id, step.state, step.out, now);
    return id;
  }

  function newId(): string {
    made += 1;
    return `C${made}`;
  }

  /** Somebody calls: it rings, or goes where the person has said (original-phone 6). */
  function comesIn(report: Extract<CallReport, { kind: 'call-incoming' }>, now: Millis): void {
    const { call: id, line, peer, name, place: from, appearance } = report;
    const treatment = treatmentFor(line);
    const call: CallData = {
      ...{ id, line, peer, name, wish: wishFor(line, made), place: from, since: now, direction: 'in' },
      ...{
        sentTo: null,
        ring: cadenceOf(report.alert, settings()),
        referral: null,
        takes: report.replaces,
        auto: autoOf(report, now),
        emergency: null,
        ...(appearance === null ? {} : { appearance }),
      },
    };
    // Who takes the place of somebody that is talked to already disturbs nobody, and rings nowhere (RFC 3891 3).
    if (report.replaces !== null) return takesPlace(call, now);
    if (treatment.kind === 'busy') return toStack({ kind: 'refuse', call: id, code: BUSY_HERE }, now);
    const server = line.proxy[from?.server ?? 'primary'] ?? line.registrar[from?.server ?? 'primary'];
    const uriOf = (to: string): string => calleeUri(to, server ?? { name: peer, port: 0 });
    if (treatment.kind === 'forward') return toStack({ kind: 'redirect', call: id, to: uriOf(treatment.to) }, now);
    const later = treatment.after === null ? null : { ms: treatment.after.ms, to: uriOf(treatment.after.to) };
    const step = beginIncoming(call, later, { now });
    place(id, step.state, step.out, now);
  }

  function treatmentFor(line: LineSettings): ReturnType<typeof treatmentOf> {
    const full = calls.size >= CALLS_MAX || (line.callWaiting === 'off' && calls.size > 0);
    return treatmentOf(forwards() ? answering : withoutForwards(answering), full ? 'busy' : 'free');
  }

  /** At once where it is asked for, and nobody is talked to or may be interrupted. */
  function autoOf({ answerAfterS }: Extract<CallReport, { kind: 'call-incoming' }>, now: Millis): CallData['auto'] {
    const { autoAnswer, bargeIn } = settings();
    if (answerAfterS === null || autoAnswer === 'off' || (bargeIn === 'off' && calls.size > 0)) return null;
    return { at: after(now, answerAfterS * 1000), microphone: autoAnswer === 'silent' ? 'muted' : 'open' };
  }

  function takesPlace(call: CallData, now: Millis): void {
    const step = beginIncoming(call, null, { now });
    place(call.id, step.state, step.out, now);
    feed(call.id, { kind: 'answer' }, now);
  }

  const forwards = (): boolean => settings().forward === 'on';

  function setAnswering(next: Answering): Result<unknown, string> {
    answering = next;
    emit({ kind: 'store', key: 'answering', value: writeAnswering(next) });
    return ok(null);
  }

  function forward({ when, to, rings }: Extract<CallVerb, { verb: 'forward' }>): Result<unknown, string> {
    if (to !== null && !forwards()) return fail('calls are never forwarded here: "call forward disabled" is 1');
    const problem = forwardProblem(to, rings) ?? (to === null ? null : calleeProblem(to, transport()));
    return problem === null ? setAnswering(withForward(answering, when, to, rings)) : fail(problem);
  }

  /** The one that is meant; without a name the last that was begun. */
  function named(call: string | null): Result<string, string> {
    const id = call ?? calls.ids().at(-1);
    if (id === undefined) return fail('there is no call');
    return calls.get(id) === undefined ? fail(`there is no call ${id}`) : ok(id);
  }

  /** By the way that the line has for keys (original-phone 1.6). */
  function press(id: string, keys: string, now: Millis): Result<unknown, string> {
    const state = calls.get(id);
    if (state?.name !== 'connected') return fail(`call ${id} is not answered: nobody hears its keys`);
    for (const key of keys) for (const output of keySent(state, key)) carryOut(output, now);
    return ok(null);
  }

  /** One that rings is ignored: its caller hears that nobody is free (`sip ignore status code`). */
  function hangUp(id: string, now: Millis): void {
    const state = calls.get(id);
    const rings = state?.name === 'incoming' && !state.picking;
    if (rings) toStack({ kind: 'refuse', call: id, code: settings().ignoreCode }, now);
    else feed(id, { kind: 'hang-up' }, now);
  }

  /** Without a name the one that rings longest. */
  function answer(call: string | null, now: Millis): Result<unknown, string> {
    const id = call ?? calls.ids().find((candidate) => calls.get(candidate)?.name === 'incoming');
    if (id === undefined) return fail('no call waits to be answered');
    const state = calls.get(id);
    if (state === undefined) return fail(`there is no call ${id}`);
    if (state.name !== 'incoming') return fail(`call ${id} does not wait to be answered`);
    feed(id, { kind: 'answer' }, now);
    return ok(null);
  }

  return {
    load(stored) {
      answering = readAnswering(stored);
    },
    answering: () => answering,
    command(command, now) {
      if (command.verb === 'dial') return dial(command, now);
      if (command.verb === 'dnd') return setAnswering({ ...answering, dnd: command.state });
      if (command.verb === 'forward') return forward(command);
      if (command.verb === 'answer') return answer(command.call, now);
      if (command.verb === 'transfer') return company.transfer(command, now);
      if (command.verb === 'conference') return company.conference(command, now);
      const id = named(command.call);
      if (!id.ok) return id;
      if (command.verb === 'dtmf') return press(id.value, command.keys, now);
      if (command.verb === 'hangup') hangUp(id.value, now);
      else company.together(id.value, command.verb, now);
      return ok(null);
    },
    report(report, now) {
      if (report.kind === 'call-incoming') return comesIn(report, now);
      if (report.kind === 'call-referred') return company.referred(report, now);
      feed(report.call, report, now);
      if (report.kind === 'call-ended' || report.kind === 'call-answered') company.settle(now);
    },
    states: () => calls.entries().flatMap(([, state]) => (state.name === 'left' ? [] : [state])),
    newId,
    isBusy: (line) => treatmentFor(line).kind === 'busy',
    next: () => calls.next()?.at ?? null,
    wake(now) {
      const due = calls.next();
      const state = due === null ? undefined : calls.get(due.id);
      const timer = state === undefined ? null : dueTimer(state, now);
      if (due !== null && timer !== null) feed(due.id, { kind: 'timer', timer } as CallInput, now);
    },
    hangUpAll(now) {
      for (const id of calls.ids()) feed(id, { kind: 'hang-up' }, now);
    },
  };
}

/** How the outcome of a command is told. */
export const resultEffect = (id: string | null, result: Result<unknown, string>): Effect => ({
  kind: 'event',
  event: result.ok
    ? { event: 'result', id, ok: true, ...(result.value === null ? {} : { value: result.value }) }
    : { event: 'result', id, ok: false, error: result.error },
});
