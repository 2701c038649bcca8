/** Owns what befalls the lab's callee: gone, standing still, silent, refusing or slow behind a server that is well. */
import type { SipMessage } from 'sip';
import type { Callee, Said } from './callee.ts';
import { plain } from './callee.ts';
import type { CalleeMode } from './protocol.ts';
import { HALE } from './protocol.ts';

/** What came while it stood still: more is lost, as a socket loses it. */
const KEPT = 1000;

interface Held {
  say(said: Said): void;
}

export interface Breakable extends Callee {
  behave(mode: CalleeMode): void;
}

export function breakable(callee: Callee): Breakable {
  let mode = HALE;
  /** By Call-ID: calls that its server holds for it, and whether it will hear of them. */
  const held = new Map<string, Held>();
  let kept: (() => void)[] = [];

  const slowly = (say: (said: Said) => void): ((said: Said) => void) => {
    const { delayMs } = mode;
    return delayMs === 0 ? say : (said) => void setTimeout(() => say(said), delayMs);
  };
  const refusal = (): Said | null => {
    const { state, status, retryAfterS } = mode;
    if (state === 'killed') return plain(480, 'Temporarily Unavailable');
    if (status === null) return null;
    const headers = retryAfterS === null ? {} : { 'retry-after': String(retryAfterS) };
    return { ...plain(status, 'Out of order'), headers };
  };
  /** Its server says for it that it tries, and takes a CANCEL back itself. */
  const hold = (request: SipMessage, method: string, say: (said: Said) => void): void => {
    const id = request.headers['call-id'];
    const call = method === 'CANCEL' ? held.get(id) : undefined;
    if (call !== undefined) {
      held.delete(id);
      say(plain(200, 'OK'));
      return call.say(plain(487, 'Request Terminated'));
    }
    if (method === 'INVITE') {
      held.set(id, { say });
      say(plain(100, 'Trying'));
    }
    if (mode.state !== 'frozen' || kept.length >= KEPT) return;
    kept.push(() => {
      if (method === 'INVITE' && !held.delete(id)) return;
      take(request, method, say);
    });
  };
  const take = (request: SipMessage, method: string, say: (said: Said) => void): void => {
    const stands = mode.state === 'frozen' || mode.state === 'silent';
    if (stands || (method === 'CANCEL' && held.has(request.headers['call-id']))) return hold(request, method, say);
    const refused = method === 'INVITE' ? refusal() : null;
    return refused === null ? callee.take(request, method, slowly(say)) : slowly(say)(refused);
  };

  return {
    ...callee,
    take,
    behave(next) {
      mode = next;
      callee.hear(mode.state === 'whole');
      if (mode.state === 'killed') callee.die();
      if (mode.state === 'frozen') return;
      const late = mode.state === 'whole' ? kept : [];
      kept = [];
      for (const go of late) go();
    },
  };
}
