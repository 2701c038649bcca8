/** Owns keys told by SIP INFO inside a call: ours in the form that most servers read, and the answer to those of others (RFC 6086; legacy use 2). */
import type { Millis } from '../../kernel/time.ts';
import { headerValue } from '../message/headers.ts';
import type { Header, SipRequest } from '../message/message.ts';
import type { Answer } from './answers.ts';
import type { Askings } from './askings.ts';
import type { Session } from './session.ts';

/** Keys that wait for the answer to those before them: more than a person presses while a server is slow. */
const WAITING_MAX = 64;

interface Pressed {
  readonly key: string;
  readonly ms: number;
}

export interface KeysTold {
  tell(session: Session, pressed: Pressed, now: Millis): void;
  /** The last one has its answer, or never will. */
  answered(session: Session, now: Millis): void;
}

/** One at a time: INFO of one dialog may overtake one another on the way, and a number would be another one. */
export function createKeysTold({ ask }: Pick<Askings<Session>, 'ask'>): KeysTold {
  /** Sessions whose last key has no answer yet, with those that were pressed since. */
  const waiting = new WeakMap<Session, Pressed[]>();

  function send(session: Session, { key, ms }: Pressed, now: Millis): void {
    ask({ session, method: 'INFO', ...relayed(key, ms) }, now);
  }

  return {
    tell(session, pressed, now) {
      const before = waiting.get(session);
      if (before === undefined) {
        waiting.set(session, []);
        send(session, pressed, now);
      } else if (before.length < WAITING_MAX) before.push(pressed);
    },
    answered(session, now) {
      const next = waiting.get(session)?.shift();
      if (next === undefined) waiting.delete(session);
      else send(session, next, now);
    },
  };
}

/** The INFO of one key. */
export const relayed = (key: string, ms: number): { readonly headers: readonly Header[]; readonly body: string } => ({
  headers: [{ name: 'Content-Type', value: 'application/dtmf-relay' }],
  body: `Signal=${key}\r\nDuration=${Math.round(ms)}\r\n`,
});

const LEGACY = /^application\/(dtmf-relay|dtmf|hook-flash)\s*(;|$)/i;

/** Without a package it is of the legacy kind: keys are taken, and nothing at all is a sign of life (RFC 6086 4.2.2, 9.1). */
export function informed(request: SipRequest): Answer {
  if (headerValue(request, 'Info-Package') !== null)
    return { status: 469, headers: [{ name: 'Recv-Info', value: '' }] };
  const type = headerValue(request, 'Content-Type');
  if (request.body === '' || (type !== null && LEGACY.test(type))) return { status: 200 };
  return { status: 415, headers: [{ name: 'Accept', value: 'application/dtmf-relay' }] };
}
