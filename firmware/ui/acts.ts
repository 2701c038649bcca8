/** Owns what a person does with calls: open a line, dial, answer, hold, swap, hang up, and what the end of a call leaves behind. */
import type { HookState } from '../../hal/devices.ts';
import { numbersOf } from '../dialling/numbers.ts';
import { millis } from '../kernel/time.ts';
import type { Entry } from '../lists/lists.ts';
import type { Appearance, CallEvent } from './appearances.ts';
import { endingOf, farSide, lineOfKey, withEvent } from './appearances.ts';
import type { DialerInput, DialerOutput } from './dialer.ts';
import { REST, stepDialer } from './dialer.ts';
import { noteCaller, noteDialled } from './list-acts.ts';
import type { Turn, UiCommand } from './state.ts';
import { change, chosenOf, focusOf, isWaiting, NOTE_MS, order, pathOf, tell, waitingOf } from './state.ts';

export const linesOf = ({ view }: Turn): readonly number[] => view.status.lines.map(({ line }) => line);

/** Steps the dialer and dials what comes out of it. */
export function dialer(turn: Turn, input: DialerInput): Turn {
  const { dialling, now } = turn.view;
  const context = { now, numbers: numbersOf(dialling), digitTimeoutMs: dialling.digitTimeoutMs };
  const { state, out } = stepDialer(turn.ui.dialer, input, context);
  return out.reduce(dial, change(turn, { dialer: state ?? REST }));
}

/** Dials a number as it is, from wherever it comes; the speaker is taken where no handset is lifted. */
export function dial(turn: Turn, { number, line }: DialerOutput): Turn {
  return order(withPath(holdActive(turn)), { verb: 'dial', target: number, line });
}

const withPath = (turn: Turn): Turn => (pathOf(turn.ui) === 'off' ? change(turn, { speaker: 'on' }) : turn);

/** Only one call is heard at a time. */
function holdActive(turn: Turn): Turn {
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

export const hold = (turn: Turn): Turn => {
  const call = focusOf(turn.ui);
  if (call?.state === 'connected') return order(turn, { verb: 'hold', call: call.id });
  return call?.state === 'held' ? order(turn, { verb: 'resume', call: call.id }) : turn;
};

/** Takes the call that waits; the one that is heard is held, not lost. */
export function answer(turn: Turn, call = waitingOf(turn.ui)): Turn {
  if (call === null) return turn;
  const ready = withPath(holdActive(dialer(turn, { kind: 'close' })));
  return order(change(ready, { focus: call.id, page: 'idle' }), { verb: 'answer', call: call.id });
}

/** The caller hears that the phone is busy; whoever is talked to hears nothing of it. */
export function ignore(turn: Turn): Turn {
  const call = waitingOf(turn.ui);
  return call === null ? turn : order(turn, { verb: 'hangup', call: call.id });
}

/** Ends the call in focus, whatever it is doing. */
export function drop(turn: Turn): Turn {
  const call = focusOf(turn.ui);
  return call === null ? turn : order(turn, { verb: 'hangup', call: call.id });
}

/** The one key that always leaves: a page, a keyed number, a call. */
export function goodbye(turn: Turn): Turn {
  const { page, dialer: state } = turn.ui;
  if (waitingOf(turn.ui) !== null && turn.view.desk.goodbyeRejects === 'on') return ignore(turn);
  if (page !== 'idle') return change(turn, { page: 'idle', scroll: 0, note: null });
  if (state.name === 'rest') return focusOf(turn.ui) === waitingOf(turn.ui) ? turn : drop(turn);
  return closed(dialer(turn, { kind: 'close' }));
}

/** The loudspeaker goes off with the last thing that was heard on it. */
function closed(turn: Turn): Turn {
  return isHeard(turn) ? turn : change(turn, { speaker: 'off' });
}

/** Whether there is a call or a tone to listen to. */
const isHeard = ({ ui: { calls, dialer: state } }: Turn): boolean =>
  state.name === 'open' || state.name === 'over' || calls.some((call) => !isWaiting(call) && call.state !== 'held');

export function lineKey(turn: Turn, key: number): Turn {
  const call = turn.ui.calls.find((candidate) => candidate.key === key);
  if (call === undefined) return openLine(turn, lineOfKey(key, linesOf(turn)));
  if (isWaiting(call)) return answer(turn, call);
  if (call.id === turn.ui.focus) return call.state === 'held' ? hold(turn) : turn;
  return takeUp(turn, call);
}

/** The call comes into focus, and is heard again where it was held. */
function takeUp(turn: Turn, call: Appearance): Turn {
  const focused = change(dialer(turn, { kind: 'close' }), { focus: call.id, page: 'idle' });
  return call.state === 'held' ? hold(withPath(holdActive(focused))) : focused;
}

export function speakerKey(turn: Turn): Turn {
  const { speaker, handset } = turn.ui;
  if (speaker === 'off') {
    const loud = change(turn, { speaker: 'on' });
    return isHeard(turn) ? loud : lifted(loud);
  }
  const quiet = change(turn, { speaker: 'off' });
  return handset === 'off' ? quiet : hungUp(quiet);
}

/** Something to speak into: what rings is answered, else a line is opened. */
const lifted = (turn: Turn): Turn => (waitingOf(turn.ui) === null ? openLine(turn, null) : answer(turn));

export function hook(turn: Turn, handset: HookState): Turn {
  const path = pathOf(turn.ui);
  const moved = change(turn, { handset });
  if (handset === 'off') {
    const still = change(moved, { speaker: 'off' });
    return path === 'speaker' ? still : lifted(still);
  }
  return path === 'handset' ? hungUp(moved) : moved;
}

/** Nothing is listened to any more: the number and the call that is heard end; what is held or waits stays. */
function hungUp(turn: Turn): Turn {
  const silent = dialer(turn, { kind: 'close' });
  const heard = turn.ui.calls.filter((call) => call.state !== 'held' && !isWaiting(call));
  return heard.reduce((next, { id }) => order(next, { verb: 'hangup', call: id }), silent);
}

/** A call has changed: it is shown, focused where nothing else is, and its end is told and heard. */
export function callChanged(turn: Turn, event: CallEvent): Turn {
  const { ui, view } = turn;
  const calls = withEvent(ui.calls, event, view.now, linesOf(turn));
  if (event.state !== 'ended') {
    const isNew = event.direction === 'in' && ui.calls.length < calls.length;
    // Whatever page is looked at: who calls is seen at once.
    return change(turn, { calls, focus: ui.focus ?? event.id, ...(isNew ? { page: 'idle', scroll: 0 } : {}) });
  }
  const gone = ui.calls.find(({ id }) => id === event.id);
  const focus = ui.focus === event.id ? ((waitingOf({ ...ui, calls }) ?? calls.at(-1))?.id ?? null) : ui.focus;
  const noted = gone === undefined ? turn : noteCaller(turn, gone, event);
  const left = change(noted, { calls, focus, muted: calls.length === 0 ? false : ui.muted });
  if (gone === undefined || event.cause === 'hangup') return closed(left);
  const { why, tone } = endingOf(event);
  const other = isWaiting(gone) || gone.state === 'held' || ui.dialer.name === 'open';
  const text = `${farSide(gone)}: ${why}`;
  return other ? tell(left, text) : over(left, { line: gone.line, why: text, tone });
}

/** Heard until the handset lies; on the loudspeaker for a while, with nothing open just told. */
function over(turn: Turn, end: Pick<Extract<DialerInput, { kind: 'over' }>, 'line' | 'why' | 'tone'>): Turn {
  const path = pathOf(turn.ui);
  if (path === 'off') return tell(turn, end.why);
  const until = path === 'speaker' ? millis(turn.view.now + NOTE_MS) : null;
  return dialer(turn, { kind: 'over', ...end, until });
}

export function placed(turn: Turn, call: string, number: string, line: number | null): Turn {
  const own = line ?? linesOf(turn)[0] ?? 1;
  const event = { event: 'call', id: call, line: own, state: 'dialing', direction: 'out', peer: number } as const;
  return change(noteDialled(callChanged(turn, event), number, own), { focus: call });
}

export const refused = (turn: Turn, command: UiCommand, error: string): Turn =>
  command.verb === 'dial' ? over(turn, { line: command.line, why: error, tone: 'reorder' }) : tell(turn, error);

/** A number that waits for its time-out, a tone that has lasted long enough. */
export function timer(turn: Turn): Turn {
  const { timers } = turn.ui.dialer as { readonly timers: { readonly digit?: number; readonly end?: number } };
  if (timers.digit !== undefined && timers.digit <= turn.view.now)
    return dialer(turn, { kind: 'timer', timer: 'digit' });
  if (timers.end !== undefined && timers.end <= turn.view.now)
    return closed(dialer(turn, { kind: 'timer', timer: 'end' }));
  return turn;
}
