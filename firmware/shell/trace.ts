/** Owns the memory of what was said over SIP: every message in and out with its time and its two ends, secrets replaced, bounded. */
import { MESSAGE_MAX_OCTETS } from '../config/defaults.ts';
import type { Endpoint } from '../kernel/target.ts';
import { frameAt } from '../sip/message/frame.ts';
import { callIdOf, cseqOf } from '../sip/message/headers.ts';
import { parseMessage } from '../sip/message/parse.ts';
import type { TracedMessage } from '../status.ts';
import type { Effect, FlowId, Input } from '../vocabulary.ts';
import { maskMessage } from './mask.ts';
import { parseEndpoint } from './system-dns.ts';

export interface Trace {
  step(now: number, input: Input, effects: readonly Effect[]): void;
  /** The last ones, oldest first. */
  messages(): readonly TracedMessage[];
}

/** Messages kept, and the octets of them: our choice, an hour of a busy phone in a few megabytes. */
const MESSAGES_MAX = 2000;
const OCTETS_MAX = 4_194_304;
const FLOWS_MAX = 256;

interface Ends {
  readonly transport: TracedMessage['transport'];
  readonly peer: Endpoint;
  readonly local: Endpoint | null;
}

export function createTrace(wallMs: () => number | null): Trace {
  const kept: TracedMessage[] = [];
  const flows = new Map<FlowId, Ends>();
  const rests = new Map<FlowId, string>();
  let octets = 0;
  let last = 0;

  function keep(now: number, direction: TracedMessage['direction'], ends: Ends, data: string): void {
    // What keeps a way open is no message.
    if (/^[\r\n\0]*$/.test(data)) return;
    last += 1;
    const message = {
      id: last,
      t: Math.round(now),
      at: wallMs(),
      direction,
      ...ends,
      ...readable(data),
      text: maskMessage(data),
    };
    kept.push(message);
    octets += data.length;
    while (kept.length > MESSAGES_MAX || octets > OCTETS_MAX) octets -= kept.shift()?.text.length ?? octets;
  }

  function endsOf(flow: FlowId): Ends | null {
    const known = flows.get(flow);
    if (known !== undefined) return known;
    const [, transport, at = ''] = /^(udp|tcp|tls):(.+?)(?:#.*)?$/.exec(flow) ?? [];
    const peer = parseEndpoint(at, 0);
    return transport === undefined || peer === null
      ? null
      : { transport: transport as Ends['transport'], peer, local: null };
  }

  function learn(flow: FlowId, ends: Ends): void {
    flows.delete(flow);
    flows.set(flow, ends);
    const [oldest] = flows.keys();
    if (flows.size > FLOWS_MAX && oldest !== undefined) {
      flows.delete(oldest);
      rests.delete(oldest);
    }
  }

  /** A stream is cut anywhere: whole messages are kept, the rest waits for more. */
  function stream(now: number, flow: FlowId, data: string): void {
    const ends = endsOf(flow);
    if (ends === null) return;
    const all = `${rests.get(flow) ?? ''}${data}`.slice(-2 * MESSAGE_MAX_OCTETS);
    let at = 0;
    let frame = frameAt(all, at);
    for (; frame.kind === 'message'; frame = frameAt(all, at)) {
      keep(now, 'received', ends, frame.text);
      at = frame.end;
    }
    rests.set(flow, frame.kind === 'broken' ? '' : all.slice(at));
  }

  function heard(now: number, input: Input): void {
    if (input.kind === 'datagram') {
      const local = input.flow === null ? null : (endsOf(input.flow)?.local ?? null);
      return keep(now, 'received', { transport: 'udp', peer: input.from, local }, input.data);
    }
    if (input.kind === 'octets') return stream(now, input.flow, input.data);
    if (input.kind === 'accepted')
      return learn(input.flow, {
        transport: input.flow.startsWith('in:tls') ? 'tls' : 'tcp',
        peer: input.from,
        local: null,
      });
    const ends = input.kind === 'opened' ? endsOf(input.flow) : null;
    if (input.kind === 'opened' && ends !== null) learn(input.flow, { ...ends, local: input.local });
    if (input.kind === 'flow-failed') rests.delete(input.flow);
  }

  return {
    step(now, input, effects) {
      heard(now, input);
      for (const effect of effects) {
        if (effect.kind !== 'send' && effect.kind !== 'reply') continue;
        const ends = effect.flow === null ? null : endsOf(effect.flow);
        if (effect.kind === 'send' && ends !== null) keep(now, 'sent', ends, effect.data);
        if (effect.kind === 'reply')
          keep(now, 'sent', { transport: 'udp', local: null, ...ends, peer: effect.to }, effect.data);
      }
    },
    messages: () => kept,
  };
}

/** What a list shows of a message. */
function readable(data: string): Pick<TracedMessage, 'callId' | 'label'> {
  const parsed = parseMessage(data);
  const message = parsed.ok ? parsed.value : parsed.error.partial;
  if (message === null) return { callId: '', label: 'malformed' };
  const cseq = cseqOf(message);
  const of = cseq.ok ? `${cseq.value.method} ${cseq.value.number}` : '?';
  const label = message.kind === 'response' ? `${message.status} (${of})` : cseq.ok ? of : message.method;
  return { callId: callIdOf(message) ?? '', label };
}
