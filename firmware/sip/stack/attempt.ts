/** Owns the record of one attempt under way, and what its ids say. */
import type { LineSettings } from '../../config/settings.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Asker, WaitPolicy } from '../../servers/health.ts';
import type { Candidate, Route } from '../../servers/selection.ts';
import type { FailureCause, ServerName } from '../../status.ts';
import type { Granted } from '../agent.ts';
import type { SipRequest } from '../message/message.ts';
import type { RequestState } from '../request-state.ts';
import type { StackCommand } from '../vocabulary.ts';

export type RegisterCommand = Extract<StackCommand, { kind: 'register' }>;
export type UnregisterCommand = Extract<StackCommand, { kind: 'unregister' }>;

export interface Sent {
  readonly candidate: Candidate;
  readonly request: SipRequest;
  readonly contact: string;
  readonly askedS: number;
  readonly sentAt: Millis;
}

export interface Attempt {
  readonly id: string;
  readonly command: RegisterCommand | UnregisterCommand;
  readonly startedAt: Millis;
  /** When the walk began. */
  begunAt: Millis;
  /** Null until the first list is known and open. */
  state: RequestState | null;
  /** Waiting for DNS (`null` deadline) or for a Retry-After to end. */
  holdUntil: Millis | null;
  /** Legs whose DNS answer is already in the walk. */
  legsTaken: number;
  /** First place visited and why it was left. */
  first: string;
  cause: FailureCause | null;
  code: number | null;
  /** The longest Retry-After of answers that led on, s; 0 = none. */
  retryAfterS: number;
  /** The CSeq that plain copies to a server share. */
  readonly numbers: Map<ServerName, number>;
  /** Seconds asked for at a server after a 423. */
  readonly intervals: Map<ServerName, number>;
  readonly sent: Map<string, Sent>;
  /** What each 2xx granted, by copy. */
  readonly granted: Map<string, Granted>;
  listWaitMs: number;
  ended: boolean;
}

/** An attempt that has visited nobody yet. */
export const newAttempt = (command: RegisterCommand | UnregisterCommand, now: Millis): Attempt => ({
  id: command.attempt,
  command,
  startedAt: now,
  begunAt: now,
  state: null,
  holdUntil: null,
  legsTaken: 0,
  first: '',
  cause: null,
  code: null,
  retryAfterS: 0,
  numbers: new Map(),
  intervals: new Map(),
  sent: new Map(),
  granted: new Map(),
  listWaitMs: 0,
  ended: false,
});

/** An answer that leads on to the next target. */
export function ledOn(attempt: Attempt, code: number, retryAfterS: number | null, { profile }: WaitPolicy): void {
  attempt.cause ??= 'code';
  attempt.code = code;
  // That of a 503 holds for the target and everybody who asks it; r2.0 has no such memory (rules 3.1).
  if (code !== 503 || profile === 'r2.0') attempt.retryAfterS = Math.max(attempt.retryAfterS, retryAfterS ?? 0);
}

export const routeOf = (line: LineSettings): Route => ({ servers: line.registrar, outbound: line.outboundProxy });

export const askerOf = (line: LineSettings): Asker => ({ line: line.line, role: 'registrar', method: 'REGISTER' });

/** Copy ids are `attempt.n`. */
export const attemptOf = (copyId: string): string => copyId.slice(0, copyId.lastIndexOf('.'));

/** Attempt ids are `L<line>-n`. */
export const lineOf = (copyId: string): number | null => {
  const match = /^L(\d+)-/.exec(copyId);
  return match === null ? null : Number(match[1]);
};

/** Whether a REGISTER of this line may still be answered at that server. */
export const isOpenAt = ({ command, state }: Attempt, line: number, server: ServerName): boolean =>
  command.kind === 'register' &&
  command.line.line === line &&
  (state?.copies.some(({ candidate }) => candidate.server === server) ?? false);
