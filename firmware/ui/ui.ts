/** Owns what the panel does with whatever reaches it: keys, handset, news of calls, time. */
import type { KeyName } from '../../hal/devices.ts';
import { goodbye, hold, hook, lineKey, speakerKey, timer } from './acts.ts';
import { partChanged } from './board.ts';
import { isBusy } from './call-rows.ts';
import { heldLong, letGo, pressedLong } from './held-keys.ts';
import { dialer, openLine } from './lines.ts';
import { look } from './list-acts.ts';
import { callChanged, placed, refused, soundChanged } from './news.ts';
import { choose, editKey, eraseKey, saveForward, toggleForward } from './options.ts';
import { openOptions, passwordKey } from './password.ts';
import { keyStateOf } from './programmed-keys.ts';
import { lastScroll } from './screen.ts';
import { softkeysOf } from './softkeys.ts';
import { speedDialKey } from './speed-dial.ts';
import type { Turn, UiInput, UiSnapshot, UiState } from './state.ts';
import { change, focusOf, order, pathOf, tell } from './state.ts';
import { louder } from './volume.ts';
import { browserTimer, came, failed, settled } from './xml-browser.ts';
import { xmlKey } from './xml-keys.ts';

export function stepUi(ui: UiState, input: UiInput, view: UiSnapshot): Turn {
  const turn = settled(step({ ui, commands: [], view }, input));
  // What the phone needs now stands on the first page of the softkeys.
  return keyStateOf(turn.ui) === keyStateOf(ui) ? turn : change(turn, { keyPage: 0 });
}

function step(turn: Turn, input: UiInput): Turn {
  switch (input.kind) {
    case 'key':
      if (input.edge === 'up') return letGo(turn, input.key);
      return answered(turn, pressedLong(turn, input.key) ?? pressed(change(turn, { pressed: null }), input.key));
    case 'hook':
      return hook(turn, input.state);
    case 'call':
      return callChanged(turn, input.event);
    case 'call-sound':
      return soundChanged(turn, input.event);
    case 'placed':
      return placed(turn, input.call, input.number, input.line);
    case 'refused':
      return input.command.verb === 'xml-get'
        ? failed(turn, { kind: 'xml-failed', error: input.error, asked: input.command.asked })
        : refused(turn, input.command, input.error);
    case 'timer':
      return heldLong(turn) ?? browserTimer(turn) ?? timer(turn);
    case 'mute':
      return muted(turn);
    case 'xml':
      return came(turn, input);
    case 'xml-failed':
      return failed(turn, input);
    case 'not-kept':
      return tell(turn, input.error);
    case 'web-pages':
      return change(turn, { web: input.pages });
    case 'board':
      return change(turn, { board: partChanged(turn.ui.board, input.part, input.trouble) });
  }
}

/** A question is answered by the next key, whatever it is. */
const answered = (before: Turn, turn: Turn): Turn =>
  turn.ui.asked === before.ui.asked ? change(turn, { asked: null }) : turn;

const pressed = (turn: Turn, key: KeyName): Turn => ofPage(turn, key) ?? usually(turn, key);

/** Null = the key means what it means everywhere. */
function ofPage(turn: Turn, key: KeyName): Turn | null {
  switch (turn.ui.page) {
    case 'xml':
      return xmlKey(turn, key);
    case 'password':
      return passwordKey(turn, key);
    case 'speed-dial':
      return speedDialKey(turn, key);
    default:
      return null;
  }
}

function usually(turn: Turn, key: KeyName): Turn {
  if (/^[\d*#]$/.test(key)) return digit(turn, key);
  const numbered = /^(softkey|line)(\d)$/.exec(key);
  if (numbered !== null) {
    const number = Number(numbered[2]);
    return numbered[1] === 'line'
      ? lineKey(turn, number)
      : (softkeysOf(turn.ui, turn.view)[number - 1]?.act(turn) ?? turn);
  }
  switch (key) {
    case 'goodbye':
      return goodbye(turn);
    case 'left':
      return left(turn);
    case 'right':
      return right(turn);
    case 'options':
      return openOptions(turn);
    case 'up':
      return change(turn, { scroll: Math.max(0, turn.ui.scroll - 1), edit: null });
    case 'down':
      return change(turn, { scroll: Math.min(turn.ui.scroll + 1, lastScroll(turn.ui, turn.view)), edit: null });
    case 'volume-up':
      return louder(turn, 1);
    case 'volume-down':
      return louder(turn, -1);
    case 'redial':
      return turn.ui.page === 'redial' ? openLine(turn, null) : look(turn, 'redial');
    case 'hold':
      return hold(turn);
    case 'speaker':
      return speakerKey(turn);
    case 'mute':
      return muted(turn);
    default:
      return turn;
  }
}

const goPage = (turn: Turn, page: UiState['page']): Turn => change(turn, { page, scroll: 0, note: null, edit: null });

/** Backspace where something is keyed, else the way back. */
function left(turn: Turn): Turn {
  if (turn.ui.edit !== null) return eraseKey(turn);
  return turn.ui.dialer.name === 'rest' ? goPage(turn, 'idle') : dialer(turn, { kind: 'erase' });
}

function right(turn: Turn): Turn {
  if (turn.ui.page === 'options') return choose(turn);
  if (turn.ui.page === 'forward') return turn.ui.edit === null ? toggleForward(turn) : saveForward(turn);
  return turn.ui.page === 'idle' && !isBusy(turn.ui) ? goPage(turn, 'why') : turn;
}

/** There is something to be silent in. */
const muted = (turn: Turn): Turn =>
  focusOf(turn.ui)?.state === 'connected' ? change(turn, { muted: !turn.ui.muted }) : turn;

/** With something to speak into, a number is keyed on an open line; else it is keyed first and sent later. */
function digit(turn: Turn, key: string): Turn {
  if (turn.ui.page === 'options') return choose(turn, Number(key) - 1);
  if (turn.ui.page === 'forward') return editKey(turn, key);
  const home = goPage(turn, 'idle');
  const { dialer: state } = home.ui;
  if (state.name !== 'rest') return dialer(home, { kind: 'key', key });
  const call = focusOf(home.ui);
  // In a call it is for the far side.
  if (call?.state === 'connected') return order(turn, { verb: 'dtmf', keys: key, call: call.id });
  if (call !== null && call.state !== 'held') return turn;
  const predial = pathOf(home.ui) === 'off' && turn.view.desk.predial === 'on';
  const open = predial ? home : openLine(home, null);
  return dialer(open, { kind: 'key', key });
}
