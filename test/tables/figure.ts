/** How the figure of an RFC is written as data, and how a machine is held against it: every state meets every input. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Named, Step, TimerInput } from '../../firmware/kernel/machine.ts';
import { columnOf, withoutTimer } from '../../firmware/kernel/machine.ts';
import type { Millis } from '../../firmware/kernel/time.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { TransactionContext } from '../../firmware/sip/transaction/context.ts';

/** An arrow of a figure: where it leads (`null` = terminated), what it does, and what runs afterwards, in ms from now. */
export interface Arrow {
  readonly to: string | null;
  readonly out: readonly string[];
  readonly timers?: Readonly<Record<string, number>>;
}

/** Arrows by state and input; an absent one is the decision that nothing happens there. */
export type Figure = Readonly<Record<string, Readonly<Record<string, Arrow>>>>;

/** The instant at which every input of a figure's test comes. */
export const NOW: Millis = millis(100_000);

export const contextAt = (now: Millis, transport: 'udp' | 'stream'): TransactionContext => ({
  now,
  timers: { t1: 500, t2: 4000, t4: 5000 },
  reliable: transport === 'stream',
});

export interface Machine<S extends Named, I extends { readonly kind: string }, O> {
  readonly states: readonly S[];
  readonly inputs: readonly I[];
  readonly step: (state: S, input: I, context: TransactionContext) => Step<S, O>;
  readonly figure: Figure;
  readonly transport: 'udp' | 'stream';
  readonly outputText: (output: O) => string;
}

/** One test for each state and input. */
export function holdAgainstFigure<S extends Named, I extends { readonly kind: string }, O>(
  machine: Machine<S, I, O>,
): void {
  for (const [state, row] of Object.entries(machine.figure)) {
    it(`${state} is a state of the machine, and its arrows are inputs of it`, () => {
      assert.ok(machine.states.some(({ name }) => name === state));
      const columns = machine.inputs.map(columnOf);
      for (const column of Object.keys(row)) assert.ok(columns.includes(column), column);
    });
  }
  for (const state of machine.states)
    for (const input of machine.inputs) {
      const arrow = machine.figure[state.name]?.[columnOf(input)];
      it(`${state.name}, ${columnOf(input)}: ${arrow === undefined ? 'nothing' : textOf(arrow)}`, () =>
        holdCell(machine, state, input, arrow));
    }
}

const textOf = ({ to, out }: Arrow): string => [`to ${to ?? 'terminated'}`, ...out].join(', ');

function holdCell<S extends Named, I extends { readonly kind: string }, O>(
  { step, transport, outputText }: Machine<S, I, O>,
  state: S,
  input: I,
  arrow: Arrow | undefined,
): void {
  const result = step(state, input, contextAt(NOW, transport));
  if (arrow === undefined) {
    const expected = input.kind === 'timer' ? withoutTimer(state, (input as unknown as TimerInput).timer) : state;
    assert.deepEqual(result, { state: expected, out: [] });
    return;
  }
  assert.equal(result.state?.name ?? null, arrow.to);
  assert.deepEqual(result.out.map(outputText), arrow.out);
  if (result.state === null) return;
  const left = Object.fromEntries(Object.entries(result.state.timers).map(([name, at]) => [name, at - NOW]));
  assert.deepEqual(left, arrow.timers ?? {});
}

/** Lets a machine run alone from `start`: at which ms it gave which output, until it ended or waits for no timer. */
export function runAlone<S extends Named, O>(
  start: Step<S, O>,
  step: (state: S, timer: string, now: Millis) => Step<S, O>,
  due: { readonly next: (state: S) => Millis | null; readonly timer: (state: S, now: Millis) => string | null },
): readonly (readonly [number, O])[] {
  const log: (readonly [number, O])[] = start.out.map((output) => [0, output]);
  let { state } = start;
  while (state !== null) {
    const now = due.next(state);
    const timer = now === null ? null : due.timer(state, now);
    if (now === null || timer === null) break;
    const result = step(state, timer, now);
    log.push(...result.out.map((output) => [now as number, output] as const));
    state = result.state;
  }
  return log;
}
