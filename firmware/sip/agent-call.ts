/** Owns the requests of a call before there is a dialog: the INVITE, the ACK to its refusal, and its CANCEL (RFC 3261 13.2.1, 17.1.1.3, 9.1). */
import { DEFAULT_MAX_FORWARDS } from '../config/defaults.ts';
import type { Identity, Series } from './agent.ts';
import { ALLOWED_METHODS, beginning } from './agent.ts';
import { headerValue } from './message/headers.ts';
import type { Header, SipRequest, SipResponse } from './message/message.ts';
import type { Referral } from './refer.ts';

export interface InvitePlan {
  /** Who calls, without the tag: by the name of the proxy addressed (rules 3.5), or nobody. */
  readonly from: string;
  /** Whom to call. */
  readonly uri: string;
  readonly contact: string;
  readonly series: Series;
  readonly via: Header;
  readonly route: readonly Header[];
  readonly credentials: readonly Header[];
  readonly identity: Identity;
  /** Of a call that somebody has asked for; null = nobody has. */
  readonly referral: Referral | null;
  /** What it asks for besides. */
  readonly extra: readonly Header[];
  readonly sdp: string;
}

/** What every INVITE and its answers say of the phone. */
export const callHeaders = (contact: string, { userAgent }: Identity): readonly Header[] => [
  { name: 'Contact', value: `<${contact}>` },
  { name: 'Allow', value: ALLOWED_METHODS },
  { name: 'Supported', value: SUPPORTED },
  { name: 'User-Agent', value: userAgent },
];

/** Who does not say who calls (RFC 3323 4.1.1.3), and asks that no proxy tells the callee (RFC 3325 9.3). */
export const HIDDEN = {
  user: 'anonymous',
  from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
  headers: [{ name: 'Privacy', value: 'id' }],
} as const;

/** Extensions that calls have (RFC 3262, 3891, 4028, 4488). */
export const SUPPORTED = '100rel, replaces, norefersub, timer';

const referralHeaders = (referral: Referral | null): readonly Header[] => [
  ...(referral?.replaces == null
    ? []
    : [
        { name: 'Replaces', value: referral.replaces },
        { name: 'Require', value: 'replaces' },
      ]),
  ...(referral?.referredBy == null ? [] : [{ name: 'Referred-By', value: referral.referredBy }]),
];

export function buildInvite(plan: InvitePlan): SipRequest {
  return {
    kind: 'request',
    method: 'INVITE',
    uri: plan.uri,
    headers: [
      ...beginning('INVITE', { ...plan, to: plan.uri }),
      ...callHeaders(plan.contact, plan.identity),
      ...referralHeaders(plan.referral),
      ...plan.extra,
      ...plan.credentials,
      { name: 'Content-Type', value: 'application/sdp' },
    ],
    body: plan.sdp,
  };
}

/** What the ACK to a refusal and the CANCEL share with their INVITE (RFC 3261 17.1.1.3, 9.1). */
function twin(invite: SipRequest, method: 'ACK' | 'CANCEL', to: string): SipRequest {
  const via = invite.headers.find(({ name }) => name === 'Via');
  const number = (headerValue(invite, 'CSeq') ?? '').split(' ', 1)[0] ?? '';
  const copied = (name: string): readonly Header[] => invite.headers.filter((header) => header.name === name);
  return {
    kind: 'request',
    method,
    uri: invite.uri,
    headers: [
      ...(via === undefined ? [] : [via]),
      ...copied('Route'),
      { name: 'Max-Forwards', value: String(DEFAULT_MAX_FORWARDS) },
      ...copied('From'),
      { name: 'To', value: to },
      ...copied('Call-ID'),
      { name: 'CSeq', value: `${number} ${method}` },
      ...copied('User-Agent'),
    ],
    body: '',
  };
}

/** To is the one of the answer, with its tag (17.1.1.3). */
export const ackOf = (invite: SipRequest, refusal: SipResponse): SipRequest =>
  twin(invite, 'ACK', headerValue(refusal, 'To') ?? headerValue(invite, 'To') ?? '');

/** To is the one of the request: no tag is added (9.1). */
export const cancelOf = (invite: SipRequest): SipRequest => twin(invite, 'CANCEL', headerValue(invite, 'To') ?? '');
