/** Owns the calls of the whole phone: which there are, who is meant by a command, and which server a line's calls go through. */

import { beginCall, stepCall } from './call/call.ts';
import type { CallInput, CallOutput, CallState } from './call/state.ts';
import { CALLS_MAX, RTP_PORT_BASE } from './config/defaults.ts';
import type { LineSettings, TransportChoice } from './config/settings.ts';
import type { Answering } from './dialling/answering.ts';
import { ANSWERS_ALL, readAnswering, withForward, writeAnswering } from './dialling/answering.ts';
import type { Random } from './kernel/random.ts';
import type { Result } from './kernel/result.ts';
import { fail, ok } from './kernel/result.ts';
import type { Millis } from './kernel/time.ts';
import type { CallCommand, CallReport, Wish } from './sip/call-vocabulary.ts';
import { calleeProblem } from './sip/stack/calling.ts';
import type { Command, Effect } from './vocabulary.ts';

type CallVerb = Exclude<Command, { verb: 'register' | 'unregister' }>;

export interface PhoneCallsOptions {
  /** None while the phone is not in service. */
  readonly lines: () => readonly LineSettings[];
  readonly transport: () => TransportChoice;
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
  /** Ends them all: the phone stops. */
  hangUpAll(now: Millis): void;
}

/** What this phone can say and hear. */
const PCMU = { payloadType: 0, name: 'PCMU', rate: 8000, parameters: '' } as const;
const PCMA = { payloadType: 8, name: 'PCMA', rate: 8000, parameters: '' } as const;
const EVENTS = { payloadType: 101, name: 'TELEPHONE-EVENT', rate: 8000, parameters: '0-15' } as const;
const PTIME_MS = 20;
/** RTP and RTCP, each call its own pair. */
const PORTS_A_CALL = 2;

export function createPhoneCalls(options: PhoneCallsOptions): PhoneCalls {
  const { lines, transport, random, command: toStack, emit } = options;
  const calls = new Map<string, CallState>();
  let made = 0;
  let answering = ANSWERS_ALL;

  function feed(id: string, input: CallInput, now: Millis): void {
    const state = calls.get(id);
    if (state === undefined) return;
    const step = stepCall(state, input, { now });
    place(id, step.state, step.out, now);
  }

  function place(id: string, state: CallState | null, out: readonly CallOutput[], now: Millis): void {
    if (state === null) calls.delete(id);
    else calls.set(id, state);
    for (const output of out) {
      if (output.to === 'stack') toStack(output.command, now);
      else emit({ kind: 'event', event: output.event });
    }
  }

  function dial({ target, line: number }: Extract<CallVerb, { verb: 'dial' }>, now: Millis): Result<unknown, string> {
    const line = lines().find((candidate) => (number === null ? true : candidate.line === number));
    if (line === undefined) return fail(number === null ? 'no line is in service' : `line ${number} is not in service`);
    if (line.proxy.primary === null && line.proxy.backup === null)
      return fail(`line ${line.line} has no proxy: "sip proxy ip" or "sip backup proxy ip" is needed to call`);
    const problem = calleeProblem(target, transport());
    if (problem !== null) return fail(problem);
    if (calls.size >= CALLS_MAX) return fail(`${CALLS_MAX} calls are there already: end one first`);
    made += 1;
    const id = `C${made}`;
    const context = { now };
    const call = { id, line, direction: 'out', peer: target, wish: newWish(), place: null, since: now } as const;
    const step = beginCall(call, context);
    place(id, step.state, step.out, now);
    return ok({ call: id });
  }

  function setAnswering(next: Answering): Result<unknown, string> {
    answering = next;
    emit({ kind: 'store', key: 'answering', value: writeAnswering(next) });
    return ok(null);
  }

  function forward({ when, to }: Extract<CallVerb, { verb: 'forward' }>): Result<unknown, string> {
    const problem = to === null ? null : calleeProblem(to, transport());
    return problem === null ? setAnswering(withForward(answering, when, to)) : fail(problem);
  }

  const newWish = (): Wish => ({
    sessionId: String(random.below(2 ** 31)),
    version: 1,
    port: RTP_PORT_BASE + PORTS_A_CALL * (made % CALLS_MAX),
    codecs: [PCMU, PCMA],
    events: EVENTS,
    direction: 'sendrecv',
    ptimeMs: PTIME_MS,
  });

  /** The one that is meant; without a name the last that was begun. */
  function named(call: string | null): Result<string, string> {
    const id = call ?? [...calls.keys()].at(-1);
    if (id === undefined) return fail('there is no call');
    return calls.has(id) ? ok(id) : fail(`there is no call ${id}`);
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
      const id = named(command.call);
      if (!id.ok) return id;
      if (command.verb === 'answer') return fail(`call ${id.value} does not wait to be answered`);
      feed(id.value, { kind: command.verb === 'hangup' ? 'hang-up' : command.verb }, now);
      return ok(null);
    },
    report: (report, now) => feed(report.call, report, now),
    hangUpAll(now) {
      for (const id of [...calls.keys()]) feed(id, { kind: 'hang-up' }, now);
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
