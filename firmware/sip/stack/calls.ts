/** Owns the calls of the phone below the user's view of them: those being made, those that come in, those answered, and which part a message is for. */

import type { LineSettings } from '../../config/settings.ts';
import type { Hash } from '../../kernel/hash.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { soonest } from '../../kernel/time.ts';
import type { WaitPolicy } from '../../servers/health.ts';
import type { Locate } from '../../servers/selection.ts';
import type { Identity } from '../agent.ts';
import type { CallCommand, CallReport } from '../call-vocabulary.ts';
import type { Dialog } from '../dialog.ts';
import { tagOf, toOf } from '../message/headers.ts';
import type { CalledOptions } from './called.ts';
import { createCalled, lineOf } from './called.ts';
import type { Faces } from './faces.ts';
import type { InviteServersOptions } from './invite-servers.ts';
import { createInviteServers } from './invite-servers.ts';
import { createInvites } from './invites.ts';
import type { Ledger } from './ledger.ts';
import type { Proxies } from './proxies.ts';
import type { Ringing } from './ringing.ts';
import { createRinging } from './ringing.ts';
import type { ServiceRoutes } from './service-routes.ts';
import { createSessions } from './sessions.ts';
import { createStrays } from './strays.ts';
import type { Callee } from './uas.ts';
import type { Wire, WireReport } from './wire-types.ts';

export interface CallsOptions
  extends Omit<InviteServersOptions, 'onAck' | 'onUnheard' | 'userAgent'>,
    Pick<CalledOptions, 'whitelist' | 'lines' | 'places' | 'own' | 'newCallId'> {
  readonly wire: Wire;
  readonly ledger: Ledger;
  readonly locate: Locate;
  readonly policy: WaitPolicy;
  readonly identity: Identity;
  readonly hash: Hash;
  /** Whether a far side may have us call somebody. */
  readonly obeysRefer: boolean;
  /** `sip session timer`, s; 0 = off. */
  readonly sessionTimerS: number;
  readonly serviceRoutes: ServiceRoutes;
  readonly faces: Faces;
  /** Whether a call to this line would be told that the phone is busy. */
  readonly isBusy: (line: LineSettings) => boolean;
  readonly proxies: Pick<Proxies, 'served'>;
  readonly report: (report: CallReport, now: Millis) => void;
}

export interface Calls {
  command(command: CallCommand, now: Millis): void;
  /** Requests of others. */
  readonly callee: Callee;
  located(now: Millis): void;
  wireReport(report: WireReport, now: Millis): boolean;
  /** The link is gone: calls being made end, answered ones stay (rules 4, "Link down"). */
  linkDown(now: Millis): void;
  next(): Millis | null;
  wake(now: Millis): void;
  /** Of an answered call. */
  dialogOf(call: string): Dialog | null;
}

export function createCalls(options: CallsOptions): Calls {
  const { policy, identity } = options;
  const report: CallsOptions['report'] = (told, now) => {
    if (told.kind === 'call-answered' || told.kind === 'call-ended') sessions.early.over(told.call);
    options.report(told, now);
  };
  const sessions = createSessions({ ...options, report });
  const invites = createInvites({
    ...options,
    report,
    onAnswered: sessions.begin,
    onDecided(calling, candidate, now) {
      const [first] = calling.sent.values();
      const place = targetText((first?.candidate ?? candidate).target);
      const how = { first: place, cause: calling.cause ?? 'answered', took: now - calling.startedAt };
      options.proxies.served(calling.command.line, candidate, how, now);
    },
    onProgress: sessions.early.heard,
    release: sessions.release,
  });
  const strays = createStrays({ wire: options.wire, emit: options.emit, release: sessions.release });
  const servers = createInviteServers({
    ...options,
    userAgent: identity.userAgent,
    onAck(key, ack, now) {
      ringing.acknowledged(key, ack, now);
      if (ack !== null) sessions.acknowledged(ack, now);
    },
    onUnheard: (key, now) => ringing.unheard(key, now),
  });
  const ringing: Ringing = createRinging({
    ...options,
    ...{ servers, report, bye: sessions.bye },
    onAgreed: (session) => sessions.take(session),
    hangUp: (call, now) => void sessions.hangUp(call, now),
  });
  const called = createCalled({
    ...options,
    ...{ servers, ringing, report, perServer: policy.profile === 'modern', replacedBy: sessions.replacedBy },
  });
  const answerTo: Callee['answerTo'] = (request, now) =>
    // Of an answer that was repeated, the PRACK may come when the call is answered already.
    (request.method === 'PRACK' ? null : sessions.answerTo(request, now)) ?? ringing.answerTo(request, now);

  const callee: Callee = {
    invited(key, received, now) {
      const inside = sessions.answerTo(received.request, now);
      if (inside === null) {
        const to = toOf(received.request);
        return to.ok && tagOf(to.value) !== null ? { status: 481 } : called.invited(key, received, now);
      }
      if (inside.status >= 300) return inside;
      if (servers.begin(key, received) !== null) servers.respond(key, inside, now);
      return null;
    },
    again: servers.again,
    ack: servers.ack,
    cancelled: ringing.cancelled,
    isBusy(request) {
      const line = lineOf(request, options.lines());
      return line !== null && options.isBusy(line);
    },
    answerTo,
  };

  return {
    callee,
    command(command, now) {
      switch (command.kind) {
        case 'call':
          return invites.call(command, now);
        case 'change':
          return sessions.change(command, now);
        case 'refer':
          return sessions.refer(command, now);
        case 'refer-told':
          return sessions.tell(command, now);
        case 'info':
          return sessions.inform(command, now);
        case 'hang-up':
          if (!invites.hangUp(command.call, now) && !ringing.command(command, now)) sessions.hangUp(command.call, now);
          return;
        default:
          ringing.command(command, now);
      }
    },
    dialogOf: sessions.dialogOf,
    located: (now) => invites.located(now),
    wireReport: (wired, now) =>
      wired.kind === 'stray'
        ? strays(wired, now)
        : sessions.wireReport(wired, now) || invites.wireReport(wired, now) || strays(wired, now),
    linkDown: (now) => invites.abandonAll(now),
    next: () => soonest(soonest(sessions.next(), servers.next()), invites.next()),
    wake(now) {
      const due = [sessions, servers].find((part) => (part.next() ?? Number.POSITIVE_INFINITY) <= now);
      if (due === undefined) invites.wake(now);
      else due.wake(now);
    },
  };
}
