/** Owns the page that asks for the administrator's password before the Options menu (original-phone 1.10, `options password enabled`). */
import type { KeyName } from '../../hal/devices.ts';
import { erased, keyed, turned } from '../xml-api/entry.ts';
import type { Turn, UiState } from './state.ts';
import { change, NO_SECRET, tell } from './state.ts';

/** Wrong ones, then the way back is the idle screen (original-phone 1.10). */
const TRIES = 3;

/** The menu, or the question before it. */
export function openOptions(turn: Turn): Turn {
  const page = turn.view.desk.optionsLock === null ? 'options' : 'password';
  return change(turn, { page, scroll: 0, note: null, edit: null, keyPage: 0, secret: NO_SECRET });
}

/** Null = the key means what it means everywhere. */
export function passwordKey(turn: Turn, key: KeyName): Turn | null {
  const { entry } = turn.ui.secret;
  if (/^[\d*#]$/.test(key)) return withEntry(turn, keyed(entry, 'string', key, turn.view.now));
  if (key === 'left') return entry.keys === '' ? change(turn, { page: 'idle' }) : erase(turn);
  if (key === 'right') return enter(turn);
  return key === 'up' || key === 'down' ? turnLetters(turn) : null;
}

export const erase = (turn: Turn): Turn => withEntry(turn, erased(turn.ui.secret.entry));
export const turnLetters = (turn: Turn): Turn => withEntry(turn, turned(turn.ui.secret.entry));

export function enter(turn: Turn): Turn {
  const { entry, wrong } = turn.ui.secret;
  const { optionsLock } = turn.view.desk;
  if (optionsLock === null || optionsLock.password === entry.keys)
    return change(turn, { page: 'options', scroll: 0, note: null, secret: NO_SECRET });
  const asked = tell(change(turn, { secret: { ...NO_SECRET, wrong: wrong + 1 } }), 'Wrong password');
  return wrong + 1 < TRIES ? asked : change(asked, { page: 'idle', secret: NO_SECRET });
}

/** Never a letter of it: what the screen shows is told to others as well. */
export const passwordRows = ({ secret: { entry } }: UiState): readonly string[] => [
  ' Admin password:',
  ` ${'*'.repeat(entry.keys.length)}_`,
];

const withEntry = (turn: Turn, entry: UiState['secret']['entry']): Turn =>
  change(turn, { note: null, secret: { ...turn.ui.secret, entry } });
