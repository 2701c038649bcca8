/**
 * Owns the phone's client transactions: a request goes to one target, its responses come back by branch and method from that very
 * target, everything else is dropped and counted (RFC 3261 17.1.3, 18.1; conformance L2). What carries them is `flows.ts`.
 *
 * It is told what to send by closures that are called when the flow is open, because Via and Contact need the local address.
 */
import { BRANCH_BITS, UDP_REQUEST_MAX_OCTETS } from '../../config/defaults.ts';
import { Fleet } from '../../kernel/fleet.ts';
import { deadlineOf } from '../../kernel/machine.ts';
import type { Endpoint, Target } from '../../kernel/target.ts';
import { endpointText, isStream } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { soonest } from '../../kernel/time.ts';
import type { FailureCause } from '../../status.ts';
import type { FlowId, Input, TransportFailure } from '../../vocabulary.ts';
import { overTcp } from '../agent.ts';
import { ackOf, cancelOf } from '../agent-call.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { TransactionContext } from '../transaction/context.ts';
import { clientKey, responseKey } from '../transaction/key.ts';
import type { ClientInput, ClientState, ClientStep } from './client-machine.ts';
import { dueClientTimer, startClient, stepClient } from './client-machine.ts';
import type { Rider } from './flows.ts';
import { createFlows } from './flows.ts';
import { createLateBranches } from './late-branches.ts';
import type { Build, Wire, WireOptions } from './wire-types.ts';

interface Client {
  readonly id: string;
  readonly target: Target;
  readonly flow: FlowId;
  readonly key: string;
  readonly request: SipRequest;
  readonly data: string;
  readonly state: ClientState;
  readonly sentAt: Millis;
  readonly sends: number;
  readonly heard: boolean;
  /** It only listens: nothing more is sent of it. */
  readonly quiet: boolean;
  /** Sent on a second connection after the first had broken. */
  readonly resent: boolean;
}

interface Draft {
  readonly id: string;
  readonly target: Target;
  readonly branch: string;
  readonly request: SipRequest;
  readonly once: boolean;
}

export function createWire({ timers, random, emit, report, onLost }: WireOptions): Wire {
  const flows = createFlows({ idleLimitMs: 64 * timers.t1, emit });
  const clients = new Fleet<Client>((client) => deadlineOf(client.state.at));
  const idByKey = new Map<string, string>();
  const late = createLateBranches();
  const contextFor = (target: Target, now: Millis): TransactionContext => ({
    ...{ now, timers },
    reliable: isStream(target),
  });

  const unsent = (id: string, cause: TransportFailure, now: Millis): void =>
    report({ kind: 'failed', id, cause: causeOf(cause), tookMs: 0 }, now);

  function start(id: string, target: Target, build: Build, { once }: { readonly once: boolean }, now: Millis): void {
    flows.board(
      target,
      {
        id,
        carry(flow, local, at) {
          const branch = `z9hG4bK${random.hex(BRANCH_BITS)}`;
          const draft: Draft = { id, target, branch, request: build(local, branch, at), once };
          if (isStream(target) || serialize(draft.request).length <= UDP_REQUEST_MAX_OCTETS) begin(draft, flow, at);
          else grow(draft, at);
        },
        failed: (cause, at) => unsent(id, cause, at),
      },
      now,
    );
  }

  /** Too long for a datagram whose path is not known: TCP to the same address, and UDP after all where nobody listens (E1). */
  function grow(draft: Draft, now: Millis): void {
    const { id, target } = draft;
    const stream: Target = { ...target, transport: 'tcp' };
    const back = (at: Millis): void =>
      flows.board(
        target,
        {
          id,
          carry: (flow, _local, then) => begin(draft, flow, then),
          failed: (cause, then) => unsent(id, cause, then),
        },
        at,
      );
    const carry = (flow: FlowId, _local: Endpoint, at: Millis): void =>
      begin({ ...draft, target: stream, request: overTcp(draft.request) }, flow, at);
    flows.board(stream, { id, carry, failed: (_cause, at) => back(at) }, now);
  }

  function begin({ id, target, branch, request, once }: Draft, flow: FlowId, now: Millis): void {
    const data = serialize(request);
    const step = startClient(request.method, data, contextFor(target, now), { once });
    if (step.state === null) return;
    const key = clientKey(branch, request.method);
    const marks = { sends: 0, heard: false, quiet: false, resent: false };
    clients.set(id, { ...{ id, target, flow, key, request, data }, state: step.state, sentAt: now, ...marks });
    idByKey.set(key, id);
    flows.hold(flow, now);
    if (isStream(target)) report({ kind: 'carried', id }, now);
    act(id, step.out, now);
  }

  /** Carries out what a transaction asked for. */
  function act(id: string, out: ClientStep['out'], now: Millis): void {
    for (const output of out) {
      const client = clients.get(id);
      if (client === undefined) return;
      if (output.kind === 'ack') acknowledge(client, output.response, now);
      else if (output.kind === 'send') transmit(client, output.data, now);
      else if (output.kind === 'response') tell(client, output.response, now);
      else {
        const cause = output.kind === 'timeout' ? 'no-answer' : output.cause;
        report({ kind: 'failed', id, cause, tookMs: now - client.sentAt }, now);
      }
    }
  }

  /** The retransmissions of the refusal say where it got lost: the ACK follows each of them (RFC 3261 17.1.1.2). */
  function acknowledge({ flow, request, target }: Client, response: SipResponse, now: Millis): void {
    const data = serialize(ackOf(request, response));
    if (flows.isOpen(flow)) emit({ kind: 'send', flow, data });
    else post(target, () => data, now);
  }

  function transmit(client: Client, data: string, now: Millis): void {
    // The link was down meanwhile, and took the socket; whoever waits to be told so still is. The next one may be opening just now.
    if (!flows.isOpen(client.flow)) return resend(client, now);
    clients.set(client.id, { ...client, sends: client.sends + 1 });
    emit({ kind: 'send', flow: client.flow, data });
  }

  function tell(client: Client, response: SipResponse, now: Millis): void {
    const first = !client.heard;
    const tookMs = first && client.sends === 1 ? now - client.sentAt : null;
    clients.set(client.id, { ...client, heard: true });
    report({ kind: 'response', id: client.id, response, first, tookMs, asked: client }, now);
  }

  function feed(id: string, input: ClientInput, now: Millis): void {
    const client = clients.get(id);
    if (client === undefined) return;
    const step = stepClient(client.state, input, contextFor(client.target, now));
    // The state is put in place before anybody is told: what they start in answer must find it there.
    if (step.state !== null)
      clients.set(id, { ...client, state: step.state, quiet: client.quiet || input.kind === 'quiet' });
    act(id, step.out, now);
    if (step.state === null) end(id, now);
  }

  /** A transaction of its own with the branch of the INVITE, on the very flow that carried it (RFC 3261 9.1). */
  function cancel(id: string, now: Millis): void {
    const client = clients.get(id);
    const asked = client ?? late.inviteOf(id);
    if (asked === null) return;
    const { target, request, key } = asked;
    const branch = key.slice(0, key.indexOf(' '));
    const draft: Draft = { id: `${id}c`, target, branch, request: cancelOf(request), once: false };
    if (client !== undefined && flows.isOpen(client.flow)) return begin(draft, client.flow, now);
    const carry: Rider['carry'] = (flow, _local, at) => begin(draft, flow, at);
    flows.board(target, { id: draft.id, carry, failed: () => undefined }, now);
  }

  /** Outside any transaction: the ACK to a 2xx, an empty datagram. Nobody hears of its fate (RFC 3261 13.2.2.4). */
  function post(target: Target, data: (...how: Parameters<Build>) => string, now: Millis): void {
    const id = `z9hG4bK${random.hex(BRANCH_BITS)}`;
    const carry: Rider['carry'] = (flow, local, at) => emit({ kind: 'send', flow, data: data(local, id, at) });
    flows.board(target, { id, carry, failed: () => undefined }, now);
  }

  /** A copy whose flow is still opening was never sent, and never will be. */
  function quiet(id: string, now: Millis): void {
    feed(id, { kind: 'quiet' }, now);
    if (!flows.alight(id)) return;
    unsent(id, 'timeout', now);
    end(id, now);
  }

  function end(id: string, now: Millis): void {
    flows.alight(id);
    const client = clients.get(id);
    if (client === undefined) return;
    clients.set(id, null);
    idByKey.delete(client.key);
    flows.release(client.flow, now);
    const { state, key, request, target } = client;
    const invite = state.kind === 'invite' && state.at.name !== 'accepted' ? { key, request, target } : null;
    if (invite !== null || flows.targetOf(client.flow) !== null) late.remember(key, { id, invite }, target, now);
  }

  function received(response: SipResponse, from: Endpoint, now: Millis): void {
    const key = responseKey(response);
    if (key === null) return drop('response-malformed', from);
    const id = idByKey.get(key);
    if (id === undefined) {
      const of = late.find(key, from, now);
      return of === null ? drop('response-unknown', from) : report({ kind: 'stray', ...of, response }, now);
    }
    const target = clients.get(id)?.target;
    // An answer counts only from the target of its request: a guessed branch from elsewhere never drives a failover.
    if (target === undefined || endpointText(target) !== endpointText(from))
      return drop('response-from-stranger', from);
    feed(id, { kind: 'response', response }, now);
  }

  const drop = (name: string, from: Endpoint): void =>
    emit({ kind: 'log', level: 'debug', name, fields: { from: endpointText(from) } });

  function opened({ flow, local }: Extract<Input, { kind: 'opened' }>, now: Millis): void {
    const target = flows.targetOf(flow);
    if (target === null || !isOurselves(target, local)) return flows.opened(flow, local, now);
    emit({ kind: 'close', flow });
    flowFailed(flow, 'refused', now);
  }

  function flowFailed(flow: FlowId, cause: TransportFailure, now: Millis): void {
    const gone = flows.failed(flow, cause, now);
    if (gone === null) return;
    for (const [id, client] of clients.entries()) {
      if (client.flow !== flow) continue;
      if (gone.wasOpen && cause !== 'no-network' && mayResend(client)) resend(client, now);
      else fell(id, cause, now);
    }
    if (gone.wasOpen && gone.wasCurrent && isStream(gone.target) && cause !== 'no-network') onLost(gone.target, now);
  }

  const mayResend = ({ target, heard, quiet: silenced, resent }: Client): boolean =>
    isStream(target) && !heard && !silenced && !resent;

  /** Its socket is gone, or its connection broke before any answer: on a new one, with the same branch, so that the server knows it (rules 4). */
  function resend(client: Client, now: Millis): void {
    const { id } = client;
    clients.set(id, { ...client, resent: true });
    flows.alight(id);
    flows.board(
      client.target,
      {
        id,
        carry(flow, _local, at) {
          flows.hold(flow, at);
          clients.set(id, { ...(clients.get(id) ?? client), flow, sends: client.sends + 1 });
          report({ kind: 'carried', id }, at);
          emit({ kind: 'send', flow, data: client.data });
        },
        failed: (cause, at) => fell(id, cause, at),
      },
      now,
    );
  }

  const fell = (id: string, cause: TransportFailure, now: Millis): void =>
    feed(id, { kind: 'transport-error', cause: causeOf(cause) }, now);

  function timer(now: Millis): void {
    const due = clients.next();
    if (due === null || due.at > now) return;
    const client = clients.get(due.id);
    const letter = client === undefined ? null : dueClientTimer(client.state, now);
    if (letter !== null) feed(due.id, { kind: 'timer', timer: letter }, now);
  }

  return {
    start,
    send: (target, build, now) => post(target, (...how) => serialize(build(...how)), now),
    keepOpen: (target, now) => post(target, () => '\r\n\r\n', now),
    cancel,
    quiet,
    drop: end,
    heard: (flow) => flows.heard(flow),
    opened,
    flowFailed,
    received,
    canCarry: (target, now) => !isStream(target) || flows.isReady(target, now),
    targetOf: (flow) => flows.targetOf(flow),
    closeAll: () => flows.closeAll(),
    next: () => soonest(clients.next()?.at ?? null, flows.next()),
    wake(now) {
      const overdue = flows.overdue(now);
      if (overdue === null) timer(now);
      else flowFailed(overdue, 'timeout', now);
    },
  };
}

/** A zone, or a file, that names our own address as a server: what we send there would come back to us (conformance L15). */
const isOurselves = (target: Target, local: Endpoint): boolean => endpointText(target) === endpointText(local);

const causeOf = (cause: TransportFailure): FailureCause | 'no-network' => (cause === 'timeout' ? 'no-answer' : cause);
