/**
 * Owns the phone's client transactions and the flows that carry them: a request goes to one target, its responses come back by
 * branch and method from that very target, everything else is dropped and counted (RFC 3261 17.1.3, 18.1; conformance L2).
 *
 * It is told what to send by closures that are called when the flow is open, because Via and Contact need the local address.
 */
import { BRANCH_BITS, LATE_BRANCH_MEMORY_MS, LATE_BRANCHES_MAX } from '../../config/defaults.ts';
import { Fleet } from '../../kernel/fleet.ts';
import { deadlineOf, dueTimer } from '../../kernel/machine.ts';
import type { Random } from '../../kernel/random.ts';
import type { Endpoint, Target } from '../../kernel/target.ts';
import { endpointText, targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { after } from '../../kernel/time.ts';
import type { FailureCause } from '../../status.ts';
import type { Effect, FlowId, Input, TransportFailure } from '../../vocabulary.ts';
import { cseqOf, vias } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { TimerValues, TransactionContext } from '../transaction/context.ts';
import { clientKey } from '../transaction/key.ts';
import type { NonInviteClientInput, NonInviteClientState } from '../transaction/non-invite-client.ts';
import { startNonInviteClient, stepNonInviteClient } from '../transaction/non-invite-client.ts';

export type WireReport =
  /** `first`: the first response of any kind to this request; then `tookMs` is an answer time, null where a retransmission blurs it. */
  | {
      readonly kind: 'response';
      readonly id: string;
      readonly response: SipResponse;
      readonly first: boolean;
      readonly tookMs: number | null;
    }
  | {
      readonly kind: 'failed';
      readonly id: string;
      readonly cause: FailureCause | 'no-network';
      readonly tookMs: number;
    }
  /** A response to a transaction that has ended, within ten minutes (rules 3.6). */
  | { readonly kind: 'stray'; readonly id: string; readonly response: SipResponse };

/** Makes the request once the local address is known. */
export type Build = (local: Endpoint, branch: string, now: Millis) => SipRequest;

interface Waiting {
  readonly id: string;
  readonly build: Build;
  readonly once: boolean;
}

interface Flow {
  readonly target: Target;
  local: Endpoint | null;
  waiting: Waiting[];
  open: number;
  idleSince: Millis | null;
}

interface Client {
  readonly id: string;
  readonly flow: FlowId;
  readonly key: string;
  readonly state: NonInviteClientState<SipResponse>;
  readonly sentAt: Millis;
  readonly sends: number;
  readonly heard: boolean;
}

export interface WireOptions {
  readonly timers: TimerValues;
  readonly random: Random;
  readonly emit: (effect: Effect) => void;
  readonly report: (report: WireReport, now: Millis) => void;
}

export interface Wire {
  start(id: string, target: Target, build: Build, options: { readonly once: boolean }, now: Millis): void;
  /** Stop retransmitting; only listen until Timer F (rules 3.9). */
  quiet(id: string, now: Millis): void;
  /** Forget the transaction: nothing more is sent or reported of it. */
  drop(id: string, now: Millis): void;
  opened(input: Extract<Input, { kind: 'opened' }>, now: Millis): void;
  flowFailed(input: Extract<Input, { kind: 'flow-failed' }>, now: Millis): void;
  /** A response that was parsed from a datagram. */
  received(response: SipResponse, from: Endpoint, now: Millis): void;
  /** The local address of a flow, null while it is not open. */
  localOf(flow: FlowId): Endpoint | null;
  closeAll(): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

export function createWire({ timers, random, emit, report }: WireOptions): Wire {
  const flows = new Map<FlowId, Flow>();
  const clients = new Fleet<Client>((client) => deadlineOf(client.state));
  const idByKey = new Map<string, string>();
  const ended = new Map<string, { readonly id: string; readonly from: string; readonly at: Millis }>();
  const idleLimitMs = 64 * timers.t1;
  const context = (now: Millis): TransactionContext => ({ now, timers, reliable: false });

  function start(id: string, target: Target, build: Build, options: { readonly once: boolean }, now: Millis): void {
    const flowId = targetText(target);
    const flow = flows.get(flowId);
    if (flow?.local != null) {
      begin({ id, build, once: options.once }, flowId, flow, flow.local, now);
      return;
    }
    const waiting = { id, build, once: options.once };
    if (flow !== undefined) {
      flow.waiting.push(waiting);
      return;
    }
    closeIdle(now);
    flows.set(flowId, { target, local: null, waiting: [waiting], open: 0, idleSince: null });
    emit({ kind: 'open', flow: flowId, target });
  }

  function begin({ id, build, once }: Waiting, flowId: FlowId, flow: Flow, local: Endpoint, now: Millis): void {
    const branch = `z9hG4bK${random.hex(BRANCH_BITS)}`;
    const request = build(local, branch, now);
    const step = startNonInviteClient<SipResponse>(serialize(request), context(now), { once });
    const key = clientKey(branch, request.method);
    if (step.state === null) return;
    clients.set(id, { id, flow: flowId, key, state: step.state, sentAt: now, sends: 0, heard: false });
    idByKey.set(key, id);
    flow.open += 1;
    flow.idleSince = null;
    act(id, step.out, now);
  }

  /** Carries out what a transaction asked for. */
  function act(id: string, out: ReturnType<typeof startNonInviteClient<SipResponse>>['out'], now: Millis): void {
    for (const output of out) {
      const client = clients.get(id);
      if (client === undefined) return;
      if (output.to === 'transport') {
        clients.set(id, { ...client, sends: client.sends + 1 });
        emit({ kind: 'send', flow: client.flow, data: output.data });
      } else if (output.kind === 'response') tell(client, output.response, now);
      else fail(client, output.kind === 'timeout' ? 'no-answer' : output.cause, now);
    }
  }

  function tell(client: Client, response: SipResponse, now: Millis): void {
    const first = !client.heard;
    const tookMs = first && client.sends === 1 ? now - client.sentAt : null;
    clients.set(client.id, { ...client, heard: true });
    report({ kind: 'response', id: client.id, response, first, tookMs }, now);
  }

  function fail(client: Client, cause: FailureCause | 'no-network', now: Millis): void {
    report({ kind: 'failed', id: client.id, cause, tookMs: now - client.sentAt }, now);
  }

  function feed(id: string, input: NonInviteClientInput<SipResponse>, now: Millis): void {
    const client = clients.get(id);
    if (client === undefined) return;
    const step = stepNonInviteClient(client.state, input, context(now));
    // The state is put in place before anybody is told: what they start in answer must find it there.
    if (step.state !== null) clients.set(id, { ...client, state: step.state });
    act(id, step.out, now);
    if (step.state === null) end(id, now);
  }

  /** A copy whose flow is still opening was never sent, and never will be. */
  function quiet(id: string, now: Millis): void {
    feed(id, { kind: 'quiet' }, now);
    for (const flow of flows.values()) {
      if (!flow.waiting.some((waiting) => waiting.id === id)) continue;
      flow.waiting = flow.waiting.filter((waiting) => waiting.id !== id);
      report({ kind: 'failed', id, cause: 'no-answer', tookMs: 0 }, now);
    }
  }

  function end(id: string, now: Millis): void {
    const client = clients.get(id);
    if (client === undefined) return;
    clients.set(id, null);
    idByKey.delete(client.key);
    const flow = flows.get(client.flow);
    if (flow !== undefined) {
      flow.open -= 1;
      if (flow.open === 0) flow.idleSince = now;
      remember(client, flow.target, now);
    }
  }

  function remember(client: Client, target: Target, now: Millis): void {
    ended.set(client.key, { id: client.id, from: endpointText(target), at: now });
    for (const [key, entry] of ended) {
      if (ended.size <= LATE_BRANCHES_MAX && now - entry.at <= LATE_BRANCH_MEMORY_MS) break;
      ended.delete(key);
    }
  }

  /** A flow that nobody used for 64·T1 is closed when the next one opens: late answers had their time. */
  function closeIdle(now: Millis): void {
    for (const [id, flow] of flows) {
      if (flow.idleSince === null || after(flow.idleSince, idleLimitMs) > now) continue;
      flows.delete(id);
      emit({ kind: 'close', flow: id });
    }
  }

  function received(response: SipResponse, from: Endpoint, now: Millis): void {
    const via = vias(response);
    const cseq = cseqOf(response);
    const branch =
      via.ok && via.value.length === 1 ? via.value[0]?.params.find(({ name }) => name === 'branch')?.value : null;
    if (branch == null || !cseq.ok) return drop('response-malformed', from);
    const key = clientKey(branch, cseq.value.method);
    const id = idByKey.get(key);
    if (id === undefined) return stray(key, response, from, now);
    const client = clients.get(id);
    const target = client === undefined ? undefined : flows.get(client.flow)?.target;
    // An answer counts only from the target of its request: a guessed branch from elsewhere never drives a failover.
    if (target === undefined || endpointText(target) !== endpointText(from))
      return drop('response-from-stranger', from);
    feed(id, response.status < 200 ? { kind: '1xx', response } : { kind: 'final', response }, now);
  }

  function stray(key: string, response: SipResponse, from: Endpoint, now: Millis): void {
    const entry = ended.get(key);
    if (entry === undefined || entry.from !== endpointText(from) || now - entry.at > LATE_BRANCH_MEMORY_MS)
      return drop('response-unknown', from);
    report({ kind: 'stray', id: entry.id, response }, now);
  }

  const drop = (name: string, from: Endpoint): void =>
    emit({ kind: 'log', level: 'debug', name, fields: { from: endpointText(from) } });

  function flowFailed({ flow: id, cause }: Extract<Input, { kind: 'flow-failed' }>, now: Millis): void {
    const flow = flows.get(id);
    if (flow === undefined) return;
    flows.delete(id);
    for (const { id: waiting } of flow.waiting)
      report({ kind: 'failed', id: waiting, cause: causeOf(cause), tookMs: 0 }, now);
    for (const [clientId, client] of clients.entries()) {
      if (client.flow !== id) continue;
      feed(clientId, { kind: 'transport-error', cause: causeOf(cause) }, now);
      clients.set(clientId, null);
      idByKey.delete(client.key);
    }
  }

  return {
    start,
    quiet,
    drop(id, now) {
      for (const flow of flows.values()) flow.waiting = flow.waiting.filter((waiting) => waiting.id !== id);
      end(id, now);
    },
    opened({ flow: id, local }, now) {
      const flow = flows.get(id);
      if (flow === undefined) return emit({ kind: 'close', flow: id });
      if (isOurselves(flow.target, local)) {
        emit({ kind: 'close', flow: id });
        return flowFailed({ kind: 'flow-failed', flow: id, cause: 'refused' }, now);
      }
      flow.local = local;
      const waiting = flow.waiting;
      flow.waiting = [];
      flow.idleSince = now;
      for (const request of waiting) begin(request, id, flow, local, now);
    },
    flowFailed,
    received,
    localOf: (flow) => flows.get(flow)?.local ?? null,
    closeAll() {
      for (const id of flows.keys()) emit({ kind: 'close', flow: id });
      flows.clear();
    },
    next: () => clients.next()?.at ?? null,
    wake(now) {
      const due = clients.next();
      if (due === null || due.at > now) return;
      const timer = dueTimer(clients.get(due.id)?.state ?? { name: '', timers: {} }, now);
      if (timer !== null) feed(due.id, { kind: 'timer', timer } as NonInviteClientInput<SipResponse>, now);
    },
  };
}

/** A zone, or a file, that names our own address as a server: what we send there would come back to us (conformance L15). */
const isOurselves = (target: Target, local: Endpoint): boolean => endpointText(target) === endpointText(local);

const causeOf = (cause: TransportFailure): FailureCause | 'no-network' => (cause === 'timeout' ? 'no-answer' : cause);
