/**
 * Owns what XML applications do at the panel: screens come, are left and come back; orders are carried out; status lines and lamps are
 * kept. A call that comes in always has the screen, and the handset and the line keys always have a line (the original's LockIn too).
 */
import { millis } from '../kernel/time.ts';
import { cleared } from '../lists/lists.ts';
import { checked, entryOf } from '../xml-api/entry.ts';
import type { ExecuteObject, InputScreen, SoftkeyAct, StatusObject, XmlUri } from '../xml-api/objects.ts';
import { dialled, withQuery } from '../xml-api/uri.ts';
import { isBusy } from './call-rows.ts';
import { dial, dialer, linesOf } from './lines.ts';
import { look } from './list-acts.ts';
import type { Turn, UiInput } from './state.ts';
import { change, order, tell } from './state.ts';
import type { Arrived, Browser, Shown, XmlMessage } from './xml-state.ts';
import { itemOf, MESSAGES_MAX, NO_BROWSER, STACK_MAX, shownOf } from './xml-state.ts';

type Came = Extract<UiInput, { kind: 'xml' }>;

export const browse = (turn: Turn, next: Partial<Browser>): Turn => change(turn, { xml: { ...turn.ui.xml, ...next } });

/** An address that a person asked for. */
export function request(turn: Turn, uri: string): Turn {
  const open = turn.ui.page === 'xml' ? turn : change(turn, { page: 'xml', scroll: 0, note: null, edit: null });
  const waiting = browse(change(open, { keyPage: 0 }), { loading: true, replaces: false, refresh: null });
  return order(waiting, { verb: 'xml-get', uri, depth: 0, asked: true });
}

/** An address of an object that a person or an order follows. */
export function follow(turn: Turn, uri: XmlUri): Turn {
  switch (uri.kind) {
    case 'get':
      return request(turn, uri.uri);
    case 'dial':
      return call(turn, uri.number, uri.line);
    case 'softkey':
      return softkey(turn, uri.act);
    case 'list':
      return look(turn, uri.list);
    case 'led':
      return browse(turn, { lamps: { ...turn.ui.xml.lamps, [uri.key]: uri.state } });
    case 'clear':
      return change(turn, { lists: cleared(turn.ui.lists, uri.list) });
    case 'restart':
      return tell(turn, 'Only a push or a server of ours restarts');
    case 'refused':
      return tell(turn, uri.why);
    case 'none':
      return turn;
  }
}

function call(turn: Turn, number: string, line: number | null): Turn {
  const home = change(dialer(turn, { kind: 'close' }), { page: 'idle', scroll: 0, note: null });
  return dial(home, { number, line: line !== null && linesOf(turn).includes(line) ? line : null });
}

function softkey(turn: Turn, act: SoftkeyAct): Turn {
  const item = itemOf(turn.ui.xml);
  switch (act) {
    case 'exit':
      return exit(turn);
    case 'select':
      return item === null ? turn : follow(turn, item.uri);
    case 'submit':
      return submit(turn);
    case 'dial2':
      return item?.dial == null ? turn : call(turn, item.dial.number, item.dial.line);
    case 'dial':
      return dialShown(turn);
    default:
      return turn;
  }
}

/** The number of the chosen item, or the one that was keyed. */
function dialShown(turn: Turn): Turn {
  const shown = shownOf(turn.ui.xml);
  const item = itemOf(turn.ui.xml);
  if (item !== null) return item.dial === null ? follow(turn, item.uri) : call(turn, item.dial.number, item.dial.line);
  const keys = shown?.entries[shown.at]?.keys ?? '';
  return keys === '' ? turn : follow(turn, dialled(keys, null));
}

/** A custom softkey is told which item is chosen. */
export function pressCustom(turn: Turn, uri: XmlUri): Turn {
  const selection = itemOf(turn.ui.xml)?.selection ?? '';
  if (uri.kind !== 'get' || selection === '') return follow(turn, uri);
  return request(turn, withQuery(uri.uri, [['selection', selection]]));
}

/** Back to the screen before, or home; where the screen says so, its server is told. */
export function exit(turn: Turn): Turn {
  const { xml } = turn.ui;
  const shown = shownOf(xml);
  const stack = xml.stack.slice(0, -1);
  const left = browse(turn, { stack, refresh: null });
  if (shown?.screen.cancel?.kind === 'get') return request(left, shown.screen.cancel.uri);
  const other = shown?.screen.cancel == null ? left : follow(left, shown.screen.cancel);
  if (stack.length > 0 || other.ui.page !== 'xml') return other;
  return change(other, { page: 'idle', scroll: 0 });
}

export function done(turn: Turn): Turn {
  const screen = shownOf(turn.ui.xml)?.screen;
  return screen?.done == null ? exit(turn) : follow(turn, screen.done);
}

export function submit(turn: Turn): Turn {
  const shown = shownOf(turn.ui.xml);
  return shown?.screen.kind === 'input' && !turn.ui.xml.loading ? send(turn, shown.screen, shown) : turn;
}

function send(turn: Turn, screen: InputScreen, { entries }: Shown): Turn {
  const values: (readonly [string, string])[] = [];
  for (const [index, field] of screen.fields.entries()) {
    const entry = entries[index];
    if (entry === undefined || field.parameter === '') continue;
    const value = checked(entry, field.type);
    if (!value.ok) return at(tell(turn, value.error), index);
    values.push([field.parameter, value.value]);
  }
  return screen.url.kind === 'get' ? request(turn, withQuery(screen.url.uri, values)) : turn;
}

/** Another item, field or row. */
export function at(turn: Turn, place: number): Turn {
  return withShown(turn, (shown) => ({ ...shown, at: Math.max(0, place) }));
}

export function withShown(turn: Turn, next: (shown: Shown) => Shown): Turn {
  const shown = shownOf(turn.ui.xml);
  return shown === null ? turn : browse(turn, { stack: [...turn.ui.xml.stack.slice(0, -1), next(shown)] });
}

/** Nobody waits for the answer any more. */
export function cancelled(turn: Turn): Turn {
  const stopped = order(browse(turn, { loading: false }), { verb: 'xml-stop' });
  return turn.ui.xml.stack.length > 0 ? stopped : change(stopped, { page: 'idle', scroll: 0 });
}

/** An object has come, asked for or not. */
export function came(turn: Turn, input: Came): Turn {
  const { object } = input;
  const heard = beeps(input.asked ? browse(turn, { loading: false }) : turn, object.beep);
  if (object.kind === 'status') return ended(statusCame(heard, object), input);
  if (object.kind === 'execute') return ended(executed(heard, object, input), input);
  const arrived: Arrived = { screen: object, refresh: input.refresh };
  // Whoever speaks or dials is not disturbed: it is shown afterwards.
  return !input.asked && isBusy(turn.ui) ? browse(heard, { waiting: arrived }) : show(heard, arrived);
}

export function failed(turn: Turn, { error, asked }: Extract<UiInput, { kind: 'xml-failed' }>): Turn {
  if (!asked) return turn;
  const told = tell(browse(turn, { loading: false, replaces: false }), error);
  return turn.ui.page === 'xml' && turn.ui.xml.stack.length === 0 ? change(told, { page: 'idle', scroll: 0 }) : told;
}

/** What showed no screen leaves the one that asked, where it says so; where there is none, home is shown. */
function ended(turn: Turn, { object, asked }: Came): Turn {
  const { xml, page } = turn.ui;
  if (page !== 'xml' || xml.loading) return turn;
  const leaves = 'exits' in object && object.exits && shownOf(xml)?.screen.destroyOnExit === true;
  const stack = leaves ? xml.stack.slice(0, -1) : xml.stack;
  const left = browse(turn, { stack });
  return (asked || leaves) && stack.length === 0 ? change(left, { page: 'idle', scroll: 0 }) : left;
}

export function show(turn: Turn, { screen, refresh }: Arrived): Turn {
  const { now } = turn.view;
  const { stack, replaces } = turn.ui.xml;
  const before = shownOf(turn.ui.xml);
  const kept = before !== null && (replaces || before.screen.destroyOnExit) ? stack.slice(0, -1) : stack;
  const place = screen.kind === 'text' ? 0 : screen.first;
  const entries = screen.kind === 'input' ? screen.fields.map(entryOf) : [];
  // Refreshed, it stays where the person was.
  const stays = replaces && before !== null && before.screen.kind === screen.kind && screen.kind !== 'input';
  const shown: Shown = { screen, at: stays ? before.at : place, entries };
  return browse(change(turn, { page: 'xml', scroll: 0, edit: null, keyPage: 0 }), {
    stack: [...kept, shown].slice(-STACK_MAX),
    ...{ replaces: false, waiting: null },
    closesAt: screen.timeoutMs === null ? null : millis(now + screen.timeoutMs),
    refresh: refresh === null ? null : { at: millis(now + refresh.afterMs), uri: refresh.uri },
  });
}

/** A key was pressed: whoever looks at the screen is there. */
export function awake(turn: Turn): Turn {
  const timeoutMs = shownOf(turn.ui.xml)?.screen.timeoutMs ?? null;
  return browse(turn, { closesAt: timeoutMs === null ? null : millis(turn.view.now + timeoutMs) });
}

/** How long the notification tone lasts, ms: our choice. */
const BEEP_MS = 400;

const beeps = (turn: Turn, wanted: boolean): Turn =>
  wanted && turn.view.xml.beep === 'on' ? browse(turn, { beepUntil: millis(turn.view.now + BEEP_MS) }) : turn;

function statusCame(turn: Turn, { session, messages }: StatusObject): Turn {
  const { now } = turn.view;
  const next = messages.reduce<readonly XmlMessage[]>((held, { index, text, alertMs }) => {
    const others = held.filter((each) => each.session !== session || each.index !== index);
    const until = alertMs === null || alertMs === 0 ? null : millis(now + alertMs);
    return text === '' ? others : [...others, { session, index, text, isAlert: alertMs !== null, until }];
  }, turn.ui.xml.messages);
  return browse(turn, { messages: next.slice(-MESSAGES_MAX) });
}

function executed(turn: Turn, { items }: ExecuteObject, { trusted, depth, asked }: Came): Turn {
  return items.reduce((next, { uri, interruptsCall }) => {
    if (uri.kind === 'get') {
      // The first one that a person waits for goes on being waited for.
      const waits = asked && !next.ui.xml.loading && next.ui.page === 'xml';
      const loading = waits ? browse(next, { loading: true }) : next;
      return order(loading, { verb: 'xml-get', uri: uri.uri, depth: depth + 1, asked: waits });
    }
    if (uri.kind === 'restart') return trusted ? order(next, { verb: 'restart' }) : follow(next, uri);
    if (uri.kind === 'dial' && !interruptsCall && isBusy(next.ui)) return next;
    return uri.kind === 'softkey' || uri.kind === 'list' ? next : follow(next, uri);
  }, turn);
}

/** After every turn: what is left is forgotten, and what waited for the phone to be idle is shown. */
export function settled(turn: Turn): Turn {
  const { page, xml } = turn.ui;
  if (page === 'xml') return turn;
  const { stack, loading, replaces, closesAt, refresh } = NO_BROWSER;
  const open = xml.stack.length > 0 || xml.loading;
  const left = open ? browse(turn, { stack, loading, replaces, closesAt, refresh }) : turn;
  const next = xml.loading ? order(left, { verb: 'xml-stop' }) : left;
  return xml.waiting !== null && page === 'idle' && !isBusy(next.ui) ? show(next, xml.waiting) : next;
}

/** What is due now; null = nothing is. */
export function browserTimer(turn: Turn): Turn | null {
  const { now } = turn.view;
  const { xml } = turn.ui;
  if (xml.beepUntil !== null && xml.beepUntil <= now) return browse(turn, { beepUntil: null });
  const live = xml.messages.filter(({ until }) => until === null || until > now);
  if (live.length < xml.messages.length) return browse(turn, { messages: live });
  if (xml.closesAt !== null && xml.closesAt <= now) return change(turn, { page: 'idle', scroll: 0 });
  if (xml.refresh === null || xml.refresh.at > now) return null;
  const { uri } = xml.refresh;
  return order(browse(turn, { refresh: null, replaces: true }), { verb: 'xml-get', uri, depth: 0, asked: false });
}
