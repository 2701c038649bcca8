/** Owns which client transaction a request gets, so that the wire carries both alike (RFC 3261 17.1.1, 17.1.2). */
import type { Step } from '../../kernel/machine.ts';
import { dueTimer } from '../../kernel/machine.ts';
import type { Millis } from '../../kernel/time.ts';
import type { FailureCause } from '../../status.ts';
import type { SipResponse } from '../message/message.ts';
import type { TransactionContext } from '../transaction/context.ts';
import type { InviteClientInput, InviteClientOutput, InviteClientState } from '../transaction/invite-client.ts';
import { startInviteClient, stepInviteClient } from '../transaction/invite-client.ts';
import type { NonInviteClientInput, NonInviteClientState } from '../transaction/non-invite-client.ts';
import { startNonInviteClient, stepNonInviteClient } from '../transaction/non-invite-client.ts';

export type ClientState =
  | { readonly kind: 'invite'; readonly at: InviteClientState }
  | { readonly kind: 'other'; readonly at: NonInviteClientState<SipResponse> };

export type ClientInput =
  | { readonly kind: 'response'; readonly response: SipResponse }
  | { readonly kind: 'transport-error'; readonly cause: FailureCause | 'no-network' }
  | { readonly kind: 'quiet' }
  | { readonly kind: 'timer'; readonly timer: string };

export type ClientStep = Step<ClientState, InviteClientOutput<SipResponse>>;

const asInvite = ({ state, out }: Step<InviteClientState, InviteClientOutput<SipResponse>>): ClientStep => ({
  state: state === null ? null : { kind: 'invite', at: state },
  out,
});

const asOther = ({ state, out }: ReturnType<typeof stepNonInviteClient<SipResponse>>): ClientStep => ({
  state: state === null ? null : { kind: 'other', at: state },
  out,
});

/** `once`: never again (rules 3.9). */
export const startClient = (
  method: string,
  data: string,
  context: TransactionContext,
  options: { readonly once: boolean },
): ClientStep =>
  method === 'INVITE'
    ? asInvite(startInviteClient<SipResponse>(data, context, options))
    : asOther(startNonInviteClient<SipResponse>(data, context, options));

export const stepClient = (state: ClientState, input: ClientInput, context: TransactionContext): ClientStep =>
  state.kind === 'invite'
    ? asInvite(stepInviteClient(state.at, inviteInput(input), context))
    : asOther(stepNonInviteClient(state.at, otherInput(input), context));

export const dueClientTimer = (state: ClientState, now: Millis): string | null => dueTimer(state.at, now);

function inviteInput(input: ClientInput): InviteClientInput<SipResponse> {
  if (input.kind === 'timer') return input as InviteClientInput<SipResponse>;
  if (input.kind !== 'response') return input;
  const { status } = input.response;
  const kind = status < 200 ? '1xx' : status < 300 ? '2xx' : '3xx-6xx';
  return { kind, response: input.response };
}

function otherInput(input: ClientInput): NonInviteClientInput<SipResponse> {
  if (input.kind === 'timer') return input as NonInviteClientInput<SipResponse>;
  if (input.kind !== 'response') return input;
  return { kind: input.response.status < 200 ? '1xx' : 'final', response: input.response };
}
