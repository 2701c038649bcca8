/** Owns the ACK to a 2xx, which is a request of its own, and the end of an answered call that nobody wants (RFC 3261 13.2.2.4). */
import type { Result } from '../../kernel/result.ts';
import type { Endpoint, Target } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Locate } from '../../servers/selection.ts';
import { viaHeader } from '../agent.ts';
import type { Dialog, InDialog } from '../dialog.ts';
import { answers, requestIn } from '../dialog.ts';
import { cseqOf, tagOf, toOf } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { hopsOf } from './next-hop.ts';
import type { Session } from './session.ts';
import type { Asked, Wire, WireReport } from './wire-types.ts';

/** Longer than Timer M, 64*T1 (RFC 6026 7.2): then no further answer comes. */
const ANSWERED_KEPT_MS = 60_000;
/** Answers that nobody wanted, of which the way of the last hang-up is known: more than a phone has within the time of a repetition. */
const RELEASED_KEPT = 64;
const CREDENTIALS: ReadonlySet<string> = new Set(['Authorization', 'Proxy-Authorization']);

export interface AcksOptions {
  readonly wire: Wire;
  readonly locate: Locate;
  readonly userAgent: string;
  /** An id for a request that nobody asks about again. */
  readonly newId: () => string;
  /** The dialog that a 2xx begins. */
  readonly begunBy: (invite: SipRequest, response: SipResponse) => Result<Dialog, string>;
}

/** An INVITE of ours that was answered: the answer comes again until its ACK arrives, and forks may answer too (Timer M). */
export interface Answered {
  readonly session: Session;
  readonly request: SipRequest;
}

/** The INVITE that nobody waits for, and who was asked. */
export type Released = Pick<Asked, 'request' | 'target'>;

export interface Acks {
  /** Acknowledges this answer, and each that follows on the wire id of the INVITE. */
  answered(id: string, answered: Answered, now: Millis): void;
  /** The ACK to a 2xx of a call that is on. */
  acknowledge(dialog: Dialog, carrier: Target, invite: SipRequest, now: Millis): void;
  /** True where the report is of an INVITE that was answered. */
  wireReport(wired: WireReport, now: Millis): boolean;
  /** Ends a dialog that nobody hears of again. Returns the wire id of the BYE. */
  bye(dialog: Dialog, carrier: Target, now: Millis): string;
  /** A 2xx that nobody wants: acknowledged as often as it comes, and its dialog ended. False where nothing is ended. */
  release(asked: Released, response: SipResponse, now: Millis): boolean;
}

export function createAcks({ wire, locate, userAgent, newId, begunBy }: AcksOptions): Acks {
  const said = { name: 'User-Agent', value: userAgent };
  const held = new Map<string, Answered & { readonly at: Millis }>();
  /** The BYE to each far side that was let go. */
  const released = new Map<string, string>();

  const build =
    (dialog: Dialog, asked: Pick<InDialog, 'method' | 'cseq' | 'headers'>, target: Target) =>
    (local: Endpoint, branch: string): SipRequest =>
      requestIn(dialog, { ...asked, via: viaHeader(target, local, branch), body: '' });

  /** With the number and the credentials of the INVITE (RFC 3261 13.2.2.4). */
  function acknowledge(dialog: Dialog, carrier: Target, invite: SipRequest, now: Millis): void {
    const cseq = cseqOf(invite);
    if (!cseq.ok) return;
    const [target = carrier] = hopsOf(dialog, carrier, locate);
    const credentials = invite.headers.filter(({ name }) => CREDENTIALS.has(name));
    const ack = { method: 'ACK', cseq: cseq.value.number, headers: [said, ...credentials] };
    wire.send(target, build(dialog, ack, target), now);
  }

  function release({ request, target }: Released, response: SipResponse, now: Millis): boolean {
    const begun = begunBy(request, response);
    if (!begun.ok) return false;
    const dialog = begun.value;
    acknowledge(dialog, target, request, now);
    const name = `${dialog.callId} ${dialog.localTag} ${dialog.remoteTag}`;
    // It is on its way: what comes again has crossed it.
    if (released.has(name)) return false;
    released.set(name, bye(dialog, target, now));
    for (const oldest of [...released.keys()].slice(0, -RELEASED_KEPT)) released.delete(oldest);
    return true;
  }

  function bye(dialog: Dialog, carrier: Target, now: Millis): string {
    const id = newId();
    const [target = carrier] = hopsOf(dialog, carrier, locate);
    const asked = { method: 'BYE', cseq: dialog.localCseq + 1, headers: [said] };
    wire.start(id, target, build(dialog, asked, target), { once: false }, now);
    return id;
  }

  /** A far side that is still there, and says so again, is told once more. */
  function unsaid(id: string): void {
    for (const [name, by] of released) if (by === id) released.delete(name);
  }

  return {
    answered(id, answered, now) {
      for (const [old, { at }] of held) if (now - at > ANSWERED_KEPT_MS) held.delete(old);
      held.set(id, { ...answered, at: now });
      acknowledge(answered.session.dialog, answered.session.carrier, answered.request, now);
    },
    wireReport(wired, now) {
      const known = held.get(wired.id);
      if (wired.kind === 'failed') unsaid(wired.id);
      if (known === undefined) return false;
      const { session, request } = known;
      if (wired.kind === 'failed') held.delete(wired.id);
      if (wired.kind !== 'response' || wired.response.status < 200 || wired.response.status >= 300) return true;
      if (answers(session.dialog, wired.response)) acknowledge(session.dialog, session.carrier, request, now);
      else if (!isInside(request)) release(wired.asked, wired.response, now);
      return true;
    },
    ...{ acknowledge, bye, release },
  };
}

/** Within a dialog an answer of another far side is none. */
export function isInside(request: SipRequest): boolean {
  const to = toOf(request);
  return to.ok && tagOf(to.value) !== null;
}
