/** Owns the SUBSCRIBE that begins a subscription, and what stands in those that follow (RFC 6665 3.1, 4.1.2; RFC 4662 4.1). */
import type { LineSettings, ServerSetting } from '../config/settings.ts';
import type { Identity, Series } from './agent.ts';
import { ALLOWED_METHODS, beginning, fromOf } from './agent.ts';
import type { Header, SipRequest } from './message/message.ts';
import type { Watch } from './subscription-vocabulary.ts';

/** Packages that this phone understands (RFC 6665 8.2.2). */
export const ALLOWED_EVENTS = 'dialog, message-summary, call-info';

export interface SubscribePlan {
  readonly line: LineSettings;
  /** The proxy addressed: From has its name (rules 3.5). */
  readonly setting: ServerSetting;
  readonly uri: string;
  readonly watch: Watch;
  readonly expiresS: number;
  readonly contact: string;
  readonly series: Series;
  readonly via: Header;
  readonly route: readonly Header[];
  readonly credentials: readonly Header[];
  readonly identity: Identity;
}

/** What every SUBSCRIBE says, the first and those in its dialog. */
export const subscribeHeaders = (
  { event, accept, list }: Watch,
  contact: string,
  expiresS: number,
  { userAgent }: Identity,
): readonly Header[] => [
  { name: 'Contact', value: `<${contact}>` },
  { name: 'Event', value: event },
  { name: 'Expires', value: String(expiresS) },
  { name: 'Accept', value: accept },
  ...(list ? [{ name: 'Supported', value: 'eventlist' }] : []),
  { name: 'Allow-Events', value: ALLOWED_EVENTS },
  { name: 'Allow', value: ALLOWED_METHODS },
  { name: 'User-Agent', value: userAgent },
];

export function buildSubscribe(plan: SubscribePlan): SipRequest {
  return {
    kind: 'request',
    method: 'SUBSCRIBE',
    uri: plan.uri,
    headers: [
      ...beginning('SUBSCRIBE', { ...plan, from: fromOf(plan.line, plan.setting), to: plan.uri }),
      ...subscribeHeaders(plan.watch, plan.contact, plan.expiresS, plan.identity),
      ...plan.credentials,
    ],
    body: '',
  };
}
