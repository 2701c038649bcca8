/** Owns what news of calls changes at the panel: what is shown, focused and told, and what the end of a call leaves behind. */
import { answer } from './acts.ts';
import type { CallEvent, SoundEvent } from './appearances.ts';
import { endingOf, farSide, withEvent } from './appearances.ts';
import { closed, linesOf, over } from './lines.ts';
import { noteCaller, noteDialled } from './list-acts.ts';
import type { Turn, UiCommand } from './state.ts';
import { change, isWaiting, order, pathOf, tell, waitingOf } from './state.ts';

/** A call has changed: it is shown, and focused where nothing else is. */
export function callChanged(turn: Turn, event: CallEvent): Turn {
  const { ui, view } = turn;
  const calls = withEvent(ui.calls, event, view.now, linesOf(turn));
  if (event.state === 'ended') return callEnded(turn, event, calls);
  const isNew = event.direction === 'in' && ui.calls.length < calls.length;
  // Whatever page is looked at: who calls is seen at once.
  const home = isNew ? ({ page: 'idle', scroll: 0 } as const) : {};
  const takes = event.takes !== undefined && event.takes === ui.focus;
  const next = change(turn, { calls, focus: takes ? event.id : (ui.focus ?? event.id), ...home });
  if (event.auto !== undefined) return answeredByItself(next, event.id, event.auto);
  return event.transfer === 'failed' ? takenBack(next, event) : next;
}

/** On the loudspeaker where nothing is lifted; whoever was talked to is held. */
function answeredByItself(turn: Turn, id: string, microphone: 'open' | 'muted'): Turn {
  const call = turn.ui.calls.find((candidate) => candidate.id === id);
  if (call === undefined) return turn;
  return change(answer(turn, call), { muted: microphone === 'muted' });
}

/** Its end is told and heard, and what else there is comes into focus. */
function callEnded(turn: Turn, event: CallEvent, calls: Turn['ui']['calls']): Turn {
  const { ui } = turn;
  const gone = ui.calls.find(({ id }) => id === event.id);
  const focus = ui.focus === event.id ? ((waitingOf({ ...ui, calls }) ?? calls.at(-1))?.id ?? null) : ui.focus;
  const noted = gone === undefined ? turn : noteCaller(turn, gone, event);
  // With either of the two the plan is gone: what is left is a call like any other.
  const plan = ui.plan?.call === event.id || ui.focus === event.id ? null : ui.plan;
  const left = change(noted, { calls, focus, plan, muted: calls.length === 0 ? false : ui.muted });
  if (gone === undefined || event.cause === 'hangup') return closed(left);
  const { why, tone } = endingOf(event, turn.view.status.link);
  // Who is talked to is heard, and nothing else; the end of the only call is heard though it was held.
  const talks = calls.some(({ state }) => state === 'connected');
  const beside = gone.state === 'held' && calls.length > 0;
  const other = isWaiting(gone) || beside || ui.dialer.name === 'open' || talks;
  const text = `${farSide(gone)}: ${why}`;
  return other ? tell(left, text) : over(left, { line: gone.line, why: text, tone });
}

/** Nobody took it: whoever listens is back with the far side at once. */
function takenBack(turn: Turn, event: CallEvent): Turn {
  const code = event.code === undefined ? '' : ` (${event.code})`;
  const said = tell(turn, `${farSide({ peer: event.peer, name: event.name ?? '' })}: not transferred${code}`);
  const alone = turn.ui.calls.length === 1 && turn.ui.dialer.name === 'rest';
  if (!alone || pathOf(turn.ui) === 'off' || event.state !== 'held') return said;
  return order(said, { verb: 'resume', call: event.id });
}

export function placed(turn: Turn, call: string, number: string, line: number | null): Turn {
  const own = line ?? linesOf(turn)[0] ?? 1;
  const event = { event: 'call', id: call, line: own, state: 'dialing', direction: 'out', peer: number } as const;
  return change(noteDialled(callChanged(turn, event), number, own), { focus: call });
}

export const refused = (turn: Turn, command: UiCommand, error: string): Turn =>
  command.verb === 'dial' ? over(turn, { line: command.line, why: error, tone: 'reorder' }) : tell(turn, error);

/** Before the answer a tone of ours says that it rings; after it there is nobody to hear, and the screen says so. */
export const soundChanged = (turn: Turn, { id, heard }: SoundEvent): Turn =>
  change(turn, { calls: turn.ui.calls.map((call) => (call.id === id ? { ...call, unheard: !heard } : call)) });
