/**
 * Owns the phone's part in shared lines (draft-anil-sipping-bla): it tells the state agent what it does with the line, and seizes an
 * appearance before it calls. Whoever comes second is refused; an agent that does not answer holds up no call (our choice: service first).
 */
import type { CallState } from './call/state.ts';
import type { LineSettings, PhoneSettings } from './config/settings.ts';
import type { Millis } from './kernel/time.ts';
import { after, soonest } from './kernel/time.ts';
import type { CallCommand, CallReport } from './sip/call-vocabulary.ts';
import type { Stack } from './sip/stack.ts';
import type { SubscribeReport } from './sip/subscription-vocabulary.ts';
import type { WatchedDialog } from './subscription/dialog-info.ts';
import type { OwnDialog } from './subscription/shared-line.ts';
import { freeAppearance, writeDialogInfo } from './subscription/shared-line.ts';

export interface PhoneSharedOptions {
  readonly settings: () => PhoneSettings;
  readonly stack: () => Stack | null;
  readonly calls: () => readonly CallState[];
  /** What the agent tells of this line, our own calls perhaps among it. */
  readonly watched: (line: number) => readonly WatchedDialog[];
  readonly report: (report: CallReport, now: Millis) => void;
}

export interface PhoneShared {
  /** A command of a call on its way to SIP; one that must seize its line first waits for that. */
  command(command: CallCommand, now: Millis): void;
  report(report: Extract<SubscribeReport, { kind: 'line-watched' | 'line-told' }>, now: Millis): void;
  /** Tells the agents what has changed. Called once after each input. */
  settle(now: Millis): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

const BUSY_HERE = 486;

type CallStart = Extract<CallCommand, { kind: 'call' }>;

interface Seizing {
  readonly command: CallStart;
  readonly until: Millis;
  /** Its NOTIFY is on the way. */
  told: boolean;
}

export function createPhoneShared({ settings, stack, calls, watched, report }: PhoneSharedOptions): PhoneShared {
  const seizing = new Map<string, Seizing>();
  const appearances = new Map<string, number>();
  /** What the agents of a line were told last. */
  const told = new Map<number, string>();

  const isWatched = (line: number): boolean => stack()?.watchers.isWatched(line) ?? false;

  function pass(id: string, now: Millis): void {
    const waiting = seizing.get(id);
    seizing.delete(id);
    if (waiting !== undefined) stack()?.call(waiting.command, now);
  }

  function command(given: CallCommand, now: Millis): void {
    if (given.kind === 'hang-up' && seizing.delete(given.call))
      return report({ kind: 'call-ended', call: given.call, end: { result: 'hung-up' } }, now);
    if (given.kind !== 'call' || !mustSeize(given)) return stack()?.call(given, now);
    seizing.set(given.call, { command: given, until: after(now, settings().failover.hedgeLimitMs), told: false });
  }

  /** A call that takes over another has its appearance with it; an emergency waits for nobody. */
  const mustSeize = ({ line, referral, emergency }: CallStart): boolean =>
    line.sharedNumber !== null && emergency === null && referral === null && isWatched(line.line);

  /** Kept as long as the call is there. */
  function appearanceOf({ call: { id, line, appearance: given } }: CallState): number {
    const known = appearances.get(id) ?? given;
    if (known !== undefined) return known;
    const own = calls().filter(({ call }) => call.line.line === line.line);
    const ours = new Set(own.map(({ call }) => stack()?.dialogOf(call.id)?.callId));
    const others = watched(line.line).flatMap(({ appearance, callId }) =>
      appearance === null || (callId !== null && ours.has(callId)) ? [] : [appearance],
    );
    const made = freeAppearance(new Set([...others, ...own.flatMap(({ call }) => appearances.get(call.id) ?? [])]));
    appearances.set(id, made);
    return made;
  }

  function dialogOf(state: CallState): OwnDialog {
    const { id, direction, peer } = state.call;
    const dialog = stack()?.dialogOf(id) ?? null;
    return {
      ...{ id, peer, appearance: appearanceOf(state), direction: direction === 'out' ? 'initiator' : 'recipient' },
      state: state.name === 'connected' ? 'confirmed' : state.name === 'dialing' ? 'trying' : 'early',
      held: state.name === 'connected' && state.held,
      ids: dialog === null ? null : { ...dialog, target: dialog.remoteTarget },
    };
  }

  function tell({ line, sharedNumber, proxy }: LineSettings, now: Millis): void {
    const own = calls().filter(({ call }) => call.line.line === line);
    const dialogs = own.map(dialogOf);
    const text = JSON.stringify(dialogs);
    if (told.get(line) === text) return;
    told.set(line, text);
    const entity = `sip:${sharedNumber}@${(proxy.primary ?? proxy.backup)?.name ?? 'anonymous.invalid'}`;
    for (const { call } of own) {
      const waiting = seizing.get(call.id);
      if (waiting !== undefined) waiting.told = true;
    }
    stack()?.watchers.tell(line, (version) => writeDialogInfo(entity, version, dialogs), now);
  }

  function seized(line: number, code: number, now: Millis): void {
    const waiting = [...seizing.values()].find(({ command: { line: own }, told: sent }) => sent && own.line === line);
    if (waiting === undefined) return;
    const { call } = waiting.command;
    // An agent that is gone, or does not answer, has no say.
    if (code < 300 || code === 408 || code === 481) return pass(call, now);
    seizing.delete(call);
    // A person hears what he would hear of a busy callee.
    report(
      { kind: 'call-ended', call, end: { result: 'rejected', code: BUSY_HERE, reason: 'The line is in use' } },
      now,
    );
  }

  return {
    command,
    report(given, now) {
      // Whoever begins to watch, or asks again, is told all there is.
      if (given.kind === 'line-watched') told.delete(given.line);
      else seized(given.line, given.code, now);
    },
    settle(now) {
      const all = calls();
      for (const id of appearances.keys()) if (!all.some(({ call }) => call.id === id)) appearances.delete(id);
      for (const line of settings().lines) if (line.sharedNumber !== null && isWatched(line.line)) tell(line, now);
    },
    next: () => [...seizing.values()].reduce<Millis | null>((soon, { until }) => soonest(soon, until), null),
    wake(now) {
      for (const [id, { until }] of seizing) if (until <= now) return pass(id, now);
    },
  };
}
