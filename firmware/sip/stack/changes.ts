/**
 * Owns what we change in an answered call, and how it is kept alive: hold and resume by re-INVITE, glare (RFC 3261 14), and session timers
 * (RFC 4028 10). A session is refreshed in its own dialog and by no other server (rules 3.3). A refresh that nobody answers ends no call
 * while its interval lasts, for the far side may be heard all the same; without any, the call ends with it.
 */

import type { Random } from '../../kernel/random.ts';
import type { Millis } from '../../kernel/time.ts';
import { after, soonest } from '../../kernel/time.ts';
import type { CallEnd, CallReport, Wish } from '../call-vocabulary.ts';
import { withTargetOf } from '../dialog.ts';
import { retryAfterOf } from '../message/headers.ts';
import type { Header, SipResponse } from '../message/message.ts';
import type { Local } from '../sdp/offer-answer.ts';
import type { Acks } from './acks.ts';
import type { Asking, Askings } from './askings.ts';
import type { Session } from './session.ts';
import { agreement, take } from './session.ts';
import { askedFor, grantedBy, later, minSeOf } from './session-timer.ts';

/** RFC 3261 14.1: the owner of the Call-ID waits longer, so that one of the two is first; in steps of 10 ms. */
const GLARE_OWNER_MS = [2100, 4000] as const;
const GLARE_OTHER_MS = [0, 2000] as const;
const GLARE_STEP_MS = 10;
/** A refresh that meets a change waits for its end: the change is one itself. */
const MEETS_CHANGE_MS = 4000;

export interface ChangesOptions {
  readonly askings: Pick<Askings<Session>, 'ask'>;
  readonly acks: Pick<Acks, 'answered'>;
  readonly random: Random;
  readonly report: (report: CallReport, now: Millis) => void;
  /** The session is over; `bye`: the far side may not know. */
  readonly end: (session: Session, end: CallEnd, bye: 'bye' | 'without', now: Millis) => void;
}

export interface Changes {
  change(session: Session, wish: Wish, now: Millis): void;
  /** A final answer to a change or a refresh; null = none came. */
  answered(asking: Asking<Session>, response: SipResponse | null, now: Millis): void;
  due(session: Session): Millis | null;
  wake(session: Session, now: Millis): void;
}

export function createChanges({ askings, acks, random, report, end }: ChangesOptions): Changes {
  const settled = ({ call, agreed }: Session, ok: boolean, now: Millis): void =>
    report({ kind: 'call-changed', call, ok, agreed }, now);

  const timerHeaders = ({ timer, leastS }: Session): readonly Header[] =>
    timer === null ? [] : askedFor({ seconds: timer.intervalS, least: leastS }, timer.refresher);

  function change(session: Session, wish: Wish, now: Millis): void {
    if (session.changing !== null) {
      session.wanted = wish;
      return;
    }
    const version = Math.max(wish.version, session.local.version + 1);
    const offer: Local = {
      ...wish,
      version,
      at: { address: session.local.at.address, port: wish.port },
      lines: session.local.lines,
    };
    session.changing = askings.ask({ session, method: 'INVITE', offer, headers: timerHeaders(session) }, now);
  }

  /** What was wanted while a refresh was under way. */
  function goOn(session: Session, now: Millis): void {
    const { wanted } = session;
    session.wanted = null;
    if (wanted !== null) change(session, wanted, now);
  }

  function refresh(session: Session, again: boolean, now: Millis): void {
    const { timer } = session;
    if (timer === null) return;
    if (session.changing !== null) {
      session.timer = { ...timer, refreshAt: after(now, MEETS_CHANGE_MS) };
      return;
    }
    session.timer = { ...timer, refreshAt: null };
    const asked = { session, refresh: true, headers: timerHeaders(session), ...(again ? { again } : {}) } as const;
    // UPDATE says nothing of media, so nothing can meet it (RFC 3311 5.1).
    if (session.updates) askings.ask({ ...asked, method: 'UPDATE' }, now);
    else session.changing = askings.ask({ ...asked, method: 'INVITE', offer: session.local }, now);
  }

  function answered(asking: Asking<Session>, response: SipResponse | null, now: Millis): void {
    const { session, method, refresh: refreshes = false, again = false } = asking;
    if (method === 'INVITE') session.changing = null;
    const status = response?.status ?? null;
    if (response !== null && response.status < 300) return changed(asking, response, now);
    if (status === 491 && !again) return waitAfterGlare(asking, now);
    // The far side knows no such dialog, or is not there: the call is over (RFC 3261 12.2.1.2).
    if (status === 481) return end(session, { result: 'remote' }, 'without', now);
    if (status === 408) return end(session, { result: 'remote' }, 'bye', now);
    if (!refreshes) return settled(session, false, now);
    refused(asking, response, now);
    goOn(session, now);
  }

  /** The session stays, and is refreshed later or otherwise. */
  function refused(
    { session, method, again = false }: Asking<Session>,
    response: SipResponse | null,
    now: Millis,
  ): void {
    const { timer } = session;
    if (timer === null) return;
    const least = response?.status === 422 ? minSeOf(response) : null;
    if (least !== null && !again) {
      session.leastS = least;
      session.timer = { ...timer, intervalS: Math.max(timer.intervalS, least) };
      return refresh(session, true, now);
    }
    if (method === 'UPDATE' && (response?.status === 405 || response?.status === 501)) {
      session.updates = false;
      return refresh(session, false, now);
    }
    session.timer = later(timer, now, response === null ? null : retryAfterOf(response));
  }

  /** Both sides changed the session at once (RFC 3261 14.1). */
  function waitAfterGlare(asking: Asking<Session>, now: Millis): void {
    const { session } = asking;
    const [from, to] = session.invite === null ? GLARE_OTHER_MS : GLARE_OWNER_MS;
    session.retryAt = after(now, Math.round(random.between(from, to) / GLARE_STEP_MS) * GLARE_STEP_MS);
    session.changing = asking;
  }

  function changed(asking: Asking<Session>, response: SipResponse, now: Millis): void {
    const { id, session, method, offer, request, target, refresh: refreshes = false } = asking;
    session.dialog = withTargetOf(session.dialog, response);
    session.carrier = target;
    if (method === 'INVITE' && request !== null) acks.answered(id, { session, request }, now);
    session.timer = grantedBy(response, now);
    const answer = offer === undefined ? null : agreement(response, offer);
    if (answer?.ok === true) take(session, answer.value);
    if (!refreshes) settled(session, answer?.ok === true, now);
    goOn(session, now);
  }

  return {
    change,
    answered,
    due: ({ retryAt, timer }) => soonest(retryAt, soonest(timer?.refreshAt ?? null, timer?.endsAt ?? null)),
    wake(session, now) {
      const { retryAt, changing, timer } = session;
      if (retryAt !== null && retryAt <= now) {
        session.retryAt = null;
        if (changing === null) return;
        const { method, offer, headers, refresh: refreshes } = changing;
        const question = {
          session,
          method,
          headers,
          offer,
          again: true,
          ...(refreshes ? { refresh: true } : {}),
        } as const;
        session.changing = askings.ask(question, now);
      } else if (timer !== null && timer.endsAt <= now) end(session, { result: 'lost' }, 'bye', now);
      else if (timer?.refreshAt != null && timer.refreshAt <= now) refresh(session, false, now);
    },
  };
}
