/** Owns what keys do on the screen of an XML application, and which softkeys stand below it. */
import type { KeyName } from '../../hal/devices.ts';
import { erased, keyed, turned } from '../xml-api/entry.ts';
import type { InputField, Screen, XmlUri } from '../xml-api/objects.ts';
import type { Turn, UiSnapshot, UiState } from './state.ts';
import { at, awake, cancelled, done, exit, follow, pressCustom, submit, withShown } from './xml-browser.ts';
import type { Shown } from './xml-state.ts';
import { itemOf, shownOf } from './xml-state.ts';
import { rowsBeyond } from './xml-views.ts';

interface Softkey {
  readonly label: string;
  readonly act: (turn: Turn) => Turn;
}

/** Null = the key means what it means everywhere. */
export function xmlKey(turn: Turn, key: KeyName): Turn | null {
  const here = awake(turn);
  const shown = shownOf(here.ui.xml);
  if (here.ui.xml.loading) return key === 'left' || key === 'goodbye' ? cancelled(here) : null;
  if (shown === null) return null;
  const { screen } = shown;
  switch (key) {
    case 'goodbye':
      return screen.lockIn ? (screen.goodbye === null ? exit(here) : follow(here, screen.goodbye)) : null;
    case 'options':
    case 'redial':
      return screen.lockIn ? here : null;
    case 'up':
      return moved(here, shown, -1);
    case 'down':
      return moved(here, shown, 1);
    case 'left':
      return isKeyed(shown) ? backspace(here) : screen.lockIn ? here : exit(here);
    case 'right':
      return forward(here, shown);
    default:
      return /^[\d*#]$/.test(key) ? digit(here, shown, key) : null;
  }
}

function moved(turn: Turn, { screen, at: place }: Shown, by: 1 | -1): Turn {
  const last =
    screen.kind === 'menu'
      ? screen.items.length - 1
      : screen.kind === 'input'
        ? screen.fields.length - 1
        : rowsBeyond(screen, turn.view.model);
  return at(turn, Math.min(last, place + by));
}

const fieldOf = ({ screen, at: place }: Shown): InputField | null =>
  screen.kind === 'input' ? (screen.fields[place] ?? null) : null;

const isKeyed = (shown: Shown): boolean =>
  fieldOf(shown)?.editable === true && (shown.entries[shown.at]?.keys ?? '') !== '';

/** The one key that goes on: chooses, or fills in the next field, or sends. */
function forward(turn: Turn, shown: Shown): Turn {
  const { screen } = shown;
  if (screen.kind === 'text') return done(turn);
  if (screen.kind === 'menu') return select(turn);
  return shown.at < screen.fields.length - 1 ? at(turn, shown.at + 1) : submit(turn);
}

function select(turn: Turn): Turn {
  const item = itemOf(turn.ui.xml);
  return item === null ? turn : follow(turn, item.uri);
}

/** On a text it dials, as everywhere. */
function digit(turn: Turn, shown: Shown, key: string): Turn | null {
  const { screen } = shown;
  if (screen.kind === 'text') return null;
  if (screen.kind === 'input') return edited(turn, (entry, field) => keyed(entry, field.type, key, turn.view.now));
  const place = Number(key) - 1;
  if (!(place >= 0 && place < screen.items.length)) return turn;
  const chosen = at(turn, place);
  return screen.numberLaunch ? select(chosen) : chosen;
}

function edited(
  turn: Turn,
  next: (entry: Shown['entries'][number], field: InputField) => Shown['entries'][number],
): Turn {
  return withShown(turn, (shown) => {
    const field = fieldOf(shown);
    const entry = shown.entries[shown.at];
    if (field?.editable !== true || entry === undefined) return shown;
    return { ...shown, entries: shown.entries.with(shown.at, next(entry, field)) };
  });
}

const backspace = (turn: Turn): Turn => edited(turn, erased);

const key = (label: string, act: Softkey['act']): Softkey => ({ label, act: (turn) => act(awake(turn)) });

const BLANK: Softkey = { label: '', act: (turn) => turn };
const CANCEL_LOADING = key('Cancel', cancelled);
const BACKSPACE = key('Backspace', backspace);
const DOT = key('.', (turn) => edited(turn, (entry, { type }) => (type === 'ip' ? keyed(entry, type, '*', 0) : entry)));
const AM_PM = key('AM/PM', (turn) => edited(turn, (entry, { type }) => keyed(entry, type, '*', 0)));

/** At most six, of which some are blank; on a phone without softkeys on its display the usual ones alone. */
export function xmlSoftkeys({ xml }: UiState, { model }: UiSnapshot): readonly Softkey[] {
  const shown = shownOf(xml);
  if (xml.loading || shown === null) return [CANCEL_LOADING];
  const { softkeys } = shown.screen;
  if (softkeys.length === 0 || model === '53i') return usual(shown.screen, shown);
  return softkeys.map((custom) => (custom === null ? BLANK : key(custom.label, (turn) => customAct(turn, custom.uri))));
}

/** Keys that write are softkeys of the object's own as well. */
function customAct(turn: Turn, uri: XmlUri): Turn {
  if (uri.kind !== 'softkey') return pressCustom(turn, uri);
  if (uri.act === 'backspace') return backspace(turn);
  if (uri.act === 'dot') return DOT.act(turn);
  return uri.act === 'case' ? edited(turn, turned) : follow(turn, uri);
}

function usual(screen: Screen, shown: Shown): readonly Softkey[] {
  if (screen.kind === 'input') return inputKeys(screen.lockIn, shown);
  if (screen.kind === 'text') return [BLANK, BLANK, BLANK, BLANK, BLANK, key('Done', done)];
  const choose = key(screen.of === 'directory' ? 'Dial' : 'Select', select);
  const pages = [
    screen.previous === null ? BLANK : key('Previous', linked(screen.previous)),
    screen.next === null ? BLANK : key('Next', linked(screen.next)),
  ];
  return [choose, ...pages, BLANK, BLANK, key('Done', done)];
}

const linked =
  (uri: XmlUri): Softkey['act'] =>
  (turn) =>
    follow(turn, uri);

function inputKeys(lockIn: boolean, shown: Shown): readonly Softkey[] {
  const type = fieldOf(shown)?.type;
  const letters = shown.entries[shown.at]?.letters ?? 'abc';
  const extra =
    type === 'ip'
      ? DOT
      : type === 'timeus'
        ? AM_PM
        : type === 'string'
          ? key(`${letters}>`, (turn) => edited(turn, turned))
          : BLANK;
  return [BACKSPACE, extra, BLANK, BLANK, key('Done', submit), lockIn ? BLANK : key('Cancel', exit)];
}
