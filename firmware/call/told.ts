/** Owns what the world is told of a call: its state, whose it is, and why it is over. */
import type { PhoneEvent } from '../events.ts';
import type { CallEnd } from '../sip/call-vocabulary.ts';
import type { CallData, CallOutput, Connected } from './state.ts';

export type CallEvent = Extract<PhoneEvent, { event: 'call' }>;
type Marks = Pick<CallEvent, 'transfer' | 'conference' | 'encrypted' | 'code' | 'auto'>;

/** What an answered call is besides. */
export const marksOf = ({
  transfer,
  conference,
  agreed,
}: Pick<Connected, 'transfer' | 'conference' | 'agreed'>): Marks => ({
  ...(transfer === null || transfer === 'done' ? {} : { transfer: 'trying' }),
  ...(conference === 'out' ? {} : { conference: true }),
  ...(agreed.secured === null ? {} : { encrypted: true }),
});

export function told(
  call: CallData,
  state: CallEvent['state'],
  end: CallEnd | null = null,
  marks: Marks = {},
): CallOutput {
  const cause = end === null ? null : causeOf(end);
  const code = end !== null && 'code' in end ? end.code : null;
  return {
    to: 'world',
    event: {
      event: 'call',
      id: call.id,
      line: call.line.line,
      state,
      direction: call.direction,
      peer: call.peer,
      ...(call.name === '' ? {} : { name: call.name }),
      ...(call.sentTo === null ? {} : { sentTo: call.sentTo }),
      ...(call.ring === null || state !== 'ringing' ? {} : { ring: call.ring }),
      ...(call.place ?? {}),
      ...(call.takes === null ? {} : { takes: call.takes }),
      ...marks,
      ...(cause === null ? {} : { cause }),
      ...(code === null ? {} : { code }),
    },
  };
}

/** 600 and 603 speak for the person, wherever the call went (RFC 3261 21.6). */
function causeOf(end: CallEnd): NonNullable<CallEvent['cause']> {
  switch (end.result) {
    case 'hung-up':
      return 'hangup';
    case 'remote':
      return 'remote';
    case 'cancelled':
      return 'cancelled';
    case 'transferred':
      return 'transferred';
    case 'elsewhere':
      return 'elsewhere';
    case 'lost':
      return 'lost';
    case 'unanswered':
    case 'forwarded':
      return 'no-answer';
    case 'rejected':
      if (end.code === 486 || end.code === 600) return 'busy';
      return end.code === 603 ? 'declined' : 'failed';
    default:
      return 'failed';
  }
}
