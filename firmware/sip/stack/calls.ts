/** Owns the calls of the phone below the user's view of them: those being made, those answered, and which part a message is for. */

import type { Hash } from '../../kernel/hash.ts';
import type { Random } from '../../kernel/random.ts';
import type { Millis } from '../../kernel/time.ts';
import { soonest } from '../../kernel/time.ts';
import type { WaitPolicy } from '../../servers/health.ts';
import type { Locate } from '../../servers/selection.ts';
import type { Effect } from '../../vocabulary.ts';
import type { Identity } from '../agent.ts';
import type { CallCommand, CallReport } from '../call-vocabulary.ts';
import type { SipRequest } from '../message/message.ts';
import { createInvites } from './invites.ts';
import type { Ledger } from './ledger.ts';
import type { ServiceRoutes } from './service-routes.ts';
import { createSessions } from './sessions.ts';
import type { Wire, WireReport } from './wire-types.ts';

export interface CallsOptions {
  readonly wire: Wire;
  readonly ledger: Ledger;
  readonly locate: Locate;
  readonly policy: WaitPolicy;
  readonly identity: Identity;
  readonly random: Random;
  readonly hash: Hash;
  readonly serviceRoutes: ServiceRoutes;
  readonly emit: (effect: Effect) => void;
  readonly report: (report: CallReport, now: Millis) => void;
}

export interface Calls {
  command(command: CallCommand, now: Millis): void;
  /** What to answer to a request inside a call; null = it is none of ours. */
  answerTo(request: SipRequest, now: Millis): { readonly status: number } | null;
  located(now: Millis): void;
  wireReport(report: WireReport, now: Millis): boolean;
  /** The link is gone: calls being made end, answered ones stay (rules 4, "Link down"). */
  linkDown(now: Millis): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

export function createCalls(options: CallsOptions): Calls {
  const { report } = options;
  const sessions = createSessions(options);
  const invites = createInvites({
    ...options,
    onAnswered: sessions.begin,
    onProgress: (calling, sent, response, now) =>
      report(
        {
          kind: 'call-progress',
          call: calling.id,
          code: response.status,
          agreed: sessions.early(sent, response),
        },
        now,
      ),
    release: sessions.release,
  });

  return {
    command(command, now) {
      if (command.kind === 'call') return invites.call(command, now);
      if (command.kind === 'change') return sessions.change(command, now);
      if (!invites.hangUp(command.call, now)) sessions.hangUp(command.call, now);
    },
    answerTo: (request, now) => sessions.answerTo(request, now),
    located: (now) => invites.located(now),
    wireReport: (wired, now) => sessions.wireReport(wired, now) || invites.wireReport(wired, now),
    linkDown: (now) => invites.abandonAll(now),
    next: () => soonest(sessions.next(), invites.next()),
    wake(now) {
      const at = sessions.next();
      if (at !== null && at <= now) sessions.wake(now);
      else invites.wake(now);
    },
  };
}
