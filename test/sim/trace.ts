/** Owns what is seen of a simulated world: messages on the wire, events with their time, and who looks on. */
import type { PhoneEvent } from '../../firmware/events.ts';
import { targetText } from '../../firmware/kernel/target.ts';
import type { SipMessage, SipRequest, SipResponse } from '../../firmware/sip/message/message.ts';
import type { Effect } from '../../firmware/vocabulary.ts';

/** A SIP message on the wire; `flow` is the target's text. */
export interface Wire<M extends SipMessage = SipMessage> {
  readonly at: number;
  readonly way: 'sent' | 'received';
  readonly flow: string;
  readonly message: M;
  readonly data: string;
}

/** What a checker is told of; it throws where a rule is broken. */
export interface Observer {
  readonly event?: (event: PhoneEvent) => void;
  readonly effect?: (effect: Effect) => void;
  readonly sent?: (wire: Wire<SipRequest>) => void;
  readonly received?: (wire: Wire<SipResponse>) => void;
  /** After each step of the phone. */
  readonly settled?: () => void;
}

export interface TimedEvent {
  readonly at: number;
  readonly event: PhoneEvent;
}

/** The last events as text, for a person who reads a failure. */
export const storyOf = (events: readonly TimedEvent[]): string =>
  events.map(({ at, event }) => `${(at / 1000).toFixed(3)} ${JSON.stringify(event)}`).join('\n');

/** A flow is named by its target, over TLS by whom its certificate must name, and by a number. */
export const textOf = (flow: string): string => flow.replace(/ .*$/, '');

export const flowOf = ({ address, port }: { readonly address: string; readonly port: number }): string =>
  targetText({ transport: 'udp', address, port, tlsName: null });
