/** Owns the Options menu and its pages that change something: forwards and do not disturb (original-phone 4.4). */
import { LIST_NUMBER_MAX } from '../config/defaults.ts';
import type { ForwardWhen } from '../dialling/answering.ts';
import { FORWARDS } from '../dialling/answering.ts';
import type { Page, Turn, UiSnapshot, UiState } from './state.ts';
import { change, order, tell } from './state.ts';

interface Item {
  readonly label: string;
  readonly act: (turn: Turn) => Turn;
}

const open =
  (page: Page) =>
  (turn: Turn): Turn =>
    change(turn, { page, scroll: 0, note: null, edit: null });

export function toggleDnd(turn: Turn): Turn {
  const state = turn.view.answering.dnd === 'on' ? 'off' : 'on';
  return order(turn, { verb: 'dnd', state });
}

const DND = 'DND';

/** In the order of the original's menu, as far as this release has what it offers. */
export const OPTIONS: readonly Item[] = [
  { label: 'Call forward', act: open('forward') },
  { label: DND, act: toggleDnd },
  { label: 'Phone status', act: open('status') },
  { label: 'Network', act: open('network') },
  { label: 'Servers', act: open('why') },
  { label: 'Lines', act: open('lines') },
  { label: 'Log', act: open('log') },
  { label: 'Self-test', act: (turn) => order(turn, { verb: 'self-test' }) },
];

export const optionRows = ({ scroll }: UiState, { answering }: UiSnapshot): readonly string[] =>
  OPTIONS.map(({ label }, index) => {
    const state = label === DND ? ` ${answering.dnd}` : '';
    return `${index === scroll ? '>' : ' '}${index + 1} ${label}${state}`;
  });

export const choose = (turn: Turn, index = turn.ui.scroll): Turn => OPTIONS[index]?.act(turn) ?? turn;

const WHEN: Readonly<Record<ForwardWhen, string>> = { all: 'All calls', busy: 'Busy', noanswer: 'No answer' };

export const forwardRows = ({ scroll, edit }: UiState, { answering }: UiSnapshot): readonly string[] =>
  FORWARDS.map((when, index) => {
    const { on, to } = answering.forward[when];
    const chosen = index === scroll;
    const state = chosen && edit !== null ? `${edit}_` : on ? to : 'off';
    return `${chosen ? '>' : ' '}${WHEN[when].padEnd(11)}${state}`;
  });

const chosenForward = ({ ui }: Turn): ForwardWhen => FORWARDS[ui.scroll] ?? 'all';

/** A number has to be given before it can be turned on. */
export function toggleForward(turn: Turn): Turn {
  const when = chosenForward(turn);
  const { on, to } = turn.view.answering.forward[when];
  if (on) return order(turn, { verb: 'forward', when, to: null });
  return to === '' ? tell(turn, 'Key a number first') : order(turn, { verb: 'forward', when, to });
}

export function editKey(turn: Turn, key: string): Turn {
  const edit = `${turn.ui.edit ?? ''}${key}`;
  return edit.length > LIST_NUMBER_MAX ? turn : change(turn, { edit });
}

export function eraseKey(turn: Turn): Turn {
  const edit = turn.ui.edit?.slice(0, -1) ?? '';
  return change(turn, { edit: edit === '' ? null : edit });
}

export function saveForward(turn: Turn): Turn {
  const { edit } = turn.ui;
  if (edit === null) return turn;
  return order(change(turn, { edit: null }), { verb: 'forward', when: chosenForward(turn), to: edit });
}

export const isForwarded = ({ forward }: UiSnapshot['answering']): boolean => FORWARDS.some((when) => forward[when].on);

/** What stands on the idle screen of it: a phone that does not ring says why. */
export function answeringNews({ answering }: UiSnapshot): readonly string[] {
  const forwards = FORWARDS.filter((when) => answering.forward[when].on);
  return [
    ...(answering.dnd === 'on' ? ['Do not disturb'] : []),
    ...forwards.map((when) => `${WHEN[when]} forwarded to ${answering.forward[when].to}`),
  ];
}
