/** Owns how a subscription is shown: where it is in force, and what it tells of each number. */
import type { Millis } from './kernel/time.ts';
import type { SubscriptionStatus } from './status.ts';
import type { WatchedDialog } from './subscription/dialog-info.ts';
import { presenceOf, takeOverOf } from './subscription/dialog-info.ts';
import type { Meaning } from './subscription/meaning.ts';
import { NOTHING_KNOWN } from './subscription/meaning.ts';
import { dialogsOf } from './subscription/resource-list.ts';
import type { SubscriptionState } from './subscription/state.ts';
import type { Wanted } from './subscription/wanted.ts';

/** `state`: of its machine. */
export function statusOf(
  { id, wanted, meaning }: { readonly id: string; readonly wanted: Wanted; readonly meaning: Meaning },
  state: SubscriptionState | undefined,
  now: Millis,
): SubscriptionStatus {
  const held = state?.memory.held ?? null;
  const retry = state?.timers['retry'];
  return {
    ...{ id, kind: wanted.kind, line: wanted.line.line, resource: wanted.watch.resource },
    state: held === null ? (state === undefined || state.name === 'stopped' ? 'stopped' : 'trying') : held.state,
    server: held?.server ?? null,
    target: held?.target ?? null,
    expiresIn: held === null ? null : Math.max(0, Math.round((held.expiresAt - now) / 1000)),
    retryIn: retry === undefined ? null : Math.max(0, Math.round((retry - now) / 1000)),
    code: state?.memory.code ?? null,
    reason: state?.memory.reason ?? null,
    ...(wanted.watch.list
      ? { ...toldOf(null), entries: entriesOf(held === null ? NOTHING_KNOWN : meaning) }
      : toldOf(held === null ? null : (meaning.watched?.dialogs ?? null))),
  };
}

const toldOf = (
  dialogs: readonly WatchedDialog[] | null,
): Pick<SubscriptionStatus, 'presence' | 'peer' | 'takeOver'> => ({
  presence: dialogs === null ? null : presenceOf(dialogs),
  peer: dialogs?.find(({ peer }) => peer !== '')?.peer ?? null,
  takeOver: takeOverOf(dialogs ?? []),
});

const entriesOf = ({ list }: Meaning): NonNullable<SubscriptionStatus['entries']> =>
  (list?.entries ?? []).map((entry) => ({
    ...{ resource: entry.uri, name: entry.name, ...toldOf(dialogsOf(entry)) },
  }));
