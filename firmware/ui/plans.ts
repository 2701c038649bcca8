/** Owns what takes two calls: a transfer, announced or not, and a conference at this desk (original-phone 6). */
import { dialer, drop, openLine } from './lines.ts';
import type { Turn } from './state.ts';
import { change, focusOf, order } from './state.ts';

type Kind = 'transfer' | 'conference';

/** The first press keeps the call and opens a line; the second does it. */
export function plan(turn: Turn, kind: Kind): Turn {
  const { plan: made, dialer: keyed } = turn.ui;
  if (made?.kind === kind) return kind === 'transfer' ? handOver(turn) : join(turn);
  const call = focusOf(turn.ui);
  if (call === null || call.answeredAt === null || keyed.name !== 'rest') return turn;
  return openLine(change(turn, { plan: { kind, call: call.id } }), call.line);
}

/** Without a word where the number was only keyed; else to who was called, whether he has answered or not. */
export function handOver(turn: Turn): Turn {
  const { plan: made, dialer: keyed, focus } = turn.ui;
  if (made === null) return turn;
  const { call } = made;
  if (keyed.name === 'open' && keyed.keys !== '') {
    const closed = change(dialer(turn, { kind: 'close' }), { plan: null, focus: call });
    return order(closed, { verb: 'transfer', call, target: keyed.keys });
  }
  if (focus === null || focus === call) return turn;
  return order(change(turn, { plan: null }), { verb: 'transfer', call, target: null });
}

/** Once the second one has answered; before that there is nobody to hear. */
function join(turn: Turn): Turn {
  const { plan: made } = turn.ui;
  const second = focusOf(turn.ui);
  if (made === null || second === null || second.id === made.call || second.answeredAt === null) return turn;
  return order(change(turn, { plan: null }), { verb: 'conference', call: made.call });
}

/** Whether the second call is there, and laying the handset down hands the first one over. */
export const isHandedByHook = ({ ui: { plan: made, focus, dialer: keyed } }: Turn): boolean =>
  made?.kind === 'transfer' && keyed.name === 'rest' && focus !== null && focus !== made.call;

/** As if it had never been planned: the call is there, and held. */
export function unplan(turn: Turn): Turn {
  const { plan: made, dialer: keyed, focus } = turn.ui;
  if (made === null) return turn;
  const second = keyed.name === 'rest' && focus !== made.call ? drop(turn) : dialer(turn, { kind: 'close' });
  return change(second, { plan: null, focus: made.call });
}
