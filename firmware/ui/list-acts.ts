/** Owns what a person does with a list: look at it, dial from it, keep an entry, delete one or all; and what calls leave in it. */
import { LIST_NAME_MAX, LIST_NUMBER_MAX } from '../config/defaults.ts';
import type { ListName, Lists } from '../lists/lists.ts';
import { cleared, looked, plain, saved, shownOf, withCaller, withDialled, without } from '../lists/lists.ts';
import type { Appearance, CallEvent } from './appearances.ts';
import type { Turn } from './state.ts';
import { change, chosenOf, listOf, tell } from './state.ts';

/** What comes from the configuration server comes again. */
const SERVERS = 'The server gives these names';

const keep = (turn: Turn, lists: Lists): Turn => change(turn, { lists });

/** A list is opened at its newest entry; missed calls have been seen then. */
export function look(turn: Turn, list: ListName): Turn {
  const lists = list === 'callers' ? looked(turn.ui.lists) : turn.ui.lists;
  return change(turn, { page: list, scroll: 0, note: null, lists });
}

export function deleteChosen(turn: Turn): Turn {
  const list = listOf(turn.ui.page);
  if (list === null) return turn;
  const lists = without(turn.ui.lists, list, turn.ui.scroll);
  if (lists === turn.ui.lists) return chosenOf(turn.ui) === null ? turn : tell(turn, SERVERS);
  return change(turn, { lists, scroll: Math.max(0, Math.min(turn.ui.scroll, shownOf(lists, list).length - 1)) });
}

/** Asked twice: what is gone is gone. */
export function deleteAll(turn: Turn): Turn {
  const list = listOf(turn.ui.page);
  if (list === null || shownOf(turn.ui.lists, list).length === 0) return turn;
  if (turn.ui.lists[list].length === 0) return tell(turn, SERVERS);
  if (turn.ui.asked === null) return change(tell(turn, 'Press again to delete the whole list'), { asked: 'all' });
  return change(turn, { lists: cleared(turn.ui.lists, list), scroll: 0, asked: null, note: null });
}

export function save(turn: Turn): Turn {
  const entry = chosenOf(turn.ui);
  if (entry === null) return turn;
  const lists = saved(turn.ui.lists, entry);
  if (lists === turn.ui.lists) return tell(turn, 'The directory is full');
  return tell(keep(turn, lists), 'Saved in the directory');
}

export function noteDialled(turn: Turn, number: string, line: number): Turn {
  if (turn.view.desk.redialList === 'off' || number.length > LIST_NUMBER_MAX) return turn;
  return keep(turn, withDialled(turn.ui.lists, { number, line, at: turn.view.wallMs }));
}

/** A call that came in is over. Whoever was refused at the desk, or answered at another, was not missed. */
export function noteCaller(turn: Turn, call: Appearance, { cause }: CallEvent): Turn {
  if (turn.view.desk.callersList === 'off' || call.direction === 'out') return turn;
  const number = plain(call.peer, LIST_NUMBER_MAX);
  if (number === '') return turn;
  const missed = call.answeredAt === null && cause !== 'hangup' && cause !== 'elsewhere';
  const name = plain(call.name, LIST_NAME_MAX);
  return keep(turn, withCaller(turn.ui.lists, { number, name, line: call.line, at: turn.view.wallMs, missed }));
}
