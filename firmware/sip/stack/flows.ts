/**
 * Owns the flows that the phone opens: one a target, shared by all requests to it, and who waits until one can carry
 * (RFC 3261 18.1; rules 4, row "TCP/TLS connect"; conformance E10, E14).
 */
import { CONNECT_LIMIT_MS, STREAMS_KEPT_MAX } from '../../config/defaults.ts';
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
  /** When opening it is given up; streams alone. */
  readonly limit: Millis | null;
}

export interface Flows {
  /** Carries at once where the flow is open, else when it is. */
  board(target: Target, rider: Rider, now: Millis): void;
  /** The rider waits no longer; false where it did not wait. */
  alight(id: string): boolean;
  isOpen(target: Target): boolean;
  /** A transaction uses the flow, until `release`. */
  hold(flow: FlowId): void;
  release(flow: FlowId, now: Millis): void;
  opened(flow: FlowId, local: Endpoint, now: Millis): void;
  /** The flow is gone; its riders are told. What it was, null = none of ours. */
  failed(
    flow: FlowId,
    cause: TransportFailure,
    now: Millis,
  ): { readonly target: Target; readonly wasOpen: boolean } | null;
  targetOf(flow: FlowId): Target | null;
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

  function board(target: Target, rider: Rider, now: Millis): void {
    const id = targetKey(target);
    const flow = flows.get(id);
    if (flow?.local != null) return rider.carry(id, flow.local, now);
    if (flow !== undefined) {
      flow.waiting.push(rider);
      return;
    }
    makeRoom(target, now);
    const limit = isStream(target) ? after(now, CONNECT_LIMIT_MS) : null;
    flows.set(id, { target, local: null, waiting: [rider], held: 0, idleSince: null, limit });
    emit({ kind: 'open', flow: id, target });
  }

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
    flows.delete(id);
    emit({ kind: 'close', flow: id });
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
    isOpen: (target) => flows.get(targetKey(target))?.local != null,
    hold(id) {
      const flow = flows.get(id);
      if (flow === undefined) return;
      flow.held += 1;
      flow.idleSince = null;
    },
    release(id, now) {
      const flow = flows.get(id);
      if (flow === undefined) return;
      flow.held -= 1;
      if (flow.held === 0) flow.idleSince = now;
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
    failed(id, cause, now) {
      const flow = flows.get(id);
      if (flow === undefined) return null;
      flows.delete(id);
      for (const rider of flow.waiting) rider.failed(cause, now);
      return { target: flow.target, wasOpen: flow.local !== null };
    },
    targetOf: (id) => flows.get(id)?.target ?? null,
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
