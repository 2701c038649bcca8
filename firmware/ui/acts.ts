/** Owns what a person does with calls: answer, hold, swap, hang up. */
import type { HookState } from '../../hal/devices.ts';
import type { Appearance } from './appearances.ts';
import { lineOfKey } from './appearances.ts';
import { closed, dialer, drop, holdActive, isHeard, linesOf, openLine, withPath } from './lines.ts';
import { handOver, isHandedByHook, unplan } from './plans.ts';
import type { Turn } from './state.ts';
import { change, focusOf, isWaiting, order, pathOf, tell, waitingOf } from './state.ts';
import { takeShared } from './watch-keys.ts';

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

/** The one key that always leaves: a page, a keyed number, a call. */
export function goodbye(turn: Turn): Turn {
  const { page, dialer: state } = turn.ui;
  if (waitingOf(turn.ui) !== null && turn.view.desk.goodbyeRejects === 'on') return ignore(turn);
  if (page !== 'idle') return change(turn, { page: 'idle', scroll: 0, note: null });
  if (turn.ui.plan !== null) return unplan(turn);
  if (state.name === 'rest') return focusOf(turn.ui) === waitingOf(turn.ui) ? turn : drop(turn);
  return closed(dialer(turn, { kind: 'close' }));
}

export function lineKey(turn: Turn, key: number): Turn {
  const call = turn.ui.calls.find((candidate) => candidate.key === key);
  if (call !== undefined) return pressCall(turn, call);
  const line = lineOfKey(key, linesOf(turn));
  return (line === null ? null : takeShared(turn, line)) ?? openLine(turn, line);
}

/** A softkey of a line stands for all its calls: who waits, then who is not heard, then the one in focus. */
export function lineSoftkey(turn: Turn, line: number): Turn {
  const calls = turn.ui.calls.filter((call) => call.line === line);
  const call = calls.find(isWaiting) ?? calls.find(({ id }) => id !== turn.ui.focus) ?? calls[0];
  if (call !== undefined) return pressCall(turn, call);
  if (linesOf(turn).includes(line)) return takeShared(turn, line) ?? openLine(turn, line);
  return tell(turn, `Line ${line} is not configured`);
}

function pressCall(turn: Turn, call: Appearance): Turn {
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
  if (isHandedByHook(turn)) return handOver(turn);
  const silent = change(dialer(turn, { kind: 'close' }), { plan: null });
  const heard = turn.ui.calls.filter((call) => call.state !== 'held' && !isWaiting(call));
  return heard.reduce((next, { id }) => order(next, { verb: 'hangup', call: id }), silent);
}

/** A number that waits for its time-out, a tone that has lasted long enough. */
export function timer(turn: Turn): Turn {
  const { timers } = turn.ui.dialer as { readonly timers: { readonly digit?: number; readonly end?: number } };
  if (timers.digit !== undefined && timers.digit <= turn.view.now)
    return dialer(turn, { kind: 'timer', timer: 'digit' });
  if (timers.end !== undefined && timers.end <= turn.view.now)
    return closed(dialer(turn, { kind: 'timer', timer: 'end' }));
  return turn;
}
