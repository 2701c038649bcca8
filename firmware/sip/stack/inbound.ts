/** Owns what becomes of a message that came in, by datagram or by stream: an answer goes to the wire, a request to the server side. */
import type { Endpoint } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Effect, FlowId } from '../../vocabulary.ts';
import { parseMessage } from '../message/parse.ts';
import { judge } from '../message/verdict.ts';
import type { Uas } from './uas.ts';
import type { Wire } from './wire-types.ts';

/** `flow` = null: on the shared socket. */
export type Inbound = (text: string, flow: FlowId | null, from: Endpoint, now: Millis) => void;

export const createInbound =
  (wire: Wire, uas: Uas, emit: (effect: Effect) => void): Inbound =>
  (text, flow, from, now) => {
    const parsed = parseMessage(text);
    if (!parsed.ok) {
      // A request that cannot be read deserves its code; a response is dropped (RFC 3261 18.3).
      const { partial } = parsed.error;
      const { respond } = judge(parsed.error);
      if (partial?.kind === 'request' && respond !== null) uas.refuse(partial, respond, flow, from);
      emit({ kind: 'log', level: 'debug', name: 'message-malformed', fields: { error: parsed.error.text } });
      return;
    }
    if (parsed.value.kind === 'response') wire.received(parsed.value, from, now);
    else uas.request(parsed.value, flow, from, now);
  };
