/**
 * Owns the flows that the phone opens: one a target, shared by all requests to it, and who waits until one can carry
 * (RFC 3261 18.1; rules 4, row "TCP/TLS connect"; conformance E10, E14). A connection on which a request stays without any octet in
 * answer may be half dead: later requests go over a new one, and the old one is listened to until nobody waits for it.
 */
import { CONNECT_LIMIT_MS, STREAM_DOUBT_MS, STREAMS_KEPT_MAX } from '../../config/defaults.ts';
import type { Endpoint, Target } from '../../kernel/target.ts';
import { isStream, targetKey } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { after } from '../../kernel/time.ts';
import type { Effect, FlowId, TransportFailure } from '../../vocabulary.ts';

/** Who waits for a flow. */
export interface Rider {
  readonly id: string;
  readonly carry: (flow: FlowId, local: Endpoint, now: Millis) => void;
  readonly failed: (cause: TransportFailure, now: Millis) => void;
}

interface Flow {
  readonly target: Target;
  local: Endpoint | null;
  waiting: Rider[];
  held: number;
  idleSince: Millis | null;
  /** When a request was sent that no octet has followed, null = none. */
  askedAt: Millis | null;
  /** When opening it is given up; streams alone. */
  readonly limit: Millis | null;
}

/** `wasCurrent`: later requests would have gone over it. */
export interface Gone {
  readonly target: Target;
  readonly wasOpen: boolean;
  readonly wasCurrent: boolean;
}

export interface Flows {
  /** Carries at once where the flow is open, else when it is. */
  board(target: Target, rider: Rider, now: Millis): void;
  /** The rider waits no longer; false where it did not wait. */
  alight(id: string): boolean;
  /** Whether the next request to this target could leave at once. */
  isReady(target: Target, now: Millis): boolean;
  /** A transaction uses the flow, until `release`. */
  hold(flow: FlowId, now: Millis): void;
  release(flow: FlowId, now: Millis): void;
  opened(flow: FlowId, local: Endpoint, now: Millis): void;
  /** Something came on this flow. */
  heard(flow: FlowId): void;
  /** The flow is gone; its riders are told. What it was, null = none of ours. */
  failed(flow: FlowId, cause: TransportFailure, now: Millis): Gone | null;
  targetOf(flow: FlowId): Target | null;
  /** False where it is gone, and where it is still opening. */
  isOpen(flow: FlowId): boolean;
  closeAll(): void;
  /** The flow that was too long in opening, null = none; it is closed, and has not failed yet. */
  overdue(now: Millis): FlowId | null;
  next(): Millis | null;
}

export interface FlowsOptions {
  /** How long the socket of a datagram flow outlives its last request, ms: 64·T1, so that late answers find it. */
  readonly idleLimitMs: number;
  readonly emit: (effect: Effect) => void;
}

export function createFlows({ idleLimitMs, emit }: FlowsOptions): Flows {
  const flows = new Map<FlowId, Flow>();
  /** The flow of each target that the next request takes. */
  const current = new Map<string, FlowId>();
  let connections = 0;

  function board(target: Target, rider: Rider, now: Millis): void {
    const key = targetKey(target);
    const id = current.get(key);
    const flow = id === undefined ? undefined : flows.get(id);
    if (id === undefined || flow === undefined) return openFor(target, rider, now);
    if (flow.local === null) {
      flow.waiting.push(rider);
      return;
    }
    if (!isDoubtful(flow, now)) return rider.carry(id, flow.local, now);
    current.delete(key);
    if (flow.held === 0) close(id);
    openFor(target, rider, now);
  }

  function openFor(target: Target, rider: Rider, now: Millis): void {
    makeRoom(target, now);
    const id = idFor(target);
    const limit = isStream(target) ? after(now, CONNECT_LIMIT_MS) : null;
    current.set(targetKey(target), id);
    flows.set(id, { target, local: null, waiting: [rider], held: 0, idleSince: null, askedAt: null, limit });
    emit({ kind: 'open', flow: id, target });
  }

  /** No two connections share a name: what is still under way of the last one is never taken for the next one's. */
  function idFor(target: Target): FlowId {
    if (!isStream(target)) return targetKey(target);
    connections += 1;
    return `${targetKey(target)} #${connections}`;
  }

  const isDoubtful = ({ target, askedAt }: Flow, now: Millis): boolean =>
    isStream(target) && askedAt !== null && now - askedAt >= STREAM_DOUBT_MS;

  /** Idle datagram sockets go when the next flow opens. A connection stays, for the server may use it; but not without number. */
  function makeRoom(target: Target, now: Millis): void {
    for (const [id, flow] of flows)
      if (!isStream(flow.target) && flow.idleSince !== null && after(flow.idleSince, idleLimitMs) <= now) close(id);
    if (!isStream(target)) return;
    const streams = [...flows].filter(([, flow]) => isStream(flow.target));
    const [oldest] = streams
      .filter(([, { idleSince }]) => idleSince !== null)
      .sort(([, a], [, b]) => (a.idleSince ?? 0) - (b.idleSince ?? 0));
    if (streams.length >= STREAMS_KEPT_MAX && oldest !== undefined) close(oldest[0]);
  }

  function close(id: FlowId): void {
    forget(id);
    emit({ kind: 'close', flow: id });
  }

  /** Whether it was the current one of its target. */
  function forget(id: FlowId): boolean {
    const flow = flows.get(id);
    flows.delete(id);
    const key = flow === undefined ? '' : targetKey(flow.target);
    return current.get(key) === id && current.delete(key);
  }

  return {
    board,
    alight(id) {
      let found = false;
      for (const flow of flows.values()) {
        const others = flow.waiting.filter((rider) => rider.id !== id);
        found ||= others.length < flow.waiting.length;
        flow.waiting = others;
      }
      return found;
    },
    isReady(target, now) {
      const flow = flows.get(current.get(targetKey(target)) ?? '');
      return flow?.local != null && !isDoubtful(flow, now);
    },
    hold(id, now) {
      const flow = flows.get(id);
      if (flow === undefined) return;
      flow.held += 1;
      flow.idleSince = null;
      flow.askedAt ??= now;
    },
    release(id, now) {
      const flow = flows.get(id);
      if (flow === undefined) return;
      flow.held -= 1;
      if (flow.held > 0) return;
      flow.idleSince = now;
      if (current.get(targetKey(flow.target)) !== id) close(id);
    },
    opened(id, local, now) {
      const flow = flows.get(id);
      if (flow === undefined) return emit({ kind: 'close', flow: id });
      const { waiting } = flow;
      flow.local = local;
      flow.waiting = [];
      flow.idleSince = now;
      for (const rider of waiting) rider.carry(id, local, now);
    },
    heard(id) {
      const flow = flows.get(id);
      if (flow !== undefined) flow.askedAt = null;
    },
    failed(id, cause, now) {
      const flow = flows.get(id);
      if (flow === undefined) return null;
      const wasCurrent = forget(id);
      for (const rider of flow.waiting) rider.failed(cause, now);
      return { target: flow.target, wasOpen: flow.local !== null, wasCurrent };
    },
    targetOf: (id) => flows.get(id)?.target ?? null,
    isOpen: (id) => flows.get(id)?.local != null,
    closeAll() {
      for (const id of [...flows.keys()]) close(id);
    },
    overdue(now) {
      for (const [id, { local, limit }] of flows) {
        if (local !== null || limit === null || limit > now) continue;
        emit({ kind: 'close', flow: id });
        return id;
      }
      return null;
    },
    next() {
      let soon: Millis | null = null;
      for (const { local, limit } of flows.values())
        if (local === null && limit !== null && (soon === null || limit < soon)) soon = limit;
      return soon;
    },
  };
}
