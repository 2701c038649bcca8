/** Owns the ACK to a 2xx, which is a request of its own, and the end of an answered call that nobody wants (RFC 3261 13.2.2.4). */
import type { Endpoint, Target } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Locate } from '../../servers/selection.ts';
import { viaHeader } from '../agent.ts';
import type { Dialog } from '../dialog.ts';
import { dialogOfAnswer, requestIn } from '../dialog.ts';
import { cseqOf } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { SentInvite } from './calling.ts';
import { hopsOf } from './next-hop.ts';
import type { Wire } from './wire-types.ts';

export interface AcksOptions {
  readonly wire: Wire;
  readonly locate: Locate;
  readonly userAgent: string;
  /** An id for a request that nobody asks about again. */
  readonly newId: () => string;
}

export interface Acks {
  /** `cseq`: of the INVITE that was answered. */
  acknowledge(dialog: Dialog, carrier: Target, cseq: number, now: Millis): void;
  release(sent: SentInvite, response: SipResponse, now: Millis): void;
}

export function createAcks({ wire, locate, userAgent, newId }: AcksOptions): Acks {
  const headers = [{ name: 'User-Agent', value: userAgent }];

  const build =
    (dialog: Dialog, method: string, cseq: number, target: Target) =>
    (local: Endpoint, branch: string): SipRequest =>
      requestIn(dialog, { method, cseq, via: viaHeader(target, local, branch), headers, body: '' });

  function acknowledge(dialog: Dialog, carrier: Target, cseq: number, now: Millis): void {
    const [target = carrier] = hopsOf(dialog, carrier, locate);
    wire.send(target, build(dialog, 'ACK', cseq, target), now);
  }

  return {
    acknowledge,
    release(sent, response, now) {
      const dialog = dialogOfAnswer(sent.request, response);
      const cseq = cseqOf(sent.request);
      if (!dialog.ok || !cseq.ok) return;
      const carrier = sent.candidate.target;
      acknowledge(dialog.value, carrier, cseq.value.number, now);
      const [target = carrier] = hopsOf(dialog.value, carrier, locate);
      wire.start(newId(), target, build(dialog.value, 'BYE', dialog.value.localCseq + 1, target), { once: false }, now);
    },
  };
}
