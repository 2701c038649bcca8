/** Owns what the wire is asked to carry, and what it tells of it. */
import type { Random } from '../../kernel/random.ts';
import type { Endpoint, Target } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { FailureCause } from '../../status.ts';
import type { Effect, FlowId, Input, TransportFailure } from '../../vocabulary.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { TimerValues } from '../transaction/context.ts';

/** A request as it was sent, to whom, and by which key its answers find it. */
export interface Asked {
  readonly key: string;
  readonly request: SipRequest;
  readonly target: Target;
}

export type WireReport =
  /** `first`: the first response of any kind to this request; then `tookMs` is an answer time, null where a retransmission blurs it. */
  | {
      readonly kind: 'response';
      readonly id: string;
      readonly response: SipResponse;
      readonly asked: Asked;
      readonly first: boolean;
      readonly tookMs: number | null;
    }
  | {
      readonly kind: 'failed';
      readonly id: string;
      readonly cause: FailureCause | 'no-network';
      readonly tookMs: number;
    }
  /** The connection is there: from now on silence is the server's (rules 4, "H starts when the connection can carry"). */
  | { readonly kind: 'carried'; readonly id: string }
  /** A response to a transaction that has ended, within ten minutes (rules 3.6); `invite`: one that nobody has accepted before. */
  | { readonly kind: 'stray'; readonly id: string; readonly response: SipResponse; readonly invite: Asked | null };

/** Makes the request once the local address is known. */
export type Build = (local: Endpoint, branch: string, now: Millis) => SipRequest;

export interface WireOptions {
  readonly timers: TimerValues;
  readonly random: Random;
  readonly emit: (effect: Effect) => void;
  readonly report: (report: WireReport, now: Millis) => void;
  /** A connection that could carry is gone. */
  readonly onLost: (target: Target, now: Millis) => void;
}

export interface Wire {
  start(id: string, target: Target, build: Build, options: { readonly once: boolean }, now: Millis): void;
  /** Sends a request outside any transaction: the ACK to a 2xx. */
  send(target: Target, build: Build, now: Millis): void;
  /** A datagram that says nothing, so that a NAT keeps its way open. */
  keepOpen(target: Target, now: Millis): void;
  /** Asks the target of this INVITE to give it up, though it has ended here; one that is under way goes on until its final answer (RFC 3261 9.1). */
  cancel(id: string, now: Millis): void;
  /** Stop retransmitting; only listen until Timer F (rules 3.9). */
  quiet(id: string, now: Millis): void;
  /** Forget the transaction: nothing more is sent or reported of it. */
  drop(id: string, now: Millis): void;
  opened(input: Extract<Input, { kind: 'opened' }>, now: Millis): void;
  /** Octets came on a connection: it lives. */
  heard(flow: FlowId): void;
  flowFailed(flow: FlowId, cause: TransportFailure, now: Millis): void;
  /** A response that was parsed from a datagram or a stream. */
  received(response: SipResponse, from: Endpoint, now: Millis): void;
  /** Whether a request to this target could leave at once. */
  canCarry(target: Target, now: Millis): boolean;
  /** The target of an open or opening flow. */
  targetOf(flow: FlowId): Target | null;
  closeAll(): void;
  next(): Millis | null;
  wake(now: Millis): void;
}
