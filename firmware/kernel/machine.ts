/**
 * Owns the form of a state machine: a table of pure functions `(state, input, context) -> { state, out }`.
 *
 * Rows are states by `name`, columns are inputs by `kind`. An absent cell means "ignored here". Timers are absolute
 * deadlines inside the state, under their RFC letter: leaving the state drops them. A timer that fires is the input
 * `{ kind: 'timer', timer: 'A' }` and its column is `timer A`.
 */
import type { Millis } from './time.ts';
import { soonest } from './time.ts';

/** `state: null` = the machine has ended. */
export interface Step<S, O> {
  readonly state: S | null;
  readonly out: readonly O[];
}

export interface Named {
  readonly name: string;
  /** Absolute deadlines by timer name. */
  readonly timers: Readonly<Record<string, Millis>>;
}

export interface TimerInput<T extends string = string> {
  readonly kind: 'timer';
  readonly timer: T;
}

type Column<I extends { readonly kind: string }> = I extends TimerInput<infer T> ? `timer ${T}` : I['kind'];

/** The inputs that stand in column `K`. */
type InputOf<I extends { readonly kind: string }, K> =
  I extends TimerInput<infer T> ? (K extends `timer ${T}` ? I : never) : I extends { readonly kind: K } ? I : never;

export type Cell<S, R extends S, I, C, O> = (state: R, input: I, context: C) => Step<S, O>;

export type Table<S extends Named, I extends { readonly kind: string }, C, O> = {
  readonly [N in S['name']]: {
    readonly [K in Column<I>]?: Cell<S, Extract<S, { readonly name: N }>, InputOf<I, K>, C, O>;
  };
};

export const columnOf = (input: { readonly kind: string }): string =>
  input.kind === 'timer' ? `timer ${(input as TimerInput).timer}` : input.kind;

/** Steps a machine by its table. A timer that fired is dropped from the state before its cell runs. */
export function stepTable<S extends Named, I extends { readonly kind: string }, C, O>(
  table: Table<S, I, C, O>,
  state: S,
  input: I,
  context: C,
): Step<S, O> {
  const row = table[state.name as S['name']] as Readonly<Record<string, Cell<S, S, I, C, O> | undefined>>;
  const current = input.kind === 'timer' ? withoutTimer(state, (input as unknown as TimerInput).timer) : state;
  const cell = row[columnOf(input)];
  return cell === undefined ? { state: current, out: [] } : cell(current, input, context);
}

export function withoutTimer<S extends Named>(state: S, timer: string): S {
  const { [timer]: _fired, ...timers } = state.timers;
  return { ...state, timers };
}

/** The soonest deadline of a state, `null` when it waits for no timer. */
export function deadlineOf(state: Named): Millis | null {
  let soon: Millis | null = null;
  for (const name in state.timers) soon = soonest(soon, state.timers[name] ?? null);
  return soon;
}

/** The due timer of a state: the soonest; at equal times the first by name. `null` when none is due. */
export function dueTimer(state: Named, now: Millis): string | null {
  let due: string | null = null;
  let at = Number.POSITIVE_INFINITY;
  for (const name of Object.keys(state.timers).sort()) {
    const deadline = state.timers[name];
    if (deadline !== undefined && deadline <= now && deadline < at) {
      due = name;
      at = deadline;
    }
  }
  return due;
}
