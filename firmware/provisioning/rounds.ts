/**
 * Owns when files are asked for and when what came is acted on: at the start, when DHCP or a server says so (check-sync), by the clock, and
 * again after a failure; in force or restarted only while nobody is on the phone (original-phone 2, "when applied").
 */
import type { Millis } from '../kernel/time.ts';
import { after, millis, soonest } from '../kernel/time.ts';

export type RoundOutcome =
  /** No server is named. */
  | 'none'
  | 'same'
  | 'changed'
  /** No server gave a set; what is in force stays. */
  | 'failed';

/** `reboot=true`, `reboot=false`, or nothing said: where a change takes effect in no other way. */
export type Restarting = 'always' | 'never' | 'if-needed';

export interface RoundsState {
  /** When the next round is due for another reason than the clock. */
  readonly at: Millis | null;
  /** When the clock asks for one. */
  readonly resyncAt: Millis | null;
  /** What the check-sync of the next round says of restarting; a restart once asked for stays asked for. */
  readonly asked: Restarting;
  /** The same, of the round that runs. */
  readonly running: Restarting | null;
  /** Done as soon as nobody is on the phone. */
  readonly waits: 'apply' | 'restart' | null;
  readonly desk: 'idle' | 'busy';
  readonly failures: number;
  /** No check-sync starts a round before this. */
  readonly quietUntil: Millis;
}

export type RoundsInput =
  | { readonly kind: 'start' }
  /** DHCP says something else than before. */
  | { readonly kind: 'lease' }
  | { readonly kind: 'check-sync'; readonly reboot: boolean | null }
  | { readonly kind: 'planned'; readonly at: Millis | null }
  | { readonly kind: 'due' }
  | { readonly kind: 'ended'; readonly outcome: RoundOutcome; readonly takesRestart: boolean }
  | { readonly kind: 'desk'; readonly state: 'idle' | 'busy' };

export type RoundsOrder = 'download' | 'apply' | 'restart' | 'plan';

export interface RoundsContext {
  readonly now: Millis;
  /** From 0 to 1. */
  readonly chance: number;
}

/** A server tells all its phones at once: they come spread over this, and not again before that. Our choice. */
export const CHECK_SYNC_SPREAD_MS = 5000;
export const CHECK_SYNC_GAP_MS = 30_000;
/** After a failed round: 30 s, doubled, at most an hour, 50 to 100 % of it. Our choice, as RFC 5626 4.5. */
export const RETRY_BASE_MS = 30_000;
export const RETRY_MAX_MS = 3_600_000;

export const newRounds = (now: Millis): RoundsState => ({
  running: null,
  at: null,
  resyncAt: null,
  asked: 'if-needed',
  waits: null,
  desk: 'idle',
  failures: 0,
  quietUntil: after(now, CHECK_SYNC_GAP_MS),
});

export const roundsDeadline = ({ running, at, resyncAt }: RoundsState): Millis | null =>
  running === null ? soonest(at, resyncAt) : null;

interface Step {
  readonly state: RoundsState;
  readonly out: readonly RoundsOrder[];
}

export function stepRounds(state: RoundsState, input: RoundsInput, context: RoundsContext): Step {
  const { now, chance } = context;
  switch (input.kind) {
    case 'start':
      return whenIdle({ ...state, at: now }, ['plan']);
    case 'lease':
      // A network that comes after the phone is its start.
      return { state: { ...state, at: now }, out: [] };
    case 'check-sync': {
      const at = millis(Math.max(state.quietUntil, now) + chance * CHECK_SYNC_SPREAD_MS);
      const asked = state.asked === 'always' ? 'always' : restarting(input.reboot);
      return { state: { ...state, at: soonest(state.at, at), asked }, out: [] };
    }
    case 'planned':
      return { state: { ...state, resyncAt: input.at }, out: [] };
    case 'due':
      if ((roundsDeadline(state) ?? Number.POSITIVE_INFINITY) > now) return { state, out: [] };
      return {
        state: { ...state, running: state.asked, asked: 'if-needed', at: null, resyncAt: null },
        out: ['download'],
      };
    case 'ended':
      return ended(state, input, context);
    case 'desk':
      return whenIdle({ ...state, desk: input.state }, []);
  }
}

const restarting = (reboot: boolean | null): Restarting =>
  reboot === null ? 'if-needed' : reboot ? 'always' : 'never';

function ended(
  state: RoundsState,
  { outcome, takesRestart }: Extract<RoundsInput, { kind: 'ended' }>,
  { now, chance }: RoundsContext,
): Step {
  const failures = outcome === 'failed' ? state.failures + 1 : 0;
  const retry = after(now, Math.min(RETRY_BASE_MS * 2 ** (failures - 1), RETRY_MAX_MS) * (1 - chance / 2));
  const restarts =
    state.running === 'always' || (outcome === 'changed' && takesRestart && state.running === 'if-needed');
  const next: RoundsState = {
    ...state,
    running: null,
    failures,
    at: outcome === 'failed' ? soonest(state.at, retry) : state.at,
    waits: restarts ? 'restart' : outcome === 'changed' ? (state.waits ?? 'apply') : state.waits,
    quietUntil: after(now, CHECK_SYNC_GAP_MS),
  };
  return whenIdle(next, ['plan']);
}

/** A call is never cut by what a server sends. */
function whenIdle(state: RoundsState, out: readonly RoundsOrder[]): Step {
  if (state.desk === 'busy' || state.waits === null) return { state, out };
  return { state: { ...state, waits: null }, out: [...out, state.waits] };
}
