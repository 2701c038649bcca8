/** Owns what becomes of a message that came in, by datagram or by stream: an answer goes to the wire, a request to the server side. */
import type { Endpoint } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Effect, FlowId } from '../../vocabulary.ts';
import { cseqOf, headerValue } from '../message/headers.ts';
import type { SipResponse } from '../message/message.ts';
import { parseMessage } from '../message/parse.ts';
import { judge } from '../message/verdict.ts';
import type { Uas } from './uas.ts';
import type { Wire } from './wire-types.ts';

/** `flow` = null: on the shared socket. */
export type Inbound = (text: string, flow: FlowId | null, from: Endpoint, now: Millis) => void;

export interface InboundOptions {
  readonly wire: Wire;
  readonly uas: Uas;
  readonly emit: (effect: Effect) => void;
  /** The server wants to be heard of on this connection once in so many seconds (RFC 5626 4.4). */
  readonly flowTimer: (flow: FlowId, seconds: number, now: Millis) => void;
}

export const createInbound =
  ({ wire, uas, emit, flowTimer }: InboundOptions): Inbound =>
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
    const message = parsed.value;
    if (message.kind === 'request') return uas.request(message, flow, from, now);
    const wanted = flowTimerOf(message);
    if (flow !== null && wanted !== null) flowTimer(flow, wanted, now);
    wire.received(message, from, now);
  };

/** Of a 2xx to REGISTER, in seconds; null = none. */
function flowTimerOf(response: SipResponse): number | null {
  const text = headerValue(response, 'Flow-Timer') ?? '';
  const cseq = cseqOf(response);
  const counts = response.status >= 200 && response.status < 300 && cseq.ok && cseq.value.method === 'REGISTER';
  return counts && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : null;
}
