/**
 * Owns when a target is probed and what its answers or its silence mean: one machine per pair, phone-wide (rules 4, "probe",
 * "noticed while idle", "the way home"). A probe is an OPTIONS; who sends it is the stack.
 */
import {
  NOT_PROBEABLE_PERIODS,
  NOT_PROBEABLE_WINDOW_MS,
  PROBE_CONFIRM_MS,
  PROBE_DRIFT_INTERVALS,
  PROBE_FIRST_MS,
  PROBE_GOOD_NEEDED,
  PROBE_MIN_RATIO,
} from '../config/defaults.ts';
import type { Step, Table, TimerInput } from '../kernel/machine.ts';
import { stepTable } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import type { Millis } from '../kernel/time.ts';
import { after } from '../kernel/time.ts';
import type { FailureCause } from '../status.ts';

/** Why a pair is watched. */
export interface Watch {
  /** Some line is served there: its silence moves the line. */
  readonly serving: boolean;
  /** It stands before a serving target: its good answers lead home. */
  readonly better: boolean;
}

interface Memory {
  readonly watch: Watch;
  /** It has answered a probe since start; only then is its silence judged. */
  readonly answered: boolean;
  /** False once a probe verdict was proved wrong by a REGISTER. */
  readonly probeable: boolean;
  readonly goods: number;
  /** Intervals begun since it last led home. */
  readonly periods: number;
  readonly deadVerdictAt: Millis | null;
  /** When it was asked last. */
  readonly askedAt: Millis | null;
  /** Phones that started at one instant drift apart: the `left` first intervals are one draw, so that differences add up. */
  readonly drift: { readonly ratio: number; readonly left: number };
  /** Identity of the DNS answer: a changed one makes it probeable again. */
  readonly set: string;
}

export type ProbeState =
  | { readonly name: 'idle'; readonly memory: Memory; readonly timers: { readonly next?: Millis } }
  | {
      readonly name: 'asking';
      readonly memory: Memory;
      readonly tries: number;
      readonly sentAt: Millis;
      readonly timers: { readonly wait?: Millis };
    };

export type ProbeInput =
  | { readonly kind: 'watch'; readonly watch: Watch; readonly set: string }
  | { readonly kind: 'answer'; readonly good: boolean }
  | { readonly kind: 'failed'; readonly cause: FailureCause }
  /** It could not be sent: says nothing of the target. */
  | { readonly kind: 'unsent' }
  /** A REGISTER got a good answer from this pair. */
  | { readonly kind: 'register-ok' }
  | TimerInput<'next' | 'wait'>;

export type ProbeOutput =
  | { readonly kind: 'ask' }
  | { readonly kind: 'dead'; readonly cause: FailureCause; readonly took: number }
  | { readonly kind: 'good'; readonly took: number }
  | { readonly kind: 'home'; readonly by: 'probe' | 'register' };

export interface ProbeContext {
  readonly now: Millis;
  readonly random: Random;
  readonly periodMs: number;
  /** The silence that is waited for, ms. */
  readonly hedgeMs: number;
  /** A Retry-After runs: nothing is sent to this pair. */
  readonly blocked: boolean;
}

type ProbeStep = Step<ProbeState, ProbeOutput>;

export const probeTable: Table<ProbeState, ProbeInput, ProbeContext, ProbeOutput> = {
  idle: {
    watch: onWatch,
    'timer next': onTurn,
    // The answer to an older probe: a slow server is alive too.
    answer: (state, input, context) => onAnswer(state.memory, input.good, 0, context),
    'register-ok': onRegisterOk,
  },
  asking: {
    watch: onWatch,
    'timer wait': onSilence,
    answer: (state, input, context) => onAnswer(state.memory, input.good, context.now - state.sentAt, context),
    failed: (state, { cause }, context) => verdictDead(state.memory, cause, context.now - state.sentAt, context),
    unsent: (state, _input, context) => ({
      state: idle(state.memory, interval(state.memory, context), context),
      out: [],
    }),
    'register-ok': onRegisterOk,
  },
};

/** What is kept of a pair that is not watched for a while. */
export interface Retired {
  readonly memory: ProbeState['memory'];
  readonly askedAt: Millis | null;
}

export const retire = (state: ProbeState): Retired => ({ memory: state.memory, askedAt: state.memory.askedAt });

/**
 * A newly watched pair is asked soon, so that its silence may be judged from then on; one that was watched before keeps what
 * was learnt, and its pace.
 */
export function beginProbe(watch: Watch, set: string, before: Retired | null, context: ProbeContext): ProbeState {
  const soon = after(context.now, context.random.between(0, Math.min(PROBE_FIRST_MS, context.periodMs)));
  const known = before?.memory ?? {
    answered: false,
    probeable: true,
    deadVerdictAt: null,
    askedAt: null,
    drift: { ratio: ratio(context.random), left: PROBE_DRIFT_INTERVALS },
    set,
  };
  const paced = before?.askedAt == null ? soon : after(before.askedAt, ratio(context.random) * context.periodMs);
  return {
    name: 'idle',
    memory: { ...known, watch, goods: 0, periods: 0, set, probeable: known.probeable || known.set !== set },
    timers: { next: Math.max(soon, paced) as Millis },
  };
}

export const stepProbe = (state: ProbeState, input: ProbeInput, context: ProbeContext): ProbeStep =>
  stepTable(probeTable, state, input, context);

/** Seconds-free: the instant of the next probe, null while one is under way. */
export const nextProbeAt = (state: ProbeState): Millis | null =>
  (state.name === 'idle' ? state.timers.next : null) ?? null;

const idle = (memory: Memory, waitMs: number, context: ProbeContext): ProbeState => ({
  name: 'idle',
  memory,
  timers: { next: after(context.now, waitMs) },
});

const ratio = (random: Random): number => random.between(PROBE_MIN_RATIO, 1);

const interval = ({ drift }: Memory, { random, periodMs }: ProbeContext): number =>
  (drift.left > 0 ? drift.ratio : ratio(random)) * periodMs;

function onWatch(state: ProbeState, input: Extract<ProbeInput, { kind: 'watch' }>): ProbeStep {
  const { memory } = state;
  const changed = input.set !== memory.set;
  const goods = input.watch.better === memory.watch.better ? memory.goods : 0;
  const periods = input.watch.better === memory.watch.better ? memory.periods : 0;
  const next: Memory = {
    ...memory,
    watch: input.watch,
    set: input.set,
    goods,
    periods,
    probeable: changed || memory.probeable,
  };
  return { state: { ...state, memory: next }, out: [] };
}

function onTurn(state: Extract<ProbeState, { name: 'idle' }>, _input: TimerInput, context: ProbeContext): ProbeStep {
  const { drift } = state.memory;
  const memory: Memory = {
    ...state.memory,
    periods: state.memory.periods + 1,
    drift: { ...drift, left: Math.max(0, drift.left - 1) },
  };
  if (context.blocked) return { state: idle(memory, interval(memory, context), context), out: [] };
  const blind = memory.watch.better && (!memory.probeable || !memory.answered);
  const due = blind && memory.periods >= NOT_PROBEABLE_PERIODS;
  const home: ProbeOutput[] = due ? [{ kind: 'home', by: 'register' }] : [];
  const counted = due ? { ...memory, periods: 0 } : memory;
  if (!memory.probeable) return { state: idle(counted, interval(memory, context), context), out: home };
  return ask(counted, 1, home, context);
}

function ask(memory: Memory, tries: number, out: readonly ProbeOutput[], context: ProbeContext): ProbeStep {
  return {
    state: {
      name: 'asking',
      memory: { ...memory, askedAt: context.now },
      tries,
      sentAt: context.now,
      timers: { wait: after(context.now, context.hedgeMs) },
    },
    out: [...out, { kind: 'ask' }],
  };
}

/** Silent for H: asked again at once where a line is served there; silent again is dead. */
function onSilence(
  state: Extract<ProbeState, { name: 'asking' }>,
  _input: TimerInput,
  context: ProbeContext,
): ProbeStep {
  const { memory } = state;
  if (memory.watch.serving && state.tries === 1) return ask(memory, 2, [], context);
  if (!memory.watch.serving || !memory.answered || !memory.probeable)
    return { state: idle({ ...memory, goods: 0 }, interval(memory, context), context), out: [] };
  return verdictDead(memory, 'no-answer', context.now - state.sentAt, context);
}

function verdictDead(memory: Memory, cause: FailureCause, took: number, context: ProbeContext): ProbeStep {
  return {
    state: idle({ ...memory, goods: 0, deadVerdictAt: context.now }, interval(memory, context), context),
    out: [{ kind: 'dead', cause, took }],
  };
}

/** 408, 500, 502, 503, 504 to a probe count as dead, every other answer as alive; two good ones lead home. */
function onAnswer(memory: Memory, good: boolean, took: number, context: ProbeContext): ProbeStep {
  if (!good) return verdictDead({ ...memory, answered: true }, 'code', took, context);
  const goods = memory.watch.better ? memory.goods + 1 : 0;
  const known: Memory = { ...memory, answered: true, goods, deadVerdictAt: null };
  const alive: ProbeOutput = { kind: 'good', took };
  if (goods === 0) return { state: idle(known, interval(memory, context), context), out: [alive] };
  if (goods < PROBE_GOOD_NEEDED) return { state: idle(known, PROBE_CONFIRM_MS, context), out: [alive] };
  return {
    state: idle({ ...known, goods: 0, periods: 0 }, interval(memory, context), context),
    out: [alive, { kind: 'home', by: 'probe' }],
  };
}

/** A REGISTER that is answered well soon after a verdict *dead* proves that probes say nothing here. */
function onRegisterOk(state: ProbeState, _input: { readonly kind: 'register-ok' }, context: ProbeContext): ProbeStep {
  const { deadVerdictAt } = state.memory;
  const wrong = deadVerdictAt !== null && context.now - deadVerdictAt <= NOT_PROBEABLE_WINDOW_MS;
  if (!wrong) return { state, out: [] };
  return { state: { ...state, memory: { ...state.memory, probeable: false, deadVerdictAt: null } }, out: [] };
}
