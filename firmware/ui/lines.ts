/** Owns how a line is opened, keyed on, dialled on and given up, and what is heard of it meanwhile. */
import { numbersOf } from '../dialling/numbers.ts';
import { millis } from '../kernel/time.ts';
import type { Entry } from '../lists/lists.ts';
import type { DialerInput, DialerOutput } from './dialer.ts';
import { REST, stepDialer } from './dialer.ts';
import type { Turn } from './state.ts';
import { change, chosenOf, focusOf, isWaiting, NOTE_MS, order, pathOf, tell } from './state.ts';

export const linesOf = ({ view }: Turn): readonly number[] => view.status.lines.map(({ line }) => line);

/** Steps the dialer and dials what comes out of it. */
export function dialer(turn: Turn, input: DialerInput): Turn {
  const { dialling, now } = turn.view;
  const context = { now, numbers: numbersOf(dialling), digitTimeoutMs: dialling.digitTimeoutMs };
  const { state, out } = stepDialer(turn.ui.dialer, input, context);
  const dialled = out.reduce(dial, change(turn, { dialer: state ?? REST }));
  // What was asked of the line ends with it.
  return dialled.ui.dialer.name === 'open' ? dialled : change(dialled, { intercom: 'off' });
}

/** Dials a number as it is, from wherever it comes; the speaker is taken where no handset is lifted. */
export function dial(turn: Turn, { number, line }: DialerOutput): Turn {
  const asked = turn.ui.intercom === 'on' ? ({ intercom: true } as const) : {};
  return order(withPath(holdActive(turn)), { verb: 'dial', target: number, line, ...asked });
}

export const withPath = (turn: Turn): Turn => (pathOf(turn.ui) === 'off' ? change(turn, { speaker: 'on' }) : turn);

/** Only one call is heard at a time. */
export function holdActive(turn: Turn): Turn {
  const active = turn.ui.calls.find(({ state }) => state === 'connected');
  return active === undefined ? turn : order(turn, { verb: 'hold', call: active.id });
}

/** The handset, the speaker or a free line key: dial tone, or the number that was keyed before. */
export function openLine(turn: Turn, line: number | null): Turn {
  if (linesOf(turn).length === 0) return closed(tell(turn, 'No line is configured'));
  const entry = chosenOf(turn.ui);
  if (entry !== null) return dialChosen(turn, entry, line);
  const home = change(withPath(holdActive(turn)), { page: 'idle', scroll: 0 });
  return dialer(home, { kind: 'open', line });
}

/** A number of a list goes out as it is: it has been through the dial plan, or comes from the other side of it. */
function dialChosen(turn: Turn, { number, line: own }: Entry, line: number | null): Turn {
  const known = linesOf(turn).includes(own) ? own : null;
  return dial(change(turn, { page: 'idle', scroll: 0 }), { number, line: line ?? known });
}

/** Ends the call in focus, whatever it is doing. */
export function drop(turn: Turn): Turn {
  const call = focusOf(turn.ui);
  return call === null ? turn : order(turn, { verb: 'hangup', call: call.id });
}

/** The loudspeaker goes off with the last thing that was heard on it. */
export function closed(turn: Turn): Turn {
  return isHeard(turn) ? turn : change(turn, { speaker: 'off' });
}

/** Whether there is a call or a tone to listen to. */
export const isHeard = ({ ui: { calls, dialer: state } }: Turn): boolean =>
  state.name === 'open' || state.name === 'over' || calls.some((call) => !isWaiting(call) && call.state !== 'held');

/** Heard until the handset lies; on the loudspeaker for a while, with nothing open just told. */
export function over(turn: Turn, end: Pick<Extract<DialerInput, { kind: 'over' }>, 'line' | 'why' | 'tone'>): Turn {
  const path = pathOf(turn.ui);
  if (path === 'off') return tell(turn, end.why);
  const until = path === 'speaker' ? millis(turn.view.now + NOTE_MS) : null;
  return dialer(turn, { kind: 'over', ...end, until });
}
