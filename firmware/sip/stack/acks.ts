/** Owns the ACK to a 2xx, which is a request of its own, and the end of an answered call that nobody wants (RFC 3261 13.2.2.4). */
import type { Result } from '../../kernel/result.ts';
import type { Endpoint, Target } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Locate } from '../../servers/selection.ts';
import { viaHeader } from '../agent.ts';
import type { Dialog, InDialog } from '../dialog.ts';
import { answers, requestIn } from '../dialog.ts';
import { cseqOf } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { SentInvite } from './calling.ts';
import { hopsOf } from './next-hop.ts';
import type { Session } from './session.ts';
import type { Wire, WireReport } from './wire-types.ts';

/** Longer than Timer M, 64*T1 (RFC 6026 7.2): then no further answer comes. */
const ANSWERED_KEPT_MS = 60_000;
const CREDENTIALS: ReadonlySet<string> = new Set(['Authorization', 'Proxy-Authorization']);

export interface AcksOptions {
  readonly wire: Wire;
  readonly locate: Locate;
  readonly userAgent: string;
  /** An id for a request that nobody asks about again. */
  readonly newId: () => string;
  /** The dialog that a 2xx confirms. */
  readonly confirmed: (sent: SentInvite, response: SipResponse) => Result<{ readonly dialog: Dialog }, string>;
}

/** An INVITE of ours that was answered: the answer comes again until its ACK arrives, and forks may answer too (Timer M). */
export interface Answered {
  readonly session: Session;
  readonly request: SipRequest;
  /** What began the call; null of a change within it. */
  readonly sent: SentInvite | null;
}

export interface Acks {
  /** Acknowledges this answer, and each that follows on the wire id of the INVITE. */
  answered(id: string, answered: Answered, now: Millis): void;
  /** True where the report is of an INVITE that was answered. */
  wireReport(wired: WireReport, now: Millis): boolean;
  /** Ends a dialog that nobody hears of again. */
  bye(dialog: Dialog, carrier: Target, now: Millis): void;
  /** A 2xx that nobody wants: acknowledged, then ended. */
  release(sent: SentInvite, response: SipResponse, now: Millis): void;
}

export function createAcks({ wire, locate, userAgent, newId, confirmed }: AcksOptions): Acks {
  const said = { name: 'User-Agent', value: userAgent };
  const held = new Map<string, Answered & { readonly at: Millis }>();

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

  function release(sent: SentInvite, response: SipResponse, now: Millis): void {
    const known = confirmed(sent, response);
    if (!known.ok) return;
    const carrier = sent.candidate.target;
    acknowledge(known.value.dialog, carrier, sent.request, now);
    bye(known.value.dialog, carrier, now);
  }

  function bye(dialog: Dialog, carrier: Target, now: Millis): void {
    const [target = carrier] = hopsOf(dialog, carrier, locate);
    const asked = { method: 'BYE', cseq: dialog.localCseq + 1, headers: [said] };
    wire.start(newId(), target, build(dialog, asked, target), { once: false }, now);
  }

  return {
    answered(id, answered, now) {
      for (const [old, { at }] of held) if (now - at > ANSWERED_KEPT_MS) held.delete(old);
      held.set(id, { ...answered, at: now });
      acknowledge(answered.session.dialog, answered.session.carrier, answered.request, now);
    },
    wireReport(wired, now) {
      const known = held.get(wired.id);
      if (known === undefined) return false;
      const { session, request, sent } = known;
      if (wired.kind === 'failed') held.delete(wired.id);
      if (wired.kind !== 'response' || wired.response.status < 200 || wired.response.status >= 300) return true;
      if (answers(session.dialog, wired.response)) acknowledge(session.dialog, session.carrier, request, now);
      else if (sent !== null) release(sent, wired.response, now);
      return true;
    },
    bye,
    release,
  };
}
