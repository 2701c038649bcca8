/**
 * Owns the page on which a person makes a speed dial of a key (original-phone 6, "long press edit"): its number, its name, and its line
 * where there are several. What is saved is kept in local.cfg.
 */
import type { KeyName } from '../../hal/devices.ts';
import { KEY_LABEL_MAX, LIST_NUMBER_MAX } from '../config/defaults.ts';
import type { KeySetting } from '../config/key-settings.ts';
import type { Entry } from '../xml-api/entry.ts';
import { erased, keyed, turned } from '../xml-api/entry.ts';
import { linesOf } from './lines.ts';
import type { SpeedDialEdit, Turn, UiSnapshot, UiState } from './state.ts';
import { change, order, tell } from './state.ts';

type Field = SpeedDialEdit['field'];

const NO_NAME: Entry = { keys: '', letters: 'abc', pm: false, tap: null };

const open = (turn: Turn, speedDial: SpeedDialEdit): Turn =>
  change(turn, { page: 'speed-dial', scroll: 0, note: null, edit: null, keyPage: 0, speedDial });

/** What is there is changed. */
export function editSpeedDial(turn: Turn, { name: key, value: number, label, line }: KeySetting): Turn {
  if (!turn.view.settableKeys.includes(key)) return tell(turn, 'Key is locked');
  return open(turn, { key, field: 'number', number, name: { ...NO_NAME, keys: label }, line });
}

/** A new one, at this key or at the first that is free. */
export function newSpeedDial(turn: Turn, name: string | null): Turn {
  const { keys, settableKeys } = turn.view;
  const key = name ?? settableKeys.find((free) => !keys.some((used) => used.name === free));
  if (key === undefined || !settableKeys.includes(key))
    return tell(turn, name === null ? 'No key is free' : 'Key is locked');
  return open(turn, { key, field: 'number', number: '', name: NO_NAME, line: linesOf(turn)[0] ?? 1 });
}

const fieldsOf = ({ status: { lines } }: UiSnapshot): readonly Field[] =>
  lines.length > 1 ? ['number', 'name', 'line'] : ['number', 'name'];

const withEdit = (turn: Turn, next: Partial<SpeedDialEdit>): Turn =>
  turn.ui.speedDial === null ? turn : change(turn, { note: null, speedDial: { ...turn.ui.speedDial, ...next } });

/** Null = the key means what it means everywhere. */
export function speedDialKey(turn: Turn, key: KeyName): Turn | null {
  const { speedDial } = turn.ui;
  if (speedDial === null) return null;
  if (/^[\d*#]$/.test(key)) return typed(turn, speedDial, key);
  switch (key) {
    case 'up':
      return step(turn, speedDial, -1);
    case 'down':
      return step(turn, speedDial, 1);
    case 'left':
      return isBlank(speedDial) ? cancelSpeedDial(turn) : eraseSpeedDial(turn);
    case 'right':
      return fieldsOf(turn.view).at(-1) === speedDial.field ? saveSpeedDial(turn) : step(turn, speedDial, 1);
    default:
      return null;
  }
}

const isBlank = ({ field, number, name }: SpeedDialEdit): boolean =>
  field === 'line' || (field === 'number' ? number : name.keys) === '';

function step(turn: Turn, { field }: SpeedDialEdit, by: 1 | -1): Turn {
  const fields = fieldsOf(turn.view);
  return withEdit(turn, { field: fields[fields.indexOf(field) + by] ?? field });
}

function typed(turn: Turn, { field, number, name }: SpeedDialEdit, key: string): Turn {
  switch (field) {
    case 'number':
      return number.length < LIST_NUMBER_MAX ? withEdit(turn, { number: `${number}${key}` }) : turn;
    case 'name': {
      const next = keyed(name, 'string', key, turn.view.now);
      return next.keys.length > KEY_LABEL_MAX ? turn : withEdit(turn, { name: next });
    }
    case 'line':
      return linesOf(turn).includes(Number(key)) ? withEdit(turn, { line: Number(key) }) : turn;
  }
}

export function eraseSpeedDial(turn: Turn): Turn {
  const { speedDial } = turn.ui;
  if (speedDial?.field === 'number') return withEdit(turn, { number: speedDial.number.slice(0, -1) });
  return speedDial?.field === 'name' ? withEdit(turn, { name: erased(speedDial.name) }) : turn;
}

export const turnSpeedDial = (turn: Turn): Turn =>
  turn.ui.speedDial === null ? turn : withEdit(turn, { name: turned(turn.ui.speedDial.name) });

export const cancelSpeedDial = (turn: Turn): Turn =>
  change(turn, { page: 'idle', scroll: 0, note: null, speedDial: null });

/** Without a number the key is free again; one that was free stays so. */
export function saveSpeedDial(turn: Turn): Turn {
  const { speedDial } = turn.ui;
  if (speedDial === null) return turn;
  const { key, number, name, line } = speedDial;
  if (number === '' && !turn.view.keys.some((used) => used.name === key && used.type === 'speeddial'))
    return tell(turn, 'Key a number');
  return order(cancelSpeedDial(turn), {
    verb: 'keep-key',
    wish: { name: key, value: number, label: name.keys.trim(), line },
  });
}

const NAMES: Readonly<Record<Field, string>> = { number: 'Number', name: 'Name', line: 'Line' };

/** `>Number 200_`: the field that is keyed is marked; of a long one the end is seen. */
export function speedDialRows({ speedDial }: UiState, view: UiSnapshot, width: number): readonly string[] {
  if (speedDial === null) return [];
  const values: Readonly<Record<Field, string>> = {
    ...{ number: speedDial.number, name: speedDial.name.keys, line: String(speedDial.line) },
  };
  return fieldsOf(view).map((field) => {
    const here = field === speedDial.field;
    const head = `${here ? '>' : ' '}${NAMES[field].padEnd(7)}`;
    const value = `${values[field]}${here ? '_' : ''}`;
    return `${head}${value.slice(-(width - head.length))}`;
  });
}
