/** Owns what is told of a copy that must wait for its connection (RFC 3261 18.1.1): whom the walk has chosen, before anything is sent. */
import type { PhoneEvent } from '../../events.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Candidate } from '../../servers/selection.ts';
import type { Effect } from '../../vocabulary.ts';
import type { Wire } from './wire-types.ts';

type Connecting = Extract<PhoneEvent, { event: 'connecting' }>;
type Whose = Pick<Connecting, 'attempt' | 'line' | 'role' | 'method'>;

export type TellConnecting = (whose: Whose, candidate: Candidate, now: Millis) => void;

export const createConnecting =
  (wire: Pick<Wire, 'canCarry'>, emit: (effect: Effect) => void): TellConnecting =>
  (whose, { server, target, via }, now) => {
    if (wire.canCarry(target, now)) return;
    const text = targetText(target);
    const hop = via === null ? {} : { hop: text };
    emit({ kind: 'event', event: { event: 'connecting', ...whose, server, target: text, ...hop } });
  };
