/** How one INVITE over many servers is fed by hand, and what it led to is told in short. */
import assert from 'node:assert/strict';
import type { Millis } from '../../firmware/kernel/time.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { Candidate } from '../../firmware/servers/selection.ts';
import { pairKey } from '../../firmware/servers/selection.ts';
import { beginInvite, stepInvite } from '../../firmware/sip/invite.ts';
import type { InviteContext, InviteInput, InviteOutput, InviteState } from '../../firmware/sip/invite-state.ts';
import type { Verdict } from '../../firmware/sip/request-state.ts';
import { server } from '../support/settings.ts';

function candidate(name: 'primary' | 'backup', address: string, rank: number): Candidate {
  const target = { transport: 'udp', address, port: 5060, tlsName: null } as const;
  const setting = server(`${name}.example.test`);
  return { server: name, setting, target, via: null, pair: pairKey(target, null, setting), rank };
}

export const PRIMARY = candidate('primary', '192.0.2.1', 0);
export const SECOND = candidate('primary', '192.0.2.3', 1);
export const BACKUP = candidate('backup', '192.0.2.2', 2);
export const H = 1500;
export const RING = 180_000;

const contextAt =
  (over: Partial<InviteContext> = {}) =>
  (now: Millis): InviteContext => ({
    now,
    waitFor: () => ({ hedgeMs: H, known: 'live', connectMs: null }),
    lastWaitMs: 32_000,
    undoMs: 32_000,
    advances: (code) => code === 503,
    ringMs: RING,
    ...over,
  });

function short(output: InviteOutput): string {
  switch (output.kind) {
    case 'open':
      return `open ${output.copy.id} at ${output.copy.candidate.target.address} (${output.reason})`;
    case 'silent':
      return `silent ${output.candidate.target.address}`;
    case 'progress':
      return `progress ${output.copy.id} ${output.code}`;
    case 'ended':
      return output.outcome.result === 'rejected'
        ? `ended rejected ${output.outcome.copy.id} ${output.outcome.code}`
        : output.outcome.result === 'ok'
          ? `ended ok ${output.outcome.copy.id}`
          : `ended ${output.outcome.result}`;
    case 'redirected':
      return `redirected to ${output.to}`;
    default:
      return `${output.kind} ${output.copy}`;
  }
}

function verdictOf(code: number): Verdict {
  if (code < 200) return { meaning: 'provisional' };
  if (code < 300) return { meaning: 'ok' };
  return code === 401 || code === 407 ? { meaning: 'challenge', answerable: true } : { meaning: 'final' };
}

/** A walk fed by hand: each `feed` gives what it led to, in short. */
export class Walk {
  state: InviteState | null;
  readonly opening: readonly string[];
  readonly #context: (now: Millis) => InviteContext;

  constructor(candidates: readonly Candidate[], over: Partial<InviteContext> = {}, more = false) {
    this.#context = contextAt(over);
    const step = beginInvite('C1', candidates, more, this.#context(millis(0)));
    this.state = step.state;
    this.opening = step.out.map(short);
  }

  feed(at: number, input: InviteInput): readonly string[] {
    assert.ok(this.state !== null, `the walk has ended before ${input.kind}`);
    const step = stepInvite(this.state, input, this.#context(millis(at)));
    this.state = step.state;
    return step.out.map(short);
  }

  code(at: number, copy: string, code: number, contacts: readonly string[] = []): readonly string[] {
    return this.feed(at, { kind: 'answer', copy, verdict: verdictOf(code), code, retryAfterS: null, contacts });
  }

  hedge(at: number): readonly string[] {
    assert.equal(this.state?.timers !== undefined && 'hedge' in this.state.timers && this.state.timers.hedge, at);
    return this.feed(at, { kind: 'timer', timer: 'hedge' });
  }
}

export const failed = (copy: string, cause: 'refused' | 'no-answer'): InviteInput => ({ kind: 'failed', copy, cause });
export const HANG_UP: InviteInput = { kind: 'hang-up' };
