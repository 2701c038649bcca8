/** Owns what is done with a call that comes in before anybody hears of it: do not disturb, and the three kinds of forward (original-phone 6). */
import { FORWARD_RINGS, FORWARD_RINGS_MAX, LIST_NUMBER_MAX, RING_CYCLE_MS } from '../config/defaults.ts';

export type ForwardWhen = 'all' | 'busy' | 'noanswer';

export interface Forward {
  readonly on: boolean;
  /** Kept while it is off; empty = none was ever given. */
  readonly to: string;
}

export interface Answering {
  readonly dnd: 'on' | 'off';
  readonly forward: Readonly<Record<ForwardWhen, Forward>>;
  /** Of a call that nobody answers, before it is forwarded. */
  readonly rings: number;
}

export const FORWARDS: readonly ForwardWhen[] = ['all', 'busy', 'noanswer'];

const NONE: Forward = { on: false, to: '' };
export const ANSWERS_ALL: Answering = {
  dnd: 'off',
  forward: { all: NONE, busy: NONE, noanswer: NONE },
  rings: FORWARD_RINGS,
};

/** `to` null = off; the number stays for the next time. */
export const withForward = (
  answering: Answering,
  when: ForwardWhen,
  to: string | null,
  rings = answering.rings,
): Answering => ({
  ...answering,
  rings,
  forward: {
    ...answering.forward,
    [when]: to === null ? { ...answering.forward[when], on: false } : { on: true, to },
  },
});

export const withoutForwards = ({ dnd }: Answering): Answering => ({ ...ANSWERS_ALL, dnd });

/** Where a forward may lead to: what cannot be read back after a restart is not taken before it either. */
const isForwardable = (to: string): boolean => to.length <= LIST_NUMBER_MAX && /^[\u0021-\u007e]+$/.test(to);

const isRings = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= FORWARD_RINGS_MAX;

/** Why that cannot be set; null = it can. */
export function forwardProblem(to: string | null, rings: number | undefined): string | null {
  if (rings !== undefined && !isRings(rings))
    return `a call rings 1 to ${FORWARD_RINGS_MAX} times before it is forwarded`;
  return to === null || isForwardable(to) ? null : 'calls are sent to a number or an address, without blanks';
}

export type Treatment =
  | { readonly kind: 'busy' }
  | { readonly kind: 'forward'; readonly to: string }
  /** `after`: where nobody answers within `ms`, it is forwarded. */
  | { readonly kind: 'ring'; readonly after: { readonly ms: number; readonly to: string } | null };

/** A forward of all calls comes before everything else: the person is reached there. */
export function treatmentOf({ dnd, forward, rings }: Answering, desk: 'free' | 'busy'): Treatment {
  if (forward.all.on) return { kind: 'forward', to: forward.all.to };
  if (dnd === 'on' || desk === 'busy')
    return forward.busy.on ? { kind: 'forward', to: forward.busy.to } : { kind: 'busy' };
  const { on, to } = forward.noanswer;
  return { kind: 'ring', after: on ? { ms: rings * RING_CYCLE_MS, to } : null };
}

export const writeAnswering = (answering: Answering): unknown => ({ version: 1, ...answering });

/** What was kept, whatever stands there now: what makes no sense is off. */
export function readAnswering(value: unknown): Answering {
  const { dnd, forward, rings } = recordOf(value);
  const { all, busy, noanswer } = recordOf(forward);
  return {
    dnd: dnd === 'on' ? 'on' : 'off',
    forward: { all: readForward(all), busy: readForward(busy), noanswer: readForward(noanswer) },
    rings: isRings(rings) ? rings : FORWARD_RINGS,
  };
}

function readForward(value: unknown): Forward {
  const { on, to } = recordOf(value);
  if (typeof to !== 'string' || !isForwardable(to)) return NONE;
  return { on: on === true, to };
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
