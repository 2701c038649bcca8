/**
 * Owns the early dialogs of calls of ours, one for each place that rings (RFC 3261 12.1, 13.2.2.4): what is heard of them before one is
 * answered, provisional answers that are to be acknowledged (RFC 3262), and what their far sides change (RFC 3311).
 */
import { EARLY_DIALOGS_MAX } from '../../config/defaults.ts';
import type { Result } from '../../kernel/result.ts';
import { ok } from '../../kernel/result.ts';
import type { Millis } from '../../kernel/time.ts';
import type { CallReport } from '../call-vocabulary.ts';
import type { Dialog } from '../dialog.ts';
import { answers, dialogOfAnswer, holds, withTargetOf } from '../dialog.ts';
import { sessionOf } from '../message/content.ts';
import { cseqOf, headerValue, headerValues } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Agreed, Local, Settled } from '../sdp/offer-answer.ts';
import type { Answer } from './answers.ts';
import type { Askings, AskingsOptions, Talk } from './askings.ts';
import { createAskings } from './askings.ts';
import type { Calling, SentInvite } from './calling.ts';
import { farUpdate } from './far-changes.ts';
import { agreement, contactOf, take } from './session.ts';
import type { WireReport } from './wire-types.ts';

interface Early extends Talk {
  local: Local;
  /** What would be heard of this place, null = nothing. */
  agreed: Agreed | null;
  /** Its answer to our offer has been acknowledged: it may be changed now. */
  settled: boolean;
  /** Number of its last acknowledged answer (RFC 3262 7.1), null = none. */
  rseq: number | null;
  /** Its call is over, or it rings no more. */
  over: boolean;
}

export interface EarlyOptions extends Omit<AskingsOptions<Early>, 'onAnswer' | 'onFailed'> {
  readonly report: (report: CallReport, now: Millis) => void;
}

/** What is known of a place when it is answered. */
export interface Known {
  readonly dialog: Dialog;
  /** Null = nothing was agreed. */
  readonly settled: Settled | null;
}

export interface EarlyDialogs {
  /** A provisional answer to the copy that decides the call. */
  heard(calling: Calling, sent: SentInvite, response: SipResponse, now: Millis): void;
  /** The dialog that a 2xx confirms, with the numbers that it has used; the error: it begins none. */
  begunBy(invite: SipRequest, response: SipResponse): Result<Dialog, string>;
  /** The same with what is known of its media. */
  confirmed(sent: SentInvite, response: SipResponse): Result<Known, string>;
  /** What to answer to a request inside an early dialog; null = it is inside none. */
  answerTo(request: SipRequest, now: Millis): Answer | null;
  /** The call has been answered, or is over: what still rings is of no interest. */
  over(call: string): void;
  wireReport(report: WireReport, now: Millis): boolean;
}

const EARLY_DIALOG_TERMINATED = 199;

export function createEarlyDialogs(options: EarlyOptions): EarlyDialogs {
  const { identity, report } = options;
  /** The oldest first: a late 2xx may still ask for the numbers of one that is over. */
  const all: Early[] = [];
  const askings: Askings<Early> = createAskings<Early>(options);

  const of = (response: SipResponse, invite: SipRequest): Early | undefined =>
    all.find(({ dialog }) => dialog.callId === headerValue(invite, 'Call-ID') && answers(dialog, response));

  function begunBy(invite: SipRequest, response: SipResponse): Result<Dialog, string> {
    const dialog = dialogOfAnswer(invite, response);
    const early = of(response, invite);
    if (!dialog.ok || early === undefined) return dialog;
    const { localCseq, remoteCseq } = early.dialog;
    return ok({ ...dialog.value, localCseq, remoteCseq });
  }

  function begun(calling: Calling, sent: SentInvite, response: SipResponse): Early | null {
    const dialog = dialogOfAnswer(sent.request, response);
    if (!dialog.ok) return null;
    const early: Early = {
      ...{ call: calling.id, line: calling.command.line, dialog: dialog.value, carrier: sent.candidate.target },
      ...{ contact: contactOf(sent.request), local: sent.local, agreed: null, settled: false, rseq: null, over: false },
    };
    all.push(early);
    if (all.length > EARLY_DIALOGS_MAX) all.shift();
    return early;
  }

  /** Of several places the first that says anything is heard, until it rings no more. */
  const heardOf = (call: string): Agreed | null =>
    all.find((early) => early.call === call && !early.over && early.agreed !== null)?.agreed ?? null;

  /** False where it was there before, or comes out of order: then it does not count (RFC 3262 4). */
  function acknowledged(early: Early, rseq: number, sent: SentInvite, now: Millis): boolean {
    if (early.rseq !== null && rseq !== early.rseq + 1) return false;
    const cseq = cseqOf(sent.request);
    if (!cseq.ok) return false;
    early.rseq = rseq;
    const headers = [{ name: 'RAck', value: `${rseq} ${cseq.value.number} INVITE` }];
    askings.ask({ session: early, method: 'PRACK', headers }, now);
    return true;
  }

  return {
    heard(calling, sent, response, now) {
      const { status: code } = response;
      const call = calling.id;
      const early = code === 100 ? null : (of(response, sent.request) ?? begun(calling, sent, response));
      const rseq = rseqOf(response);
      if (early !== null && rseq !== null && !acknowledged(early, rseq, sent, now)) return;
      if (early !== null) {
        early.over = code === EARLY_DIALOG_TERMINATED;
        const said = sessionOf(response) === '' || early.settled ? null : agreement(response, early.local);
        // A description that is not acknowledged is a preview; the first counts (RFC 3261 13.2.1).
        if (said?.ok === true && (rseq !== null || early.agreed === null)) take(early, said.value);
        early.settled ||= rseq !== null && said?.ok === true;
      }
      report({ kind: 'call-progress', call, code, agreed: heardOf(call) }, now);
    },
    begunBy,
    confirmed({ request }, response) {
      const dialog = begunBy(request, response);
      if (!dialog.ok) return dialog;
      const { local, agreed } = of(response, request) ?? { agreed: null };
      return ok({ dialog: dialog.value, settled: agreed === null ? null : { local, agreed } });
    },
    answerTo(request, now) {
      const early = all.find(({ dialog, over }) => !over && holds(dialog, request));
      const cseq = cseqOf(request);
      if (early === undefined || !cseq.ok || request.method !== 'UPDATE') return null;
      if (cseq.value.number <= (early.dialog.remoteCseq ?? -1)) return { status: 500 };
      early.dialog = withTargetOf({ ...early.dialog, remoteCseq: cseq.value.number }, request);
      const answer = farUpdate(early, request, identity);
      if (answer.status === 200 && sessionOf(request) !== '')
        report({ kind: 'call-progress', call: early.call, code: 183, agreed: heardOf(early.call) }, now);
      return answer;
    },
    over(call) {
      for (const early of all) if (early.call === call) early.over = true;
    },
    wireReport: (wired, now) => askings.wireReport(wired, now),
  };
}

/** Null where it is not to be acknowledged. */
function rseqOf(response: SipResponse): number | null {
  const reliable = headerValues(response, 'Require').some((tag) => tag.toLowerCase() === '100rel');
  const said = /^\d{1,10}$/.exec(headerValue(response, 'RSeq') ?? '')?.[0];
  return reliable && said !== undefined && response.status > 100 ? Number(said) : null;
}
