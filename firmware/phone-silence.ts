/**
 * Owns noticing that the far side of a call is not heard any more (conformance G24): its packets, counted every few seconds, have
 * stopped. The person is told; the call is ended where the configuration says so.
 */
import type { CallState } from './call/state.ts';
import { SOUND_MISSED_MS } from './config/defaults.ts';
import type { CallSettings } from './config/settings.ts';
import type { Millis } from './kernel/time.ts';
import type { MediaCounts } from './media-vocabulary.ts';
import type { PhoneCalls } from './phone-calls.ts';
import type { Effect } from './vocabulary.ts';

export interface SilencesOptions {
  readonly settings: () => Pick<CallSettings, 'soundLimitS'>;
  readonly calls: Pick<PhoneCalls, 'states' | 'command'>;
  readonly emit: (effect: Effect) => void;
}

interface Heard {
  readonly packets: number;
  /** When more of them were counted last. */
  readonly since: Millis;
  readonly missed: boolean;
}

/** Takes what was counted of a call so far. */
export type Silences = (counts: Pick<MediaCounts, 'call' | 'packets'>, now: Millis) => void;

export function createSilences({ settings, calls, emit }: SilencesOptions): Silences {
  const all = new Map<string, Heard>();
  const stateOf = (id: string): CallState | undefined => calls.states().find(({ call }) => call.id === id);
  const tell = (id: string, heard: boolean): void => emit({ kind: 'event', event: { event: 'call-sound', id, heard } });

  return ({ call, packets }, now) => {
    for (const id of all.keys()) if (stateOf(id) === undefined) all.delete(id);
    const known = all.get(call);
    const isDue = isHeardNow(stateOf(call));
    if (!isDue || known === undefined || packets > known.packets) {
      if (isDue && known?.missed === true) tell(call, true);
      if (isDue) all.set(call, { packets, since: now, missed: false });
      else all.delete(call);
      return;
    }
    const quietMs = now - known.since;
    if (quietMs >= SOUND_MISSED_MS && !known.missed) {
      all.set(call, { ...known, missed: true });
      tell(call, false);
    }
    const { soundLimitS } = settings();
    if (soundLimitS > 0 && stateOf(call)?.name === 'connected' && quietMs >= soundLimitS * 1000)
      calls.command({ verb: 'hangup', call }, now);
  };
}

/** Whether sound of the far side is to come: not on hold, whoever has held; before the answer where another network makes the tones. */
function isHeardNow(state: CallState | undefined): boolean {
  const isOpen = state?.name === 'ringing' || (state?.name === 'connected' && !state.held);
  return isOpen && /^(sendrecv|recvonly)$/.test(state.agreed?.direction ?? '');
}
